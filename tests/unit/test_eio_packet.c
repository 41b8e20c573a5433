#include "server/sio/eio_packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/sio/eio_id.h"
#include "server/sio/pollq.h"
#include "shared/bytes.h"
#include "tests/unit/suite.h"

/* Reads a payload, in a copy of its size, and writes what it holds: "4:text b:0102 |". */
static enum result read_all(const char *text, size_t length, char *out)
{
    uint8_t *copy = malloc(length + 1);
    struct eio_payload payload = {.bytes = copy, .length_bytes = length};
    struct eio_packet packet;
    enum result r;

    memcpy(copy, text, length);
    *out = '\0';
    while ((r = eio_payload_next(&payload, &packet)) == RESULT_OK) {
        out += sprintf(out, "%u%c", packet.type, packet.is_text ? ':' : 'b');
        for (size_t i = 0; i < packet.length_bytes; i++)
            out += sprintf(out, packet.is_text ? "%c" : "%02x", packet.bytes[i]);
        out += sprintf(out, "|");
    }
    free(copy);
    return r;
}

static const struct payload {
    const char *text, *packets;
    enum result result;
} payloads[] = {
    {"4hello", "4:hello|", RESULT_CLOSED},
    {"4", "4:|", RESULT_CLOSED},
    {"4a\x1e"
     "4b\x1e"
     "bAAEC\x1e"
     "4",
     "4:a|4:b|4b000102|4:|", RESULT_CLOSED},
    {"0{}\x1e"
     "1\x1e"
     "2probe\x1e"
     "3\x1e"
     "5\x1e"
     "6",
     "0:{}|1:|2:probe|3:|5:|6:|", RESULT_CLOSED},
    {"b", "4b|", RESULT_CLOSED},
    {"bAQ==\x1e"
     "bAQ=\x1e"
     "bAQ\x1e"
     "bAQI=\x1e"
     "bAQI",
     "4b01|4b01|4b01|4b0102|4b0102|", RESULT_CLOSED},
    {"b+/8=\x1e"
     "b-_8",
     "4bfbff|4bfbff|", RESULT_CLOSED},
    {"", "", RESULT_INVALID},
    {"4a\x1e", "4:a|", RESULT_INVALID},
    {"\x1e"
     "4a",
     "", RESULT_INVALID},
    {"4a\x1e"
     "7\x1e"
     "4b",
     "4:a|", RESULT_INVALID},
    {"abc", "", RESULT_INVALID},
    {"B", "", RESULT_INVALID},
    {"bA", "", RESULT_INVALID},
    {"bAAAAA", "", RESULT_INVALID},
    {"b AQI", "", RESULT_INVALID},
    {"bAA==AAAA", "", RESULT_INVALID},
    {"b====", "", RESULT_INVALID},
    {"4\xff", "", RESULT_INVALID},
    {"4\xe2\x82\x1e"
     "4",
     "", RESULT_INVALID},
};

START_TEST(a_payload_falls_into_its_packets)
{
    char out[256];
    const struct payload *p = &payloads[_i];

    ck_assert_int_eq(read_all(p->text, strlen(p->text), out), p->result);
    ck_assert_str_eq(out, p->packets);
}
END_TEST

static struct pool blocks;
static struct pollq pollq;
static struct error error;

static void take(char *text)
{
    size_t length = pollq_bytes(&pollq);
    pollq_take(&pollq, &blocks, (uint8_t *)text);
    text[length] = '\0';
}

START_TEST(a_pollq_gives_back_a_payload_in_order)
{
    char text[8192], expected[8192];
    uint8_t bytes[3500];

    ck_assert_int_eq(pool_init(&blocks, SENDQ_BLOCK_BYTES, 8, &error), RESULT_OK);
    pollq_init(&pollq, 65536);
    for (int round = 0; round < 3; round++) {
        char *end = expected;
        for (int i = 0; i < 100; i++) {
            char packet[32];
            int length = sprintf(packet, "4packet %d", i);
            end += sprintf(end, "%s%s", i > 0 ? "\x1e" : "", packet);
            ck_assert_int_eq(
                pollq_push_text(&pollq, &blocks, (const uint8_t *)packet, (size_t)length),
                RESULT_OK);
        }
        ck_assert_int_eq(pollq_push_bytes(&pollq, &blocks, (const uint8_t *)"\1\2", 2),
                         RESULT_OK);
        end += sprintf(end, "\x1e"
                            "bAQI=");
        ck_assert_uint_eq(pollq_bytes(&pollq), (size_t)(end - expected));
        take(text);
        ck_assert_str_eq(text, expected);
        ck_assert_uint_eq(pollq_bytes(&pollq), 0);
        ck_assert_uint_eq(blocks.taken_count, 0);
    }

    /* Bytes are encoded in pieces, with padding at their end alone. */
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    ck_assert_int_eq(pollq_push_bytes(&pollq, &blocks, bytes, sizeof bytes), RESULT_OK);
    take(text);
    struct eio_payload payload = {.bytes = (uint8_t *)text, .length_bytes = strlen(text)};
    struct eio_packet packet;
    ck_assert_int_eq(eio_payload_next(&payload, &packet), RESULT_OK);
    ck_assert_uint_eq(packet.length_bytes, sizeof bytes);
    ck_assert_mem_eq(packet.bytes, bytes, sizeof bytes);
    pollq_deinit(&pollq, &blocks);
    pool_deinit(&blocks);
}
END_TEST

START_TEST(a_pollq_refuses_what_does_not_fit_whole)
{
    uint8_t bytes[4000] = {'4'};
    unsigned count = 0;

    ck_assert_int_eq(pool_init(&blocks, SENDQ_BLOCK_BYTES, 8, &error), RESULT_OK);
    pollq_init(&pollq, 10000);
    while (pollq_push_text(&pollq, &blocks, bytes, sizeof bytes) == RESULT_OK)
        count++;
    ck_assert_uint_eq(count, 2);
    size_t before = pollq_bytes(&pollq);
    ck_assert(!pollq_has_room(&pollq, &blocks, 1000, 1000));
    ck_assert(pollq_has_room(&pollq, &blocks, 1000, 100));
    ck_assert_int_eq(pollq_push_bytes(&pollq, &blocks, bytes, 1600), RESULT_FULL);
    ck_assert_uint_eq(pollq_bytes(&pollq), before);
    pollq_deinit(&pollq, &blocks);
    ck_assert_uint_eq(blocks.taken_count, 0);
    pool_deinit(&blocks);
}
END_TEST

START_TEST(an_id_names_node_and_worker_and_reads_back)
{
    static const char *const nodes[] = {"", "n1", "eu-west_2"};
    struct eio_id id, read;
    char text[EIO_ID_CHARS_MAX + 1];

    for (unsigned i = 0; i < 300; i++) {
        const char *node = nodes[i % 3];
        eio_id_make(&id, i % 64);
        ck_assert_uint_eq(eio_id_write(&id, node, text), strlen(text));
        ck_assert_uint_eq(strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-_."),
                          strlen(text));
        ck_assert(eio_id_read(&read, node, text));
        ck_assert_uint_eq(read.worker, id.worker);
        ck_assert_mem_eq(read.secret, id.secret, sizeof id.secret);
        ck_assert(!eio_id_read(&read, nodes[(i + 1) % 3], text));
    }
}
END_TEST

static const char *const strange_ids[] = {
    "",
    "0",
    "0.",
    ".AAAAAAAAAAAAAAAAAAAAAA",
    "0.AAAAAAAAAAAAAAAAAAAAA",
    "0.AAAAAAAAAAAAAAAAAAAAAAA",
    "0.AAAAAAAAAAAAAAAAAAAA+A",
    "0.AAAAAAAAAAAAAAAAAAAA==",
    "0000.AAAAAAAAAAAAAAAAAAAAAA",
    "-1.AAAAAAAAAAAAAAAAAAAAAA",
    "0.0.AAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAA",
};

START_TEST(what_is_no_id_is_not_read)
{
    struct eio_id id;
    ck_assert(!eio_id_read(&id, "", strange_ids[_i]));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("eio_packet");

    tcase_add_loop_test(tests, a_payload_falls_into_its_packets, 0,
                        sizeof payloads / sizeof payloads[0]);
    tcase_add_test(tests, a_pollq_gives_back_a_payload_in_order);
    tcase_add_test(tests, a_pollq_refuses_what_does_not_fit_whole);
    tcase_add_test(tests, an_id_names_node_and_worker_and_reads_back);
    tcase_add_loop_test(tests, what_is_no_id_is_not_read, 0,
                        sizeof strange_ids / sizeof strange_ids[0]);
    return suite_run("eio_packet", tests);
}
