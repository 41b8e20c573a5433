#include "shared/message.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "shared/rng.h"
#include "shared/world.h"
#include "tests/unit/suite.h"
#include "tests/unit/test_game.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static uint8_t bytes[512];

static const struct message_hello hello = {
    .schemas = {0xdeadbeef, 1},
    .schema_count = 2,
    .view_half_x = 640,
    .view_half_y = 400,
    .entities_max = 256,
    .has_token = true,
    .token = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff},
    .token_seat = 12,
    .has_colour = true,
    .colour = 12,
    .name = "Zo\xc3\xab"};
static const struct message_welcome welcome = {.tick = 0x12345678,
                                               .tick_hz = 20,
                                               .seat = 3,
                                               .is_resumed = true,
                                               .token = {9, 8, 7},
                                               .schema_hash = 0xcafef00d,
                                               .game = "probe",
                                               .room = "main",
                                               .map = "yard"};
static const struct message_bye bye = {.code = 1012, .reason = "the server restarts"};
static const struct message_pace pace = {.cadence = 2, .update_bytes = 1380};
static const struct message_chat chat = {.text = "good game \xf0\x9f\x9a\x80"};
static const struct message_view view = {.is_hidden = true, .view_half_x = 1, .view_half_y = 65535};
static const struct message_input input = {
    .ack_tick = 70001,
    .has_ack = true,
    .stamp_ms = 54321,
    .count = 3,
    .cmds = {{.seq = 41, .view_tick = 69999, .view_part = 15, .words = {1, 1023, -100, 0}},
             {.seq = 42, .view_tick = 70000, .view_part = 3, .words = {1, 1020, 100, 5}},
             {.seq = 43, .view_tick = 0, .words = {0, 1020, 0, 5}}}};

static const struct message_control control = {.kind = CONTROL_SEEK, .tick = 0xfedcba98};
static const struct message_camera camera = {.kind = CAMERA_PLACE, .x = -70000, .y = 1 << 20};
static const struct message_playback playback = {.first_tick = 101,
                                                 .last_tick = 0x12345678,
                                                 .tick = 70001,
                                                 .speed = -3,
                                                 .is_paused = true,
                                                 .is_running = true};

#define NEAR_TICK 70002u

/* Each message by a number, so that every test goes over all of them. */
enum kind { HELLO, WELCOME, BYE, PACE, CHAT, VIEW, INPUT, CONTROL, CAMERA, PLAYBACK, KIND_COUNT };

static union {
    struct message_hello hello;
    struct message_welcome welcome;
    struct message_bye bye;
    struct message_pace pace;
    struct message_chat chat;
    struct message_view view;
    struct message_input input;
    struct message_control control;
    struct message_camera camera;
    struct message_playback playback;
} got;

static size_t encode(enum kind kind, size_t capacity)
{
    switch (kind) {
    case HELLO:
        return message_encode_hello(bytes, capacity, &hello);
    case WELCOME:
        return message_encode_welcome(bytes, capacity, &welcome);
    case BYE:
        return message_encode_bye(bytes, capacity, &bye);
    case PACE:
        return message_encode_pace(bytes, capacity, &pace);
    case CHAT:
        return message_encode_chat(bytes, capacity, &chat);
    case VIEW:
        return message_encode_view(bytes, capacity, &view);
    case CONTROL:
        return message_encode_control(bytes, capacity, &control);
    case CAMERA:
        return message_encode_camera(bytes, capacity, &camera);
    case PLAYBACK:
        return message_encode_playback(bytes, capacity, &playback);
    default:
        return message_encode_input(bytes, capacity, &test_table, &input);
    }
}

/* Decodes a copy of exactly that length, so that the sanitizer sees a read beyond it. */
static enum result decode(enum kind kind, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, bytes, length);
    memset(&got, 0xaa, sizeof got);
    enum result result =
        kind == HELLO      ? message_decode_hello(copy, length, &got.hello)
        : kind == WELCOME  ? message_decode_welcome(copy, length, &got.welcome)
        : kind == BYE      ? message_decode_bye(copy, length, &got.bye)
        : kind == PACE     ? message_decode_pace(copy, length, &got.pace)
        : kind == CHAT     ? message_decode_chat(copy, length, &got.chat)
        : kind == VIEW     ? message_decode_view(copy, length, &got.view)
        : kind == CONTROL  ? message_decode_control(copy, length, &got.control)
        : kind == CAMERA   ? message_decode_camera(copy, length, &got.camera)
        : kind == PLAYBACK ? message_decode_playback(copy, length, &got.playback)
                           : message_decode_input(copy, length, &test_table, NEAR_TICK, &got.input);
    free(copy);
    return result;
}

START_TEST(what_is_sent_arrives)
{
    ck_assert_int_eq(decode(HELLO, encode(HELLO, sizeof bytes)), RESULT_OK);
    ck_assert_mem_eq(got.hello.schemas, hello.schemas, sizeof hello.schemas);
    ck_assert_uint_eq(got.hello.schema_count, 2);
    ck_assert_uint_eq(got.hello.view_half_x, 640);
    ck_assert_uint_eq(got.hello.view_half_y, 400);
    ck_assert_uint_eq(got.hello.entities_max, 256);
    ck_assert(got.hello.has_token);
    ck_assert_mem_eq(got.hello.token, hello.token, TOKEN_BYTES);
    ck_assert_uint_eq(got.hello.token_seat, 12);
    ck_assert(got.hello.has_colour);
    ck_assert_uint_eq(got.hello.colour, 12);
    ck_assert_str_eq(got.hello.name, hello.name);
    ck_assert_int_eq(decode(WELCOME, encode(WELCOME, sizeof bytes)), RESULT_OK);
    ck_assert_uint_eq(got.welcome.tick, welcome.tick);
    ck_assert_uint_eq(got.welcome.tick_hz, 20);
    ck_assert_uint_eq(got.welcome.seat, 3);
    ck_assert(got.welcome.is_resumed);
    ck_assert_mem_eq(got.welcome.token, welcome.token, TOKEN_BYTES);
    ck_assert_uint_eq(got.welcome.schema_hash, welcome.schema_hash);
    ck_assert_str_eq(got.welcome.game, "probe");
    ck_assert_str_eq(got.welcome.room, "main");
    ck_assert_str_eq(got.welcome.map, "yard");
    ck_assert_int_eq(decode(BYE, encode(BYE, sizeof bytes)), RESULT_OK);
    ck_assert_uint_eq(got.bye.code, 1012);
    ck_assert_str_eq(got.bye.reason, bye.reason);
    ck_assert_int_eq(decode(PACE, encode(PACE, sizeof bytes)), RESULT_OK);
    ck_assert_uint_eq(got.pace.cadence, 2);
    ck_assert_uint_eq(got.pace.update_bytes, 1380);
    ck_assert_int_eq(decode(CHAT, encode(CHAT, sizeof bytes)), RESULT_OK);
    ck_assert_str_eq(got.chat.text, chat.text);
    ck_assert_int_eq(decode(VIEW, encode(VIEW, sizeof bytes)), RESULT_OK);
    ck_assert(got.view.is_hidden);
    ck_assert_uint_eq(got.view.view_half_x, 1);
    ck_assert_uint_eq(got.view.view_half_y, 65535);
    ck_assert_int_eq(decode(INPUT, encode(INPUT, sizeof bytes)), RESULT_OK);
    ck_assert_uint_eq(got.input.ack_tick, input.ack_tick);
    ck_assert_uint_eq(got.input.stamp_ms, input.stamp_ms);
    ck_assert_uint_eq(got.input.count, 3);
    ck_assert_mem_eq(got.input.cmds, input.cmds, 3 * sizeof input.cmds[0]);
    ck_assert_int_eq(decode(CONTROL, encode(CONTROL, sizeof bytes)), RESULT_OK);
    ck_assert_uint_eq(got.control.kind, CONTROL_SEEK);
    ck_assert_uint_eq(got.control.tick, control.tick);
    ck_assert_int_eq(decode(CAMERA, encode(CAMERA, sizeof bytes)), RESULT_OK);
    ck_assert_uint_eq(got.camera.kind, CAMERA_PLACE);
    ck_assert_int_eq(got.camera.x, camera.x);
    ck_assert_int_eq(got.camera.y, camera.y);
    ck_assert_int_eq(decode(PLAYBACK, encode(PLAYBACK, sizeof bytes)), RESULT_OK);
    ck_assert_uint_eq(got.playback.first_tick, 101);
    ck_assert_uint_eq(got.playback.last_tick, playback.last_tick);
    ck_assert_uint_eq(got.playback.tick, 70001);
    ck_assert_int_eq(got.playback.speed, -3);
    ck_assert(got.playback.is_paused && !got.playback.is_at_end);
    ck_assert(got.playback.is_running && !got.playback.is_live);
}
END_TEST

static const struct {
    struct message_control control;
    bool is_valid;
} controls[] = {
    {{.kind = CONTROL_PAUSE}, true},
    {{.kind = CONTROL_PAUSE, .amount = 1}, false},
    {{.kind = CONTROL_PLAY, .tick = 1}, false},
    {{.kind = CONTROL_SPEED, .amount = 4}, true},
    {{.kind = CONTROL_SPEED, .amount = 5}, false},
    {{.kind = CONTROL_SPEED, .amount = -3}, true},
    {{.kind = CONTROL_SPEED, .amount = -4}, false},
    {{.kind = CONTROL_SEEK}, true},
    {{.kind = CONTROL_SEEK, .amount = 1}, false},
    {{.kind = CONTROL_SEEK_BY}, false},
    {{.kind = CONTROL_SEEK_BY, .amount = INT32_MIN}, false},
    {{.kind = CONTROL_STEP, .amount = -1000}, true},
    {{.kind = CONTROL_STEP, .amount = 1001}, false},
    {{.kind = CONTROL_STEP}, false},
    {{.kind = CONTROL_COUNT}, false},
};

START_TEST(a_control_has_what_belongs_to_it)
{
    ck_assert(control_is_valid(&controls[_i].control) == controls[_i].is_valid);
}
END_TEST

START_TEST(a_control_or_camera_of_no_kind_is_refused)
{
    encode(CONTROL, sizeof bytes);
    bytes[1] = CONTROL_COUNT;
    ck_assert_int_eq(decode(CONTROL, 6), RESULT_INVALID);
    bytes[1] = CONTROL_SPEED; /* by 2^0xfedcba98 */
    ck_assert_int_eq(decode(CONTROL, 6), RESULT_INVALID);
    size_t length = encode(CAMERA, sizeof bytes);
    bytes[1] = CAMERA_COUNT;
    ck_assert_int_eq(decode(CAMERA, length), RESULT_INVALID);
    bytes[1] = CAMERA_SEAT; /* too long for that */
    ck_assert_int_eq(decode(CAMERA, length), RESULT_INVALID);
}
END_TEST

START_TEST(every_prefix_and_every_longer_message_is_refused)
{
    size_t length = encode((enum kind)_i, sizeof bytes);
    for (size_t cut = 0; cut < length; cut++)
        ck_assert_int_eq(decode((enum kind)_i, cut), RESULT_INVALID);
    bytes[length] = 0;
    ck_assert_int_eq(decode((enum kind)_i, length + 1), RESULT_INVALID);
    ck_assert_int_eq(decode((enum kind)_i, length), RESULT_OK);
}
END_TEST

START_TEST(another_type_is_refused)
{
    size_t length = encode((enum kind)_i, sizeof bytes);
    for (unsigned type = 0; type < 256; type++) {
        bool is_own = bytes[0] == type;
        uint8_t own = bytes[0];
        bytes[0] = (uint8_t)type;
        ck_assert_int_eq(decode((enum kind)_i, length), is_own ? RESULT_OK : RESULT_INVALID);
        bytes[0] = own;
    }
}
END_TEST

START_TEST(what_does_not_fit_is_not_written)
{
    size_t length = encode((enum kind)_i, sizeof bytes);
    for (size_t capacity = 0; capacity < length; capacity++) {
        memset(bytes, 0x55, sizeof bytes);
        ck_assert_uint_eq(encode((enum kind)_i, capacity), 0);
        ck_assert_uint_eq(bytes[capacity], 0x55);
    }
    ck_assert_uint_eq(encode((enum kind)_i, length), length);
}
END_TEST

START_TEST(noise_never_crashes)
{
    struct rng rng;
    rng_init(&rng, 7);
    for (unsigned round = 0; round < 20000; round++) {
        size_t length = encode((enum kind)_i, sizeof bytes);
        for (unsigned flips = 0; flips < 3; flips++) {
            uint32_t bit = 8 + rng_below(&rng, (uint32_t)(length - 1) * 8);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        (void)decode((enum kind)_i, length - rng_below(&rng, 2));
    }
}
END_TEST

/* -- hello and welcome -- */

START_TEST(another_version_is_refused)
{
    for (int kind = HELLO; kind <= WELCOME; kind++) {
        size_t length = encode((enum kind)kind, sizeof bytes);
        bytes[1]++;
        ck_assert_int_eq(decode((enum kind)kind, length), RESULT_INVALID);
    }
}
END_TEST

START_TEST(a_hello_may_have_a_token_or_a_colour_or_both)
{
    for (unsigned flags = 0; flags < 4; flags++) {
        struct message_hello m = hello;
        m.has_token = (flags & 1) != 0;
        m.has_colour = (flags & 2) != 0;
        size_t length = message_encode_hello(bytes, sizeof bytes, &m);
        ck_assert_int_eq(decode(HELLO, length), RESULT_OK);
        ck_assert_int_eq(got.hello.has_token, m.has_token);
        ck_assert_int_eq(got.hello.has_colour, m.has_colour);
        ck_assert_uint_eq(got.hello.colour, m.has_colour ? 12 : 0);
        bytes[3 + 4 * m.schema_count + 6] |= 4;
        ck_assert_int_eq(decode(HELLO, length), RESULT_INVALID);
    }
}
END_TEST

START_TEST(what_is_no_colour_is_none)
{
    ck_assert_uint_eq(colour_known(1), 1);
    ck_assert_uint_eq(colour_known(COLOURS_MAX), COLOURS_MAX);
    ck_assert_uint_eq(colour_known(0), 0);
    ck_assert_uint_eq(colour_known(COLOURS_MAX + 1), 0);
    ck_assert_uint_eq(colour_known(-1), 0);
}
END_TEST

START_TEST(a_hello_without_a_name_or_token_is_fine)
{
    struct message_hello m = {.schemas = {5}, .schema_count = 1, .entities_max = 16};
    ck_assert_int_eq(decode(HELLO, message_encode_hello(bytes, sizeof bytes, &m)), RESULT_OK);
    ck_assert(!got.hello.has_token);
    ck_assert_str_eq(got.hello.name, "");
}
END_TEST

START_TEST(a_hello_asks_for_16_to_1024_entities)
{
    static const uint16_t asked[] = {15, 16, 1024, 1025};
    for (int i = 0; i < COUNT(asked); i++) {
        struct message_hello m = hello;
        m.entities_max = asked[i];
        size_t length = message_encode_hello(bytes, sizeof bytes, &m);
        bool ok = asked[i] >= 16 && asked[i] <= 1024;
        ck_assert_int_eq(decode(HELLO, length), ok ? RESULT_OK : RESULT_INVALID);
    }
}
END_TEST

START_TEST(a_hello_names_1_to_8_schemas)
{
    struct message_hello m = {
        .schemas = {1, 2, 3, 4, 5, 6, 7, 8}, .schema_count = SCHEMAS_MAX, .entities_max = 16};
    size_t length = message_encode_hello(bytes, sizeof bytes, &m);
    ck_assert_int_eq(decode(HELLO, length), RESULT_OK);
    bytes[2] = 9;
    ck_assert_int_eq(decode(HELLO, length), RESULT_INVALID);
    bytes[2] = 0;
    ck_assert_int_eq(decode(HELLO, length), RESULT_INVALID);
}
END_TEST

START_TEST(names_that_cannot_be_shown_are_refused)
{
    static const char *const names[] = {"a\tb", " ", "\xff", "\xc2\x85", "\xe2\x80\xae!"};
    struct message_hello m = hello;
    strcpy(m.name, names[_i]);
    size_t length = message_encode_hello(bytes, sizeof bytes, &m);
    ck_assert_int_eq(decode(HELLO, length), RESULT_INVALID);
}
END_TEST

START_TEST(a_cadence_is_1_2_or_4)
{
    for (uint8_t cadence = 0; cadence < 8; cadence++) {
        struct message_pace m = {.cadence = cadence};
        size_t length = message_encode_pace(bytes, sizeof bytes, &m);
        bool ok = cadence == 1 || cadence == 2 || cadence == 4;
        ck_assert_int_eq(decode(PACE, length), ok ? RESULT_OK : RESULT_INVALID);
    }
}
END_TEST

START_TEST(an_empty_chat_line_is_refused)
{
    struct message_chat m = {0};
    size_t length = message_encode_chat(bytes, sizeof bytes, &m);
    ck_assert_int_eq(decode(CHAT, length), RESULT_INVALID);
}
END_TEST

START_TEST(a_chat_line_has_at_most_120_bytes)
{
    struct message_chat m = {0};
    memset(m.text, 'x', CHAT_BYTES_MAX);
    size_t length = message_encode_chat(bytes, sizeof bytes, &m);
    ck_assert_int_eq(decode(CHAT, length), RESULT_OK);
    bytes[1]++;
    bytes[length] = 'x';
    ck_assert_int_eq(decode(CHAT, length + 1), RESULT_INVALID);
}
END_TEST

/* -- input -- */

static size_t encode_input(const struct message_input *m)
{
    return message_encode_input(bytes, sizeof bytes, &test_table, m);
}

START_TEST(a_mere_ack_is_small)
{
    struct message_input m = {.has_ack = true, .ack_tick = NEAR_TICK};
    size_t length = encode_input(&m);
    ck_assert_uint_le(length, 6);
    ck_assert_int_eq(decode(INPUT, length), RESULT_OK);
    ck_assert_uint_eq(got.input.count, 0);
    ck_assert_uint_eq(got.input.ack_tick, NEAR_TICK);
}
END_TEST

START_TEST(without_a_snapshot_there_is_no_ack)
{
    struct message_input m = {.stamp_ms = 1, .count = 1, .cmds = {{.seq = 1}}};
    ck_assert_int_eq(decode(INPUT, encode_input(&m)), RESULT_OK);
    ck_assert(!got.input.has_ack);
    ck_assert_uint_eq(got.input.cmds[0].view_tick, 0);
}
END_TEST

START_TEST(ticks_are_extended_around_the_newest_sent)
{
    for (uint32_t i = 0; i < 80; i++) {
        uint32_t near = UINT32_MAX - 40000 + 1000 * i;
        struct message_input m = {
            .has_ack = true, .ack_tick = near - 63, .count = 1, .cmds = {{.seq = 1}}};
        m.cmds[0].view_tick = near - 70;
        size_t length = encode_input(&m);
        ck_assert_int_eq(message_decode_input(bytes, length, &test_table, near, &got.input),
                         RESULT_OK);
        ck_assert_uint_eq(got.input.ack_tick, near - 63);
        ck_assert_uint_eq(got.input.cmds[0].view_tick, near - 70);
    }
}
END_TEST

START_TEST(a_message_holds_at_most_8_usercmds)
{
    struct message_input m = {.count = USERCMDS_PER_MESSAGE_MAX};
    for (uint32_t i = 0; i < USERCMDS_PER_MESSAGE_MAX; i++)
        m.cmds[i] = (struct usercmd){.seq = 100 + i, .words = {(int32_t)i}};
    size_t length = encode_input(&m);
    ck_assert_int_eq(decode(INPUT, length), RESULT_OK);
    ck_assert_mem_eq(got.input.cmds, m.cmds, sizeof m.cmds);
    /* No ack: the count stands behind one bit and the stamp's 16, from bit 25 on. */
    bytes[3] = (uint8_t)((bytes[3] & 0xe1) | 9 << 1);
    ck_assert_int_eq(decode(INPUT, length), RESULT_INVALID);
}
END_TEST

START_TEST(sequence_numbers_start_at_one_and_do_not_wrap)
{
    static const uint32_t seqs[] = {0, 1, UINT32_MAX - 8, UINT32_MAX - 7, UINT32_MAX};
    static const bool fine[] = {false, true, true, false, false};
    for (int i = 0; i < COUNT(seqs); i++) {
        struct message_input m = {.count = 1, .cmds = {{.seq = seqs[i]}}};
        ck_assert_int_eq(decode(INPUT, encode_input(&m)), fine[i] ? RESULT_OK : RESULT_INVALID);
    }
}
END_TEST

START_TEST(a_usercmd_out_of_range_is_refused)
{
    struct message_input m = {.count = 1, .cmds = {{.seq = 1, .words = {0, 0, 101, 0}}}};
    ck_assert_int_eq(decode(INPUT, encode_input(&m)), RESULT_INVALID);
    m.cmds[0].words[2] = 100;
    m.cmds[0].words[3] = 6;
    ck_assert_int_eq(decode(INPUT, encode_input(&m)), RESULT_INVALID);
}
END_TEST

START_TEST(more_usercmds_than_a_message_holds_are_a_bug)
{
    struct message_input m = {.count = 9};
    encode_input(&m);
}
END_TEST

/* -- what may be shown -- */

static const char *const showable[] = {
    "a",
    " a ",
    "Ann-Marie O'Neill <3",
    "\xc3\xa4",
    "\xe4\xbd\xa0\xe5\xa5\xbd",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", /* joined by U+200D */
    "a\xe2\x80\x8b",
    "\xef\xbf\xbd",
};

START_TEST(texts_of_all_scripts_are_showable)
{
    ck_assert(text_is_showable(showable[_i], strlen(showable[_i])));
}
END_TEST

static const char *const unshowable[] = {
    "",
    " ",
    "   ",
    "\xc2\xa0",     /* no-break space */
    "\xe3\x80\x80", /* ideographic space */
    "\xe2\x80\x8b", /* zero width space */
    "\xef\xbb\xbf", /* byte order mark */
    "\xe3\x85\xa4", /* Hangul filler */
    "\xe2\xa0\x80", /* Braille blank */
    "a\nb",
    "a\x7f",
    "\x1b[31mred",
    "a\xc2\x85",     /* next line */
    "a\xe2\x80\xa8", /* line separator */
    "a\xe2\x80\xa9", /* paragraph separator */
    "a\xe2\x80\xae", /* right-to-left override */
    "a\xe2\x80\xaa", /* left-to-right embedding */
    "a\xe2\x81\xa6", /* left-to-right isolate */
    "a\xff",
    "a\xc3",
    "a\xed\xa0\x80", /* a surrogate */
    "a\xc0\xaf",     /* overlong */
};

START_TEST(blanks_controls_and_turned_text_are_not)
{
    ck_assert(!text_is_showable(unshowable[_i], strlen(unshowable[_i])));
}
END_TEST

START_TEST(a_nul_is_a_control)
{
    ck_assert(!text_is_showable("a\0b", 3));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("message");

    tcase_add_test(tests, what_is_sent_arrives);
    tcase_add_loop_test(tests, every_prefix_and_every_longer_message_is_refused, 0, KIND_COUNT);
    tcase_add_loop_test(tests, another_type_is_refused, 0, KIND_COUNT);
    tcase_add_loop_test(tests, what_does_not_fit_is_not_written, 0, KIND_COUNT);
    tcase_add_loop_test(tests, noise_never_crashes, 0, KIND_COUNT);
    tcase_add_loop_test(tests, a_control_has_what_belongs_to_it, 0, COUNT(controls));
    tcase_add_test(tests, a_control_or_camera_of_no_kind_is_refused);
    tcase_add_test(tests, another_version_is_refused);
    tcase_add_test(tests, a_hello_may_have_a_token_or_a_colour_or_both);
    tcase_add_test(tests, what_is_no_colour_is_none);
    tcase_add_test(tests, a_hello_without_a_name_or_token_is_fine);
    tcase_add_test(tests, a_hello_asks_for_16_to_1024_entities);
    tcase_add_test(tests, a_hello_names_1_to_8_schemas);
    tcase_add_loop_test(tests, names_that_cannot_be_shown_are_refused, 0, 5);
    tcase_add_test(tests, a_cadence_is_1_2_or_4);
    tcase_add_test(tests, an_empty_chat_line_is_refused);
    tcase_add_test(tests, a_chat_line_has_at_most_120_bytes);
    tcase_add_test(tests, a_mere_ack_is_small);
    tcase_add_test(tests, without_a_snapshot_there_is_no_ack);
    tcase_add_test(tests, ticks_are_extended_around_the_newest_sent);
    tcase_add_test(tests, a_message_holds_at_most_8_usercmds);
    tcase_add_test(tests, sequence_numbers_start_at_one_and_do_not_wrap);
    tcase_add_test(tests, a_usercmd_out_of_range_is_refused);
    tcase_add_test_raise_signal(tests, more_usercmds_than_a_message_holds_are_a_bug, SIGABRT);
    tcase_add_loop_test(tests, texts_of_all_scripts_are_showable, 0, COUNT(showable));
    tcase_add_loop_test(tests, blanks_controls_and_turned_text_are_not, 0, COUNT(unshowable));
    tcase_add_test(tests, a_nul_is_a_control);
    return suite_run("message", tests);
}
