#include "server/room/frame_pool.h"

#include <pthread.h>
#include <signal.h>

#include "tests/unit/crowd_frame.h"
#include "tests/unit/suite.h"

static struct frame_pool pool;

static void open_pool(void)
{
    struct frame_shape shape = {.slot_capacity = 100, .seat_capacity = 3};
    grid_shape_init(&shape.grid, &pebbles_field, &game_pebbles);
    frame_pool_init(&pool, &shape);
}

START_TEST(a_released_frame_is_used_again)
{
    open_pool();
    struct frame_draft *a = frame_pool_take(&pool);
    frame_release(&a->frame);
    ck_assert_ptr_eq(frame_pool_take(&pool), a);
    ck_assert_uint_eq(pool.count, 1);
    frame_release(&a->frame);
    frame_pool_deinit(&pool);
}
END_TEST

START_TEST(a_held_frame_stays_as_it_is)
{
    open_pool();
    struct frame_draft *a = frame_pool_take(&pool);
    a->frame.tick = 7;
    frame_hold(&a->frame);
    frame_release(&a->frame);
    struct frame_draft *b = frame_pool_take(&pool);
    ck_assert_ptr_ne(a, b);
    ck_assert_uint_eq(a->frame.tick, 7);
    frame_release(&a->frame);
    frame_release(&b->frame);
    frame_pool_deinit(&pool);
}
END_TEST

START_TEST(an_exhausted_pool_answers_null_until_one_comes_back)
{
    struct frame_draft *drafts[FRAMES_MAX];
    open_pool();
    for (uint32_t i = 0; i < FRAMES_MAX; i++)
        ck_assert_ptr_nonnull(drafts[i] = frame_pool_take(&pool));
    ck_assert_ptr_null(frame_pool_take(&pool));
    frame_release(&drafts[40]->frame);
    ck_assert_ptr_eq(frame_pool_take(&pool), drafts[40]);
    ck_assert_ptr_null(frame_pool_take(&pool));
    for (uint32_t i = 0; i < FRAMES_MAX; i++)
        frame_release(&drafts[i]->frame);
    frame_pool_deinit(&pool);
}
END_TEST

START_TEST(a_trimmed_pool_has_the_held_frames_only)
{
    struct frame_draft *drafts[6];
    open_pool();
    for (uint32_t i = 0; i < 6; i++)
        drafts[i] = frame_pool_take(&pool);
    for (uint32_t i = 0; i < 6; i += 2)
        frame_release(&drafts[i]->frame);
    ck_assert(!frame_pool_is_idle(&pool));
    frame_pool_trim(&pool);
    ck_assert_uint_eq(pool.count, 3);
    for (uint32_t i = 1; i < 6; i += 2)
        frame_release(&drafts[i]->frame);
    ck_assert(frame_pool_is_idle(&pool));
    frame_pool_trim(&pool);
    ck_assert_uint_eq(pool.count, 0);
    frame_release(&frame_pool_take(&pool)->frame);
    frame_pool_deinit(&pool);
}
END_TEST

START_TEST(frames_that_are_needed_no_longer_are_freed_a_few_at_a_time)
{
    enum { PEAK = 20, STEADY = 3, TICKS = 400, AT_ONCE = 4 };
    struct frame_draft *drafts[PEAK];
    open_pool();
    for (uint32_t i = 0; i < PEAK; i++)
        drafts[i] = frame_pool_take(&pool);
    for (uint32_t i = 0; i < PEAK; i++)
        frame_release(&drafts[i]->frame);
    ck_assert_uint_eq(pool.count, PEAK);

    struct frame_draft *held[STEADY] = {NULL};
    for (uint32_t tick = 0; tick < TICKS; tick++) {
        uint32_t before = pool.count;
        if (held[tick % STEADY] != NULL) frame_release(&held[tick % STEADY]->frame);
        held[tick % STEADY] = frame_pool_take(&pool);
        ck_assert(pool.count <= before && pool.count + AT_ONCE >= before);
    }
    ck_assert_uint_eq(pool.count, STEADY);
    for (uint32_t i = 0; i < STEADY; i++)
        frame_release(&held[i]->frame);
    frame_pool_deinit(&pool);
}
END_TEST

START_TEST(to_release_once_too_often_is_a_bug)
{
    open_pool();
    struct frame_draft *a = frame_pool_take(&pool);
    frame_release(&a->frame);
    frame_release(&a->frame);
}
END_TEST

START_TEST(to_end_a_pool_with_a_held_frame_is_a_bug)
{
    open_pool();
    frame_pool_take(&pool);
    frame_pool_deinit(&pool);
}
END_TEST

START_TEST(rosters_that_no_frame_shows_are_freed_when_nobody_comes_or_goes)
{
    struct roster_pool rosters;
    struct roster *held[5];
    roster_pool_init(&rosters, 3);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_ptr_nonnull(held[i] = roster_pool_take(&rosters));
    for (uint32_t i = 0; i < 4; i++)
        roster_release(held[i]);

    for (uint32_t tick = 0; tick < 1000; tick++) {
        uint32_t before = rosters.count;
        roster_pool_rest(&rosters);
        ck_assert(rosters.count == before || rosters.count == before - 1);
    }
    ck_assert_uint_eq(rosters.count, 1);
    ck_assert_ptr_eq(rosters.rosters[0], held[4]);
    roster_release(held[4]);
    roster_pool_deinit(&rosters);
}
END_TEST

START_TEST(a_roster_lives_as_long_as_a_frame_shows_it)
{
    struct roster_pool rosters;
    struct schema schema;
    struct world_state state = {0};
    open_pool();
    roster_pool_init(&rosters, 3);
    ck_assert_int_eq(schema_init(&schema, game_pebbles.table), RESULT_OK);

    struct roster *old = roster_pool_take(&rosters);
    struct frame_draft *a = frame_pool_take(&pool);
    frame_draft_fill(a, &pool.shape, &state, &schema, old);
    roster_release(old);
    struct roster *renewed = roster_pool_take(&rosters);
    ck_assert_ptr_ne(renewed, old);
    ck_assert_ptr_eq(a->frame.roster, old);

    frame_release(&a->frame);
    frame_pool_take(&pool); /* the frame forgets what it showed */
    ck_assert_ptr_eq(roster_pool_take(&rosters), old);
    roster_release(old);
    roster_release(renewed);
    frame_release(&a->frame);
    frame_pool_deinit(&pool);
    roster_pool_deinit(&rosters);
}
END_TEST

/* ---- the grid ---- */

static uint32_t clamp_cell(int32_t position, unsigned cell_shift, uint32_t cells)
{
    if (position < 0) return 0;
    uint32_t cell = (uint32_t)(position / (1 << cell_shift));
    return cell < cells ? cell : cells - 1;
}

START_TEST(every_entity_stands_in_its_cell_once_and_in_order)
{
    struct rng rng;
    struct crowd_frame crowd;
    uint32_t seen = 0, expected = 0;
    rng_init(&rng, 5);
    crowd_frame_init(&crowd, 2000, &rng);
    crowd_frame_publish(&crowd);
    const struct frame *f = crowd.frame;
    const struct frame_grid *g = &f->grid;

    for (uint32_t cell = 0; cell < g->columns * g->rows; cell++) {
        for (uint32_t i = g->cell_start[cell]; i < g->cell_start[cell + 1]; i++, seen++) {
            const struct entity *e = frame_entity(f, g->places[i].slot);
            uint32_t column = clamp_cell(e->words[PEBBLE_X], g->cell_shift, g->columns);
            uint32_t row = clamp_cell(e->words[PEBBLE_Y], g->cell_shift, g->rows);
            ck_assert_uint_eq(row * g->columns + column, cell);
            ck_assert_int_eq(g->places[i].x, e->words[PEBBLE_X]);
            ck_assert_int_eq(g->places[i].y, e->words[PEBBLE_Y]);
            if (i > g->cell_start[cell])
                ck_assert_uint_gt(g->places[i].slot, g->places[i - 1].slot);
        }
    }
    for (uint32_t i = 0; i < g->everywhere_count; i++, seen++)
        ck_assert_uint_eq(frame_entity(f, g->everywhere[i])->kind, PEBBLES_CLOCK);
    for (uint32_t slot = 0; slot < f->state->slot_count; slot++)
        expected += frame_entity(f, slot) != NULL;
    ck_assert_uint_eq(seen, expected);
    crowd_frame_deinit(&crowd);
}
END_TEST

START_TEST(cells_follow_the_view_and_never_grow_too_many)
{
    struct grid_shape shape;
    grid_shape_init(&shape, &pebbles_field, &game_pebbles);
    ck_assert_uint_eq(1u << shape.cell_shift, 256 * PEBBLES_UNIT);
    ck_assert_uint_eq(shape.columns, 8);

    struct map wide = pebbles_field;
    struct game close = game_pebbles;
    wide.width = wide.height = 1000;
    close.view_half_x = close.view_half_y = 10;
    grid_shape_init(&shape, &wide, &close);
    ck_assert_uint_le(shape.columns * shape.rows, GRID_CELLS_MAX);
    ck_assert_uint_ge((uint64_t)shape.columns << shape.cell_shift,
                      (uint64_t)1000 * PEBBLES_TILE_UNITS * PEBBLES_UNIT);
}
END_TEST

/* ---- several threads ---- */

struct reader {
    struct frame *frame;
    uint32_t tick;
};

static void *read_and_release(void *context)
{
    struct reader *r = context;
    r->tick = r->frame->tick;
    frame_release(r->frame);
    return NULL;
}

START_TEST(frames_may_be_released_on_any_thread)
{
    open_pool();
    for (uint32_t tick = 1; tick <= 50; tick++) {
        struct frame_draft *d = frame_pool_take(&pool);
        struct reader readers[2];
        pthread_t threads[2];
        d->frame.tick = tick;
        for (int i = 0; i < 2; i++) {
            readers[i] = (struct reader){.frame = frame_hold(&d->frame)};
            pthread_create(&threads[i], NULL, read_and_release, &readers[i]);
        }
        frame_release(&d->frame);
        struct frame_draft *next = frame_pool_take(&pool); /* while they may still read */
        next->frame.tick = 0;
        frame_release(&next->frame);
        for (int i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
            ck_assert_uint_eq(readers[i].tick, tick);
        }
    }
    frame_pool_deinit(&pool);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("frame_pool");

    tcase_add_test(tests, a_released_frame_is_used_again);
    tcase_add_test(tests, a_held_frame_stays_as_it_is);
    tcase_add_test(tests, an_exhausted_pool_answers_null_until_one_comes_back);
    tcase_add_test(tests, a_trimmed_pool_has_the_held_frames_only);
    tcase_add_test(tests, frames_that_are_needed_no_longer_are_freed_a_few_at_a_time);
    tcase_add_test_raise_signal(tests, to_release_once_too_often_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, to_end_a_pool_with_a_held_frame_is_a_bug, SIGABRT);
    tcase_add_test(tests, rosters_that_no_frame_shows_are_freed_when_nobody_comes_or_goes);
    tcase_add_test(tests, a_roster_lives_as_long_as_a_frame_shows_it);
    tcase_add_test(tests, every_entity_stands_in_its_cell_once_and_in_order);
    tcase_add_test(tests, cells_follow_the_view_and_never_grow_too_many);
    tcase_add_test(tests, frames_may_be_released_on_any_thread);
    return suite_run("frame_pool", tests);
}
