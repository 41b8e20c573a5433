#include "server/sio/sio_packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static const struct sio_limits limits = {.json = {8, 512}, .attachments_max = 10};

/* Reads a copy of exactly that size and writes what came of it: type, attachments, namespace, id,
 * name, arguments. */
static enum result read_packet(const char *text, char *out)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    struct sio_packet p;

    memcpy(copy, text, length);
    enum result r = sio_packet_read(&p, copy, length, &limits);
    *out = '\0';
    if (r == RESULT_OK) {
        out +=
            sprintf(out, "%u %u %.*s ", p.type, p.attachment_count, (int)p.nsp.length, p.nsp.chars);
        out +=
            p.has_ack_id ? sprintf(out, "%llu", (unsigned long long)p.ack_id) : sprintf(out, "-");
        out += sprintf(out, " %.*s", (int)p.json.length, p.json.length > 0 ? p.json.chars : "");
        out += sprintf(out, " %.*s", (int)p.name.length, p.name.length > 0 ? p.name.chars : "");
        sprintf(out, " %.*s", (int)p.args.length, p.args.length > 0 ? p.args.chars : "");
    }
    free(copy);
    return r;
}

static const struct good {
    const char *text, *packet;
} good[] = {
    {"0", "0 0 / -   "},
    {"0{}", "0 0 / - {}  "},
    {"01", "0 0 / 1   "},
    {"0/admin", "0 0 /admin -   "},
    {"0/admin,", "0 0 /admin -   "},
    {"0/,", "0 0 / -   "},
    {"0/", "0 0 / -   "},
    {"0/admin?a=1,{\"token\":\"x\"}", "0 0 /admin?a=1 - {\"token\":\"x\"}  "},
    {"1", "1 0 / -   "},
    {"1/a", "1 0 /a -   "},
    {"2", "2 0 / -   "},
    {"217[\"move\",{\"x\":1}]", "2 0 / 17 [\"move\",{\"x\":1}] \"move\" {\"x\":1}"},
    {"2/a,17[\"m\"]", "2 0 /a 17 [\"m\"] \"m\" "},
    {"2[ \"a,]\\\"\" , 1 , [2] ] ", "2 0 / - [ \"a,]\\\"\" , 1 , [2] ] \"a,]\\\"\" 1 , [2]"},
    {"2[1,2]", "2 0 / - [1,2] 1 2"},
    {"2[-1.5e3]", "2 0 / - [-1.5e3] -1.5e3 "},
    {"2[\"error\"]", "2 0 / - [\"error\"] \"error\" "},
    {"3", "3 0 / -   "},
    {"3007[]", "3 0 / 7 []  "},
    {"31[1,\"a\"]", "3 0 / 1 [1,\"a\"]  1,\"a\""},
    {"39007199254740991[]", "3 0 / 9007199254740991 []  "},
    {"51-[\"b\",{}]", "5 1 / - [\"b\",{}] \"b\" {}"},
    {"510-/a,3[\"b\"]", "5 10 /a 3 [\"b\"] \"b\" "},
    {"62-12[{},{}]", "6 2 / 12 [{},{}]  {},{}"},
};

START_TEST(a_packet_falls_into_its_parts)
{
    char out[256];
    ck_assert_int_eq(read_packet(good[_i].text, out), RESULT_OK);
    ck_assert_str_eq(out, good[_i].packet);
}
END_TEST

static const char *const bad[] = {
    "",
    "7",
    "a",
    "4{\"message\":\"x\"}",
    "4",
    "0[]",
    "0null",
    "0\"s\"",
    "0{}{",
    "0admin",
    "1{}",
    "1[]",
    "2{}",
    "2[]",
    "2[ ]",
    "2null",
    "2[null]",
    "2[true]",
    "2[{\"a\":1}]",
    "2[[]]",
    "2[\"a\"",
    "2[\"a\"]x",
    "2-1[\"a\"]",
    "21.5[\"a\"]",
    "2 1[\"a\"]",
    "2/[\"echo\",1]",
    "29007199254740992[\"a\"]",
    "299999999999999999999[\"a\"]",
    "2[\"connect\"]",
    "2[\"disconnect\"]",
    "2[\"newListener\"]",
    "2[\"\\u0063onnect\"]",
    "3{}",
    "5",
    "5[\"a\"]",
    "50-[\"a\"]",
    "5x-[\"a\"]",
    "51[\"a\"]",
    "511-[\"a\"]",
    "51-",
    "51-{}",
    "5-1-[\"a\"]",
    "2/a\x01"
    "b,[\"a\"]",
    "2[\"a\",[[[[[[[[1]]]]]]]]]",
    "2[\"a\",\"\\ud800\"]",
};

START_TEST(what_is_no_packet_is_refused)
{
    char out[256];
    ck_assert_int_ne(read_packet(bad[_i], out), RESULT_OK);
}
END_TEST

START_TEST(every_prefix_is_read_without_looking_beyond)
{
    static const char text[] = "52-/custom,12[\"message\",{\"_placeholder\":true,\"num\":0},[1,2]]";
    char part[sizeof text], out[256];

    for (size_t length = 0; length + 1 < sizeof text; length++) {
        memcpy(part, text, length);
        part[length] = '\0';
        ck_assert_int_ne(read_packet(part, out), RESULT_OK);
    }
    ck_assert_int_eq(read_packet(text, out), RESULT_OK);
}
END_TEST

static const struct hole {
    const char *json;
    unsigned count;
    enum result result;
} holes[] = {
    {"[{\"_placeholder\":true,\"num\":0}]", 1, RESULT_OK},
    {"[\"a\",{\"b\":[{\"_placeholder\":true,\"num\":1}]},{\"num\":0,\"_placeholder\":true}]", 2,
     RESULT_OK},
    {"[1,\"a\",null]", 1, RESULT_OK},
    {"[{\"_placeholder\":false,\"num\":9}]", 1, RESULT_OK},
    {"[{\"_placeholder\":\"true\",\"num\":9}]", 1, RESULT_OK},
    {"[{\"_placeholder\":true,\"num\":1}]", 1, RESULT_INVALID},
    {"[{\"_placeholder\":true,\"num\":-1}]", 1, RESULT_INVALID},
    {"[{\"_placeholder\":true,\"num\":0.5}]", 1, RESULT_INVALID},
    {"[{\"_placeholder\":true,\"num\":\"0\"}]", 1, RESULT_INVALID},
    {"[{\"_placeholder\":true,\"num\":1e400}]", 1, RESULT_INVALID},
    {"[{\"_placeholder\":true}]", 1, RESULT_INVALID},
    {"[{\"a\":{\"_placeholder\":true,\"num\":2}}]", 2, RESULT_INVALID},
    {"[{\"_placeholder\":true,\"num\":0,\"num\":5}]", 1, RESULT_INVALID},
    {"[{\"_placeholder\":false,\"num\":5,\"_placeholder\":true}]", 1, RESULT_INVALID},
};

START_TEST(placeholders_name_attachments_that_are_there)
{
    struct sio_text json = {holes[_i].json, strlen(holes[_i].json)};
    ck_assert_int_eq(sio_packet_check_placeholders(json, holes[_i].count), holes[_i].result);
}
END_TEST

static bool name_is(const char *name, const char *plain)
{
    return sio_name_is((struct sio_text){name, strlen(name)}, plain);
}

START_TEST(names_are_compared_by_what_they_say)
{
    ck_assert(name_is("\"input\"", "input"));
    ck_assert(name_is("\"\\u0069nput\"", "input"));
    ck_assert(name_is("\"a\\/\\\\\\\"\"", "a/\\\""));
    ck_assert(!name_is("\"input2\"", "input"));
    ck_assert(!name_is("\"inpu\"", "input"));
    ck_assert(!name_is("\"\"", "input"));
    ck_assert(!name_is("\"\\u0469nput\"", "input"));
    ck_assert(!name_is("\"\\nput\"", "nput"));
    ck_assert(!name_is("12345", "12345"));
}
END_TEST

static const struct head {
    struct sio_head head;
    const char *text;
} heads[] = {
    {{.type = SIO_CONNECT, .nsp = "/"}, "0"},
    {{.type = SIO_EVENT, .nsp = "/room-a"}, "2/room-a,"},
    {{.type = SIO_ACK, .nsp = "/", .has_ack_id = true, .ack_id = 0}, "30"},
    {{.type = SIO_BINARY_ACK,
      .nsp = "/x",
      .attachment_count = 10,
      .has_ack_id = true,
      .ack_id = SIO_ACK_ID_MAX},
     "610-/x,9007199254740991"},
};

START_TEST(our_heads_are_those_of_the_protocol)
{
    char text[SIO_HEAD_BYTES_MAX];
    size_t length = sio_head_write(text, &heads[_i].head);
    ck_assert_uint_eq(length, strlen(heads[_i].text));
    ck_assert_mem_eq(text, heads[_i].text, length);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

int main(void)
{
    TCase *tests = tcase_create("sio_packet");

    tcase_add_loop_test(tests, a_packet_falls_into_its_parts, 0, COUNT(good));
    tcase_add_loop_test(tests, what_is_no_packet_is_refused, 0, COUNT(bad));
    tcase_add_test(tests, every_prefix_is_read_without_looking_beyond);
    tcase_add_loop_test(tests, placeholders_name_attachments_that_are_there, 0, COUNT(holes));
    tcase_add_test(tests, names_are_compared_by_what_they_say);
    tcase_add_loop_test(tests, our_heads_are_those_of_the_protocol, 0, COUNT(heads));
    return suite_run("sio_packet", tests);
}
