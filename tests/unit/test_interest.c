#include "server/room/interest.h"

#include <stdbool.h>
#include <stdlib.h>

#include "tests/unit/crowd_frame.h"
#include "tests/unit/suite.h"

#define TICKS    20
#define CAPACITY 4096

struct viewer {
    struct interest_view view;
    struct interest_member previous[CAPACITY];
    uint32_t previous_count;
};

/* Makes what was seen now the previous list of the next query. */
static void remember(struct viewer *v, const struct frame *f, const uint16_t *slots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        v->previous[i] = (struct interest_member){slots[i], frame_identity(f, slots[i])};
    v->previous_count = count;
}

/* ---- the same question, asked of every entity ---- */

static uint16_t identity_of(const struct entity *e)
{
    return (uint16_t)(e->kind + e->generation * 256);
}

struct ranked {
    uint64_t rank; /* 0: always in */
    uint16_t slot;
};

static int by_rank(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    return a->slot - b->slot;
}

static int by_slot(const void *left, const void *right)
{
    return *(const uint16_t *)left - *(const uint16_t *)right;
}

static bool was_seen(const struct viewer *v, const struct frame *f, uint32_t slot)
{
    for (uint32_t i = 0; i < v->previous_count; i++) {
        if (v->previous[i].slot == slot)
            return v->previous[i].identity == identity_of(&f->state->entities[slot]);
    }
    return false;
}

static int64_t apart(int64_t a, int64_t b, int64_t wraps_at)
{
    int64_t straight = llabs(a - b), round = wraps_at - straight;
    return wraps_at > 0 && round < straight ? round : straight;
}

static bool is_near(const struct viewer *v, const struct frame *f, uint32_t slot, uint64_t *rank)
{
    const struct entity *e = &f->state->entities[slot];
    int64_t dx = apart(e->words[PEBBLE_X], v->view.x, v->view.wraps_at);
    int64_t dy = apart(e->words[PEBBLE_Y], v->view.y, v->view.wraps_at);
    if (v->view.is_circle) {
        *rank = 1 + (uint64_t)(dx * dx + dy * dy);
        return dx * dx + dy * dy < (int64_t)v->view.half_x * v->view.half_x;
    }
    if (was_seen(v, f, slot)) {
        dx = dx * 10 / 11;
        dy = dy * 10 / 11;
    }
    *rank = 1 + (uint64_t)(dx * dx + dy * dy);
    return dx <= v->view.half_x + v->view.half_x / 16 && dy <= v->view.half_y + v->view.half_y / 16;
}

static uint32_t ask_everybody(const struct viewer *v, const struct frame *f, uint16_t *slots,
                              uint32_t capacity)
{
    static struct ranked ranked[CAPACITY];
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < f->state->slot_count; slot++) {
        const struct entity *e = frame_entity(f, slot);
        uint64_t rank = slot == v->view.own_slot ? 0 : 1;
        if (e == NULL) continue;
        if (rank == 0 || e->kind == PEBBLES_CLOCK || is_near(v, f, slot, &rank))
            ranked[count++] = (struct ranked){rank, (uint16_t)slot};
    }
    qsort(ranked, count, sizeof ranked[0], by_rank);
    if (count > capacity) count = capacity;
    for (uint32_t i = 0; i < count; i++)
        slots[i] = ranked[i].slot;
    qsort(slots, count, sizeof slots[0], by_slot);
    return count;
}

/* ---- tests ---- */

static void *scratch_memory;
static struct interest_scratch scratch;
static struct crowd_frame crowd;
static struct rng rng;
static struct viewer viewer;
static const struct interest_view rectangle = {
    .half_x = 600 * PEBBLES_UNIT, .half_y = 400 * PEBBLES_UNIT, .own_slot = SLOT_NONE};

static void make_crowd(uint32_t count, uint64_t seed)
{
    rng_init(&rng, seed);
    crowd_frame_init(&crowd, count, &rng);
    crowd_frame_publish(&crowd);
    scratch_memory = malloc(interest_scratch_bytes(count));
    interest_scratch_init(&scratch, scratch_memory, count);
    viewer = (struct viewer){.view = rectangle};
}

static void free_crowd(void)
{
    crowd_frame_deinit(&crowd);
    free(scratch_memory);
}

/* Whether the entity that stands in `slot` now is in the previous list. */
static bool is_listed(uint16_t slot)
{
    for (uint32_t i = 0; i < viewer.previous_count; i++) {
        if (viewer.previous[i].slot != slot) continue;
        return viewer.previous[i].identity == identity_of(&crowd.state->entities[slot]);
    }
    return false;
}

static bool has_slot(const struct interest_seen *seen, uint16_t slot)
{
    for (uint32_t i = 0; i < seen->count; i++) {
        if (seen->slots[i] == slot && !seen->is_new[i]) return true;
    }
    return false;
}

/* What is new and what went follows from the two lists. */
static void check_changes(const struct interest_seen *seen)
{
    uint32_t new_count = 0, removed = 0;
    for (uint32_t i = 0; i < seen->count; i++) {
        ck_assert(seen->is_new[i] == !is_listed(seen->slots[i]));
        new_count += seen->is_new[i];
    }
    ck_assert_uint_eq(seen->new_count, new_count);
    for (uint32_t i = 0; i < viewer.previous_count; i++) {
        if (has_slot(seen, viewer.previous[i].slot)) continue;
        ck_assert_uint_lt(removed, seen->removed_count);
        ck_assert_uint_eq(seen->removed[removed++], i);
    }
    ck_assert_uint_eq(seen->removed_count, removed);
}

static uint32_t ask(uint16_t *slots, uint32_t capacity)
{
    static bool is_new[CAPACITY];
    static uint16_t removed[CAPACITY + 1];
    struct interest_list list = {viewer.previous, viewer.previous_count};
    struct interest_seen seen = {.slots = slots, .is_new = is_new, .removed = removed};
    interest_query(crowd.frame, &viewer.view, &list, &scratch, &seen, capacity);
    check_changes(&seen);
    for (uint32_t i = 0; i < scratch.slot_capacity; i++)
        ck_assert_uint_eq(scratch.marks[i], 0);
    return seen.count;
}

/* On a field that comes round at its edges nobody stands beyond them. */
static void come_round(void)
{
    for (uint32_t slot = 0; viewer.view.wraps_at > 0 && slot < crowd.state->slot_count; slot++) {
        int32_t *words = crowd.state->entities[slot].words;
        words[PEBBLE_X] = (int32_t)((uint32_t)words[PEBBLE_X] % PEBBLES_EDGE);
        words[PEBBLE_Y] = (int32_t)((uint32_t)words[PEBBLE_Y] % PEBBLES_EDGE);
    }
}

/* Looks at the same as ask_everybody() over many ticks, from a place that moves. `look` tells the
 * view's shape. */
static void compare(uint32_t count, uint32_t capacity, uint64_t seed,
                    const struct interest_view *look)
{
    uint16_t got[CAPACITY], expected[CAPACITY];
    make_crowd(count, seed);
    viewer.view = *look;
    come_round();
    crowd_frame_publish(&crowd);
    for (int tick = 0; tick < TICKS; tick++) {
        viewer.view.x = (int32_t)rng_below(&rng, PEBBLES_EDGE);
        viewer.view.y = tick * PEBBLES_EDGE / TICKS;
        viewer.view.own_slot = (uint16_t)rng_below(&rng, count);
        uint32_t expected_count = ask_everybody(&viewer, crowd.frame, expected, capacity);
        ck_assert_uint_eq(ask(got, capacity), expected_count);
        for (uint32_t i = 0; i < expected_count; i++)
            ck_assert_uint_eq(got[i], expected[i]);
        remember(&viewer, crowd.frame, got, expected_count);
        crowd_frame_move(&crowd, 20 * PEBBLES_UNIT, &rng);
        come_round();
        crowd_frame_publish(&crowd);
    }
    free_crowd();
}

START_TEST(it_sees_what_asking_everybody_finds)
{
    compare(3000, CAPACITY, 100 + (uint64_t)_i, &rectangle);
}
END_TEST

START_TEST(the_nearest_win_where_there_is_too_little_place)
{
    compare(3000, 120, 200 + (uint64_t)_i, &rectangle);
}
END_TEST

START_TEST(a_circle_holds_what_is_nearer_than_its_radius)
{
    struct interest_view circle = {.half_x = 437 * PEBBLES_UNIT, .is_circle = true};
    compare(3000, CAPACITY, 300, &circle);
    compare(3000, 50, 301, &circle);
}
END_TEST

/* Also where the view is larger than the world, and sees its edge from both sides. */
START_TEST(a_view_goes_on_round_the_edges)
{
    for (int32_t parts = 1; parts <= 16; parts *= 2) {
        struct interest_view circle = {
            .half_x = PEBBLES_EDGE / parts, .is_circle = true, .wraps_at = PEBBLES_EDGE};
        struct interest_view square = {
            .half_x = PEBBLES_EDGE / parts, .half_y = PEBBLES_EDGE / 3, .wraps_at = PEBBLES_EDGE};
        compare(2000, CAPACITY, 400, &circle);
        compare(2000, CAPACITY, 401, &square);
    }
}
END_TEST

/* Puts a pebble `units` to the right of the viewer and looks. */
static bool sees_at(int32_t units)
{
    uint16_t slots[8];
    crowd.state->entities[1].words[PEBBLE_X] = viewer.view.x + units * PEBBLES_UNIT;
    crowd.state->entities[1].words[PEBBLE_Y] = viewer.view.y;
    crowd_frame_publish(&crowd);
    uint32_t count = ask(slots, 8);
    remember(&viewer, crowd.frame, slots, count);
    return count > 0 && slots[count - 1] == 1;
}

/* One clock in slot 0, one pebble in slot 1. */
static void make_pair(void)
{
    make_crowd(2, 1);
    crowd.state->entities[0] = (struct entity){.kind = PEBBLES_CLOCK};
    crowd.state->entities[1] = (struct entity){.kind = PEBBLE, .owner = SEAT_NONE};
    viewer.view.x = viewer.view.y = PEBBLES_EDGE / 2;
}

START_TEST(who_is_in_goes_out_farther_away_than_it_came_in)
{
    make_pair();
    ck_assert(!sees_at(640)); /* 600 and a sixteenth: 637.5 */
    ck_assert(sees_at(637));
    ck_assert(sees_at(640));
    ck_assert(sees_at(701)); /* and a tenth: 701.25 */
    ck_assert(!sees_at(702));
    ck_assert(!sees_at(690));
    free_crowd();
}
END_TEST

START_TEST(another_entity_in_the_same_slot_comes_in_like_any_other)
{
    make_pair();
    ck_assert(sees_at(600));
    ck_assert(sees_at(690));
    crowd.state->entities[1].generation++;
    ck_assert(!sees_at(690));
    free_crowd();
}
END_TEST

START_TEST(the_own_body_is_in_wherever_one_looks)
{
    make_pair();
    viewer.view.own_slot = 1;
    ck_assert(sees_at(900));
    uint16_t slot;
    ck_assert_uint_eq(ask(&slot, 1), 1); /* and before what is everywhere */
    ck_assert_uint_eq(slot, 1);
    free_crowd();
}
END_TEST

START_TEST(who_stands_beyond_the_field_is_seen_from_its_edge)
{
    make_pair();
    viewer.view.x = -100 * PEBBLES_UNIT;
    viewer.view.y = PEBBLES_EDGE + 5000 * PEBBLES_UNIT;
    ck_assert(sees_at(-500));
    viewer.view.x = INT32_MAX;
    ck_assert(sees_at(-500));
    viewer.view.x = INT32_MIN;
    ck_assert(sees_at(500));
    free_crowd();
}
END_TEST

START_TEST(an_empty_world_shows_nothing)
{
    uint16_t slots[4];
    make_crowd(1, 1);
    crowd.state->slot_count = 0;
    crowd_frame_publish(&crowd);
    viewer.view.own_slot = 0;
    ck_assert_uint_eq(ask(slots, 4), 0);
    free_crowd();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("interest");

    tcase_add_loop_test(tests, it_sees_what_asking_everybody_finds, 0, 5);
    tcase_add_loop_test(tests, the_nearest_win_where_there_is_too_little_place, 0, 5);
    tcase_add_test(tests, a_circle_holds_what_is_nearer_than_its_radius);
    tcase_add_test(tests, a_view_goes_on_round_the_edges);
    tcase_add_test(tests, who_is_in_goes_out_farther_away_than_it_came_in);
    tcase_add_test(tests, another_entity_in_the_same_slot_comes_in_like_any_other);
    tcase_add_test(tests, the_own_body_is_in_wherever_one_looks);
    tcase_add_test(tests, who_stands_beyond_the_field_is_seen_from_its_edge);
    tcase_add_test(tests, an_empty_world_shows_nothing);
    return suite_run("interest", tests);
}
