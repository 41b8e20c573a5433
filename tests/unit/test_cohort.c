#include "server/session/cohort.h"

#include <string.h>

#include "tests/unit/hand_room.h"
#include "tests/unit/suite.h"

#define SLOTS 300
#define TICKS 400

static struct room room;
static struct cohorts cohorts;
static struct frame *history[TICKS]; /* by tick since the start; NULL once let go */
static uint8_t bytes[SLOTS * FRAGMENT_BITS_MAX / 8];

static void set_up(void)
{
    hand_room_open(&room, SLOTS, 10, 7);
    cohorts_init(&cohorts, &room.schema, SLOTS);
}

static void tear_down(void)
{
    cohorts_deinit(&cohorts);
    hand_room_close(&room);
}

static struct frame *next_frame(void)
{
    hand_room_change(&room);
    hand_room_publish(&room);
    struct frame *f = room_take_frame(&room, 0);
    cohorts_begin(&cohorts, f);
    return f;
}

static bool lives_on(const struct frame *from, const struct frame *to, uint16_t slot)
{
    const struct entity *a = frame_entity(from, slot), *b = frame_entity(to, slot);
    return a != NULL && b != NULL && a->generation == b->generation;
}

/* Check notes every assertion in a file: so none of this is one. */
static bool is_same(const struct wire_entity *a, const struct wire_entity *b)
{
    const struct schema_kind *kind = &room.schema.kinds[a->kind - 1];
    return a->generation == b->generation &&
           memcmp(a->wire, b->wire, kind->wire_count * sizeof a->wire[0]) == 0 &&
           memcmp(a->velocity16, b->velocity16, kind->moving_count * sizeof a->velocity16[0]) == 0;
}

/* Appends all that live on from base to now, reads them as the client that was sent `before` and
 * `base`, and holds what it then knows against what the server says it knows. */
static void check_step(const struct frame *now, const struct frame *base,
                       const struct frame *before)
{
    struct bits_writer w;
    struct bits_reader r;
    struct cohort *cohort = cohorts_get(&cohorts, base, before);
    bits_writer_init(&w, bytes, sizeof bytes);
    for (uint16_t slot = 0; slot < SLOTS; slot++) {
        if (lives_on(base, now, slot)) cohort_append(&cohorts, cohort, slot, &w);
    }
    bits_reader_init(&r, bytes, bits_finish(&w));
    for (uint16_t slot = 0; slot < SLOTS; slot++) {
        struct wire_entity known, expected;
        if (!lives_on(base, now, slot)) continue;
        cohort_known(&room.schema, base, before, slot, &known);
        cohort_known(&room.schema, now, base, slot, &expected);
        enum result decoded = delta_decode_update(&r, &room.schema, &known, now->tick - base->tick);
        if (decoded != RESULT_OK || !is_same(&known, &expected)) {
            ck_abort_msg("slot %u at tick %u", slot, now->tick);
        }
    }
    ck_assert(bits_is_exact_end(&r));
}

START_TEST(what_is_appended_leads_from_base_to_now)
{
    const uint32_t cadences[] = {1, 2, 4, 3, 30};
    for (uint32_t t = 0; t < TICKS; t++) {
        history[t] = next_frame();
        for (unsigned i = 0; i < sizeof cadences / sizeof cadences[0]; i++) {
            uint32_t p = cadences[i];
            if (t % p == 0 && t >= 2 * p)
                check_step(history[t], history[t - p], history[t - 2 * p]);
        }
        if (t > 0) check_step(history[t], history[t - 1], NULL);
        if (t < 64) continue;
        frame_release(history[t - 64]);
        history[t - 64] = NULL;
    }
    for (uint32_t t = 0; t < TICKS; t++) {
        if (history[t] != NULL) frame_release(history[t]);
    }
}
END_TEST

static uint32_t count_living(const struct frame *from, const struct frame *to)
{
    uint32_t count = 0;
    for (uint16_t slot = 0; slot < SLOTS; slot++)
        count += lives_on(from, to, slot);
    return count;
}

START_TEST(a_fragment_is_built_once_however_often_it_is_appended)
{
    struct frame *a = next_frame(), *b = next_frame(), *c = next_frame();
    uint32_t count = count_living(b, c);
    for (uint32_t client = 1; client <= 50; client++) {
        check_step(c, b, a);
        ck_assert_uint_eq(cohorts.built_count, client > 1 ? count : 0);
        ck_assert_uint_eq(cohorts.appended_count, client * count);
    }
    frame_release(a);
    frame_release(b);
    frame_release(c);
}
END_TEST

/* The updates of all that live on, from a cohort or for a client alone. Returns their bits. */
static size_t append_all(struct cohorts *c, const struct frame *now, const struct frame *base,
                         const struct frame *before, bool is_alone, uint8_t *to)
{
    struct bits_writer w;
    struct cohort *cohort = is_alone ? NULL : cohorts_get(c, base, before);
    if (!is_alone) cohort = cohorts_get(c, base, before); /* two of them share */
    bits_writer_init(&w, to, sizeof bytes);
    for (uint16_t slot = 0; slot < SLOTS; slot++) {
        if (!lives_on(base, now, slot)) continue;
        if (is_alone) {
            cohorts_append_alone(c, base, before, slot, &w);
        } else {
            cohort_append(c, cohort, slot, &w);
        }
    }
    size_t used_bits = bits_used(&w);
    ck_assert_uint_eq(bits_finish(&w), (used_bits + 7) / 8);
    return used_bits;
}

/* A client that skips ticks and changes its cadence as it likes: what it is sent alone is what a
 * crowd in step with it would share, bit for bit. */
START_TEST(alone_and_shared_are_the_same_bits)
{
    static uint8_t alone[sizeof bytes];
    struct cohorts none;
    hand_room_close(&room);
    hand_room_open(&room, SLOTS, 10, 100 + (uint64_t)_i);
    struct frame *before = NULL, *base = next_frame();
    cohorts_init(&none, &room.schema, SLOTS);
    for (int turn = 0; turn < 60; turn++) {
        uint32_t skipped = rng_below(&room.rng, 4) == 0 ? rng_below(&room.rng, 63) : 0;
        struct frame *now = next_frame();
        for (uint32_t i = 0; i < (skipped > 0 ? skipped : (uint32_t)turn / 20); i++) {
            frame_release(now);
            now = next_frame();
        }
        cohorts_begin(&none, now);
        size_t shared_bits = append_all(&cohorts, now, base, before, false, bytes);
        ck_assert_uint_eq(append_all(&none, now, base, before, true, alone), shared_bits);
        ck_assert(memcmp(alone, bytes, (shared_bits + 7) / 8) == 0);
        ck_assert_uint_eq(none.built_count, 0);
        if (before != NULL) frame_release(before);
        before = base;
        base = now;
    }
    frame_release(before);
    frame_release(base);
    cohorts_deinit(&none);
}
END_TEST

/* Two thousand clients of whom each was held as chance would have it: what is built does not grow
 * with them, and each message is right. */
START_TEST(clients_out_of_step_build_no_more_than_so_many_cohorts)
{
    struct frame *frames[COHORTS_MAX + 4];
    const uint32_t count = COHORTS_MAX + 4;
    for (uint32_t i = 0; i < count; i++)
        frames[i] = next_frame();
    for (uint32_t client = 0; client < 2000; client++) {
        uint32_t base = 1 + rng_below(&room.rng, count - 2);
        check_step(frames[count - 1], frames[base], frames[rng_below(&room.rng, base)]);
    }
    ck_assert_uint_le(cohorts.built_count, COHORTS_MAX * SLOTS);
    ck_assert_uint_gt(cohorts.appended_count, 10 * cohorts.built_count);
    for (uint32_t i = 0; i < count; i++)
        frame_release(frames[i]);
}
END_TEST

static uint32_t count_equipped(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < COHORTS_MAX; i++)
        count += cohorts.list[i].fragments != NULL;
    return count;
}

/* Two clients for each of so many pairs of ticks. */
static void check_pairs(struct frame *const *frames, uint32_t count)
{
    for (uint32_t i = 0; i < 2 * count; i++)
        check_step(frames[COHORTS_MAX + 1], frames[1 + i % count], frames[i % count]);
}

START_TEST(cohorts_that_build_nothing_for_a_while_give_their_memory_back)
{
    struct frame *frames[COHORTS_MAX + 2];
    for (uint32_t i = 0; i < COHORTS_MAX + 2; i++)
        frames[i] = next_frame();
    check_pairs(frames, COHORTS_MAX);
    ck_assert_uint_eq(count_equipped(), COHORTS_MAX);
    for (uint32_t turn = 0; turn < 2 * COHORT_REST_TURNS; turn++) {
        cohorts_begin(&cohorts, frames[COHORTS_MAX + 1]);
        check_pairs(frames, 3);
    }
    ck_assert_uint_eq(count_equipped(), 3);
    cohorts_begin(&cohorts, frames[COHORTS_MAX + 1]);
    check_pairs(frames, COHORTS_MAX); /* and what is built anew is right */
    ck_assert_uint_eq(count_equipped(), COHORTS_MAX);
    for (uint32_t i = 0; i < COHORTS_MAX + 2; i++)
        frame_release(frames[i]);
}
END_TEST

/* Puts everything somewhere else, turned and changed: no fragment is short. */
static struct frame *next_frame_of_other_values(void)
{
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        struct entity *e = &room.state->entities[slot];
        if (e->kind == 0) continue;
        for (unsigned i = 0; i < ENTITY_WORDS; i++)
            e->words[i] = hand_room_anywhere(&room);
        e->words[TEST_HEALTH] = (int32_t)rng_below(&room.rng, 101);
        e->words[TEST_MODE] = (int32_t)rng_below(&room.rng, 5);
    }
    return next_frame();
}

START_TEST(a_full_arena_means_the_same_bits)
{
    struct frame *a = next_frame(), *b = next_frame(), *c = next_frame_of_other_values();
    cohorts.arena_words = 4;
    check_step(c, b, a);
    check_step(c, b, a);
    ck_assert_uint_lt(cohorts.built_count, cohorts.appended_count);
    frame_release(a);
    frame_release(b);
    frame_release(c);
}
END_TEST

START_TEST(another_match_says_nothing_of_velocities)
{
    struct frame *a = next_frame();
    room.epoch++;
    struct frame *b = next_frame();
    for (uint16_t slot = 0; slot < SLOTS; slot++) {
        struct wire_entity known, fresh;
        if (frame_entity(b, slot) == NULL) continue;
        cohort_known(&room.schema, b, a, slot, &known);
        cohort_known(&room.schema, b, NULL, slot, &fresh);
        ck_assert(is_same(&known, &fresh));
    }
    frame_release(a);
    frame_release(b);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("cohort");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_is_appended_leads_from_base_to_now);
    tcase_add_test(tests, a_fragment_is_built_once_however_often_it_is_appended);
    tcase_add_loop_test(tests, alone_and_shared_are_the_same_bits, 0, 5);
    tcase_add_test(tests, clients_out_of_step_build_no_more_than_so_many_cohorts);
    tcase_add_test(tests, cohorts_that_build_nothing_for_a_while_give_their_memory_back);
    tcase_add_test(tests, a_full_arena_means_the_same_bits);
    tcase_add_test(tests, another_match_says_nothing_of_velocities);
    return suite_run("cohort", tests);
}
