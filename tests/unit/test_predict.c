#include "client/view/predict.h"

#include "client/view/words.h"
#include "tests/unit/drift.h"
#include "tests/unit/suite.h"

#define SEAT     4
#define SLOT     9
#define START_US 5000000u

static struct schema schema;
static struct predict predict;
static struct snapshot_self server; /* the body as the server has it */
static struct drawn drawn;
static const struct usercmd rest;

static void setup(void)
{
    ck_assert_int_eq(schema_init(&schema, &drift_table), RESULT_OK);
    predict_init(&predict, &game_drift, &schema, NULL, SEAT);
    server = (struct snapshot_self){.is_known = true, .slot = SLOT, .body = {.kind = 1}};
    server.body.words[DRIFT_X] = 1000;
    predict_reconcile(&predict, &server, 0);
}

static struct usercmd cmd(uint32_t seq, int32_t push)
{
    return (struct usercmd){.seq = seq, .words = {0, push}};
}

static void push(uint32_t seq, int32_t words)
{
    struct usercmd c = cmd(seq, words);
    predict_push(&predict, &c);
}

static void server_applies(uint32_t seq, int32_t words)
{
    struct usercmd c = cmd(seq, words);
    drift_predict(NULL, &server.body, &c);
}

static int32_t shown_x(uint64_t now_us)
{
    ck_assert(predict_draw(&predict, &rest, 0, now_us, &drawn));
    return drawn.words[DRIFT_X];
}

START_TEST(a_usercmd_moves_the_body_at_once)
{
    push(1, 8);
    ck_assert_int_eq(shown_x(START_US), 1008);
    ck_assert_uint_eq(drawn.flags, DRAWN_OWN);
    ck_assert_uint_eq(drawn.slot, SLOT);
    ck_assert_uint_eq(drawn.owner, SEAT);
}
END_TEST

START_TEST(the_next_usercmd_is_shown_before_it_is_made)
{
    struct usercmd next = cmd(1, 20);
    predict_draw(&predict, &next, WORDS_ONE / 4, START_US, &drawn);
    ck_assert_int_eq(drawn.words[DRIFT_X], 1005);
    predict_draw(&predict, &next, WORDS_ONE, START_US, &drawn);
    ck_assert_int_eq(drawn.words[DRIFT_X], 1020);
}
END_TEST

START_TEST(without_contact_nothing_is_ever_corrected)
{
    uint32_t confirmed = 0;
    for (uint32_t seq = 1; seq <= 500; seq++) {
        push(seq, (int32_t)(seq * 7 % 13) - 6);
        if (seq < 10 || seq % 3 != 0) continue; /* answers lag, and come in bursts */
        while (confirmed < seq - 8) {
            confirmed++;
            server_applies(confirmed, (int32_t)(confirmed * 7 % 13) - 6);
        }
        predict_reconcile(&predict, &server, confirmed);
    }
    ck_assert_uint_eq(predict.corrections, 0);
    ck_assert_int_eq(predict.jump[DRIFT_X], 0);
}
END_TEST

START_TEST(a_shove_is_taken_and_replayed)
{
    push(1, 8);
    push(2, 0);
    push(3, 0);
    server_applies(1, 8);
    server.body.words[DRIFT_X] += 100;
    predict_reconcile(&predict, &server, 1);
    ck_assert_uint_eq(predict.corrections, 1);
    ck_assert_uint_eq(predict.corrected_by, 100);
    ck_assert_int_eq(shown_x(START_US) - predict.jump[DRIFT_X], 1108 + 8 + 8);
}
END_TEST

START_TEST(a_correction_is_not_seen_as_a_jump)
{
    push(1, 8);
    int32_t before = shown_x(START_US);
    server_applies(1, 8);
    server.body.words[DRIFT_X] += 100;
    predict_reconcile(&predict, &server, 1);
    ck_assert_int_eq(shown_x(START_US), before);
    int32_t middle = shown_x(START_US + 50000);
    ck_assert_int_gt(middle, before);
    ck_assert_int_lt(middle, before + 100);
    ck_assert_int_eq(shown_x(START_US + 3000000), before + 100);
}
END_TEST

START_TEST(a_jump_fades_by_time_not_by_frames)
{
    server.body.words[DRIFT_X] += 1000;
    shown_x(START_US);
    predict_reconcile(&predict, &server, 0);
    struct predict other = predict;

    for (uint64_t us = 0; us <= 120000; us += 4000)
        shown_x(START_US + us);
    int32_t often = shown_x(START_US + 120000);
    predict = other;
    ck_assert_int_eq(shown_x(START_US + 120000), often);
    ck_assert_int_gt(often, 1000);
}
END_TEST

START_TEST(a_large_jump_snaps)
{
    server.body.words[DRIFT_Y] += (PREDICT_SNAP_UNITS + 1) * DRIFT_UNIT;
    predict_reconcile(&predict, &server, 0);
    shown_x(START_US);
    ck_assert_int_eq(drawn.words[DRIFT_Y], (PREDICT_SNAP_UNITS + 1) * DRIFT_UNIT);
}
END_TEST

START_TEST(a_warp_snaps)
{
    server.body.words[DRIFT_Y] += 40;
    server.body.words[DRIFT_WARP] = 1;
    predict_reconcile(&predict, &server, 0);
    shown_x(START_US);
    ck_assert_int_eq(drawn.words[DRIFT_Y], 40);
    ck_assert_uint_eq(predict.corrections, 0); /* nobody believed otherwise */
}
END_TEST

START_TEST(damage_is_no_correction)
{
    push(1, 8);
    server_applies(1, 8);
    server.body.words[DRIFT_HEALTH] = 30;
    predict_reconcile(&predict, &server, 1);
    ck_assert_uint_eq(predict.corrections, 0);
    shown_x(START_US);
    ck_assert_int_eq(drawn.words[DRIFT_HEALTH], 30);
}
END_TEST

START_TEST(across_the_edge_the_error_is_small)
{
    server.body.words[DRIFT_X] = 2;
    predict_reconcile(&predict, &server, 0);
    shown_x(START_US);
    shown_x(START_US + 5000000);
    server.body.words[DRIFT_X] = (DRIFT_SPAN << 2) - 2;
    predict_reconcile(&predict, &server, 0);
    ck_assert_int_eq(predict.jump[DRIFT_X], 4);
    ck_assert_int_eq(shown_x(START_US + 5000000), 2);
}
END_TEST

START_TEST(without_a_body_there_is_nothing_to_draw)
{
    server.is_known = false;
    predict_reconcile(&predict, &server, 0);
    push(1, 8);
    ck_assert(!predict_draw(&predict, &rest, 0, START_US, &drawn));
}
END_TEST

START_TEST(a_new_body_takes_the_usercmds_not_yet_confirmed)
{
    push(1, 8);
    push(2, 8);
    server.body.generation++;
    server.body.words[DRIFT_X] = 400;
    predict_reconcile(&predict, &server, 1);
    ck_assert_int_eq(shown_x(START_US), 408);
    ck_assert_uint_eq(predict.corrections, 0);
}
END_TEST

START_TEST(merged_usercmds_move_it_once)
{
    push(1, 8);
    push(2, 0);
    push(3, 0);
    struct usercmd merged = cmd(2, 8);
    predict_merge(&predict, &merged);
    ck_assert_uint_eq(predict.count, 2);
    ck_assert_int_eq(shown_x(START_US) - predict.jump[DRIFT_X], 1016);

    server_applies(2, 8);
    predict_reconcile(&predict, &server, 2);
    ck_assert_uint_eq(predict.corrections, 0);
}
END_TEST

START_TEST(it_keeps_64_usercmds_and_then_no_more)
{
    for (uint32_t seq = 1; seq <= PREDICT_PENDING_MAX; seq++) {
        ck_assert(!predict_is_full(&predict));
        push(seq, 0);
    }
    ck_assert(predict_is_full(&predict));
    predict_reconcile(&predict, &server, 1);
    ck_assert(!predict_is_full(&predict));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("predict");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_usercmd_moves_the_body_at_once);
    tcase_add_test(tests, the_next_usercmd_is_shown_before_it_is_made);
    tcase_add_test(tests, without_contact_nothing_is_ever_corrected);
    tcase_add_test(tests, a_shove_is_taken_and_replayed);
    tcase_add_test(tests, a_correction_is_not_seen_as_a_jump);
    tcase_add_test(tests, a_jump_fades_by_time_not_by_frames);
    tcase_add_test(tests, a_large_jump_snaps);
    tcase_add_test(tests, a_warp_snaps);
    tcase_add_test(tests, damage_is_no_correction);
    tcase_add_test(tests, across_the_edge_the_error_is_small);
    tcase_add_test(tests, without_a_body_there_is_nothing_to_draw);
    tcase_add_test(tests, a_new_body_takes_the_usercmds_not_yet_confirmed);
    tcase_add_test(tests, merged_usercmds_move_it_once);
    tcase_add_test(tests, it_keeps_64_usercmds_and_then_no_more);
    return suite_run("predict", tests);
}
