#include "client/view/mend.h"

#include <string.h>

#include "tests/unit/drift.h"
#include "tests/unit/suite.h"

#define CAPACITY 4
#define START_US 1000000
#define FRAME_US 16000
#define LATER_US 4000000

static struct schema schema;
static struct mend_one memory[2 * CAPACITY];
static struct mend mend;
static struct drawn drawn[CAPACITY];
static uint64_t now_us;

static void setup(void)
{
    ck_assert_int_eq(schema_init(&schema, &drift_table), RESULT_OK);
    mend_init(&mend, &schema, DRIFT_UNIT, memory, CAPACITY);
    now_us = START_US;
}

static struct drawn body(uint16_t slot, int32_t x, uint16_t flags)
{
    struct drawn d = {.slot = slot, .kind = 1, .owner = 1, .flags = flags};
    d.words[DRIFT_X] = x;
    d.words[DRIFT_Y] = 700;
    return d;
}

/* Draws one frame that holds the body alone and returns where it is shown. */
static int32_t draw(struct drawn d)
{
    drawn[0] = d;
    mend_draw(&mend, (struct moment){10, 0}, now_us, drawn, 1);
    ck_assert_int_eq(drawn[0].words[DRIFT_Y], 700);
    return drawn[0].words[DRIFT_X];
}

static void learn(struct drawn d)
{
    mend_absorb(&mend, &d, 1);
}

START_TEST(what_is_known_is_drawn_as_it_is)
{
    ck_assert_int_eq(draw(body(1, 400, 0)), 400);
    ck_assert(!mend.has_guesses);
    ck_assert_int_eq(draw(body(1, 900, 0)), 900);
}
END_TEST

START_TEST(a_wrong_guess_is_no_jump_and_fades)
{
    ck_assert_int_eq(draw(body(1, 1300, DRAWN_EXTRAPOLATED)), 1300);
    ck_assert(mend.has_guesses);
    learn(body(1, 400, 0));
    int32_t last = draw(body(1, 400, 0));
    ck_assert_int_eq(last, 1300);
    for (unsigned i = 0; i < 40; i++) {
        now_us += FRAME_US;
        int32_t shown = draw(body(1, 400, 0));
        ck_assert_int_le(shown, last);
        ck_assert_int_ge(shown, last - 105); /* about a tenth in a frame */
        last = shown;
    }
    ck_assert_int_le(last, 430);
    now_us += LATER_US;
    ck_assert_int_eq(draw(body(1, 400, 0)), 400);
    ck_assert_uint_eq(mend.count, 0);
}
END_TEST

START_TEST(it_goes_with_the_motion)
{
    draw(body(1, 500, DRAWN_EXTRAPOLATED));
    learn(body(1, 400, 0));
    ck_assert_int_eq(draw(body(1, 430, 0)), 530);
}
END_TEST

START_TEST(a_guess_on_a_guess_keeps_what_was_shown)
{
    draw(body(1, 500, DRAWN_EXTRAPOLATED));
    learn(body(1, 400, DRAWN_EXTRAPOLATED));
    ck_assert_int_eq(draw(body(1, 400, DRAWN_EXTRAPOLATED)), 500);
    learn(body(1, 460, 0));
    ck_assert_int_eq(draw(body(1, 460, 0)), 500);
}
END_TEST

START_TEST(far_off_it_snaps)
{
    int32_t far = (MEND_SNAP_UNITS + 1) * DRIFT_UNIT;
    draw(body(1, 400 + far, DRAWN_EXTRAPOLATED));
    learn(body(1, 400, 0));
    ck_assert_int_eq(draw(body(1, 400, 0)), 400);
}
END_TEST

START_TEST(across_the_edge_it_goes_the_short_way)
{
    draw(body(1, 4, DRAWN_EXTRAPOLATED));
    int32_t before_edge = (DRIFT_SPAN << 2) - 4;
    learn(body(1, before_edge, 0));
    ck_assert_int_eq(draw(body(1, before_edge, 0)), 4);
}
END_TEST

START_TEST(another_in_its_slot_is_another)
{
    struct drawn other = body(1, 400, 0);
    other.generation = 1;
    draw(body(1, 500, DRAWN_EXTRAPOLATED));
    learn(other);
    ck_assert_int_eq(draw(other), 400);
}
END_TEST

START_TEST(who_goes_and_who_comes_does_not_disturb_the_others)
{
    for (unsigned i = 0; i < 3; i++)
        drawn[i] = body((uint16_t)(i + 1), 500, DRAWN_EXTRAPOLATED);
    mend_draw(&mend, (struct moment){10, 0}, now_us, drawn, 3);
    ck_assert_uint_eq(mend.count, 3);

    struct drawn known[3] = {body(0, 90, 0), body(2, 420, 0), body(3, 400, 0)};
    mend_absorb(&mend, known, 3);
    memcpy(drawn, known, sizeof known);
    mend_draw(&mend, (struct moment){10, 0}, now_us, drawn, 3);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 90);
    ck_assert_int_eq(drawn[1].words[DRIFT_X], 500);
    ck_assert_int_eq(drawn[2].words[DRIFT_X], 500);
    ck_assert_uint_eq(mend.count, 2);
}
END_TEST

START_TEST(cleared_it_knows_nothing)
{
    draw(body(1, 500, DRAWN_EXTRAPOLATED));
    mend_clear(&mend);
    learn(body(1, 400, 0));
    ck_assert_int_eq(draw(body(1, 400, 0)), 400);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mend");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, what_is_known_is_drawn_as_it_is);
    tcase_add_test(tests, a_wrong_guess_is_no_jump_and_fades);
    tcase_add_test(tests, it_goes_with_the_motion);
    tcase_add_test(tests, a_guess_on_a_guess_keeps_what_was_shown);
    tcase_add_test(tests, far_off_it_snaps);
    tcase_add_test(tests, across_the_edge_it_goes_the_short_way);
    tcase_add_test(tests, another_in_its_slot_is_another);
    tcase_add_test(tests, who_goes_and_who_comes_does_not_disturb_the_others);
    tcase_add_test(tests, cleared_it_knows_nothing);
    return suite_run("mend", tests);
}
