/* bench_record: what recording costs, and how fast a recorded hour is found, played, proven and
 * exported.
 *
 * Records BENCH_TICKS (default 72000: an hour) of the first game with its bots, about 200 entities,
 * faster than real time, into a temporary file; then seeks to 1000 random ticks, each in a freshly
 * opened file and again in an open one, verifies it all, exports a part of it by tickwire-replay
 * (of TICKWIRE_BUILD), and counts what a reader takes. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/record/reader.h"
#include "server/record/recorder.h"
#include "server/record/tape.h"
#include "server/record/verify.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "tests/lib/match.h"
#include "tests/lib/scratch.h"

#define HOUR_TICKS   72000
#define MINUTE_TICKS 1200
#define EXPORT_TICKS 6000
#define SAMPLES      20
#define PLAYERS      150
#define SEEKS        1000

struct recorded {
    double append_us; /* a tick, on the recorder's thread, commits included */
    double commit_ms; /* the slowest tick: one that commits */
    double entities;  /* on average */
};

static uint32_t count_entities(const struct world_state *state)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < state->slot_count; slot++)
        count += state->entities[slot].kind != 0;
    return count;
}

static struct recorded record(struct scratch *scratch, uint32_t ticks)
{
    struct game game = *games_get(0);
    const struct match_settings settings = {.game = &game, .player_count = PLAYERS, .seed = 1};
    struct match *match = match_create(&settings);
    struct recording_head head;
    struct recorded result = {0};
    struct tape *tape;
    struct error error;
    uint64_t total_ns = 0, slowest_ns = 0, entities = 0;

    game.match_ticks = HOUR_TICKS; /* one match, however long a match is by default */
    match_describe(match, &head);
    ASSERT(tape_create(&tape, scratch->path, &head, &error) == RESULT_OK);
    for (uint32_t i = 0; i < ticks; i++) {
        struct frame *frame = match_step(match);
        entities += count_entities(frame->state);
        uint64_t start_ns = clock_monotonic_ns();
        ASSERT(tape_append(tape, frame, &error) == RESULT_OK);
        uint64_t took_ns = clock_monotonic_ns() - start_ns;
        total_ns += took_ns;
        if (took_ns > slowest_ns) slowest_ns = took_ns;
    }
    ASSERT(tape_finish(tape, "benchmark", NULL, head.started_ms, &error) == RESULT_OK);
    tape_destroy(tape);
    match_destroy(match);
    result.append_us = (double)total_ns / 1000 / ticks;
    result.commit_ms = (double)slowest_ns / 1e6;
    result.entities = (double)entities / ticks;
    return result;
}

/* -- what the room's thread pays -- */

static uint32_t index_of(const struct room *room)
{
    (void)room;
    return 0;
}

static void release(struct frame *frame)
{
    (void)frame;
}

/* A recorder that is never started: its ring takes what a room may have waiting, no more. */
static void bench_push(struct scratch *scratch)
{
    static const struct recorder_room_access rooms = {.index = index_of, .release = release};
    struct log log;
    log_init(&log, STDERR_FILENO, LOG_ERROR);
    const struct recorder_settings settings = {.dir = scratch->dir,
                                               .build = "bench",
                                               .room_thread_count = 1,
                                               .room_capacity = 1,
                                               .rooms = &rooms,
                                               .log = &log};
    struct recorder *recorder;
    struct frame frame = {.tick = 1};
    struct error error;
    ASSERT(recorder_create(&recorder, &settings, &error) == RESULT_OK);
    struct frame_sink sink = recorder_sink(recorder);
    uint64_t start_ns = clock_monotonic_ns();
    for (int i = 0; i < RECORDER_ROOM_FRAMES; i++)
        sink.push(sink.context, 0, &frame);
    double took_ns = (double)(clock_monotonic_ns() - start_ns);
    double push_us = took_ns / 1000 / RECORDER_ROOM_FRAMES;
    printf("a tick, room's thread:      %.2f us (%.5f %% of it)\n", push_us,
           push_us / (TICK_MS * 1000) * 100);
    recorder_destroy(recorder);
}

/* -- what a reader gets -- */

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static uint32_t random_tick(const struct reader *reader, struct rng *rng)
{
    const struct reader_info *info = reader_info(reader);
    return info->first_tick + rng_below(rng, info->last_tick - info->first_tick + 1);
}

static void print_seeks(const char *how, double times_ms[SEEKS])
{
    qsort(times_ms, SEEKS, sizeof times_ms[0], compare);
    printf("seek, %-21s median %.2f ms, p99 %.2f ms, worst %.2f ms\n", how, times_ms[SEEKS / 2],
           times_ms[SEEKS * 99 / 100], times_ms[SEEKS - 1]);
}

static void bench_seek(struct reader *reader)
{
    static double times_ms[SEEKS];
    struct error error;
    struct rng rng;
    rng_init(&rng, 3);
    for (int i = 0; i < SEEKS; i++) {
        uint32_t tick = random_tick(reader, &rng);
        uint64_t start_ns = clock_monotonic_ns();
        ASSERT(reader_seek(reader, tick, &error) == RESULT_OK);
        times_ms[i] = (double)(clock_monotonic_ns() - start_ns) / 1e6;
    }
    print_seeks("in an open file:", times_ms);
}

/* Each time from the path to the tick. */
static void bench_fresh_seek(const char *path, const struct reader *extent)
{
    static double times_ms[SEEKS];
    struct reader *reader;
    struct error error;
    struct rng rng;
    rng_init(&rng, 4);
    for (int i = 0; i < SEEKS; i++) {
        uint32_t tick = random_tick(extent, &rng);
        uint64_t start_ns = clock_monotonic_ns();
        ASSERT(reader_open(&reader, path, &error) == RESULT_OK);
        ASSERT(reader_seek(reader, tick, &error) == RESULT_OK);
        times_ms[i] = (double)(clock_monotonic_ns() - start_ns) / 1e6;
        reader_close(reader);
    }
    print_seeks("file opened each time:", times_ms);
}

static double heap_kb(void)
{
    struct mallinfo2 info = mallinfo2();
    return (double)(info.uordblks + info.hblkhd) / 1000;
}

/* What one reader has taken from the heap, at most, on its way through a file. */
static double reader_kb(const char *path)
{
    struct reader *reader;
    struct error error;
    struct rng rng;
    double before_kb = heap_kb(), most_kb = 0;
    rng_init(&rng, 5);
    ASSERT(reader_open(&reader, path, &error) == RESULT_OK);
    for (int i = 0; i < SAMPLES; i++) {
        ASSERT(reader_seek(reader, random_tick(reader, &rng), &error) == RESULT_OK);
        double now_kb = heap_kb() - before_kb;
        if (now_kb > most_kb) most_kb = now_kb;
    }
    reader_close(reader);
    return most_kb;
}

static void bench_memory(const char *path)
{
    struct scratch minute;
    scratch_open(&minute);
    record(&minute, MINUTE_TICKS);
    printf("memory of a reader:         %.0f KB; of a minute's recording %.0f KB\n",
           reader_kb(path), reader_kb(minute.path));
    scratch_close(&minute);
}

static void bench_export(const struct reader *reader, const char *path, const char *options)
{
    const char *build = getenv("TICKWIRE_BUILD");
    char command[512];
    uint32_t first = reader_info(reader)->first_tick, last = reader_info(reader)->last_tick;
    uint32_t ticks = last - first + 1 < EXPORT_TICKS ? last - first + 1 : EXPORT_TICKS;
    snprintf(command, sizeof command,
             "%s/tickwire-replay export %s --from %u --to %u %s >/dev/null",
             build != NULL ? build : "build", path, first, first + ticks - 1, options);
    uint64_t start_ns = clock_monotonic_ns();
    ASSERT(system(command) == 0);
    double seconds = (double)(clock_monotonic_ns() - start_ns) / 1e9;
    printf("export %-20s %.0f ticks/s\n", options, ticks / seconds);
}

static void bench_play(struct reader *reader)
{
    struct error error;
    uint64_t start_ns = clock_monotonic_ns();
    uint32_t ticks = 1;
    ASSERT(reader_seek(reader, reader_info(reader)->first_tick, &error) == RESULT_OK);
    while (reader_step(reader, &error) == RESULT_OK)
        ticks++;
    double seconds = (double)(clock_monotonic_ns() - start_ns) / 1e9;
    printf("play through:               %.0f ticks/s (%.2f s)\n", ticks / seconds, seconds);
}

static void bench_verify(struct reader *reader)
{
    struct verify_report report;
    struct error error;
    uint64_t start_ns = clock_monotonic_ns();
    ASSERT(verify_run(reader, games_get(0), NULL, NULL, &report, &error) == RESULT_OK);
    double seconds = (double)(clock_monotonic_ns() - start_ns) / 1e9;
    ASSERT(report.first.place == VERIFY_SAME);
    printf("verify:                     %.0f ticks/s (%.2f s)\n", report.tick_count / seconds,
           seconds);
}

static void print_sizes(struct reader *reader, const struct recorded *recorded, uint32_t ticks)
{
    struct reader_sizes sizes;
    double seconds = (double)ticks / TICK_HZ;
    reader_sizes(reader, &sizes);
    printf("recorded:                   %u ticks of %.0f entities, %d players\n", ticks,
           recorded->entities, PLAYERS);
    printf("a tick, recorder's thread:  %.1f us, the slowest %.1f ms\n", recorded->append_us,
           recorded->commit_ms);
    printf("a second of play:           %.0f bytes (states %.0f, keyframes %.0f, usercmds %.0f)\n",
           (double)reader_info(reader)->file_bytes / seconds, (double)sizes.state_bytes / seconds,
           (double)sizes.keyframe_bytes / seconds, (double)sizes.inputs_bytes / seconds);
    printf("events:                     %.1f a second\n", sizes.event_count / seconds);
    printf("an hour on disk:            %.1f MB\n",
           (double)reader_info(reader)->file_bytes / seconds * 3600 / 1e6);
}

int main(void)
{
    const char *wish = getenv("BENCH_TICKS");
    uint32_t ticks = wish != NULL ? (uint32_t)strtoul(wish, NULL, 10) : HOUR_TICKS;
    struct scratch scratch;
    struct reader *reader;
    struct error error;
    if (ticks < 1 || ticks > HOUR_TICKS) ticks = HOUR_TICKS;

    scratch_open(&scratch);
    bench_push(&scratch);
    struct recorded recorded = record(&scratch, ticks);
    uint64_t start_ns = clock_monotonic_ns();
    ASSERT(reader_open(&reader, scratch.path, &error) == RESULT_OK);
    double open_ms = (double)(clock_monotonic_ns() - start_ns) / 1e6;
    print_sizes(reader, &recorded, ticks);
    printf("open:                       %.1f ms\n", open_ms);
    bench_fresh_seek(scratch.path, reader);
    bench_seek(reader);
    bench_play(reader);
    bench_verify(reader);
    bench_export(reader, scratch.path, "--format json");
    bench_export(reader, scratch.path, "--format csv");
    bench_export(reader, scratch.path, "--what players");
    reader_close(reader);
    bench_memory(scratch.path);
    scratch_close(&scratch);
    return 0;
}
