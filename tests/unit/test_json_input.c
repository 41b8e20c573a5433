#include "server/session/json_input.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/test_game.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const struct usercmd previous = {.seq = 7, .view_tick = 8, .words = {1, 2, -3, 4}};
static struct json_input in;
static struct error error;

static enum result read_text(const char *text)
{
    static const struct json_input_terms terms = {
        &test_table, &previous, {JSON_DEPTH_MAX, JSON_TOKENS_MAX}};
    return json_input_read(&in, text, strlen(text), &terms, &error);
}

static void assert_read(const char *text, enum json_input_kind kind)
{
    enum result result = read_text(text);
    ck_assert_msg(result == RESULT_OK, "%s: %s", text, error.message);
    ck_assert_int_eq(in.kind, kind);
}

START_TEST(an_input_gives_its_fields_in_units)
{
    assert_read("{\"type\":\"input\",\"seq\":12,\"ack\":345,\"buttons\":5,\"aim\":90,"
                "\"throttle\":-0.5,\"weapon\":3}",
                JSON_INPUT_USERCMD);
    ck_assert(in.has_seq && in.has_ack);
    ck_assert_uint_eq(in.cmd.seq, 12);
    ck_assert_uint_eq(in.ack_tick, 345);
    ck_assert_uint_eq(in.cmd.view_tick, 345);
    ck_assert_int_eq(in.cmd.words[0], 5);
    ck_assert_int_eq(in.cmd.words[1], 256);
    ck_assert_int_eq(in.cmd.words[2], -50);
    ck_assert_int_eq(in.cmd.words[3], 3);
}
END_TEST

START_TEST(what_an_input_leaves_out_stays)
{
    assert_read("{\"type\":\"input\"}", JSON_INPUT_USERCMD);
    ck_assert(!in.has_seq && !in.has_ack);
    ck_assert_uint_eq(in.cmd.seq, 0);
    ck_assert_uint_eq(in.cmd.view_tick, 0);
    ck_assert_mem_eq(in.cmd.words, previous.words, sizeof in.cmd.words);
    assert_read("{\"weapon\":0,\"type\":\"input\"}", JSON_INPUT_USERCMD);
    ck_assert_int_eq(in.cmd.words[2], -3);
    ck_assert_int_eq(in.cmd.words[3], 0);
}
END_TEST

static const struct {
    const char *degrees;
    int32_t word;
} angles[] = {
    {"0", 0},     {"360", 0},   {"-90", 768},   {"359.9", 0}, /* rounds up to a whole turn */
    {"720.5", 1}, {"180", 512}, {"-0.0001", 0},
};

START_TEST(an_angle_comes_round)
{
    char text[100];
    snprintf(text, sizeof text, "{\"type\":\"input\",\"aim\":%s}", angles[_i].degrees);
    assert_read(text, JSON_INPUT_USERCMD);
    ck_assert_int_eq(in.cmd.words[1], angles[_i].word);
}
END_TEST

START_TEST(the_edges_of_a_range_are_in_it)
{
    assert_read("{\"type\":\"input\",\"throttle\":1,\"buttons\":15,\"weapon\":5}",
                JSON_INPUT_USERCMD);
    ck_assert_int_eq(in.cmd.words[2], 100);
    assert_read("{\"type\":\"input\",\"throttle\":-1,\"seq\":4294967294}", JSON_INPUT_USERCMD);
    ck_assert_int_eq(in.cmd.words[2], -100);
    ck_assert_uint_eq(in.cmd.seq, 4294967294u);
}
END_TEST

START_TEST(of_equal_keys_the_last_counts)
{
    assert_read("{\"type\":\"input\",\"weapon\":1,\"weapon\":2}", JSON_INPUT_USERCMD);
    ck_assert_int_eq(in.cmd.words[3], 2);
}
END_TEST

START_TEST(unknown_keys_are_ignored)
{
    assert_read("{\"type\":\"input\",\"x\":{\"deep\":[1]},\"weapon\":2}", JSON_INPUT_USERCMD);
    assert_read("{\"type\":\"ping\",\"t\":1,\"weapon\":99}", JSON_INPUT_PING);
}
END_TEST

START_TEST(hello_says_who_one_is)
{
    assert_read("{\"type\":\"hello\",\"name\":\"Zo\xc3\xab\",\"view\":[400,300.5],"
                "\"token\":\"000102030405060708090a0b0c0d0e0f0102\"}",
                JSON_INPUT_HELLO);
    ck_assert_str_eq(in.name, "Zo\xc3\xab");
    ck_assert(in.has_view && in.has_token);
    ck_assert_uint_eq(in.view_half_x, 400);
    ck_assert_uint_eq(in.view_half_y, 300);
    ck_assert_uint_eq(in.token[15], 15);
    ck_assert_uint_eq(in.token_seat, 0x102);
    assert_read("{\"type\":\"hello\"}", JSON_INPUT_HELLO);
    ck_assert_str_eq(in.name, "");
    ck_assert(!in.has_view && !in.has_token);
    assert_read("{\"type\":\"hello\",\"name\":\"\"}", JSON_INPUT_HELLO);
}
END_TEST

START_TEST(a_colour_out_of_range_is_none)
{
    static const struct {
        const char *json;
        uint8_t colour;
    } said[] = {{"1", 1},  {"12", 12}, {"0", 0},     {"13", 0},
                {"-1", 0}, {"3.5", 0}, {"1e300", 0}, {"4294967297", 0}};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"type\":\"hello\",\"colour\":%s}", said[i].json);
        assert_read(text, JSON_INPUT_HELLO);
        ck_assert(in.has_colour);
        ck_assert_uint_eq(in.colour, said[i].colour);
    }
    assert_read("{\"type\":\"hello\"}", JSON_INPUT_HELLO);
    ck_assert(!in.has_colour);
}
END_TEST

START_TEST(chat_view_and_ping_are_read)
{
    assert_read("{\"type\":\"chat\",\"text\":\"hi \\\"you\\\"\"}", JSON_INPUT_CHAT);
    ck_assert_str_eq(in.text, "hi \"you\"");
    assert_read("{\"type\":\"view\",\"hidden\":true}", JSON_INPUT_VIEW);
    ck_assert(in.is_hidden && !in.has_view);
    assert_read("{\"type\":\"view\",\"view\":[1,65535]}", JSON_INPUT_VIEW);
    ck_assert(!in.is_hidden && in.has_view);
    assert_read("{\"type\":\"ping\",\"t\":1234.5678}", JSON_INPUT_PING);
    ck_assert_int_eq(in.t_10000, 12345678);
    assert_read("{\"type\":\"ping\",\"t\":-1e14}", JSON_INPUT_PING);
}
END_TEST

START_TEST(a_watchers_controls_are_read)
{
    assert_read("{\"type\":\"pause\"}", JSON_INPUT_CONTROL);
    ck_assert_uint_eq(in.control.kind, CONTROL_PAUSE);
    assert_read("{\"type\":\"speed\",\"speed\":0.125}", JSON_INPUT_CONTROL);
    ck_assert_uint_eq(in.control.kind, CONTROL_SPEED);
    ck_assert_int_eq(in.control.amount, -3);
    assert_read("{\"type\":\"seek\",\"tick\":4294967295}", JSON_INPUT_CONTROL);
    ck_assert_uint_eq(in.control.kind, CONTROL_SEEK);
    ck_assert_uint_eq(in.control.tick, UINT32_MAX);
    assert_read("{\"type\":\"seek\",\"by\":-200}", JSON_INPUT_CONTROL);
    ck_assert_uint_eq(in.control.kind, CONTROL_SEEK_BY);
    ck_assert_int_eq(in.control.amount, -200);
    assert_read("{\"type\":\"step\"}", JSON_INPUT_CONTROL);
    ck_assert_uint_eq(in.control.kind, CONTROL_STEP);
    ck_assert_int_eq(in.control.amount, 1);
    assert_read("{\"type\":\"step\",\"ticks\":-1}", JSON_INPUT_CONTROL);
    ck_assert_int_eq(in.control.amount, -1);
}
END_TEST

START_TEST(a_watchers_camera_is_read)
{
    assert_read("{\"type\":\"camera\"}", JSON_INPUT_CAMERA);
    ck_assert_uint_eq(in.camera.kind, CAMERA_AUTO);
    assert_read("{\"type\":\"camera\",\"seat\":3}", JSON_INPUT_CAMERA);
    ck_assert_uint_eq(in.camera.kind, CAMERA_SEAT);
    ck_assert_uint_eq(in.camera.seat, 3);
    assert_read("{\"type\":\"camera\",\"id\":17}", JSON_INPUT_CAMERA);
    ck_assert_uint_eq(in.camera.kind, CAMERA_ENTITY);
    ck_assert_uint_eq(in.camera.slot, 17);
    assert_read("{\"type\":\"camera\",\"at\":[-10.5,900]}", JSON_INPUT_CAMERA);
    ck_assert_uint_eq(in.camera.kind, CAMERA_PLACE);
    ck_assert_int_eq(in.camera.x, -10);
    ck_assert_int_eq(in.camera.y, 900);
}
END_TEST

#define WATCHERS ", camera, pause, play, speed, seek, step, live"

static const struct {
    const char *text, *reason;
} refused[] = {
    {"", "not JSON"},
    {"hello", "not JSON"},
    {"{\"type\":\"chat\",\"text\":\"a\\u0000b\"}", "not JSON"},
    {"[[[[[[[[[]]]]]]]]]", "JSON too deep or too rich"},
    {"[]", "not a JSON object"},
    {"\"input\"", "not a JSON object"},
    {"{}", "type is none of input, hello, chat, view, ping" WATCHERS},
    {"{\"type\":1}", "type is none of input, hello, chat, view, ping" WATCHERS},
    {"{\"type\":\"Input\"}", "type is none of input, hello, chat, view, ping" WATCHERS},
    {"{\"TYPE\":\"input\"}", "type is none of input, hello, chat, view, ping" WATCHERS},
    {"{\"type\":\"update\"}", "type is none of input, hello, chat, view, ping" WATCHERS},
    {"{\"type\":\"input\",\"seq\":0}", "seq is not a whole number from 1 on"},
    {"{\"type\":\"input\",\"seq\":1.5}", "seq is not a whole number from 1 on"},
    {"{\"type\":\"input\",\"seq\":4294967295}", "seq is not a whole number from 1 on"},
    {"{\"type\":\"input\",\"seq\":\"1\"}", "seq is not a whole number from 1 on"},
    {"{\"type\":\"input\",\"ack\":-1}", "ack is not the tick of an update"},
    {"{\"type\":\"input\",\"ack\":4294967296}", "ack is not the tick of an update"},
    {"{\"type\":\"input\",\"buttons\":16}", "buttons is not a whole number from 0 to 15"},
    {"{\"type\":\"input\",\"buttons\":1.5}", "buttons is not a whole number from 0 to 15"},
    {"{\"type\":\"input\",\"buttons\":true}", "buttons is not a whole number from 0 to 15"},
    {"{\"type\":\"input\",\"buttons\":null}", "buttons is not a whole number from 0 to 15"},
    {"{\"type\":\"input\",\"throttle\":1.01}", "throttle is not a number from -1 to 1"},
    {"{\"type\":\"input\",\"throttle\":-2}", "throttle is not a number from -1 to 1"},
    {"{\"type\":\"input\",\"weapon\":6}", "weapon is not a number from 0 to 5"},
    {"{\"type\":\"input\",\"weapon\":-1}", "weapon is not a number from 0 to 5"},
    {"{\"type\":\"input\",\"aim\":1e300}", "aim is not a number from 0 to 359.6484375"},
    {"{\"type\":\"input\",\"aim\":1e999}", "aim is not a number from 0 to 359.6484375"},
    {"{\"type\":\"input\",\"aim\":[0]}", "aim is not a number from 0 to 359.6484375"},
    {"{\"type\":\"hello\",\"name\":7}", "name is not a text"},
    {"{\"type\":\"hello\",\"name\":\"1234567890123456789012345\"}", "name is longer than 24 bytes"},
    {"{\"type\":\"hello\",\"name\":\"a\\nb\"}", "name has control characters or is blank"},
    {"{\"type\":\"hello\",\"name\":\" \\u200b \"}", "name has control characters or is blank"},
    {"{\"type\":\"hello\",\"name\":\"\\u202egnp\"}", "name has control characters or is blank"},
    {"{\"type\":\"hello\",\"colour\":\"red\"}", "colour is not a number"},
    {"{\"type\":\"hello\",\"token\":\"00\"}", "token is not the text that welcome gave"},
    {"{\"type\":\"hello\",\"token\":\"000102030405060708090a0b0c0d0e0f010g\"}",
     "token is not the text that welcome gave"},
    {"{\"type\":\"hello\",\"view\":[1]}",
     "view is not [half width, half height], each 1 to 65535 units"},
    {"{\"type\":\"hello\",\"view\":[0,5]}",
     "view is not [half width, half height], each 1 to 65535 units"},
    {"{\"type\":\"hello\",\"view\":{\"x\":1,\"y\":1}}",
     "view is not [half width, half height], each 1 to 65535 units"},
    {"{\"type\":\"chat\"}", "chat without text"},
    {"{\"type\":\"chat\",\"text\":\"\"}", "text has control characters or is blank"},
    {"{\"type\":\"chat\",\"text\":{}}", "text is not a text"},
    {"{\"type\":\"view\",\"hidden\":1}", "hidden is neither true nor false"},
    {"{\"type\":\"ping\"}", "ping without t"},
    {"{\"type\":\"ping\",\"t\":\"now\"}", "t is not a number"},
    {"{\"type\":\"ping\",\"t\":1e15}", "t is not a number"},
    {"{\"type\":\"speed\"}", "speed without speed"},
    {"{\"type\":\"speed\",\"speed\":3}", "speed is none of 0.125, 0.25, 0.5, 1, 2, 4, 8, 16"},
    {"{\"type\":\"speed\",\"speed\":32}", "speed is none of 0.125, 0.25, 0.5, 1, 2, 4, 8, 16"},
    {"{\"type\":\"seek\"}", "seek without tick or by"},
    {"{\"type\":\"seek\",\"tick\":-1}", "tick is not the tick of a recording"},
    {"{\"type\":\"seek\",\"tick\":1.5}", "tick is not the tick of a recording"},
    {"{\"type\":\"seek\",\"by\":0}", "by is not a number of ticks"},
    {"{\"type\":\"seek\",\"by\":1e99}", "by is not a number of ticks"},
    {"{\"type\":\"step\",\"ticks\":0}",
     "ticks is not a whole number from -1000 to 1000, or it is 0"},
    {"{\"type\":\"step\",\"ticks\":1001}",
     "ticks is not a whole number from -1000 to 1000, or it is 0"},
    {"{\"type\":\"camera\",\"seat\":65536}", "seat is not a seat"},
    {"{\"type\":\"camera\",\"id\":\"a\"}", "id is not an entity's"},
    {"{\"type\":\"camera\",\"at\":[1]}", "at is not [x, y] in units"},
    {"{\"type\":\"camera\",\"at\":[1,1e7]}", "at is not [x, y] in units"},
};

START_TEST(what_is_no_input_is_refused_with_a_reason)
{
    enum result result = read_text(refused[_i].text);
    ck_assert_int_ne(result, RESULT_OK);
    ck_assert_int_eq(error.code, result);
    ck_assert_str_eq(error.message, refused[_i].reason);
}
END_TEST

START_TEST(a_name_of_ten_kilobytes_is_refused)
{
    static char text[10300] = "{\"type\":\"hello\",\"name\":\"";
    size_t length = strlen(text);
    memset(text + length, 'n', 10240);
    memcpy(text + length + 10240, "\"}", 3);
    ck_assert_int_eq(read_text(text), RESULT_INVALID);
    ck_assert_str_eq(error.message, "name is longer than 24 bytes");
}
END_TEST

START_TEST(a_chat_line_of_121_bytes_is_refused)
{
    char text[200] = "{\"type\":\"chat\",\"text\":\"";
    size_t length = strlen(text);
    memset(text + length, 'x', CHAT_BYTES_MAX + 1);
    memcpy(text + length + CHAT_BYTES_MAX, "\"}", 3);
    assert_read(text, JSON_INPUT_CHAT);
    memcpy(text + length + CHAT_BYTES_MAX, "x\"}", 4);
    ck_assert_int_eq(read_text(text), RESULT_INVALID);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json_input");

    tcase_add_test(tests, an_input_gives_its_fields_in_units);
    tcase_add_test(tests, what_an_input_leaves_out_stays);
    tcase_add_loop_test(tests, an_angle_comes_round, 0, COUNT(angles));
    tcase_add_test(tests, the_edges_of_a_range_are_in_it);
    tcase_add_test(tests, of_equal_keys_the_last_counts);
    tcase_add_test(tests, unknown_keys_are_ignored);
    tcase_add_test(tests, hello_says_who_one_is);
    tcase_add_test(tests, a_colour_out_of_range_is_none);
    tcase_add_test(tests, chat_view_and_ping_are_read);
    tcase_add_test(tests, a_watchers_controls_are_read);
    tcase_add_test(tests, a_watchers_camera_is_read);
    tcase_add_loop_test(tests, what_is_no_input_is_refused_with_a_reason, 0, COUNT(refused));
    tcase_add_test(tests, a_name_of_ten_kilobytes_is_refused);
    tcase_add_test(tests, a_chat_line_of_121_bytes_is_refused);
    return suite_run("json_input", tests);
}
