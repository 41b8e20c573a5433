#include "server/room/rooms_state.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/log.h"
#include "shared/host/slice.h"

#define SLICE_US 100

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
    ASSERT(room->rooms != NULL && room->thread == t->index);

    uint32_t count = room_apply(room, command, replies);
    for (uint32_t i = 0; i < count; i++)
        reply(t, &replies[i]);
    if (room_is_wanted(room)) room_thread_wake(t, room, now_us);
    return count;
}

static void drain_usercmds(struct room_thread *t, uint32_t worker)
{
    struct room_usercmd usercmd;
    while (ring_pop(&t->usercmds[worker], &usercmd)) {
        struct room *room = &t->rooms->items[usercmd.room_index];
        ASSERT(room->rooms != NULL && room->thread == t->index);
        room_apply_usercmd(room, &usercmd);
    }
}

/* Finds the worker whose next command has the lowest number below `number`, which it lowers; false:
 * none has. */
static bool find_earlier(struct room_thread *t, uint64_t *number, uint32_t *worker)
{
    uint64_t before = *number;
    for (uint32_t w = 0; w < t->rooms->worker_count; w++) {
        const struct room_command *next = ring_peek(&t->commands[w]);
        if (next == NULL || next->number >= *number) continue;
        *number = next->number;
        *worker = w;
    }
    return *number < before;
}

/* Takes the command that was posted first, by whichever worker: who said goodbye to one and comes
 * back by another has left before. A ring looked at first may have got an earlier command than the
 * one found in a later ring, so all are looked at until none has: what was posted before the one
 * found is seen by then. False: there is no command. */
static bool take_command(struct room_thread *t, struct room_command *command, uint32_t *worker)
{
    uint64_t number = UINT64_MAX;
    while (find_earlier(t, &number, worker))
        continue;
    return number != UINT64_MAX && ring_pop(&t->commands[*worker], command);
}

/* Returns whether all commands were carried out: a full ring of replies makes some wait. Before each
 * of them, the usercmds that its worker posted earlier: those are there by now. */
static bool drain(struct room_thread *t, uint64_t now_us)
{
    struct room_command command;
    uint32_t worker;
    size_t places = reply_places(t);
    for (uint32_t w = 0; w < t->rooms->worker_count; w++)
        drain_usercmds(t, w);
    while (places >= ROOM_REPLIES_MAX && take_command(t, &command, &worker)) {
        drain_usercmds(t, worker);
        places -= carry_out(t, &command, now_us);
    }
    t->drain_due_us = now_us + TICK_US;
    return places >= ROOM_REPLIES_MAX;
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

/* A frame that only the bots look at has no tick before it. */
static void show_witness(const struct room_thread *t, const struct room *room,
                         const struct frame *f)
{
    const struct frame_witness *witness = &t->rooms->witness;
    if (witness->see != NULL && room_is_wanted(room)) witness->see(witness->context, f);
}

/* ---- the recorder ---- */

static void end_recording(struct room_thread *t, struct room *room)
{
    struct rooms *r = t->rooms;
    if (room->is_recorded) {
        r->sink.end(r->sink.context, t->index, room);
        atomic_fetch_sub_explicit(&r->recorded_count, 1, memory_order_relaxed);
        metrics_add(&t->metrics, METRIC_ROOM_RECORDS_ENDED, 1);
    }
    room->is_recorded = false;
    room->is_record_refused = false;
}

/* Counts and says once that this room's players are not recorded: it may be later, if another ends
 * meanwhile. */
static void refuse_recording(struct room_thread *t, struct room *room)
{
    if (room->is_record_refused) return;
    room->is_record_refused = true;
    metrics_add(&t->metrics, METRIC_ROOM_RECORDS_REFUSED, 1);
    if (t->rooms->log == NULL) return;
    log_event(t->rooms->log, LOG_WARNING, "recording_refused",
              LOG_TEXT("room", room->settings.name),
              LOG_TEXT("reason", "rooms_recorded_max are recorded already"));
}

static bool begin_recording(struct room_thread *t, struct room *room)
{
    struct rooms *r = t->rooms;
    uint32_t count = atomic_load_explicit(&r->recorded_count, memory_order_relaxed);
    do {
        if (count >= r->recorded_max) return false;
    } while (!atomic_compare_exchange_weak_explicit(&r->recorded_count, &count, count + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    room->is_recorded = true;
    metrics_add(&t->metrics, METRIC_ROOM_RECORDS_BEGUN, 1);
    return true;
}

static void publish_to_recorder(struct room_thread *t, struct room *room, struct frame *f)
{
    const struct frame_sink *sink = &t->rooms->sink;
    if (sink->push == NULL || !room->settings.records) return;
    if (!room_has_players(room)) {
        end_recording(t, room);
    } else if (f != NULL) {
        if (room->is_recorded || begin_recording(t, room))
            sink->push(sink->context, t->index, frame_hold(f));
        else
            refuse_recording(t, room);
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

static void fall_asleep(struct room_thread *t, struct room *room)
{
    agenda_remove(&t->agenda, room);
    room->is_awake = false;
    room_sleep(room);
    metrics_add(&t->metrics, METRIC_ROOMS_SLEPT, 1);
}

void room_thread_wake(struct room_thread *t, struct room *room, uint64_t now_us)
{
    if (room->is_awake) return;
    room->is_awake = true;
    pace_start(&room->pace, now_us);
    agenda_add(&t->agenda, room, room->pace.due_us);
    metrics_add(&t->metrics, METRIC_ROOMS_WOKEN, 1);
}

void room_thread_retire(struct room_thread *t, struct room *room)
{
    struct frame *f;
    end_recording(t, room);
    if (room->is_awake) fall_asleep(t, room);
    for (uint32_t w = 0; w < room->worker_count; w++) {
        while (ring_pop(rooms_frame_ring(t->rooms, room, w), &f))
            frame_release(f);
    }
}

/* Runs the tick of the room that is first on the agenda. */
static void run_tick(struct room_thread *t, struct room *room)
{
    uint64_t start_us = clock_monotonic_us();
    struct pace before = room->pace;
    uint64_t due_us = pace_begin(&room->pace, start_us);
    metrics_observe_us(&t->metrics, HISTOGRAM_TICK_START_DELAY, start_us - before.due_us);

    struct frame *f = room_step(room, due_us);
    if (f != NULL) {
        show_witness(t, room, f);
        publish_to_workers(t, room, f);
    } else if (room_is_wanted(room)) {
        count_one(&room->counters.frames_skipped);
        metrics_add(&t->metrics, METRIC_FRAMES_SKIPPED, 1);
    }
    publish_to_recorder(t, room, f);
    agenda_postpone_first(&t->agenda, room->pace.due_us);
    if (!room_is_wanted(room) && !room->settings.stays_awake) fall_asleep(t, room);
    count_pace(t, room, &before);
    metrics_observe_us(&t->metrics, HISTOGRAM_TICK_DURATION, clock_monotonic_us() - start_us);
}

/* Sleeps or runs what is due first. */
static void turn(struct room_thread *t)
{
    uint64_t now_us = clock_monotonic_us(), tick_due_us = UINT64_MAX;
    struct room *room = agenda_first(&t->agenda, &tick_due_us);
    bool is_tick_first = tick_due_us <= t->drain_due_us;
    uint64_t due_us = is_tick_first ? tick_due_us : t->drain_due_us;

    if (due_us > now_us) {
        clock_sleep_until_ns(due_us * 1000);
        return;
    }
    bool is_drained = drain(t, now_us);
    if (is_tick_first) run_tick(t, room);
    lobby_tend(t, now_us, is_drained);
}

static void wake_all(struct room_thread *t)
{
    const struct lobby *l = &t->rooms->lobby;
    for (size_t i = t->index; i < l->fixed_count; i += t->rooms->thread_count) {
        struct room *room = &t->rooms->items[i];
        if (room->settings.stays_awake) room_thread_wake(t, room, clock_monotonic_us());
    }
}

void *room_thread_run(void *context)
{
    struct room_thread *t = context;
    struct rooms *r = t->rooms;

    slice_ask_us(SLICE_US);
    wake_all(t);
    while (!atomic_load_explicit(&r->is_stopping, memory_order_relaxed))
        turn(t);
    /* What is recorded has players and is awake; of other rooms this thread may know nothing yet. */
    for (uint32_t i = 0; i < t->agenda.count; i++)
        end_recording(t, t->agenda.entries[i].room);
    return NULL;
}
