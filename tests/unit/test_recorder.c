#include "server/record/recorder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/record/catalog.h"
#include "server/record/reader.h"
#include "server/record/tape.h"
#include "shared/host/clock.h"
#include "tests/lib/match.h"
#include "tests/lib/scratch.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

#define PATIENCE_MS 5000

static struct scratch scratch;
static struct match *match;
static struct log record_log;
static struct recorder *recorder;
static struct frame_sink sink;
static atomic_uint frames_out; /* given to the recorder and not yet released */

/* -- a room without a room -- */

/* A frame that outlives the match's next step. */
struct kept_frame {
    struct frame frame;
    struct seat_input inputs[16];
    struct seat_change changes[16];
    struct event events[EVENTS_PER_TICK_MAX];
    struct frame_chat chat;
    uint64_t state[(sizeof(struct world_state) + 64 * sizeof(struct entity)) / 8];
    uint64_t roster[(sizeof(struct roster) + 16 * sizeof(struct roster_entry)) / 8 + 1];
};

static struct frame *keep(const struct frame *frame, uint32_t epoch)
{
    struct kept_frame *kept = calloc(1, sizeof *kept);
    kept->frame = *frame;
    kept->frame.epoch = epoch;
    memcpy(kept->inputs, frame->inputs, frame->input_count * sizeof kept->inputs[0]);
    memcpy(kept->changes, frame->changes, frame->change_count * sizeof kept->changes[0]);
    memcpy(kept->events, frame->events, frame->event_count * sizeof kept->events[0]);
    if (frame->chat_count > 0) kept->chat = frame->chats[0];
    memcpy(kept->state, frame->state, world_state_bytes(frame->state));
    memcpy(kept->roster, frame->roster,
           sizeof *frame->roster + 16 * sizeof frame->roster->entries[0]);
    kept->frame.inputs = kept->inputs;
    kept->frame.changes = kept->changes;
    kept->frame.events = kept->events;
    kept->frame.chats = &kept->chat;
    kept->frame.state = (const void *)kept->state;
    kept->frame.roster = (const void *)kept->roster;
    return &kept->frame;
}

static uint32_t index_of(const struct room *room)
{
    (void)room;
    return 0;
}

static void describe(const struct room *room, struct recording_head *head)
{
    uint64_t started_ms = head->started_ms;
    (void)room;
    match_describe(match, head);
    head->started_ms = started_ms;
}

static void release(struct frame *frame)
{
    atomic_fetch_sub(&frames_out, 1);
    free(frame);
}

static const struct recorder_room_access one_room = {
    .index = index_of, .describe = describe, .release = release};

static void push_ticks(uint32_t count, uint32_t epoch)
{
    for (uint32_t i = 0; i < count; i++) {
        atomic_fetch_add(&frames_out, 1);
        sink.push(sink.context, 0, keep(match_step(match), epoch));
    }
}

static void wait_until_written(void)
{
    uint64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (atomic_load(&frames_out) > 0) {
        ck_assert_msg(clock_monotonic_ms() < deadline_ms, "the recorder does not write");
        usleep(1000);
    }
}

/* In steps that the ring can hold. */
static void play_ticks(uint32_t count, uint32_t epoch)
{
    for (; count > 0; count -= count < 20 ? count : 20) {
        push_ticks(count < 20 ? count : 20, epoch);
        wait_until_written();
    }
}

static void setup(void)
{
    const struct match_settings settings = {.game = &toy_game, .player_count = 4, .seed = 3};
    char path[128];
    scratch_open(&scratch);
    match = match_create(&settings);
    snprintf(path, sizeof path, "%s/log.txt", scratch.dir);
    log_init(&record_log, open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600), LOG_INFO);
}

static void create(void)
{
    const struct recorder_settings settings = {.dir = scratch.dir,
                                               .build = "test",
                                               .room_thread_count = 1,
                                               .room_capacity = 1,
                                               .retry_ms = 1,
                                               .rooms = &one_room,
                                               .log = &record_log};
    struct error error;
    ck_assert_msg(recorder_create(&recorder, &settings, &error) == RESULT_OK, "%s", error.message);
    sink = recorder_sink(recorder);
}

static void start(void)
{
    struct error error;
    ck_assert_int_eq(recorder_start(recorder, &error), RESULT_OK);
}

static void stop(void)
{
    recorder_stop(recorder);
    recorder_destroy(recorder);
    recorder = NULL;
    ck_assert_uint_eq(atomic_load(&frames_out), 0);
}

static void teardown(void)
{
    recorder_destroy(recorder);
    match_destroy(match);
    close(record_log.fd);
    scratch_close(&scratch);
}

static struct catalog_entry entries[16];

static size_t list(void)
{
    struct catalog_entry *found;
    struct error error;
    size_t count;
    ck_assert_int_eq(catalog_list(scratch.dir, &found, &count, &error), RESULT_OK);
    ck_assert_uint_le(count, 16);
    if (count > 0) memcpy(entries, found, count * sizeof found[0]);
    free(found);
    return count;
}

static unsigned count_in_log(const char *what)
{
    static char text[65536];
    unsigned count = 0;
    ssize_t length = pread(record_log.fd, text, sizeof text - 1, 0);
    text[length < 0 ? 0 : length] = '\0';
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

/* Plays a recording to its end; returns its last tick. */
static uint32_t play_through(const char *path)
{
    struct reader *reader;
    struct error error;
    ck_assert_msg(reader_open(&reader, path, &error) == RESULT_OK, "%s", error.message);
    enum result result = reader_seek(reader, reader_info(reader)->first_tick, &error);
    while (result == RESULT_OK)
        result = reader_step(reader, &error);
    ck_assert_msg(result == RESULT_CLOSED, "%s", error.message);
    uint32_t tick = reader_tick(reader);
    reader_close(reader);
    return tick;
}

static uint32_t play_entry(size_t index)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s.db", scratch.dir, entries[index].id);
    return play_through(path);
}

/* -- matches -- */

START_TEST(a_match_becomes_one_plain_file_and_an_entry)
{
    char path[256];

    create();
    start();
    play_ticks(123, 1);
    sink.end(sink.context, 0, NULL);
    stop();
    ck_assert_uint_eq(list(), 1);
    ck_assert_int_eq(entries[0].status, RECORDING_COMPLETE);
    ck_assert_uint_eq(entries[0].tick_count, 123);
    ck_assert_uint_eq(entries[0].player_count, 4);
    ck_assert_str_eq(entries[0].game, "toy");
    ck_assert_str_eq(entries[0].reason, "nobody plays any more");
    ck_assert_uint_eq(play_entry(0), 123);
    snprintf(path, sizeof path, "%s/%s.db-wal", scratch.dir, entries[0].id);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_new_match_has_a_new_file)
{
    create();
    start();
    play_ticks(45, 1);
    play_ticks(30, 2);
    stop();
    ck_assert_uint_eq(list(), 2);
    ck_assert_uint_eq(entries[0].tick_count + entries[1].tick_count, 75);
    ck_assert_int_eq(count_in_log("the match is over"), 1);
    ck_assert_int_eq(count_in_log("the server stopped"), 1);
    play_entry(0);
    play_entry(1);
}
END_TEST

START_TEST(who_comes_after_the_last_one_left_has_a_new_file)
{
    create();
    start();
    play_ticks(25, 1);
    sink.end(sink.context, 0, NULL);
    play_ticks(25, 1); /* at once: the recorder may not have seen the end yet */
    sink.end(sink.context, 0, NULL);
    stop();
    ck_assert_uint_eq(list(), 2);
    ck_assert_int_eq(entries[0].status, RECORDING_COMPLETE);
    ck_assert_int_eq(entries[1].status, RECORDING_COMPLETE);
}
END_TEST

START_TEST(a_slow_recorder_loses_ticks_and_says_so)
{
    create();
    push_ticks(RECORDER_ROOM_FRAMES + 25, 1); /* nobody takes them yet */
    ck_assert_uint_eq(atomic_load(&frames_out), RECORDER_ROOM_FRAMES);
    start();
    wait_until_written();
    play_ticks(50, 1);
    stop();
    ck_assert_uint_eq(list(), 1);
    ck_assert_int_eq(entries[0].status, RECORDING_INCOMPLETE);
    ck_assert_str_eq(entries[0].reason, "25 ticks are missing: the recorder was behind");
    ck_assert_uint_eq(entries[0].tick_count, RECORDER_ROOM_FRAMES + 50);
    ck_assert_int_eq(count_in_log("lost_ticks=25"), 1);
    ck_assert_uint_eq(play_entry(0), RECORDER_ROOM_FRAMES + 25 + 50);
}
END_TEST

/* -- disks that refuse -- */

START_TEST(a_full_disk_ends_the_recording_and_a_new_one_follows)
{
    struct rlimit limit;
    create();
    start();
    play_ticks(100, 1);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 1;
    setrlimit(RLIMIT_FSIZE, &limit);
    play_ticks(100, 1); /* the game goes on */
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    usleep(100000);
    play_ticks(100, 1);
    stop();

    ck_assert_int_eq(count_in_log("event=recording_resumed"), 1);
    ck_assert_uint_eq(list(), 2);
    bool first_failed = entries[0].status == RECORDING_INCOMPLETE;
    const struct catalog_entry *failed = &entries[first_failed ? 0 : 1];
    const struct catalog_entry *whole = &entries[first_failed ? 1 : 0];
    ck_assert_int_eq(whole->status, RECORDING_COMPLETE);
    ck_assert_uint_eq(whole->tick_count, 100);
    ck_assert_uint_ge(failed->tick_count, 100 - RECORDING_CHUNK_TICKS);
    play_entry(0);
    play_entry(1);
}
END_TEST

START_TEST(a_file_deleted_underneath_is_noticed)
{
    char path[256];
    create();
    start();
    play_ticks(60, 1);
    ck_assert_uint_eq(list(), 1);
    snprintf(path, sizeof path, "%s/%s.db", scratch.dir, entries[0].id);
    unlink(path);
    play_ticks(40, 1);
    usleep(50000);
    play_ticks(60, 1);
    stop();
    ck_assert_int_eq(count_in_log("event=recording_failed"), 1);
    ck_assert_uint_eq(list(), 1);
    ck_assert_int_eq(entries[0].status, RECORDING_COMPLETE);
    play_entry(0);
}
END_TEST

START_TEST(a_folder_that_cannot_be_is_an_error_at_start)
{
    struct recorder_settings settings = {.dir = "/dev/null/recordings",
                                         .build = "test",
                                         .room_thread_count = 1,
                                         .room_capacity = 1,
                                         .rooms = &one_room,
                                         .log = &record_log};
    struct error error;
    ck_assert_int_eq(recorder_create(&recorder, &settings, &error), RESULT_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "/dev/null/recordings"));
}
END_TEST

/* -- crashes -- */

/* Records for ever, and tells the ticks that it has given to the tape. */
_Noreturn static void record_until_killed(int told_fd)
{
    struct recording_head head;
    struct tape *tape;
    struct error error;
    match_describe(match, &head);
    if (tape_create(&tape, scratch.path, &head, &error) != RESULT_OK) _exit(1);
    for (;;) {
        struct frame *frame = match_step(match);
        if (tape_append(tape, frame, &error) != RESULT_OK) _exit(2);
        if (write(told_fd, &frame->tick, sizeof frame->tick) < 0) _exit(3);
    }
}

/* Returns the last tick that was told before the child was killed. */
static uint32_t kill_a_recording(uint32_t after_us)
{
    uint32_t told_tick = 0, tick;
    int told[2];
    ck_assert_int_eq(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) record_until_killed(told[1]);
    close(told[1]);
    ck_assert_int_eq((int)read(told[0], &told_tick, sizeof told_tick), (int)sizeof told_tick);
    for (uint64_t end_us = clock_monotonic_us() + after_us; clock_monotonic_us() < end_us;) {
        if (read(told[0], &tick, sizeof tick) == sizeof tick) told_tick = tick;
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(told[0], &tick, sizeof tick) == sizeof tick)
        told_tick = tick;
    close(told[0]);
    return told_tick;
}

static void assert_integrity(const char *path)
{
    struct store *store;
    struct store_query *query;
    struct error error;
    ck_assert_int_eq(store_open(&store, path, STORE_READ, &recording_form, &error), RESULT_OK);
    ck_assert_int_eq(store_prepare(store, &query, "PRAGMA integrity_check"), RESULT_OK);
    ck_assert_int_eq(store_step(query), RESULT_OK);
    ck_assert_str_eq(store_text(query, 0), "ok");
    store_finalize(query);
    store_close(store);
}

START_TEST(kill_9_costs_the_open_second_at_most)
{
    struct catalog *catalog;
    struct error error;
    struct rng rng;

    rng_init(&rng, (uint64_t)_i);
    uint32_t told_tick = kill_a_recording(1000 + rng_below(&rng, 150000));
    assert_integrity(scratch.path); /* as the crash left it */
    ck_assert_uint_ge(play_through(scratch.path) + RECORDING_CHUNK_TICKS, told_tick);

    ck_assert_int_eq(catalog_open(&catalog, scratch.dir, &error), RESULT_OK);
    ck_assert_uint_eq(catalog_recover(catalog), 1);
    ck_assert_uint_eq(catalog_recover(catalog), 0);
    catalog_close(catalog);
    ck_assert_uint_eq(list(), 1);
    ck_assert_int_eq(entries[0].status, RECORDING_TRUNCATED);
    ck_assert_uint_ge(play_entry(0) + RECORDING_CHUNK_TICKS, told_tick);
    assert_integrity(scratch.path);
}
END_TEST

START_TEST(a_recording_in_progress_is_left_alone_by_another_server)
{
    struct catalog *catalog;
    struct error error;
    int told[2], status;

    ck_assert_int_eq(pipe(told), 0);
    create();
    start();
    play_ticks(60, 1);
    pid_t child = fork();
    if (child == 0) {
        if (catalog_open(&catalog, scratch.dir, &error) != RESULT_OK) _exit(1);
        _exit(catalog_recover(catalog) == 0 ? 0 : 2);
    }
    waitpid(child, &status, 0);
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    play_ticks(60, 1);
    stop();
    ck_assert_uint_eq(list(), 1);
    ck_assert_int_eq(entries[0].status, RECORDING_COMPLETE);
    ck_assert_uint_eq(play_entry(0), 120);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("recorder");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_match_becomes_one_plain_file_and_an_entry);
    tcase_add_test(tests, a_new_match_has_a_new_file);
    tcase_add_test(tests, who_comes_after_the_last_one_left_has_a_new_file);
    tcase_add_test(tests, a_slow_recorder_loses_ticks_and_says_so);
    tcase_add_test(tests, a_full_disk_ends_the_recording_and_a_new_one_follows);
    tcase_add_test(tests, a_file_deleted_underneath_is_noticed);
    tcase_add_test(tests, a_folder_that_cannot_be_is_an_error_at_start);
    tcase_add_loop_test(tests, kill_9_costs_the_open_second_at_most, 0, 8);
    tcase_add_test(tests, a_recording_in_progress_is_left_alone_by_another_server);
    return suite_run("recorder", tests);
}
