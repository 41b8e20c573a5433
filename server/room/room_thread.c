#include "server/room/rooms_state.h"
#include "shared/check.h"
#include "shared/host/clock.h"

static void count_one(_Atomic uint64_t *counter)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed) + 1;
    atomic_store_explicit(counter, now, memory_order_relaxed);
}

static void wake_if(const struct rooms *r, bool is_needed, uint32_t worker)
{
    if (is_needed) r->wake(r->wake_context, worker);
}

/* ---- commands in, replies out ---- */

/* How many replies fit into every worker's ring. */
static size_t reply_places(const struct room_thread *t)
{
    size_t places = REPLIES_CAPACITY;
    for (uint32_t w = 0; w < t->rooms->worker_count; w++) {
        size_t free_places = REPLIES_CAPACITY - ring_count(&t->replies[w]);
        if (free_places < places) places = free_places;
    }
    return places;
}

static void reply(struct room_thread *t, const struct room_reply *answer)
{
    uint32_t worker = answer->session.worker;
    bool became_nonempty;
    enum result result = ring_push(&t->replies[worker], answer, &became_nonempty);
    ASSERT(result == RESULT_OK);
    wake_if(t->rooms, became_nonempty, worker);
}

/* Returns how many replies it caused. */
static uint32_t carry_out(struct room_thread *t, const struct room_command *command,
                          uint64_t now_us)
{
    struct room *room = &t->rooms->items[command->room_index];
    struct room_reply replies[ROOM_REPLIES_MAX];
    ASSERT(room->thread == t->index);

    uint32_t count = room_apply(room, command, replies);
    for (uint32_t i = 0; i < count; i++)
        reply(t, &replies[i]);
    if (!room->is_awake && room_is_wanted(room)) {
        room->is_awake = true;
        pace_start(&room->pace, now_us);
    }
    return count;
}

static void drain(struct room_thread *t, uint64_t now_us)
{
    struct room_command command;
    size_t places = reply_places(t);
    for (uint32_t w = 0; w < t->rooms->worker_count; w++) {
        while (places >= ROOM_REPLIES_MAX && ring_pop(&t->commands[w], &command))
            places -= carry_out(t, &command, now_us);
    }
    t->drain_due_us = now_us + TICK_US;
}

/* ---- frames out ---- */

static void publish_to_workers(struct room_thread *t, struct room *room, struct frame *f)
{
    for (uint32_t w = 0; w < room->worker_count; w++) {
        if (room->members[w] == 0) continue;
        struct frame *held = frame_hold(f);
        bool became_nonempty = false;
        if (ring_push(rooms_frame_ring(t->rooms, room, w), &held, &became_nonempty) != RESULT_OK) {
            frame_release(held);
            count_one(&room->counters.frames_skipped);
            metrics_add(&t->metrics, METRIC_FRAMES_SKIPPED, 1);
        }
        wake_if(t->rooms, became_nonempty, w);
    }
}

static void end_recording(struct room_thread *t, struct room *room)
{
    const struct frame_sink *sink = &t->rooms->sink;
    if (room->is_recorded) sink->end(sink->context, t->index, room);
    room->is_recorded = false;
}

static void publish_to_recorder(struct room_thread *t, struct room *room, struct frame *f)
{
    const struct frame_sink *sink = &t->rooms->sink;
    if (sink->push == NULL || !room->settings.records) return;
    if (!room_has_players(room)) {
        end_recording(t, room);
    } else if (f != NULL) {
        sink->push(sink->context, t->index, frame_hold(f));
        room->is_recorded = true;
    }
}

/* ---- ticks ---- */

static void count_pace(struct room_thread *t, struct room *room, const struct pace *before)
{
    const struct pace *now = &room->pace;
    struct room_counters *c = &room->counters;
    metrics_add(&t->metrics, METRIC_TICKS, 1);
    metrics_add(&t->metrics, METRIC_TICKS_LATE, now->late_ticks - before->late_ticks);
    metrics_add(&t->metrics, METRIC_TICKS_DROPPED, now->dropped_ticks - before->dropped_ticks);
    atomic_store_explicit(&c->late_ticks, now->late_ticks, memory_order_relaxed);
    atomic_store_explicit(&c->dropped_ticks, now->dropped_ticks, memory_order_relaxed);
}

static void run_tick(struct room_thread *t, struct room *room)
{
    uint64_t start_us = clock_monotonic_us();
    struct pace before = room->pace;
    uint64_t due_us = pace_begin(&room->pace, start_us);
    metrics_observe_us(&t->metrics, HISTOGRAM_TICK_START_DELAY, start_us - before.due_us);

    struct frame *f = room_step(room, due_us);
    if (f != NULL) {
        publish_to_workers(t, room, f);
    } else {
        count_one(&room->counters.frames_skipped);
        metrics_add(&t->metrics, METRIC_FRAMES_SKIPPED, 1);
    }
    publish_to_recorder(t, room, f);
    if (!room_is_wanted(room)) {
        room->is_awake = false;
        room_sleep(room);
    }
    count_pace(t, room, &before);
    metrics_observe_us(&t->metrics, HISTOGRAM_TICK_DURATION, clock_monotonic_us() - start_us);
}

/* Returns the room of this thread whose tick is due first, or NULL if all sleep. */
static struct room *find_earliest(const struct room_thread *t)
{
    struct rooms *r = t->rooms;
    struct room *earliest = NULL;
    for (size_t i = t->index; i < r->count; i += r->thread_count) {
        struct room *room = &r->items[i];
        if (!room->is_awake) continue;
        if (earliest == NULL || room->pace.due_us < earliest->pace.due_us) earliest = room;
    }
    return earliest;
}

/* Sleeps or runs what is due first. */
static void turn(struct room_thread *t)
{
    uint64_t now_us = clock_monotonic_us();
    struct room *room = find_earliest(t);
    bool is_tick_first = room != NULL && room->pace.due_us <= t->drain_due_us;
    uint64_t due_us = is_tick_first ? room->pace.due_us : t->drain_due_us;

    if (due_us > now_us) {
        clock_sleep_until_ns(due_us * 1000);
        return;
    }
    drain(t, now_us);
    if (is_tick_first) run_tick(t, room);
}

void *room_thread_run(void *context)
{
    struct room_thread *t = context;
    struct rooms *r = t->rooms;

    while (!atomic_load_explicit(&r->is_stopping, memory_order_relaxed))
        turn(t);
    for (size_t i = t->index; i < r->count; i += r->thread_count)
        end_recording(t, &r->items[i]);
    return NULL;
}
