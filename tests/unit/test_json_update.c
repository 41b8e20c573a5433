#include "shared/json_update.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/json_scan.h"
#include "tests/unit/suite.h"
#include "tests/unit/wire_model.h"

static struct schema schema;
static struct json_update update;
static char text[1 << 20];
static struct entity craft;
static int32_t base[WIRE_FIELDS_MAX];

static void set_up(void)
{
    ck_assert_int_eq(schema_init(&schema, &test_table), RESULT_OK);
    craft = (struct entity){.kind = TEST_CRAFT, .owner = 3};
    craft.words[TEST_X] = 100 << 5; /* 12.5 units */
    craft.words[TEST_Y] = 1 << 5;
    craft.words[TEST_HEADING] = 32 << 8;
    craft.words[TEST_HEALTH] = 90;
    craft.words[TEST_TARGET] = SEAT_NONE;
    craft.words[TEST_VX] = -384; /* -1.5 units */
    craft.words[TEST_AMMO] = 7;
    craft.words[TEST_SECRET] = 4711;
    delta_quantize(&schema, &craft, base);
}

static void begin(const struct json_update_header *h)
{
    json_update_begin(&update, text, sizeof text, h);
}

static void begin_plain(void)
{
    begin(&(struct json_update_header){.tick = 100});
}

static void assert_ends_as(const char *expected)
{
    size_t length = json_update_end(&update);
    ck_assert_uint_eq(length, strlen(expected));
    text[length] = '\0';
    ck_assert_str_eq(text, expected);
    ck_assert_int_eq(json_scan(text, length), RESULT_OK);
}

START_TEST(an_idle_update_is_under_60_bytes)
{
    begin(&(struct json_update_header){.tick = UINT32_MAX, .has_ack = true, .ack_seq = UINT32_MAX});
    json_update_put(&update, &schema, 17, &craft, base);
    assert_ends_as("{\"type\":\"update\",\"tick\":4294967295,\"ack\":4294967295}");
    ck_assert_uint_lt(strlen(text), 60);
}
END_TEST

START_TEST(a_newcomer_comes_whole_in_units)
{
    begin(&(struct json_update_header){.tick = 1, .is_full = true});
    json_update_put(&update, &schema, 17, &craft, NULL);
    assert_ends_as(
        "{\"type\":\"update\",\"tick\":1,\"full\":true,\"put\":{\"17\":{\"kind\":\"craft\","
        "\"owner\":3,\"x\":12.5,\"y\":0.125,\"heading\":45,\"health\":90,\"mode\":0,"
        "\"warp\":0,\"target\":null}}}");
}
END_TEST

START_TEST(only_what_changed_is_put)
{
    begin_plain();
    craft.words[TEST_X] += 31; /* less than a quantum */
    json_update_put(&update, &schema, 3, &craft, base);
    craft.words[TEST_X] += 1;
    craft.words[TEST_TARGET] = 9;
    json_update_put(&update, &schema, 4, &craft, base);
    json_update_put(&update, &schema, 5, &craft, base);
    assert_ends_as("{\"type\":\"update\",\"tick\":100,\"put\":{\"4\":{\"x\":12.625,\"target\":9},"
                   "\"5\":{\"x\":12.625,\"target\":9}}}");
}
END_TEST

/* As a room's frame would have it. */
static size_t write_piece(char piece[JSON_PIECE_BYTES_MAX], const struct schema *s, uint16_t slot,
                          const struct entity *now, const int32_t *known)
{
    int32_t wire[WIRE_FIELDS_MAX];
    delta_quantize(s, now, wire);
    const struct json_entity e = {
        .slot = slot, .kind = now->kind, .owner = now->owner, .wire = wire, .base = known};
    return json_piece_write(piece, JSON_PIECE_BYTES_MAX, s, &e);
}

START_TEST(what_is_private_is_in_no_piece)
{
    char piece[JSON_PIECE_BYTES_MAX];
    size_t length = write_piece(piece, &schema, 1, &craft, NULL);
    piece[length] = '\0';
    ck_assert_ptr_null(strstr(piece, "secret"));
    ck_assert_ptr_null(strstr(piece, "4711"));
    ck_assert_ptr_null(strstr(piece, "ammo"));
    craft.words[TEST_AMMO]++;
    craft.words[TEST_SECRET]++;
    ck_assert_uint_eq(write_piece(piece, &schema, 1, &craft, base), 0);
}
END_TEST

START_TEST(sections_follow_each_other)
{
    const struct snapshot_name names[] = {
        {.seat = 3, .length_bytes = 3, .colour = 7, .text = "A\"n"}, {.seat = 4}};
    const struct snapshot_line lines[] = {
        {.line_kind = LINE_EVENT,
         .age_ticks = 2,
         .event = {.kind = TEST_KILL, .words = {3, SEAT_NONE, -5}}},
        {.line_kind = LINE_EVENT, .event = {.kind = TEST_BOOM, .words = {384, -256}}},
        {.line_kind = LINE_EVENT, .event = {.kind = TEST_NOTE}},
        {.line_kind = LINE_CHAT, .chat_seat = 3, .chat_length_bytes = 2, .chat_text = "hi"},
        {.line_kind = LINE_CHAT,
         .chat_seat = SEAT_NONE,
         .chat_length_bytes = 1,
         .chat_text = "\\"}};
    begin(&(struct json_update_header){.tick = 100, .has_ack = true, .ack_seq = 5});
    craft.words[TEST_HEALTH] = 1;
    json_update_put(&update, &schema, 1, &craft, base);
    json_update_del(&update, 4);
    json_update_del(&update, 65534);
    json_update_names(&update, names, 2);
    json_update_lines(&update, &schema, 256, lines, 5);
    assert_ends_as(
        "{\"type\":\"update\",\"tick\":100,\"ack\":5,\"put\":{\"1\":{\"health\":1}},"
        "\"del\":[4,65534],\"names\":{\"3\":\"A\\\"n\",\"4\":null},\"colours\":{\"3\":7},\"events\":["
        "{\"type\":\"kill\",\"killer\":3,\"victim\":null,\"score\":-5,\"tick\":98},"
        "{\"type\":\"boom\",\"x\":1.5,\"y\":-1,\"tick\":100},{\"type\":\"note\",\"tick\":100},"
        "{\"type\":\"chat\",\"seat\":3,\"text\":\"hi\",\"tick\":100},"
        "{\"type\":\"chat\",\"seat\":null,\"text\":\"\\\\\",\"tick\":100}]}");
}
END_TEST

START_TEST(a_position_out_of_sight_is_left_out)
{
    const struct snapshot_line line = {
        .line_kind = LINE_EVENT,
        .event = {.kind = TEST_BOOM, .words = {EVENT_UNSEEN, EVENT_UNSEEN}}};
    begin_plain();
    json_update_lines(&update, &schema, 256, &line, 1);
    assert_ends_as(
        "{\"type\":\"update\",\"tick\":100,\"events\":[{\"type\":\"boom\",\"tick\":100}]}");
}
END_TEST

START_TEST(a_message_of_lines_has_its_own_type)
{
    begin(&(struct json_update_header){.tick = 100, .is_lines = true});
    json_update_names(&update, NULL, 0);
    json_update_lines(&update, &schema, 256, NULL, 0);
    assert_ends_as("{\"type\":\"lines\",\"tick\":100}");
}
END_TEST

static struct snapshot_self self_of(uint16_t slot, const struct entity *body)
{
    return (struct snapshot_self){.is_known = true, .slot = slot, .body = *body};
}

START_TEST(you_says_whose_body_and_what_only_you_know)
{
    struct snapshot_self nobody = {0}, now = self_of(17, &craft);
    begin_plain();
    json_update_you(&update, &schema, 3, &now, &nobody);
    assert_ends_as("{\"type\":\"update\",\"tick\":100,\"you\":{\"id\":17,\"seat\":3,\"vx\":-1.5,"
                   "\"vy\":0,\"ammo\":7}}");
}
END_TEST

START_TEST(you_says_only_what_changed)
{
    struct snapshot_self before = self_of(17, &craft);
    craft.words[TEST_AMMO] = 6;
    craft.words[TEST_HEALTH] = 5; /* stands in "put" */
    struct snapshot_self now = self_of(17, &craft);
    begin_plain();
    json_update_you(&update, &schema, 3, &now, &before);
    assert_ends_as("{\"type\":\"update\",\"tick\":100,\"you\":{\"ammo\":6}}");
    begin_plain();
    json_update_you(&update, &schema, 3, &now, &now);
    assert_ends_as("{\"type\":\"update\",\"tick\":100}");
}
END_TEST

START_TEST(you_says_that_the_body_is_gone_once)
{
    struct snapshot_self before = self_of(17, &craft), nobody = {0};
    begin_plain();
    json_update_you(&update, &schema, 3, &nobody, &before);
    assert_ends_as("{\"type\":\"update\",\"tick\":100,\"you\":{\"id\":null}}");
    begin_plain();
    json_update_you(&update, &schema, 3, &nobody, &nobody);
    assert_ends_as("{\"type\":\"update\",\"tick\":100}");
}
END_TEST

START_TEST(another_generation_is_another_body)
{
    struct snapshot_self before = self_of(17, &craft);
    craft.generation++;
    struct snapshot_self now = self_of(17, &craft);
    begin_plain();
    json_update_you(&update, &schema, 3, &now, &before);
    assert_ends_as("{\"type\":\"update\",\"tick\":100,\"you\":{\"id\":17,\"seat\":3,\"vx\":-1.5,"
                   "\"vy\":0,\"ammo\":7}}");
}
END_TEST

/* What a page does with it: Object.assign of each piece. The page's objects equal a full update. */
static cJSON *apply(cJSON *world, const char *piece, size_t length)
{
    char wrapped[JSON_PIECE_BYTES_MAX + 3];
    int wrapped_length = snprintf(wrapped, sizeof wrapped, "{%.*s}", (int)length, piece);
    cJSON *put = cJSON_ParseWithLength(wrapped, (size_t)wrapped_length);
    ck_assert_ptr_nonnull(put);
    cJSON *e = put->child;
    cJSON *known = cJSON_GetObjectItemCaseSensitive(world, e->string);
    if (known == NULL) known = cJSON_AddObjectToObject(world, e->string);
    for (cJSON *item = e->child; item != NULL; item = item->next) {
        cJSON_DeleteItemFromObjectCaseSensitive(known, item->string);
        cJSON_AddItemToObject(known, item->string, cJSON_Duplicate(item, true));
    }
    cJSON_Delete(put);
    return known;
}

static void assert_same_as_full(cJSON *known, uint16_t slot, const struct entity *now)
{
    char piece[JSON_PIECE_BYTES_MAX];
    cJSON *full_world = cJSON_CreateObject();
    size_t length = write_piece(piece, &schema, slot, now, NULL);
    cJSON *full = apply(full_world, piece, length);
    ck_assert(cJSON_Compare(known, full, true));
    cJSON_Delete(full_world);
}

START_TEST(assigning_changes_gives_what_a_full_update_says)
{
    static struct wire_model model;
    char piece[JSON_PIECE_BYTES_MAX];
    model_init(&model, &schema, (uint64_t)_i, 40);
    cJSON *world = cJSON_CreateObject();
    for (uint32_t slot = 0; slot < 40; slot++) {
        model_spawn(&model, slot);
        size_t length = write_piece(piece, &schema, (uint16_t)slot, &model.world[slot], NULL);
        apply(world, piece, length);
    }
    for (unsigned round = 0; round < 20; round++) {
        static struct entity before[MODEL_SLOTS];
        memcpy(before, model.world, sizeof before);
        model_step(&model, 0);
        for (uint16_t slot = 0; slot < 40; slot++) {
            int32_t wire[WIRE_FIELDS_MAX];
            delta_quantize(&schema, &before[slot], wire);
            size_t length = write_piece(piece, &schema, slot, &model.world[slot], wire);
            char key[8];
            snprintf(key, sizeof key, "%u", slot);
            cJSON *known = length > 0 ? apply(world, piece, length)
                                      : cJSON_GetObjectItemCaseSensitive(world, key);
            assert_same_as_full(known, slot, &model.world[slot]);
        }
    }
    cJSON_Delete(world);
}
END_TEST

START_TEST(what_does_not_fit_is_told)
{
    char small[200];
    for (size_t capacity = 1; capacity < sizeof small; capacity++) {
        memset(small, 'x', sizeof small);
        json_update_begin(&update, small, capacity, &(struct json_update_header){.tick = 1});
        json_update_put(&update, &schema, 17, &craft, NULL);
        json_update_del(&update, 3);
        size_t length = json_update_end(&update);
        ck_assert(length == 0 || length <= capacity);
        if (length > 0) ck_assert_int_eq(json_scan(small, length), RESULT_OK);
        ck_assert_int_eq(small[capacity], 'x');
    }
}
END_TEST

START_TEST(the_longest_entity_fits_a_piece)
{
    static struct field fields[WIRE_FIELDS_MAX];
    static const char name[] = "a_name_of_exactly_32_characters_";
    char long_kind[] = "a_kind_of_exactly_32_characters_", piece[JSON_PIECE_BYTES_MAX];
    for (unsigned i = 0; i < WIRE_FIELDS_MAX; i++) {
        fields[i] = (struct field){.name = name,
                                   .kind = FIELD_UNSIGNED,
                                   .audience = AUDIENCE_ALL,
                                   .word = (uint8_t)i,
                                   .bits = 24,
                                   .min = INT32_MIN,
                                   .max = INT32_MIN + 1,
                                   .unit_numerator = INT32_MAX,
                                   .unit_denominator = 1};
    }
    struct entity_kind kind = {.name = long_kind, .field_count = WIRE_FIELDS_MAX, .fields = fields};
    struct field_table table = {.game = "wide", .kinds = &kind, .kind_count = 1};
    struct schema wide;
    ck_assert_int_eq(schema_init(&wide, &table), RESULT_OK);
    struct entity e = {.kind = 1, .owner = 65534};
    for (unsigned i = 0; i < ENTITY_WORDS; i++)
        e.words[i] = INT32_MIN;
    ck_assert_uint_gt(write_piece(piece, &wide, 65534, &e, NULL), 900);
}
END_TEST

static const struct message_welcome welcome = {
    .tick = 99,
    .tick_hz = 20,
    .seat = 258,
    .token = {0xab, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    .schema_hash = 0x00c0ffee,
    .game = "probe",
    .room = "main",
    .map = "yard"};

static void assert_message(size_t length, const char *expected)
{
    ck_assert_uint_eq(length, strlen(expected));
    text[length] = '\0';
    ck_assert_str_eq(text, expected);
}

START_TEST(welcome_says_who_and_where_one_is)
{
    struct json_welcome m = {
        .welcome = &welcome, .tile_units = 32, .view_half_x = 640, .view_half_y = 400};
    assert_message(json_welcome_write(text, sizeof text, &m),
                   "{\"type\":\"welcome\",\"version\":1,\"room\":\"main\",\"game\":\"probe\","
                   "\"map\":\"yard\",\"seat\":258,"
                   "\"token\":\"ab0102030405060708090a0b0c0d0e0f0102\",\"resumed\":false,"
                   "\"tick\":99,\"rate\":20,\"schema\":\"00c0ffee\",\"tile\":32,"
                   "\"view\":[640,400]}");
}
END_TEST

START_TEST(a_spectator_gets_no_token)
{
    struct message_welcome spectator = welcome;
    spectator.seat = SEAT_NONE;
    struct json_welcome m = {.welcome = &spectator};
    size_t length = json_welcome_write(text, sizeof text, &m);
    text[length] = '\0';
    ck_assert_ptr_nonnull(strstr(text, "\"seat\":null"));
    ck_assert_ptr_null(strstr(text, "token"));
}
END_TEST

START_TEST(bye_error_pong_and_pace_are_objects)
{
    struct message_bye bye = {.code = 1012, .reason = "the server \"restarts\""};
    assert_message(json_bye_write(text, sizeof text, &bye),
                   "{\"type\":\"bye\",\"code\":1012,\"reason\":\"the server \\\"restarts\\\"\"}");
    assert_message(json_error_write(text, sizeof text, "not JSON"),
                   "{\"type\":\"error\",\"reason\":\"not JSON\"}");
    assert_message(json_pong_write(text, sizeof text, 12345678, 9),
                   "{\"type\":\"pong\",\"t\":1234.5678,\"tick\":9}");
    struct message_pace pace = {.cadence = 4, .update_bytes = 2000};
    assert_message(json_pace_write(text, sizeof text, &pace),
                   "{\"type\":\"pace\",\"every\":4,\"bytes\":2000}");
    ck_assert_uint_eq(json_bye_write(text, 10, &bye), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json_update");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, an_idle_update_is_under_60_bytes);
    tcase_add_test(tests, a_newcomer_comes_whole_in_units);
    tcase_add_test(tests, only_what_changed_is_put);
    tcase_add_test(tests, what_is_private_is_in_no_piece);
    tcase_add_test(tests, sections_follow_each_other);
    tcase_add_test(tests, a_position_out_of_sight_is_left_out);
    tcase_add_test(tests, a_message_of_lines_has_its_own_type);
    tcase_add_test(tests, you_says_whose_body_and_what_only_you_know);
    tcase_add_test(tests, you_says_only_what_changed);
    tcase_add_test(tests, you_says_that_the_body_is_gone_once);
    tcase_add_test(tests, another_generation_is_another_body);
    tcase_add_loop_test(tests, assigning_changes_gives_what_a_full_update_says, 0, 4);
    tcase_add_test(tests, what_does_not_fit_is_told);
    tcase_add_test(tests, the_longest_entity_fits_a_piece);
    tcase_add_test(tests, welcome_says_who_and_where_one_is);
    tcase_add_test(tests, a_spectator_gets_no_token);
    tcase_add_test(tests, bye_error_pong_and_pace_are_objects);
    return suite_run("json_update", tests);
}
