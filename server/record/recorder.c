#include "server/record/recorder.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "server/record/catalog.h"
#include "server/record/tape.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/ring.h"

#define TURN_MS              20 /* between two looks at the rings */
#define RETRY_MS             5000
#define RETRY_MAX_MS         60000
#define CATALOG_EVERY_CHUNKS 10
#define RETENTION_EVERY_MS   60000

static const char match_over[] = "the match is over";
static const char nobody_left[] = "nobody plays any more";
static const char server_stopped[] = "the server stopped";
static const char file_gone[] = "its file was deleted or moved";

struct ring_item {
    struct frame *frame; /* one reference */
    uint32_t session;
};

struct recorded_room {
    /* Written by the room's thread. A session goes from the first player's coming to the last one's
     * leaving; each has a recording of its own. */
    _Atomic uint32_t session;
    _Atomic uint32_t waiting; /* frames in the ring; the recorder takes off what it has written */

    /* The recorder's own: */
    struct tape *tape; /* owned; NULL: not recording */
    uint32_t tape_session, tape_epoch;
    struct catalog_entry entry;
    bool has_entry;          /* in the catalog */
    uint32_t catalog_chunks; /* chunk count when the entry was last written */
    bool is_troubled;        /* the last recording failed */
    bool owes;               /* `owed` could not be written yet */
    struct catalog_entry owed;
    uint64_t retry_at_ms; /* monotonic */
    uint32_t retry_ms;
};

struct recorder {
    char dir[PATH_MAX];
    char build[RECORDING_BUILD_BYTES];
    const struct recorder_room_access *access;
    struct log *log;
    uint32_t retry_ms;
    struct retention_policy retention;
    uint64_t retention_at_ms; /* monotonic: when it is due */
    struct catalog *catalog;
    struct ring *rings; /* owned: one a room thread */
    uint32_t ring_count;
    struct recorded_room *rooms; /* owned: by index */
    uint32_t room_capacity;
    struct metrics metrics;
    pthread_t thread;
    bool is_running;
    _Atomic bool stops;
};

/* -- on room threads -- */

static void push(void *context, uint32_t room_thread, struct frame *frame)
{
    struct recorder *r = context;
    struct recorded_room *room = &r->rooms[r->access->index(frame->room)];
    struct ring_item item = {.frame = frame,
                             .session = atomic_load_explicit(&room->session, memory_order_relaxed)};
    if (atomic_load_explicit(&room->waiting, memory_order_relaxed) < RECORDER_ROOM_FRAMES) {
        atomic_fetch_add_explicit(&room->waiting, 1, memory_order_relaxed);
        if (ring_push(&r->rings[room_thread], &item, NULL) == RESULT_OK) return;
        atomic_fetch_sub_explicit(&room->waiting, 1, memory_order_relaxed);
    }
    r->access->release(frame);
}

static void end(void *context, uint32_t room_thread, struct room *which)
{
    struct recorder *r = context;
    struct recorded_room *room = &r->rooms[r->access->index(which)];
    (void)room_thread;
    /* Releases the pushes before it: who sees the new session sees them waiting. */
    atomic_fetch_add_explicit(&room->session, 1, memory_order_release);
}

struct frame_sink recorder_sink(struct recorder *r)
{
    return (struct frame_sink){.context = r, .push = push, .end = end};
}

/* -- files -- */

static void make_id(char id[RECORDING_ID_BYTES], const char *room, uint64_t wall_ms)
{
    char when[32], name[ROOM_NAME_BYTES_MAX + 1];
    uint16_t salt = 0;
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &utc);
    catalog_copy_text(name, sizeof name, room);
    for (char *c = name; *c != '\0'; c++) {
        bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                        (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
        if (!is_plain) *c = '_';
    }
    if (getrandom(&salt, sizeof salt, 0) != sizeof salt) salt = (uint16_t)wall_ms;
    snprintf(id, RECORDING_ID_BYTES, "%s-%s-%04x", when, name, salt);
}

static bool path_of(const struct recorder *r, const char *id, const char *suffix,
                    char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s%s", r->dir, id, RECORDING_SUFFIX, suffix);
    return length > 0 && length < PATH_MAX;
}

/* A recording without a tick is of no use to anyone. */
static void delete_file(const struct recorder *r, const char *id)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (path_of(r, id, suffixes[i], path)) unlink(path);
    }
}

static uint64_t file_bytes(const struct recorder *r, const char *id)
{
    char path[PATH_MAX];
    struct stat file;
    uint64_t bytes = 0;
    if (path_of(r, id, "", path) && stat(path, &file) == 0) bytes += (uint64_t)file.st_size;
    if (path_of(r, id, "-wal", path) && stat(path, &file) == 0) bytes += (uint64_t)file.st_size;
    return bytes;
}

/* Returns whether the catalog took it. */
static bool put_entry(struct recorder *r, struct recorded_room *room)
{
    struct error ignored;
    const struct tape_stats *stats = tape_stats(room->tape);
    room->entry.tick_count = stats->tick_count;
    room->entry.player_count = stats->player_count;
    room->entry.file_bytes = file_bytes(r, room->entry.id);
    room->catalog_chunks = stats->chunk_count;
    room->has_entry = true;
    return catalog_put(r->catalog, &room->entry, &ignored) == RESULT_OK;
}

/* Says in file and catalog how a recording ended, if the disk had no place for it then. What is
 * still owed at the end, the next start finds. */
static void pay(struct recorder *r, struct recorded_room *room)
{
    struct error ignored;
    char path[PATH_MAX];
    if (!room->owes) return;
    if (path_of(r, room->owed.id, "", path) && access(path, F_OK) == 0) {
        if (recording_settle(path, room->owed.status, room->owed.reason, &ignored) != RESULT_OK) {
            return;
        }
        room->owed.file_bytes = file_bytes(r, room->owed.id);
    }
    room->owes = catalog_put(r->catalog, &room->owed, &ignored) != RESULT_OK;
}

/* -- one room -- */

static void note_trouble(struct recorder *r, struct recorded_room *room, const char *what)
{
    uint64_t now_ms = clock_monotonic_ms();
    metrics_add(&r->metrics, METRIC_RECORD_FAILURES, 1);
    room->retry_ms = room->is_troubled ? 2 * room->retry_ms : r->retry_ms;
    if (room->retry_ms > RETRY_MAX_MS) room->retry_ms = RETRY_MAX_MS;
    room->retry_at_ms = now_ms + room->retry_ms;
    if (!room->is_troubled) {
        log_event(r->log, LOG_ERROR, "recording_failed", LOG_TEXT("room", room->entry.room),
                  LOG_TEXT("id", room->entry.id), LOG_TEXT("reason", what));
    }
    room->is_troubled = true;
}

/* -- what is no longer kept -- */

static void note_retired(void *context, const struct catalog_entry *entry, const char *reason,
                         const char *trouble)
{
    struct recorder *r = context;
    if (trouble != NULL) {
        log_event(r->log, LOG_WARNING, "recording_not_deleted", LOG_TEXT("id", entry->id),
                  LOG_TEXT("reason", trouble));
        return;
    }
    metrics_add(&r->metrics, METRIC_RECORD_DELETED, 1);
    log_event(r->log, LOG_INFO, "recording_deleted", LOG_TEXT("id", entry->id),
              LOG_INT("bytes", entry->file_bytes), LOG_TEXT("reason", reason));
}

static void retire(struct recorder *r)
{
    uint64_t now_ms = clock_monotonic_ms();
    if (now_ms < r->retention_at_ms) return;
    r->retention_at_ms = now_ms + RETENTION_EVERY_MS;
    retention_apply(&r->retention, r->catalog, clock_wall_ms(), note_retired, r);
}

/* -- ending and starting -- */

/* Ends the room's recording; with `trouble` it is incomplete. */
static void end_tape(struct recorder *r, struct recorded_room *room, const char *reason,
                     const char *trouble)
{
    struct error error;
    struct catalog_entry *entry = &room->entry;
    entry->ended_ms = clock_wall_ms();
    bool fails = tape_finish(room->tape, reason, trouble, entry->ended_ms, &error) != RESULT_OK;
    if (fails && trouble == NULL) note_trouble(r, room, error.message);
    entry->status = tape_status(room->tape);
    catalog_copy_text(entry->reason, sizeof entry->reason, tape_reason(room->tape));
    bool is_empty = tape_stats(room->tape)->tick_count == 0;
    if (!is_empty && !put_entry(r, room)) fails = true;
    tape_destroy(room->tape);
    room->tape = NULL;
    if (is_empty) {
        delete_file(r, entry->id);
    } else if (fails) {
        room->owes = true;
        room->owed = *entry;
    }
    r->retention_at_ms = 0; /* its bytes are known now */
    if (!is_empty && entry->status == RECORDING_INCOMPLETE) {
        metrics_add(&r->metrics, METRIC_RECORD_INCOMPLETE, 1);
    }
    log_event(r->log, LOG_INFO, "recording_ended", LOG_TEXT("id", entry->id),
              LOG_TEXT("status", recording_status_name(entry->status)),
              LOG_INT("ticks", entry->tick_count), LOG_TEXT("reason", entry->reason));
}

static void start_tape(struct recorder *r, struct recorded_room *room, const struct ring_item *item)
{
    struct recording_head head = {.tick_hz = TICK_HZ, .started_ms = clock_wall_ms()};
    struct error error;
    char path[PATH_MAX];
    pay(r, room);
    r->access->describe(item->frame->room, &head);
    catalog_copy_text(head.build, sizeof head.build, r->build);
    make_id(head.id, head.room, head.started_ms);

    room->entry = (struct catalog_entry){.started_ms = head.started_ms};
    room->has_entry = false;
    catalog_copy_text(room->entry.id, sizeof room->entry.id, head.id);
    catalog_copy_text(room->entry.room, sizeof room->entry.room, head.room);
    catalog_copy_text(room->entry.game, sizeof room->entry.game, head.table->game);
    room->tape_session = item->session;
    room->tape_epoch = item->frame->epoch;
    if (!path_of(r, head.id, "", path) || access(path, F_OK) == 0) {
        note_trouble(r, room, "the file cannot be made");
        return;
    }
    if (tape_create(&room->tape, path, &head, &error) == RESULT_OK) return;
    note_trouble(r, room, error.message);
    delete_file(r, head.id);
}

/* Once a second: is the file still there, is the catalog to be told? */
static void look_after(struct recorder *r, struct recorded_room *room, uint32_t chunks_before)
{
    const struct tape_stats *stats = tape_stats(room->tape);
    if (!room->has_entry) put_entry(r, room);
    if (stats->chunk_count == chunks_before) return;
    metrics_add(&r->metrics, METRIC_RECORD_CHUNKS, 1);
    if (tape_has_moved(room->tape)) {
        note_trouble(r, room, file_gone);
        end_tape(r, room, NULL, file_gone);
        return;
    }
    if (room->is_troubled) {
        room->is_troubled = false;
        log_event(r->log, LOG_INFO, "recording_resumed", LOG_TEXT("room", room->entry.room),
                  LOG_TEXT("id", room->entry.id));
    }
    if (stats->chunk_count - room->catalog_chunks >= CATALOG_EVERY_CHUNKS) put_entry(r, room);
}

static void append(struct recorder *r, struct recorded_room *room, const struct frame *frame)
{
    struct error error;
    const struct tape_stats *stats = tape_stats(room->tape);
    uint32_t chunks_before = stats->chunk_count, lost_before = stats->lost_ticks;
    if (tape_append(room->tape, frame, &error) != RESULT_OK) {
        note_trouble(r, room, error.message);
        end_tape(r, room, NULL, error.message);
        return;
    }
    if (stats->lost_ticks != lost_before) {
        uint32_t lost_ticks = stats->lost_ticks - lost_before;
        metrics_add(&r->metrics, METRIC_RECORD_DROPPED, lost_ticks);
        log_event(r->log, LOG_WARNING, "recording_gap", LOG_TEXT("id", room->entry.id),
                  LOG_INT("tick", frame->tick), LOG_INT("lost_ticks", lost_ticks));
    }
    look_after(r, room, chunks_before);
}

static void take_frame(struct recorder *r, const struct ring_item *item)
{
    const struct frame *frame = item->frame;
    struct recorded_room *room = &r->rooms[r->access->index(frame->room)];
    if (room->tape != NULL && room->tape_session != item->session) {
        end_tape(r, room, nobody_left, NULL);
    }
    if (room->tape != NULL && room->tape_epoch != frame->epoch) {
        end_tape(r, room, match_over, NULL);
    }
    bool may_start = !room->is_troubled || clock_monotonic_ms() >= room->retry_at_ms;
    if (room->tape == NULL && may_start) start_tape(r, room, item);
    if (room->tape == NULL) {
        metrics_add(&r->metrics, METRIC_RECORD_DROPPED, 1);
    } else {
        append(r, room, frame);
    }
    atomic_fetch_sub_explicit(&room->waiting, 1, memory_order_relaxed);
    r->access->release(item->frame);
}

/* -- the thread -- */

/* Ends what nobody plays any more, once its last frame is written. */
static void end_sessions(struct recorder *r)
{
    for (uint32_t i = 0; i < r->room_capacity; i++) {
        struct recorded_room *room = &r->rooms[i];
        if (room->tape == NULL) continue;
        uint32_t session = atomic_load_explicit(&room->session, memory_order_acquire);
        uint32_t waiting = atomic_load_explicit(&room->waiting, memory_order_relaxed);
        if (session != room->tape_session && waiting == 0) end_tape(r, room, nobody_left, NULL);
    }
}

static void drain(struct recorder *r)
{
    struct ring_item item;
    for (uint32_t i = 0; i < r->ring_count; i++) {
        while (ring_pop(&r->rings[i], &item))
            take_frame(r, &item);
    }
}

static void *run(void *context)
{
    struct recorder *r = context;
    while (!atomic_load_explicit(&r->stops, memory_order_acquire)) {
        drain(r);
        end_sessions(r);
        retire(r);
        clock_sleep_until_ns(clock_monotonic_ns() + TURN_MS * UINT64_C(1000000));
    }
    drain(r);
    end_sessions(r);
    for (uint32_t i = 0; i < r->room_capacity; i++) {
        if (r->rooms[i].tape != NULL) end_tape(r, &r->rooms[i], server_stopped, NULL);
        pay(r, &r->rooms[i]);
    }
    retire(r);
    return NULL;
}

/* -- life -- */

static enum result init_rings(struct recorder *r, const struct recorder_settings *settings)
{
    size_t ring_bytes = settings->room_thread_count * sizeof r->rings[0];
    r->rings = aligned_alloc(alignof(struct ring), ring_bytes);
    if (r->rings != NULL) memset(r->rings, 0, ring_bytes);
    r->rooms = calloc(settings->room_capacity, sizeof r->rooms[0]);
    if (r->rings == NULL || r->rooms == NULL) return RESULT_IO;
    r->room_capacity = settings->room_capacity;
    for (; r->ring_count < settings->room_thread_count; r->ring_count++) {
        size_t capacity = (size_t)settings->room_capacity * RECORDER_ROOM_FRAMES;
        enum result result =
            ring_init(&r->rings[r->ring_count], capacity, sizeof(struct ring_item));
        if (result != RESULT_OK) return result;
    }
    return RESULT_OK;
}

enum result recorder_create(struct recorder **recorder, const struct recorder_settings *settings,
                            struct error *error)
{
    struct recorder *r = calloc(1, sizeof *r);
    *recorder = NULL;
    *error = (struct error){.code = RESULT_IO, .message = "no memory for the recorder"};
    if (r == NULL) return RESULT_IO;

    catalog_copy_text(r->dir, sizeof r->dir, settings->dir);
    catalog_copy_text(r->build, sizeof r->build, settings->build);
    r->access = settings->rooms;
    r->log = settings->log;
    r->retry_ms = settings->retry_ms != 0 ? settings->retry_ms : RETRY_MS;
    r->retention = settings->retention;
    if (init_rings(r, settings) != RESULT_OK) goto fail;
    if (catalog_open(&r->catalog, r->dir, error) != RESULT_OK) goto fail;
    size_t settled_count = catalog_recover(r->catalog);
    if (settled_count > 0) {
        log_event(r->log, LOG_WARNING, "recordings_recovered", LOG_INT("count", settled_count));
    }
    *recorder = r;
    return RESULT_OK;
fail:
    recorder_destroy(r);
    return error->code;
}

enum result recorder_start(struct recorder *r, struct error *error)
{
    int number = pthread_create(&r->thread, NULL, run, r);
    r->is_running = number == 0;
    if (r->is_running) return RESULT_OK;
    error->code = RESULT_IO;
    snprintf(error->message, sizeof error->message, "recorder thread: %s", strerror(number));
    return RESULT_IO;
}

void recorder_stop(struct recorder *r)
{
    if (!r->is_running) return;
    atomic_store_explicit(&r->stops, true, memory_order_release);
    pthread_join(r->thread, NULL);
    r->is_running = false;
}

void recorder_destroy(struct recorder *r)
{
    if (r == NULL) return;
    recorder_stop(r);
    catalog_close(r->catalog);
    for (uint32_t i = 0; i < r->ring_count; i++)
        ring_deinit(&r->rings[i]);
    free(r->rings);
    free(r->rooms);
    free(r);
}

const struct metrics *recorder_metrics(const struct recorder *r)
{
    return &r->metrics;
}
