#include <stdio.h>
#include <stdlib.h>

#include "server/room/rooms_state.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"

/* ---- making and ending ---- */

/* Rings lie on cache lines of their own, so plain calloc() will not do. NULL: no memory. */
static struct ring *make_rings(size_t count, size_t capacity, size_t record_bytes)
{
    struct ring *rings = aligned_alloc(alignof(struct ring), count * sizeof *rings);
    if (rings == NULL) return NULL;
    bytes_zero(rings, count * sizeof *rings);
    for (size_t i = 0; i < count; i++) {
        if (ring_init(&rings[i], capacity, record_bytes) == RESULT_OK) continue;
        while (i > 0)
            ring_deinit(&rings[--i]);
        free(rings);
        return NULL;
    }
    return rings;
}

static void free_rings(struct ring *rings, size_t count)
{
    for (size_t i = 0; rings != NULL && i < count; i++)
        ring_deinit(&rings[i]);
    free(rings);
}

static enum result make_threads(struct rooms *r)
{
    r->threads = calloc(r->thread_count, sizeof *r->threads);
    if (r->threads == NULL) return RESULT_IO;
    for (uint32_t i = 0; i < r->thread_count; i++) {
        struct room_thread *t = &r->threads[i];
        t->rooms = r;
        t->index = i;
        t->commands = make_rings(r->worker_count, COMMANDS_CAPACITY, sizeof(struct room_command));
        t->replies = make_rings(r->worker_count, REPLIES_CAPACITY, sizeof(struct room_reply));
        if (t->commands == NULL || t->replies == NULL) return RESULT_IO;
    }
    r->frames = make_rings(r->count * r->worker_count, FRAMES_CAPACITY, sizeof(struct frame *));
    return r->frames == NULL ? RESULT_IO : RESULT_OK;
}

static enum result make_rooms(struct rooms *r, const struct room_settings *settings,
                              struct error *error)
{
    r->items = calloc(r->count, sizeof *r->items);
    if (r->items == NULL) return error_set(error, RESULT_IO, "no memory for %zu rooms", r->count);
    for (; r->made_count < r->count; r->made_count++) {
        size_t i = r->made_count;
        if (rooms_find(r, settings[i].name) != NULL)
            return error_set(error, RESULT_INVALID, "room %s is configured twice",
                             settings[i].name);
        struct room *room = &r->items[i];
        if (room_init(room, &settings[i], r->worker_count, error) != RESULT_OK) return error->code;
        room->rooms = r;
        room->index = (uint16_t)i;
        room->thread = (uint32_t)(i % r->thread_count);
        pace_init(&room->pace, i * TICK_US / r->count);
    }
    return RESULT_OK;
}

struct rooms *rooms_create(const struct room_settings *settings, size_t room_count,
                           uint32_t thread_count, uint32_t worker_count,
                           void (*wake)(void *context, uint32_t worker), void *wake_context,
                           const struct frame_sink *sink, struct error *error)
{
    ASSERT(room_count >= 1 && room_count <= UINT16_MAX);
    ASSERT(thread_count >= 1 && worker_count >= 1);

    struct rooms *r = calloc(1, sizeof *r);
    if (r == NULL) {
        error_set(error, RESULT_IO, "no memory for the rooms");
        return NULL;
    }
    r->count = room_count;
    r->thread_count = thread_count < room_count ? thread_count : (uint32_t)room_count;
    r->worker_count = worker_count;
    r->wake = wake;
    r->wake_context = wake_context;
    if (sink != NULL) r->sink = *sink;

    if (make_threads(r) != RESULT_OK) {
        error_set(error, RESULT_IO, "no memory for the rings of %u workers", worker_count);
        goto fail;
    }
    if (make_rooms(r, settings, error) != RESULT_OK) goto fail;
    return r;
fail:
    rooms_destroy(r);
    return NULL;
}

enum result rooms_start(struct rooms *r, struct error *error)
{
    for (uint32_t i = 0; i < r->thread_count; i++) {
        struct room_thread *t = &r->threads[i];
        if (pthread_create(&t->thread, NULL, room_thread_run, t) != 0) {
            rooms_stop(r);
            return error_set(error, RESULT_IO, "cannot start room thread %u of %u", i + 1,
                             r->thread_count);
        }
        t->is_started = true;
        char name[16];
        (void)snprintf(name, sizeof name, "room %u", i);
        (void)pthread_setname_np(t->thread, name);
    }
    return RESULT_OK;
}

void rooms_stop(struct rooms *r)
{
    atomic_store(&r->is_stopping, true);
    for (uint32_t i = 0; i < r->thread_count; i++) {
        struct room_thread *t = &r->threads[i];
        if (!t->is_started) continue;
        int joined = pthread_join(t->thread, NULL);
        ASSERT(joined == 0);
        t->is_started = false;
    }
}

/* What workers did not take any more. */
static void release_frames(struct rooms *r)
{
    size_t rings = r->frames == NULL ? 0 : r->count * r->worker_count;
    struct frame *f;
    for (size_t i = 0; i < rings; i++) {
        while (ring_pop(&r->frames[i], &f))
            frame_release(f);
    }
}

void rooms_destroy(struct rooms *r)
{
    if (r == NULL) return;
    release_frames(r);
    for (size_t i = 0; i < r->made_count; i++)
        room_deinit(&r->items[i]);
    for (uint32_t i = 0; r->threads != NULL && i < r->thread_count; i++) {
        ASSERT(!r->threads[i].is_started);
        free_rings(r->threads[i].commands, r->worker_count);
        free_rings(r->threads[i].replies, r->worker_count);
    }
    free_rings(r->frames, r->count * r->worker_count);
    free(r->threads);
    free(r->items);
    free(r);
}

/* ---- what they are ---- */

size_t rooms_count(const struct rooms *r)
{
    return r->count;
}

uint32_t rooms_thread_count(const struct rooms *r)
{
    return r->thread_count;
}

const struct metrics *rooms_metrics(const struct rooms *r, uint32_t room_thread)
{
    ASSERT(room_thread < r->thread_count);
    return &r->threads[room_thread].metrics;
}

struct room *rooms_get(const struct rooms *r, size_t index)
{
    ASSERT(index < r->count);
    return &r->items[index];
}

struct room *rooms_find(const struct rooms *r, const char *name)
{
    for (size_t i = 0; i < r->made_count; i++) {
        if (text_equal(r->items[i].settings.name, name)) return &r->items[i];
    }
    return NULL;
}

/* ---- the workers' side ---- */

enum result room_post(struct room *room, uint32_t worker, const struct room_command *command)
{
    struct rooms *r = room->rooms;
    struct ring *commands = &r->threads[room->thread].commands[worker];
    struct room_command posted = *command;
    ASSERT(worker < r->worker_count);

    if (command->kind == ROOM_USERCMD &&
        ring_count(commands) >= COMMANDS_CAPACITY - COMMANDS_RESERVED) {
        atomic_fetch_add_explicit(&room->counters.usercmds_refused, 1, memory_order_relaxed);
        return RESULT_FULL;
    }
    posted.room_index = room->index;
    return ring_push(commands, &posted, NULL);
}

bool rooms_take_reply(struct rooms *r, uint32_t worker, struct room_reply *reply)
{
    ASSERT(worker < r->worker_count);
    for (uint32_t i = 0; i < r->thread_count; i++) {
        if (ring_pop(&r->threads[i].replies[worker], reply)) return true;
    }
    return false;
}

struct frame *room_take_frame(struct room *room, uint32_t worker)
{
    ASSERT(worker < room->worker_count);
    struct frame *f;
    return ring_pop(rooms_frame_ring(room->rooms, room, worker), &f) ? f : NULL;
}
