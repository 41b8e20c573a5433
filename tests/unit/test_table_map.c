#include "server/record/table_map.h"

#include <stdlib.h>
#include <string.h>

#include "server/record/table_text.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

/* The toy's table as a later version of it might be: other words, a field in finer units, one gone,
 * one new, a kind gone, a global moved. */
static const struct field later_fields[] = {
    {.name = "y",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = 0,
     .shift = 4,
     .bits = 12,
     .min = -1024,
     .max = 1023,
     .unit_numerator = 1,
     .unit_denominator = 16},
    {.name = "x", /* four times as fine */
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = 3,
     .shift = 6,
     .bits = 12,
     .min = -1024,
     .max = 1023,
     .unit_numerator = 1,
     .unit_denominator = 16},
    {.name = "mode",
     .kind = FIELD_ENUM,
     .audience = AUDIENCE_ALL,
     .word = 9,
     .bits = 4,
     .max = 15,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "fuel",
     .kind = FIELD_NUMBER,
     .audience = AUDIENCE_NONE,
     .word = 4,
     .unit_numerator = 1,
     .unit_denominator = 1},
};

static const struct entity_kind later_kinds[] = {
    {.name = "craft",
     .flags = KIND_BODY,
     .x_word = 3,
     .y_word = 0,
     .field_count = 4,
     .fields = later_fields},
};

static const char *const later_globals[] = {"match_ticks", "rounds", "bounces"};

static const struct event_kind later_events[] = {
    {.name = "burst", .event_class = EVENT_RELIABLE},
};

static const struct field_table later = {.game = "toy",
                                         .step_version = 4,
                                         .kinds = later_kinds,
                                         .kind_count = 1,
                                         .global_names = later_globals,
                                         .global_count = 3,
                                         .event_kinds = later_events,
                                         .event_kind_count = 1};

static struct table_map map;
static union {
    struct world_state state;
    uint8_t bytes[sizeof(struct world_state) + 4 * sizeof(struct entity)];
} from, to;

static void setup(void)
{
    memset(&from, 0, sizeof from);
    memset(&to, 0xAA, sizeof to);
    from.state.tick = 77;
    from.state.slot_count = 3;
    from.state.rng.words[1] = 5;
    from.state.globals[0] = 12000;
    from.state.globals[1] = 9;
    from.state.entities[0] = (struct entity){.kind = TOY_CRAFT, .generation = 3, .owner = 6};
    from.state.entities[0].words[TOY_X] = -1000;
    from.state.entities[0].words[TOY_Y] = 2000;
    from.state.entities[0].words[TOY_MODE] = 2;
    from.state.entities[0].words[TOY_HEADING] = 99;
    from.state.entities[1] = (struct entity){.kind = TOY_SPARK, .generation = 8, .owner = 1};
    from.state.entities[2] = (struct entity){.generation = 4, .since_tick = 70};
}

START_TEST(the_same_table_changes_nothing)
{
    struct stored_table *stored = malloc(sizeof *stored);
    char *text = table_text_write(toy_game.table);
    ck_assert_int_eq(table_text_read(stored, text, strlen(text)), RESULT_OK);
    table_map_init(&map, &stored->table, toy_game.table);
    table_map_state(&map, &to.state, &from.state);
    ck_assert(map.is_identity);
    ck_assert_mem_eq(&to, &from, world_state_bytes(&from.state));
    free(text);
    free(stored);
}
END_TEST

START_TEST(fields_are_found_by_name)
{
    table_map_init(&map, toy_game.table, &later);
    table_map_state(&map, &to.state, &from.state);
    const struct entity *e = &to.state.entities[0];
    ck_assert(!map.is_identity);
    ck_assert_uint_eq(e->kind, 1);
    ck_assert_uint_eq(e->generation, 3);
    ck_assert_uint_eq(e->owner, 6);
    ck_assert_int_eq(e->words[0], 2000);  /* y as it was */
    ck_assert_int_eq(e->words[3], -4000); /* x in finer units */
    ck_assert_int_eq(e->words[9], 2);
    ck_assert_int_eq(e->words[4], 0); /* heading is gone, fuel is new */
}
END_TEST

START_TEST(kinds_that_are_gone_leave_free_slots)
{
    table_map_init(&map, toy_game.table, &later);
    table_map_state(&map, &to.state, &from.state);
    ck_assert_uint_eq(to.state.slot_count, 3);
    ck_assert_uint_eq(to.state.entities[1].kind, 0);
    ck_assert_uint_eq(to.state.entities[1].generation, 8);
    ck_assert_uint_eq(to.state.entities[2].generation, 4);
    ck_assert_uint_eq(to.state.entities[2].since_tick, 70);
}
END_TEST

START_TEST(globals_are_found_by_name)
{
    table_map_init(&map, toy_game.table, &later);
    table_map_state(&map, &to.state, &from.state);
    ck_assert_uint_eq(to.state.tick, 77);
    ck_assert_int_eq(to.state.globals[0], 12000);
    ck_assert_int_eq(to.state.globals[1], 0);
    ck_assert_int_eq(to.state.globals[2], 9);
}
END_TEST

START_TEST(events_are_found_by_name)
{
    struct event burst = {.kind = TOY_BURST, .words = {4}}, bounced = {.kind = TOY_BOUNCED};
    table_map_init(&map, toy_game.table, &later);
    ck_assert(table_map_event(&map, &burst));
    ck_assert_uint_eq(burst.kind, 0);
    ck_assert_int_eq(burst.words[0], 4);
    ck_assert(!table_map_event(&map, &bounced));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("table_map");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, the_same_table_changes_nothing);
    tcase_add_test(tests, fields_are_found_by_name);
    tcase_add_test(tests, kinds_that_are_gone_leave_free_slots);
    tcase_add_test(tests, globals_are_found_by_name);
    tcase_add_test(tests, events_are_found_by_name);
    return suite_run("table_map", tests);
}
