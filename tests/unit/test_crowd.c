#include "shared/games/skirmish/crowd.h"

#include <stdlib.h>

#include "shared/fixed.h"
#include "tests/unit/arena.h"
#include "tests/unit/suite.h"

#define UNIT SKIRMISH_UNIT

static struct arena a;

static void open_arena(void)
{
    arena_open(&a, &game_skirmish, "arena", 1);
}

static void close_arena(void)
{
    arena_close(&a);
}

START_TEST(the_crowd_finds_what_looking_at_everyone_finds)
{
    static struct crowd crowd;
    for (int i = 0; i < 60; i++)
        arena_body(&a, arena_join(&a))->words[CRAFT_FLAGS] = 0;
    srand((unsigned)_i);
    for (uint16_t seat = 0; seat < 60; seat++) {
        arena_body(&a, seat)->words[CRAFT_X] = rand() % (2000 * UNIT);
        arena_body(&a, seat)->words[CRAFT_Y] = rand() % (2000 * UNIT);
    }
    crowd_build(&crowd, &a.world);
    for (int i = 0; i < 500; i++) {
        struct point at = {rand() % (2000 * UNIT), rand() % (2000 * UNIT)};
        int32_t reach = rand() % (200 * UNIT);
        const struct entity *found = crowd_first_on_line(
            &crowd, &(struct crowd_line){.from = at, .to = at, .reach = reach, .except = SEAT_NONE});
        bool has_any = false;
        for (uint16_t seat = 0; seat < 60; seat++) {
            const int32_t *words = arena_body(&a, seat)->words;
            uint32_t distance = fixed_length((words[CRAFT_X] >> 5) - (at.x >> 5),
                                             (words[CRAFT_Y] >> 5) - (at.y >> 5));
            has_any = has_any || distance < (uint32_t)reach >> 5;
            if (found == arena_body(&a, seat)) ck_assert_uint_le(distance, (uint32_t)reach >> 5);
        }
        if (has_any) ck_assert_ptr_nonnull(found);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("crowd");

    tcase_add_checked_fixture(tests, open_arena, close_arena);
    tcase_add_loop_test(tests, the_crowd_finds_what_looking_at_everyone_finds, 1, 4);
    return suite_run("crowd", tests);
}
