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
    size_t rooms_each = r->lobby.capacity / r->thread_count + 1;
    r->threads = calloc(r->thread_count, sizeof *r->threads);
    if (r->threads == NULL) return RESULT_IO;
    for (uint32_t i = 0; i < r->thread_count; i++) {
        struct room_thread *t = &r->threads[i];
        t->rooms = r;
        t->index = i;
        t->look_index = i;
        t->usercmds = make_rings(r->worker_count, USERCMDS_CAPACITY, sizeof(struct room_usercmd));
        t->commands = make_rings(r->worker_count, COMMANDS_CAPACITY, sizeof(struct room_command));
        t->replies = make_rings(r->worker_count, REPLIES_CAPACITY, sizeof(struct room_reply));
        if (t->usercmds == NULL || t->commands == NULL || t->replies == NULL) return RESULT_IO;
        if (agenda_init(&t->agenda, (uint32_t)rooms_each) != RESULT_OK) return RESULT_IO;
    }
    r->frames =
        make_rings(r->lobby.capacity * r->worker_count, FRAMES_CAPACITY, sizeof(struct frame *));
    return r->frames == NULL ? RESULT_IO : RESULT_OK;
}

uint64_t room_seed(uint64_t seed, uint64_t n)
{
    return seed + n * UINT64_C(0x9E3779B97F4A7C15);
}

/* Multiples of the golden section fill the tick evenly, however many rooms there are so far. */
static uint64_t phase_us(size_t index)
{
    uint32_t part = (uint32_t)index * UINT32_C(0x9E3779B9);
    return (uint64_t)part * TICK_US >> 32;
}

/* Returns the schema of a table, made with the first room that has it. NULL: the room is to make
 * its own, or to say what is wrong. */
static const struct schema *find_schema(struct rooms *r, const struct field_table *table)
{
    for (const struct game_schema *s = r->schemas; s != NULL; s = s->next) {
        if (s->schema.table == table) return &s->schema;
    }
    struct game_schema *made = malloc(sizeof *made);
    if (made == NULL) return NULL;
    if (schema_init(&made->schema, table) != RESULT_OK) {
        free(made);
        return NULL;
    }
    made->next = r->schemas;
    r->schemas = made;
    return &made->schema;
}

static void free_schemas(struct rooms *r)
{
    while (r->schemas != NULL) {
        struct game_schema *first = r->schemas;
        r->schemas = first->next;
        free(first);
    }
}

enum result rooms_make(struct rooms *r, size_t index, const struct room_settings *settings,
                       struct error *error)
{
    struct room *room = &r->items[index];
    struct room_settings shared = *settings;
    if (shared.schema == NULL) shared.schema = find_schema(r, shared.game->table);
    if (room_init(room, &shared, r->worker_count, error) != RESULT_OK) return error->code;
    room->rooms = r;
    room->is_unrecorded = r->sink.push == NULL || !shared.records;
    room->index = (uint16_t)index;
    room->thread = (uint32_t)(index % r->thread_count);
    pace_init(&room->pace, phase_us(index));
    r->made_count++;
    return RESULT_OK;
}

static enum result make_rooms(struct rooms *r, const struct rooms_setup *setup, struct error *error)
{
    r->items = calloc(r->lobby.capacity, sizeof *r->items);
    if (r->items == NULL)
        return error_set(error, RESULT_IO, "no memory for %zu rooms", r->lobby.capacity);
    for (size_t i = 0; i < setup->room_count; i++) {
        const char *name = setup->rooms[i].name;
        if (lobby_find(&r->lobby, name) < r->lobby.capacity)
            return error_set(error, RESULT_INVALID, "room %s is configured twice", name);
        if (rooms_make(r, i, &setup->rooms[i], error) != RESULT_OK) return error->code;
        struct lobby_place *place = lobby_take(&r->lobby, name);
        ASSERT(place == &r->lobby.places[i]);
        metrics_add(&r->threads[0].metrics, METRIC_ROOMS_MADE, 1);
    }
    return RESULT_OK;
}

static size_t capacity_for(const struct rooms_setup *setup)
{
    bool has_more = setup->template != NULL && setup->rooms_max > setup->room_count;
    return has_more ? setup->rooms_max : setup->room_count;
}

static void take_setup(struct rooms *r, const struct rooms_setup *setup)
{
    r->thread_count = setup->thread_count;
    if (r->thread_count > r->lobby.capacity) r->thread_count = (uint32_t)r->lobby.capacity;
    r->worker_count = setup->worker_count;
    r->has_template = setup->template != NULL;
    if (r->has_template) r->template = *setup->template;
    r->seed = setup->seed;
    r->keep_us = (uint64_t)setup->keep_ms * 1000;
    r->recorded_max = setup->recorded_max;
    r->wake = setup->wake;
    r->wake_context = setup->wake_context;
    if (setup->sink != NULL) r->sink = *setup->sink;
    r->witness = setup->witness;
    r->log = setup->log;
}

struct rooms *rooms_create(const struct rooms_setup *setup, struct error *error)
{
    ASSERT(setup->room_count >= 1 && setup->thread_count >= 1 && setup->worker_count >= 1);
    ASSERT(capacity_for(setup) <= UINT16_MAX);

    struct rooms *r = calloc(1, sizeof *r);
    if (r == NULL || lobby_init(&r->lobby, setup->room_count, capacity_for(setup)) != RESULT_OK) {
        error_set(error, RESULT_IO, "no memory for the rooms");
        goto fail;
    }
    take_setup(r, setup);
    if (make_threads(r) != RESULT_OK) {
        error_set(error, RESULT_IO, "no memory for the rings of %u workers", r->worker_count);
        goto fail;
    }
    if (make_rooms(r, setup, error) != RESULT_OK) goto fail;
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
    size_t rings = r->frames == NULL ? 0 : r->lobby.capacity * r->worker_count;
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
    for (size_t i = 0; r->items != NULL && i < r->lobby.capacity; i++) {
        if (r->lobby.places[i].state != PLACE_FREE) room_deinit(&r->items[i]);
    }
    for (uint32_t i = 0; r->threads != NULL && i < r->thread_count; i++) {
        ASSERT(!r->threads[i].is_started);
        free_rings(r->threads[i].usercmds, r->worker_count);
        free_rings(r->threads[i].commands, r->worker_count);
        free_rings(r->threads[i].replies, r->worker_count);
        agenda_deinit(&r->threads[i].agenda);
    }
    free_rings(r->frames, r->lobby.capacity * r->worker_count);
    free(r->threads);
    free(r->items);
    lobby_deinit(&r->lobby);
    free_schemas(r);
    free(r);
}

/* ---- what they are ---- */

size_t rooms_capacity(const struct rooms *r)
{
    return r->lobby.capacity;
}

uint32_t rooms_slot_capacity(const struct rooms *r)
{
    uint32_t most = r->has_template ? r->template.slot_capacity : 0;
    for (size_t i = 0; i < r->lobby.fixed_count; i++) {
        uint32_t slots = r->items[i].settings.slot_capacity;
        if (slots > most) most = slots;
    }
    return most;
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

/* ---- the workers' side ---- */

enum result room_post(struct room *room, uint32_t worker, const struct room_command *command)
{
    struct rooms *r = room->rooms;
    struct ring *commands = &r->threads[room->thread].commands[worker];
    struct room_command posted = *command;
    ASSERT(worker < r->worker_count);

    posted.room_index = room->index;
    posted.number = atomic_fetch_add_explicit(&r->posted_count, 1, memory_order_relaxed);
    return ring_push(commands, &posted, NULL);
}

enum result room_post_usercmd(struct room *room, uint32_t worker,
                              const struct room_usercmd *usercmd)
{
    struct rooms *r = room->rooms;
    struct room_usercmd posted = *usercmd;
    ASSERT(worker < r->worker_count);

    posted.room_index = room->index;
    enum result result = ring_push(&r->threads[room->thread].usercmds[worker], &posted, NULL);
    if (result != RESULT_OK)
        atomic_fetch_add_explicit(&room->counters.usercmds_refused, 1, memory_order_relaxed);
    return result;
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
