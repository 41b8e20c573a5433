#include "server/record/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/store.h"
#include "tests/lib/match.h"
#include "tests/lib/scratch.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

#define TICKS 450

static const struct match_settings lively = {
    .game = &toy_game, .player_count = 10, .players_change = true, .seed = 21, .first_tick = 5000};
static const struct match_settings steady = {.game = &toy_game, .player_count = 6, .seed = 22};

static struct scratch scratch, other;
static struct verify_report report;
static char sentence[256];

static void setup(void)
{
    scratch_open(&scratch);
    scratch_open(&other);
}

static void teardown(void)
{
    scratch_close(&other);
    scratch_close(&scratch);
}

static struct reader *open_recording(void)
{
    struct reader *reader;
    struct error error;
    ck_assert_msg(reader_open(&reader, scratch.path, &error) == RESULT_OK, "%s", error.message);
    return reader;
}

static void verify_game(const struct game *game)
{
    struct reader *reader = open_recording();
    struct error error = {.message = ""};
    enum result result = verify_run(reader, game, NULL, NULL, &report, &error);
    ck_assert_msg(result == RESULT_OK, "%s", error.message);
    verify_describe(&report.first, reader_info(reader)->head.table, sentence, sizeof sentence);
    reader_close(reader);
}

static void verify(void)
{
    verify_game(&toy_game);
}

#define ASSERT_FIRST(place_, tick_, name_)                                      \
    do {                                                                        \
        ck_assert_msg(report.first.place == (place_), "%s", sentence);          \
        ck_assert_msg(report.first.tick == (tick_), "%s", sentence);            \
        ck_assert_msg(strcmp(report.first.name, (name_)) == 0, "%s", sentence); \
    } while (0)

/* -- what is as it was -- */

START_TEST(an_untouched_match_is_verified)
{
    scratch_record(&scratch, &lively, TICKS, NULL, NULL);
    verify();
    ck_assert_msg(report.first.place == VERIFY_SAME, "%s", sentence);
    ck_assert_uint_eq(report.tick_count, TICKS);
    ck_assert_uint_eq(report.start_count, 1);
}
END_TEST

static bool lose_some(void *context, struct frame *frame)
{
    (void)context;
    return frame->tick < 5100 || frame->tick > 5130;
}

START_TEST(what_stands_behind_a_gap_is_verified_too)
{
    scratch_record(&scratch, &lively, TICKS, lose_some, NULL);
    verify();
    ck_assert_msg(report.first.place == VERIFY_SAME, "%s", sentence);
    ck_assert_uint_eq(report.tick_count, TICKS - 31);
    ck_assert_uint_eq(report.start_count, 2);
}
END_TEST

START_TEST(a_match_of_bots_of_every_game_is_verified)
{
    const struct game *game = games_get((size_t)_i);
    struct match_settings settings = {
        .game = game, .player_count = 8, .players_change = true, .seed = 31};
    if (settings.player_count > game->seat_capacity) settings.player_count = game->seat_capacity;
    scratch_record(&scratch, &settings, 1500, NULL, NULL);
    verify_game(game);
    ck_assert_msg(report.first.place == VERIFY_SAME, "%s: %s", game->name, sentence);
    ck_assert_uint_eq(report.tick_count, 1500);
}
END_TEST

START_TEST(another_step_version_cannot_be_verified)
{
    struct field_table table = *toy_game.table;
    struct game newer = toy_game;
    struct error error;

    table.step_version++;
    newer.table = &table;
    scratch_record(&scratch, &steady, 50, NULL, NULL);
    struct reader *reader = open_recording();
    ck_assert_int_eq(verify_run(reader, &newer, NULL, NULL, &report, &error), RESULT_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(error.message, "step version 3"));
    reader_close(reader);
}
END_TEST

/* -- what was altered, with every checksum and every hash mended -- */

static bool alter_usercmd(void *context, struct frame *frame)
{
    (void)context;
    if (frame->tick != 250) return true;
    for (uint32_t i = 0; i < frame->input_count; i++) {
        struct seat_input *input = (struct seat_input *)&frame->inputs[i];
        if (input->count == 0) continue;
        int32_t *turn = &input->cmds[0].words[TOY_TURN];
        *turn = *turn < 15 ? *turn + 1 : *turn - 1;
        break;
    }
    return true;
}

START_TEST(an_altered_usercmd_is_named_by_what_it_would_have_done)
{
    scratch_record(&scratch, &steady, TICKS, alter_usercmd, NULL);
    verify();
    ASSERT_FIRST(VERIFY_FIELD, 250, "heading");
    ck_assert_int_eq(report.first.kind, TOY_CRAFT);
    ck_assert_ptr_nonnull(strstr(sentence, "tick 250: slot"));
    ck_assert_ptr_nonnull(strstr(sentence, "(craft, generation 1), heading: recorded"));
    ck_assert_uint_eq(report.tick_count, 249);
}
END_TEST

/* What is flipped in a state, and how it is then named. The sparks sit in slots 0 to 7, the craft
 * in 8 to 13. */
enum flip { FLIP_X, FLIP_SECRET, FLIP_RNG, FLIP_GLOBAL, FLIP_GENERATION, FLIP_SLOTS, FLIP_COUNT };

static const struct {
    enum verify_place place;
    const char *name;
} flips[FLIP_COUNT] = {
    [FLIP_X] = {VERIFY_FIELD, "x"},
    [FLIP_SECRET] = {VERIFY_FIELD, "secret"},
    [FLIP_RNG] = {VERIFY_RNG, "rng 2"},
    [FLIP_GLOBAL] = {VERIFY_GLOBAL, "bounces"},
    [FLIP_GENERATION] = {VERIFY_ENTITY, "generation"},
    [FLIP_SLOTS] = {VERIFY_WORLD, "slot_count"},
};

struct flip_order {
    enum flip what;
    uint32_t tick;
};

static bool flip(void *context, struct frame *frame)
{
    const struct flip_order *order = context;
    struct world_state *state = (struct world_state *)frame->state;
    struct entity *craft = &state->entities[9];
    if (frame->tick != order->tick) return true;
    switch (order->what) {
    case FLIP_X:
        craft->words[TOY_X] ^= 1 << 6;
        break;
    case FLIP_SECRET:
        craft->words[TOY_SECRET] ^= 1 << 20;
        break;
    case FLIP_RNG:
        state->rng.words[2] ^= 1u << 31;
        break;
    case FLIP_GLOBAL:
        state->globals[1] ^= 4;
        break;
    case FLIP_GENERATION:
        craft->generation ^= 8;
        break;
    default:
        state->slot_count++;
        break;
    }
    return true;
}

START_TEST(a_flipped_field_is_named)
{
    struct flip_order order = {(enum flip)_i, 250};
    scratch_record(&scratch, &steady, TICKS, flip, &order);
    verify();
    ASSERT_FIRST(flips[_i].place, 250, flips[_i].name);
    ck_assert_uint_eq(report.first.word_count, 1);
    ck_assert(!report.first.is_keyframe);
}
END_TEST

/* -- what was altered in the file, with the checksums mended -- */

/* One item after the other, in the order of their ticks. */
static const char chain_sql[] = "SELECT 0, tick FROM keyframe UNION ALL "
                                "SELECT 1, tick FROM chunk ORDER BY 2";

static struct recording_blob blob_of(struct store_query *row, int column)
{
    struct recording_blob blob;
    blob.bytes = store_blob(row, column, &blob.length_bytes);
    return blob;
}

static uint32_t crc_of_row(struct store_query *row, bool is_chunk, uint32_t previous_crc)
{
    if (!is_chunk) {
        struct recording_keyframe keyframe = {.tick = (uint32_t)store_integer(row, 0),
                                              .previous_crc = previous_crc,
                                              .hash = (uint64_t)store_integer(row, 1),
                                              .state_bytes = (uint32_t)store_integer(row, 2),
                                              .state = blob_of(row, 3)};
        return recording_keyframe_crc(&keyframe);
    }
    struct recording_chunk chunk = {.tick = (uint32_t)store_integer(row, 0),
                                    .previous_crc = previous_crc,
                                    .tick_count = (uint32_t)store_integer(row, 1),
                                    .state_bytes = (uint32_t)store_integer(row, 2),
                                    .inputs_bytes = (uint32_t)store_integer(row, 3),
                                    .hashes = blob_of(row, 4),
                                    .state = blob_of(row, 5),
                                    .inputs = blob_of(row, 6)};
    return recording_chunk_crc(&chunk);
}

static struct store_query *prepare(struct store *store, const char *sql)
{
    struct store_query *query;
    ck_assert_int_eq(store_prepare(store, &query, sql), RESULT_OK);
    return query;
}

static struct store *open_store(const char *path)
{
    struct store *store;
    struct error error;
    ck_assert_int_eq(store_open(&store, path, STORE_WRITE, &recording_form, &error), RESULT_OK);
    return store;
}

static void mend_checksums(struct store *store)
{
    static const char *const rows_sql[] = {
        "SELECT tick, hash, state_bytes, state FROM keyframe WHERE tick=?",
        "SELECT tick, tick_count, state_bytes, inputs_bytes, hashes, state, inputs FROM chunk"
        " WHERE tick=?"};
    static const char *const puts_sql[] = {"UPDATE keyframe SET previous_crc=?, crc=? WHERE tick=?",
                                           "UPDATE chunk SET previous_crc=?, crc=? WHERE tick=?"};
    struct store_query *items = prepare(store, chain_sql);
    struct store_query *rows[] = {prepare(store, rows_sql[0]), prepare(store, rows_sql[1])};
    struct store_query *puts[] = {prepare(store, puts_sql[0]), prepare(store, puts_sql[1])};
    uint32_t crc =
        (uint32_t)store_number(store, "SELECT previous_crc FROM keyframe ORDER BY tick LIMIT 1", 0);

    while (store_step(items) == RESULT_OK) {
        bool is_chunk = store_integer(items, 0) == 1;
        int64_t tick = store_integer(items, 1);
        store_bind_integer(rows[is_chunk], 1, tick);
        ck_assert_int_eq(store_step(rows[is_chunk]), RESULT_OK);
        uint32_t previous_crc = crc;
        crc = crc_of_row(rows[is_chunk], is_chunk, previous_crc);
        store_reset(rows[is_chunk]);
        store_bind_integer(puts[is_chunk], 1, previous_crc);
        store_bind_integer(puts[is_chunk], 2, crc);
        store_bind_integer(puts[is_chunk], 3, tick);
        ck_assert_int_eq(store_finish(puts[is_chunk]), RESULT_OK);
    }
    store_finalize(items);
    for (int i = 0; i < 2; i++) {
        store_finalize(rows[i]);
        store_finalize(puts[i]);
    }
}

/* Puts columns of one row of the other recording into this one. */
static void transplant(const char *select, const char *update)
{
    struct store *from = open_store(other.path), *to = open_store(scratch.path);
    struct store_query *source = prepare(from, select), *target = prepare(to, update);
    ck_assert_int_eq(store_step(source), RESULT_OK);
    struct recording_blob blob = blob_of(source, 0);
    store_bind_blob(target, 1, blob.bytes, blob.length_bytes);
    store_bind_integer(target, 2, store_integer(source, 1));
    store_bind_integer(target, 3, store_integer(source, 2));
    ck_assert_int_eq(store_finish(target), RESULT_OK);
    store_finalize(source);
    store_finalize(target);
    mend_checksums(to);
    store_close(to);
    store_close(from);
}

static bool alter_seq(void *context, struct frame *frame)
{
    (void)context;
    for (uint32_t i = 0; frame->tick == 250 && i < frame->input_count; i++) {
        struct seat_input *input = (struct seat_input *)&frame->inputs[i];
        if (input->count > 0) input->cmds[0].seq += 7;
    }
    return true;
}

START_TEST(a_usercmd_altered_without_effect_is_found_by_its_hash)
{
    scratch_record(&scratch, &steady, TICKS, NULL, NULL);
    scratch_record(&other, &steady, TICKS, alter_seq, NULL);
    transplant("SELECT inputs, inputs_bytes, 242 FROM chunk WHERE tick=242",
               "UPDATE chunk SET inputs=?, inputs_bytes=? WHERE tick=?");
    verify();
    ck_assert_msg(report.first.place == VERIFY_INPUTS, "%s", sentence);
    ck_assert_uint_eq(report.first.tick, 250);
}
END_TEST

/* The stream of changes leads to another state from tick 250 on, the hashes are the true ones. */
START_TEST(a_field_flipped_in_the_stream_is_named)
{
    struct flip_order order = {(enum flip)_i, 250};
    scratch_record(&scratch, &steady, TICKS, NULL, NULL);
    scratch_record(&other, &steady, TICKS, flip, &order);
    transplant("SELECT state, state_bytes, 242 FROM chunk WHERE tick=242",
               "UPDATE chunk SET state=?, state_bytes=? WHERE tick=?");
    verify();
    ASSERT_FIRST(flips[_i].place, 250, flips[_i].name);
}
END_TEST

/* The first keyframe is the only place where its values stand: the hash alone knows them. */
START_TEST(a_field_flipped_in_the_first_keyframe_is_named)
{
    struct flip_order order = {(enum flip)_i, 1};
    scratch_record(&scratch, &steady, TICKS, NULL, NULL);
    scratch_record(&other, &steady, TICKS, flip, &order);
    transplant("SELECT state, state_bytes, 1 FROM keyframe WHERE tick=1",
               "UPDATE keyframe SET state=?, state_bytes=? WHERE tick=?");
    verify();
    ASSERT_FIRST(flips[_i].place, 1, flips[_i].name);
    ck_assert(report.first.is_keyframe);
}
END_TEST

/* And even if the keyframe's own hash was mended: the next tick's was not. */
START_TEST(a_first_keyframe_with_a_mended_hash_is_named_at_the_next_tick)
{
    struct flip_order order = {(enum flip)_i, 1};
    scratch_record(&scratch, &steady, TICKS, NULL, NULL);
    scratch_record(&other, &steady, TICKS, flip, &order);
    transplant("SELECT state, state_bytes, hash FROM keyframe WHERE tick=1",
               "UPDATE keyframe SET state=?, state_bytes=?, hash=? WHERE tick=1");
    verify();
    ASSERT_FIRST(flips[_i].place, 2, flips[_i].name);
}
END_TEST

START_TEST(a_field_flipped_in_a_later_keyframe_is_named)
{
    struct flip_order order = {(enum flip)_i, 201};
    scratch_record(&scratch, &steady, TICKS, NULL, NULL);
    scratch_record(&other, &steady, TICKS, flip, &order);
    transplant("SELECT state, state_bytes, hash FROM keyframe WHERE tick=201",
               "UPDATE keyframe SET state=?, state_bytes=?, hash=? WHERE tick=201");
    verify();
    ASSERT_FIRST(flips[_i].place, 201, flips[_i].name);
    ck_assert(report.first.is_keyframe);
}
END_TEST

START_TEST(a_forged_hash_is_noticed)
{
    struct flip_order order = {FLIP_X, 250};
    scratch_record(&scratch, &steady, TICKS, NULL, NULL);
    scratch_record(&other, &steady, TICKS, flip, &order);
    transplant("SELECT hashes, 242, 0 FROM chunk WHERE tick=242",
               "UPDATE chunk SET hashes=? WHERE tick=?+?");
    verify();
    ck_assert_uint_eq(report.first.tick, 250);
    ck_assert_msg(report.first.place != VERIFY_SAME, "%s", sentence);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("verify");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, an_untouched_match_is_verified);
    tcase_add_test(tests, what_stands_behind_a_gap_is_verified_too);
    tcase_add_loop_test(tests, a_match_of_bots_of_every_game_is_verified, 0, (int)games_count());
    tcase_add_test(tests, another_step_version_cannot_be_verified);
    tcase_add_test(tests, an_altered_usercmd_is_named_by_what_it_would_have_done);
    tcase_add_loop_test(tests, a_flipped_field_is_named, 0, FLIP_COUNT);
    tcase_add_test(tests, a_usercmd_altered_without_effect_is_found_by_its_hash);
    tcase_add_loop_test(tests, a_field_flipped_in_the_stream_is_named, 0, FLIP_COUNT);
    tcase_add_loop_test(tests, a_field_flipped_in_the_first_keyframe_is_named, 0, FLIP_COUNT);
    tcase_add_loop_test(tests, a_first_keyframe_with_a_mended_hash_is_named_at_the_next_tick, 0,
                        FLIP_COUNT);
    tcase_add_loop_test(tests, a_field_flipped_in_a_later_keyframe_is_named, 0, FLIP_COUNT);
    tcase_add_test(tests, a_forged_hash_is_noticed);
    return suite_run("verify", tests);
}
