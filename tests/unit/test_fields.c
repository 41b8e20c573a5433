#include "shared/fields.h"

#include <string.h>

#include "tests/unit/suite.h"

#define FIELD_COUNT 6

/* A table that keeps every rule; each test breaks one. */
static struct field fields[FIELD_COUNT];
static struct entity_kind kind;
static struct usercmd_field usercmd_field;
static struct event_kind event_kind;
static const char *global_name;
static struct field_table table;
static struct schema schema;

static void start(void)
{
    static const struct field sound[FIELD_COUNT] = {
        {"x", FIELD_POSITION, AUDIENCE_ALL, EXTRAPOLATE_VELOCITY, 0, 5, 15, false, 0, 32767, 1, 8},
        {"aim", FIELD_ANGLE, AUDIENCE_ALL, EXTRAPOLATE_HOLD, 1, 2, 8, true, 0, 255, 45, 32},
        {"hp", FIELD_UNSIGNED, AUDIENCE_ALL, EXTRAPOLATE_HOLD, 2, 0, 7, false, 0, 100, 1, 1},
        {"warp", FIELD_WARP, AUDIENCE_ALL, EXTRAPOLATE_HOLD, 3, 0, 3, false, 0, 7, 1, 1},
        {"vx", FIELD_NUMBER, AUDIENCE_OWNER, EXTRAPOLATE_HOLD, 4, 0, 0, false, 0, 0, 1, 1},
        {"mood", FIELD_NUMBER, AUDIENCE_NONE, EXTRAPOLATE_HOLD, 5, 0, 0, false, 0, 0, 1, 1},
    };
    memcpy(fields, sound, sizeof fields);
    kind = (struct entity_kind){"craft", KIND_BODY, 0, 0, FIELD_COUNT, fields};
    usercmd_field = (struct usercmd_field){"buttons", USERCMD_BUTTONS, 6, 0, 63, 1, 1};
    event_kind = (struct event_kind){"kill", EVENT_DROPPABLE, 1, {{"by", EVENT_SEAT}}};
    global_name = "match_ticks";
    table = (struct field_table){.game = "test",
                                 .step_version = 1,
                                 .kinds = &kind,
                                 .kind_count = 1,
                                 .global_names = &global_name,
                                 .global_count = 1,
                                 .usercmd_fields = &usercmd_field,
                                 .usercmd_field_count = 1,
                                 .event_kinds = &event_kind,
                                 .event_kind_count = 1};
}

static bool is_refused(void)
{
    return schema_init(&schema, &table) == RESULT_INVALID;
}

static uint32_t hash_now(void)
{
    ck_assert_int_eq(schema_init(&schema, &table), RESULT_OK);
    return schema.hash;
}

START_TEST(fields_are_filed_by_how_they_travel)
{
    ck_assert_int_eq(schema_init(&schema, &table), RESULT_OK);
    const struct schema_kind *k = &schema.kinds[0];
    ck_assert_uint_eq(k->wire_count, 4);
    ck_assert_uint_eq(k->self_count, 5);
    ck_assert_uint_eq(k->moving_count, 1);
    ck_assert_uint_eq(k->moving[0], 0);
    ck_assert_uint_eq(k->turning_count, 1);
    ck_assert_uint_eq(k->turning[0], 1);
    ck_assert_uint_eq(k->rare_count, 2);
    ck_assert_int_eq(k->warp, 3);
    ck_assert_uint_eq(schema.kind_bits, 1);
}
END_TEST

START_TEST(a_field_that_breaks_a_rule_is_refused)
{
    struct field *f = &fields[0];
    switch (_i) {
    case 0:
        f->name = "X";
        break;
    case 1:
        f->name = "a_name_that_is_longer_than_any_name_may_be";
        break;
    case 2:
        f->name = NULL;
        break;
    case 3:
        f->word = ENTITY_WORDS;
        break;
    case 4:
        f->kind = FIELD_NUMBER + 1;
        break;
    case 5:
        f->audience = AUDIENCE_ALL + 1;
        break;
    case 6:
        f->extrapolate = EXTRAPOLATE_HEADING + 1;
        break;
    case 7:
        f->shift = 25;
        break;
    case 8:
        f->bits = 0;
        break;
    case 9:
        f->bits = 25;
        break;
    case 10:
        f->bits = 14;
        break;
    case 11:
        f->min = 32768;
        break;
    case 12:
        f->unit_numerator = 0;
        break;
    case 13:
        f->unit_denominator = 0;
        break;
    case 14:
        f->kind = FIELD_NUMBER;
        break;
    default:
        ck_abort();
    }
    ck_assert(is_refused());
}
END_TEST

START_TEST(a_table_that_breaks_a_rule_is_refused)
{
    switch (_i) {
    case 0:
        table.game = "";
        break;
    case 1:
        table.kind_count = 0;
        break;
    case 2:
        table.kind_count = KINDS_MAX + 1;
        break;
    case 3:
        table.global_count = GLOBAL_WORDS + 1;
        break;
    case 4:
        global_name = "1st";
        break;
    case 5:
        kind.name = "two words";
        break;
    case 6:
        kind.field_count = ENTITY_WORDS + 1;
        break;
    case 7:
        kind.x_word = ENTITY_WORDS;
        break;
    case 8:
        usercmd_field.min = 1;
        break;
    case 9:
        usercmd_field.bits = 5;
        break;
    case 10:
        usercmd_field.kind = USERCMD_SIGNED + 1;
        break;
    case 11:
        table.usercmd_field_count = USERCMD_WORDS + 1;
        break;
    case 12:
        event_kind.field_count = EVENT_WORDS + 1;
        break;
    case 13:
        event_kind.event_class = EVENT_DROPPABLE + 1;
        break;
    case 14:
        event_kind.fields[0].value = EVENT_POSITION + 1;
        break;
    case 15:
        table.event_kind_count = EVENT_KINDS_MAX + 1;
        break;
    default:
        ck_abort();
    }
    ck_assert(is_refused());
}
END_TEST

START_TEST(the_hash_follows_whatever_both_ends_must_agree_on)
{
    uint32_t before = hash_now();
    switch (_i) {
    case 0:
        table.game = "other";
        break;
    case 1:
        table.step_version = 2;
        break;
    case 2:
        kind.flags = 0;
        break;
    case 3:
        fields[0].shift = 4;
        break;
    case 4:
        fields[2].max = 99;
        break;
    case 5:
        fields[5].name = "temper";
        break;
    case 6:
        usercmd_field.max = 62;
        break;
    case 7:
        event_kind.event_class = EVENT_RELIABLE;
        break;
    case 8:
        event_kind.fields[0].name = "victim";
        break;
    default:
        ck_abort();
    }
    ck_assert_uint_ne(hash_now(), before);
}
END_TEST

START_TEST(quantizing_floors_and_clamps)
{
    const struct field *x = &fields[0];
    ck_assert_int_eq(field_quantize(x, 31), 0);
    ck_assert_int_eq(field_quantize(x, 32), 1);
    ck_assert_int_eq(field_quantize(x, -1), 0);
    ck_assert_int_eq(field_quantize(x, INT32_MAX), 32767);
    ck_assert_int_eq(field_dequantize(x, 3), 96);
}
END_TEST

START_TEST(an_angle_wraps)
{
    const struct field *aim = &fields[1];
    ck_assert_int_eq(field_quantize(aim, 1024), 0);
    ck_assert_int_eq(field_quantize(aim, -1), 255);
    ck_assert_int_eq(field_difference(aim, 2, 250), 8);
    ck_assert_int_eq(field_difference(aim, 250, 2), -8);
    ck_assert_int_eq(field_confine(aim, 256 + 7), 7);
    ck_assert_int_eq(field_confine(aim, -1), 255);
    ck_assert_int_eq(field_confine(aim, INT64_C(-256) * 1000000000), 0);
}
END_TEST

START_TEST(what_does_not_wrap_is_confined_by_its_ends)
{
    const struct field *hp = &fields[2];
    ck_assert_int_eq(field_difference(hp, 0, 100), -100);
    ck_assert_int_eq(field_confine(hp, 101), 100);
    ck_assert_int_eq(field_confine(hp, -1), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("fields");

    tcase_add_checked_fixture(tests, start, NULL);
    tcase_add_test(tests, fields_are_filed_by_how_they_travel);
    tcase_add_loop_test(tests, a_field_that_breaks_a_rule_is_refused, 0, 15);
    tcase_add_loop_test(tests, a_table_that_breaks_a_rule_is_refused, 0, 16);
    tcase_add_loop_test(tests, the_hash_follows_whatever_both_ends_must_agree_on, 0, 9);
    tcase_add_test(tests, quantizing_floors_and_clamps);
    tcase_add_test(tests, an_angle_wraps);
    tcase_add_test(tests, what_does_not_wrap_is_confined_by_its_ends);
    return suite_run("fields", tests);
}
