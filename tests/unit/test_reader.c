#include "server/record/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/record/store.h"
#include "tests/lib/match.h"
#include "tests/lib/scratch.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

#define FIRST_TICK  1000 /* the match's; the first recorded tick is the next */
#define TICKS       731  /* three keyframes and a part of a second beyond */
#define STATE_BYTES (sizeof(struct world_state) + 64 * sizeof(struct entity))

static const struct match_settings lively = {.game = &toy_game,
                                             .player_count = 12,
                                             .players_change = true,
                                             .seed = 7,
                                             .first_tick = FIRST_TICK};

/* What the match really was, to be compared with what is read. */
struct truth {
    uint8_t states[TICKS][STATE_BYTES];
    struct seat_input inputs[TICKS][16];
    uint32_t input_counts[TICKS], change_counts[TICKS], event_counts[TICKS];
    uint32_t count;
};

static struct scratch scratch;
static struct truth truth;

static bool remember(void *context, struct frame *frame)
{
    struct truth *t = context;
    uint32_t i = t->count++;
    memset(t->states[i], 0, STATE_BYTES);
    memcpy(t->states[i], frame->state, world_state_bytes(frame->state));
    memcpy(t->inputs[i], frame->inputs, frame->input_count * sizeof frame->inputs[0]);
    t->input_counts[i] = frame->input_count;
    t->change_counts[i] = frame->change_count;
    t->event_counts[i] = frame->event_count + frame->chat_count;
    return true;
}

static struct reader *open_recording(void)
{
    struct reader *reader;
    struct error error;
    ck_assert_msg(reader_open(&reader, scratch.path, &error) == RESULT_OK, "%s", error.message);
    return reader;
}

static void make_scratch(void)
{
    truth.count = 0;
    scratch_open(&scratch);
}

static void setup(void)
{
    make_scratch();
    scratch_record(&scratch, &lively, TICKS, remember, &truth);
}

static void teardown(void)
{
    scratch_close(&scratch);
}

static void assert_true_state(const struct reader *reader)
{
    const struct world_state *state = reader_state(reader);
    uint32_t index = state->tick - FIRST_TICK - 1;
    ck_assert_uint_lt(index, TICKS);
    ck_assert_mem_eq(state, truth.states[index], world_state_bytes(state));
    ck_assert_uint_eq(reader_hash(reader), world_hash(state));
}

START_TEST(it_describes_itself)
{
    struct reader *reader = open_recording();
    const struct reader_info *info = reader_info(reader);
    struct schema schema;

    ck_assert_str_eq(info->game, "toy");
    ck_assert_uint_eq(info->step_version, toy_game.table->step_version);
    ck_assert_str_eq(info->head.room, "test");
    ck_assert_int_eq(info->status, RECORDING_COMPLETE);
    ck_assert_uint_eq(info->first_tick, FIRST_TICK + 1);
    ck_assert_uint_eq(info->last_tick, FIRST_TICK + TICKS);
    ck_assert_uint_eq(info->head.slot_capacity, toy_game.slot_capacity);
    ck_assert_int_eq(schema_init(&schema, toy_game.table), RESULT_OK);
    ck_assert_uint_eq(reader_schema(reader)->hash, schema.hash);
    ck_assert_uint_eq(map_tile(reader_map(reader), 0, 0, '?'), '#');
    ck_assert_uint_eq(map_tile(reader_map(reader), 1, 1, '?'), '.');
    reader_close(reader);
}
END_TEST

START_TEST(every_word_of_every_tick_comes_back)
{
    struct reader *reader = open_recording();
    struct error error;

    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + 1, &error), RESULT_OK);
    assert_true_state(reader);
    for (uint32_t i = 1; i < TICKS; i++) {
        ck_assert_msg(reader_step(reader, &error) == RESULT_OK, "%s", error.message);
        ck_assert_uint_eq(reader_tick(reader), FIRST_TICK + 1 + i);
        assert_true_state(reader);
    }
    ck_assert_int_eq(reader_step(reader, &error), RESULT_CLOSED);
    reader_close(reader);
}
END_TEST

START_TEST(every_usercmd_comes_back_as_applied)
{
    struct reader *reader = open_recording();
    struct error error;

    reader_want_inputs(reader, true);
    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + 1, &error), RESULT_OK);
    ck_assert_ptr_null(reader_inputs(reader)); /* the first tick has none */
    for (uint32_t i = 1; i < TICKS; i++) {
        ck_assert_int_eq(reader_step(reader, &error), RESULT_OK);
        const struct tick_inputs *inputs = reader_inputs(reader);
        ck_assert_uint_eq(inputs->input_count, truth.input_counts[i]);
        ck_assert_uint_eq(inputs->change_count, truth.change_counts[i]);
        ck_assert_uint_eq(reader_inputs_hash(reader), tick_inputs_hash(inputs));
        for (uint32_t j = 0; j < inputs->input_count; j++) {
            const struct seat_input *now = &inputs->inputs[j], *then = &truth.inputs[i][j];
            ck_assert_uint_eq(now->seat, then->seat);
            ck_assert_uint_eq(now->count, then->count);
            ck_assert_mem_eq(now->cmds, then->cmds, now->count * sizeof now->cmds[0]);
        }
    }
    reader_close(reader);
}
END_TEST

START_TEST(seeking_leads_where_playing_leads)
{
    struct reader *reader = open_recording();
    struct error error;
    struct rng rng;

    rng_init(&rng, 99);
    for (int i = 0; i < 300; i++) {
        uint32_t tick = FIRST_TICK + 1 + rng_below(&rng, TICKS);
        ck_assert_msg(reader_seek(reader, tick, &error) == RESULT_OK, "%s", error.message);
        ck_assert_uint_eq(reader_tick(reader), tick);
        assert_true_state(reader);
        for (uint32_t j = rng_below(&rng, 30); j > 0 && tick < FIRST_TICK + TICKS; j--, tick++) {
            ck_assert_int_eq(reader_step(reader, &error), RESULT_OK);
            assert_true_state(reader);
        }
    }
    reader_close(reader);
}
END_TEST

START_TEST(a_tick_outside_is_no_such_tick)
{
    struct reader *reader = open_recording();
    struct error error;

    ck_assert_int_eq(reader_seek(reader, FIRST_TICK, &error), RESULT_TOO_BIG);
    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + TICKS + 1, &error), RESULT_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(error.message, "no such tick"));
    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + TICKS, &error), RESULT_OK);
    reader_close(reader);
}
END_TEST

START_TEST(events_and_chat_stand_at_their_ticks)
{
    struct reader *reader = open_recording();
    struct recording_event events[64];
    struct error error;
    size_t count, chat_count = 0;

    for (uint32_t i = 0; i < TICKS; i++) {
        uint32_t tick = FIRST_TICK + 1 + i;
        ck_assert_int_eq(reader_events(reader, tick, tick, events, 64, &count, &error), RESULT_OK);
        ck_assert_uint_eq(count, truth.event_counts[i]);
        if (count == 0 || !events[count - 1].is_chat) continue;
        chat_count++;
        ck_assert_mem_eq(events[count - 1].text, "it is tick", 10);
    }
    ck_assert_uint_eq(chat_count, TICKS / 100);
    reader_close(reader);
}
END_TEST

START_TEST(players_are_known_while_they_sit)
{
    struct reader *reader = open_recording();
    struct error error;
    size_t count;

    reader_players(reader, &count);
    ck_assert_uint_gt(count, 12); /* they come and go */
    reader_want_inputs(reader, true);
    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + 1, &error), RESULT_OK);
    while (reader_step(reader, &error) == RESULT_OK) {
        const struct tick_inputs *inputs = reader_inputs(reader);
        uint32_t sitting = 0;
        for (uint16_t seat = 0; seat < 16; seat++)
            sitting += reader_player(reader, seat, reader_tick(reader)) != NULL;
        ck_assert_uint_eq(sitting, inputs->input_count);
    }
    reader_close(reader);
}
END_TEST

static bool lose_some(void *context, struct frame *frame)
{
    remember(context, frame);
    uint32_t index = frame->tick - FIRST_TICK - 1;
    return index < 305 || index >= 333;
}

START_TEST(a_gap_is_told_and_crossed)
{
    struct error error;
    struct reader *reader;

    make_scratch();
    scratch_record(&scratch, &lively, TICKS, lose_some, &truth);
    reader = open_recording();
    ck_assert_int_eq(reader_info(reader)->status, RECORDING_INCOMPLETE);
    ck_assert_uint_eq(reader_info(reader)->gap_count, 1);
    ck_assert_uint_eq(reader_info(reader)->lost_ticks, 28);
    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + 1 + 320, &error), RESULT_TOO_BIG);
    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + 1 + 304, &error), RESULT_OK);
    ck_assert_msg(reader_step(reader, &error) == RESULT_OK, "%s", error.message);
    ck_assert_uint_eq(reader_tick(reader), FIRST_TICK + 1 + 333);
    ck_assert(reader_is_start(reader));
    do
        assert_true_state(reader);
    while (reader_step(reader, &error) == RESULT_OK);
    ck_assert_uint_eq(reader_tick(reader), FIRST_TICK + TICKS);
    reader_close(reader);
}
END_TEST

START_TEST(a_read_only_file_in_a_read_only_folder_opens)
{
    struct error error;
    chmod(scratch.path, 0444);
    chmod(scratch.dir, 0555);
    struct reader *reader = open_recording();
    ck_assert_int_eq(reader_seek(reader, FIRST_TICK + 500, &error), RESULT_OK);
    assert_true_state(reader);
    reader_close(reader);
    chmod(scratch.dir, 0755);
}
END_TEST

/* -- what is not a recording -- */

static enum result open_fails(char message[ERROR_MESSAGE_BYTES])
{
    struct reader *reader;
    struct error error;
    enum result result = reader_open(&reader, scratch.path, &error);
    ck_assert_ptr_null(reader);
    memcpy(message, error.message, ERROR_MESSAGE_BYTES);
    return result;
}

static void write_file(const char *text)
{
    FILE *file = fopen(scratch.path, "w");
    fputs(text, file);
    fclose(file);
}

START_TEST(another_file_is_no_recording)
{
    char message[ERROR_MESSAGE_BYTES];

    make_scratch();
    ck_assert_int_eq(open_fails(message), RESULT_IO);
    ck_assert_ptr_nonnull(strstr(message, "No such file"));
    write_file("");
    ck_assert_int_eq(open_fails(message), RESULT_CLOSED);
    write_file("This is a poem, not a database. It has more than a hundred bytes, so that it is "
               "longer than the header.");
    ck_assert_int_eq(open_fails(message), RESULT_CLOSED);
    ck_assert_ptr_nonnull(strstr(message, "is not a sqlite database"));
}
END_TEST

START_TEST(another_database_is_no_recording)
{
    static const struct store_form form = {
        .application_id = 1, .name = "another", .settings = "", .tables = "CREATE TABLE t(a)"};
    char message[ERROR_MESSAGE_BYTES];
    struct store *store;
    struct error error;

    make_scratch();
    ck_assert_int_eq(store_open(&store, scratch.path, STORE_CREATE, &form, &error), RESULT_OK);
    store_close(store);
    ck_assert_int_eq(open_fails(message), RESULT_CLOSED);
    ck_assert_ptr_nonnull(strstr(message, "not a recording"));
}
END_TEST

static void run_sql(const char *sql)
{
    struct store *store;
    struct error error;
    ck_assert_int_eq(store_open(&store, scratch.path, STORE_WRITE, &recording_form, &error),
                     RESULT_OK);
    ck_assert_int_eq(store_run(store, sql), RESULT_OK);
    store_close(store);
}

START_TEST(a_newer_schema_is_refused)
{
    char message[ERROR_MESSAGE_BYTES], sql[64], version[32];
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", RECORDING_VERSION + 1);
    run_sql(sql);
    ck_assert_int_eq(open_fails(message), RESULT_CLOSED);
    snprintf(version, sizeof version, "schema version %d;", RECORDING_VERSION + 1);
    ck_assert_ptr_nonnull(strstr(message, version));
}
END_TEST

START_TEST(a_file_cut_short_is_damaged)
{
    char message[ERROR_MESSAGE_BYTES];
    struct stat file;
    stat(scratch.path, &file);
    ck_assert_int_eq(truncate(scratch.path, file.st_size * 2 / 3), 0);
    ck_assert_int_eq(open_fails(message), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(message, "cut short"));
}
END_TEST

START_TEST(an_altered_head_is_damage)
{
    static const char *const alterations[] = {
        "UPDATE meta SET value=replace(value,'\"max\":255','\"max\":254') WHERE key='table'",
        "UPDATE meta SET value=65 WHERE key='slot_capacity'",
        "UPDATE meta SET value=0 WHERE key='slot_capacity'",
        "UPDATE meta SET value=substr(value,1,20) WHERE key='map'",
        "UPDATE meta SET value='{' WHERE key='table'",
        "DELETE FROM meta WHERE key='map'",
        "DELETE FROM keyframe",
    };
    char message[ERROR_MESSAGE_BYTES];
    run_sql(alterations[_i]);
    ck_assert_int_eq(open_fails(message), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(message, "damaged"));
}
END_TEST

/* -- damage in the stream: found wherever it is -- */

static enum result play(char message[ERROR_MESSAGE_BYTES])
{
    struct error error = {.message = ""};
    struct reader *reader = open_recording();
    enum result result = reader_seek(reader, FIRST_TICK + 1, &error);
    while (result == RESULT_OK)
        result = reader_step(reader, &error);
    memcpy(message, error.message, ERROR_MESSAGE_BYTES);
    reader_close(reader);
    return result;
}

/* Alters one byte of a blob in a row, and nothing else. */
static void flip_byte(const char *table, const char *column, uint32_t tick, uint32_t luck)
{
    struct store *store;
    struct store_query *query;
    struct error error;
    uint8_t bytes[65536];
    size_t length_bytes;
    char sql[128];

    ck_assert_int_eq(store_open(&store, scratch.path, STORE_WRITE, &recording_form, &error),
                     RESULT_OK);
    snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE tick=%u", column, table, tick);
    ck_assert_int_eq(store_prepare(store, &query, sql), RESULT_OK);
    ck_assert_int_eq(store_step(query), RESULT_OK);
    const void *blob = store_blob(query, 0, &length_bytes);
    ck_assert(length_bytes > 0 && length_bytes <= sizeof bytes);
    memcpy(bytes, blob, length_bytes);
    store_finalize(query);

    bytes[luck % length_bytes] ^= (uint8_t)(1u << luck % 8);
    snprintf(sql, sizeof sql, "UPDATE %s SET %s=? WHERE tick=%u", table, column, tick);
    ck_assert_int_eq(store_prepare(store, &query, sql), RESULT_OK);
    store_bind_blob(query, 1, bytes, length_bytes);
    ck_assert_int_eq(store_finish(query), RESULT_OK);
    store_finalize(query);
    store_close(store);
}

START_TEST(a_flipped_byte_anywhere_in_an_item_is_found)
{
    static const struct {
        const char *table, *column;
        uint32_t tick;
    } blobs[] = {
        {"chunk", "hashes", 1002},   {"chunk", "state", 1002},  {"chunk", "inputs", 1002},
        {"chunk", "hashes", 1402},   {"chunk", "state", 1402},  {"chunk", "inputs", 1402},
        {"chunk", "state", 1722},    {"chunk", "inputs", 1722}, {"keyframe", "state", 1001},
        {"keyframe", "state", 1401},
    };
    char message[ERROR_MESSAGE_BYTES], where[32];
    struct rng rng;

    rng_init(&rng, 5);
    for (int i = 0; i < 10; i++) {
        uint32_t luck = rng_next(&rng);
        flip_byte(blobs[_i].table, blobs[_i].column, blobs[_i].tick, luck);
        ck_assert_int_eq(play(message), RESULT_INVALID);
        snprintf(where, sizeof where, "damaged at tick %u", blobs[_i].tick);
        ck_assert_msg(strstr(message, where) != NULL, "%s", message);
        ck_assert_ptr_nonnull(strstr(message, "checksum is wrong"));
        flip_byte(blobs[_i].table, blobs[_i].column, blobs[_i].tick, luck);
    }
    ck_assert_int_eq(play(message), RESULT_CLOSED);
}
END_TEST

START_TEST(an_item_that_was_changed_moved_or_taken_out_is_missed)
{
    static const char *const alterations[] = {
        "DELETE FROM chunk WHERE tick=1402",
        "DELETE FROM chunk WHERE tick=1002",
        "DELETE FROM keyframe WHERE tick=1401",
        "UPDATE chunk SET tick_count=19 WHERE tick=1402",
        "UPDATE chunk SET kind=1 WHERE tick=1402",
        "UPDATE chunk SET crc=crc+1 WHERE tick=1402",
        "UPDATE chunk SET state_bytes=state_bytes+1 WHERE tick=1402",
        "UPDATE keyframe SET hash=hash+1 WHERE tick=1401",
        "UPDATE chunk SET (hashes,state,inputs,state_bytes,inputs_bytes,crc,previous_crc)="
        "(SELECT hashes,state,inputs,state_bytes,inputs_bytes,crc,previous_crc FROM chunk"
        " WHERE tick=1422) WHERE tick=1402",
    };
    char message[ERROR_MESSAGE_BYTES];
    run_sql(alterations[_i]);
    ck_assert_int_eq(play(message), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(message, "damaged at tick 1"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("reader");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, it_describes_itself);
    tcase_add_test(tests, every_word_of_every_tick_comes_back);
    tcase_add_test(tests, every_usercmd_comes_back_as_applied);
    tcase_add_test(tests, seeking_leads_where_playing_leads);
    tcase_add_test(tests, a_tick_outside_is_no_such_tick);
    tcase_add_test(tests, events_and_chat_stand_at_their_ticks);
    tcase_add_test(tests, players_are_known_while_they_sit);
    tcase_add_test(tests, a_gap_is_told_and_crossed);
    tcase_add_test(tests, a_read_only_file_in_a_read_only_folder_opens);
    tcase_add_test(tests, another_file_is_no_recording);
    tcase_add_test(tests, another_database_is_no_recording);
    tcase_add_test(tests, a_newer_schema_is_refused);
    tcase_add_test(tests, a_file_cut_short_is_damaged);
    tcase_add_loop_test(tests, an_altered_head_is_damage, 0, 7);
    tcase_add_loop_test(tests, a_flipped_byte_anywhere_in_an_item_is_found, 0, 10);
    tcase_add_loop_test(tests, an_item_that_was_changed_moved_or_taken_out_is_missed, 0, 9);
    return suite_run("reader", tests);
}
