#include "server/record/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/input_codec.h"
#include "server/record/pack.h"
#include "server/record/state_codec.h"
#include "shared/check.h"

static const char behind[] = "the recorder was behind";

/* The ticks since the last commit, encoded as they come. */
struct open_chunk {
    uint32_t first_tick;
    uint32_t tick_count;
    struct buffer hashes, state, inputs;
};

/* Rows of the open second. */
struct pending {
    struct recording_event *events; /* owned */
    size_t event_count, event_capacity;
    struct recording_player *players; /* owned: in the order of what happened */
    size_t player_count, player_capacity;
};

/* Who sits where, as far as it is recorded. */
struct taken_seat {
    bool is_taken;
    struct recording_player player;
};

struct tape {
    struct recording *recording; /* owned */
    struct state_codec state_codec;
    struct input_codec input_codec;
    struct open_chunk chunk;
    struct pending pending;
    struct taken_seat *seats; /* owned: seat_capacity */
    uint32_t seat_capacity;
    uint32_t player_id; /* of the last player */
    bool has_state;
    uint32_t keyframe_tick; /* of the last keyframe */
    struct buffer packed_state, packed_inputs, keyframe;
    struct tape_stats stats;
    enum recording_status status;
    char reason[RECORDING_REASON_BYTES];
};

static enum result no_memory(struct error *error)
{
    *error = (struct error){.code = RESULT_IO, .message = "no memory for a recording"};
    return RESULT_IO;
}

enum result tape_create(struct tape **tape, const char *path, const struct recording_head *head,
                        struct error *error)
{
    struct tape *t = calloc(1, sizeof *t);
    *tape = NULL;
    if (t == NULL) return no_memory(error);

    t->seat_capacity = head->seat_capacity;
    t->seats = calloc(head->seat_capacity + 1u, sizeof t->seats[0]);
    if (t->seats == NULL ||
        state_codec_init(&t->state_codec, head->table, head->slot_capacity) != RESULT_OK ||
        input_codec_init(&t->input_codec, head->table, head->seat_capacity) != RESULT_OK) {
        no_memory(error);
        goto fail;
    }
    if (recording_create(&t->recording, path, head, error) != RESULT_OK) goto fail;
    *tape = t;
    return RESULT_OK;
fail:
    tape_destroy(t);
    return error->code;
}

void tape_destroy(struct tape *t)
{
    if (t == NULL) return;
    recording_close(t->recording);
    buffer_deinit(&t->keyframe);
    buffer_deinit(&t->packed_inputs);
    buffer_deinit(&t->packed_state);
    buffer_deinit(&t->chunk.inputs);
    buffer_deinit(&t->chunk.state);
    buffer_deinit(&t->chunk.hashes);
    input_codec_deinit(&t->input_codec);
    state_codec_deinit(&t->state_codec);
    free(t->pending.players);
    free(t->pending.events);
    free(t->seats);
    free(t);
}

const struct tape_stats *tape_stats(const struct tape *t)
{
    return &t->stats;
}

enum recording_status tape_status(const struct tape *t)
{
    return t->status;
}

const char *tape_reason(const struct tape *t)
{
    return t->reason;
}

/* -- events and players: collected until the second is committed -- */

/* Makes place for one more item. Returns the array, or NULL without memory. */
static void *grow(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity) return items;
    size_t more = *capacity == 0 ? 64 : 2 * *capacity;
    void *grown = realloc(items, more * item_bytes);
    if (grown != NULL) *capacity = more;
    return grown;
}

/* More than a tick's ids can tell are dropped; a room's limits are far below. */
static enum result add_event(struct tape *t, const struct recording_event *event)
{
    struct pending *p = &t->pending;
    if (event->index >= RECORDING_EVENTS_PER_TICK) return RESULT_OK;
    void *events = grow(p->events, p->event_count, &p->event_capacity, sizeof p->events[0]);
    if (events == NULL) return RESULT_IO;
    p->events = events;
    p->events[p->event_count++] = *event;
    return RESULT_OK;
}

static enum result add_player(struct tape *t, const struct recording_player *player)
{
    struct pending *p = &t->pending;
    void *players = grow(p->players, p->player_count, &p->player_capacity, sizeof p->players[0]);
    if (players == NULL) return RESULT_IO;
    p->players = players;
    p->players[p->player_count++] = *player;
    return RESULT_OK;
}

static enum result add_events(struct tape *t, const struct frame *frame)
{
    enum result result = RESULT_OK;
    for (uint32_t i = 0; i < frame->event_count && result == RESULT_OK; i++) {
        struct recording_event event = {
            .tick = frame->state->tick, .index = (uint16_t)i, .event = frame->events[i]};
        result = add_event(t, &event);
    }
    for (uint32_t i = 0; i < frame->chat_count && result == RESULT_OK; i++) {
        const struct frame_chat *chat = &frame->chats[i];
        struct recording_event event = {.tick = frame->state->tick,
                                        .index = (uint16_t)(frame->event_count + i),
                                        .is_chat = true,
                                        .event = {.seat = chat->seat},
                                        .text_bytes = chat->length_bytes};
        memcpy(event.text, chat->text, chat->length_bytes);
        result = add_event(t, &event);
    }
    return result;
}

static bool is_same_player(const struct taken_seat *seat, const struct roster_entry *entry)
{
    if (seat->is_taken != entry->is_taken) return false;
    if (!seat->is_taken) return true;
    return seat->player.is_bot == entry->is_bot && seat->player.colour == entry->colour &&
           seat->player.name_bytes == entry->length_bytes &&
           memcmp(seat->player.name, entry->name, entry->length_bytes) == 0;
}

/* Ends the row of who sat there, and starts one of who sits there now. */
static enum result change_seat(struct tape *t, uint16_t number, const struct roster_entry *entry,
                               uint32_t tick)
{
    struct taken_seat *seat = &t->seats[number];
    bool was_taken = seat->is_taken;
    if (was_taken) {
        seat->player.has_left = true;
        seat->player.to_tick = tick - 1;
        if (add_player(t, &seat->player) != RESULT_OK) return RESULT_IO;
    }
    seat->is_taken = entry->is_taken;
    if (!entry->is_taken) return RESULT_OK;

    seat->player = (struct recording_player){.id = ++t->player_id,
                                             .seat = number,
                                             .is_bot = entry->is_bot,
                                             .colour = entry->colour,
                                             .name_bytes = entry->length_bytes,
                                             .from_tick = tick};
    memcpy(seat->player.name, entry->name, entry->length_bytes);
    /* A new name or colour is no new player. */
    if (!entry->is_bot && !was_taken) t->stats.player_count++;
    return add_player(t, &seat->player);
}

static enum result follow_roster(struct tape *t, const struct roster *roster, uint32_t tick)
{
    uint32_t seat_count = roster == NULL ? 0 : roster->seat_count;
    if (seat_count > t->seat_capacity) seat_count = t->seat_capacity;
    for (uint32_t i = 0; i < seat_count; i++) {
        if (is_same_player(&t->seats[i], &roster->entries[i])) continue;
        enum result result = change_seat(t, (uint16_t)i, &roster->entries[i], tick);
        if (result != RESULT_OK) return result;
    }
    return RESULT_OK;
}

static enum result put_pending(struct tape *t)
{
    struct pending *p = &t->pending;
    enum result result = RESULT_OK;
    for (size_t i = 0; i < p->player_count && result == RESULT_OK; i++)
        result = recording_put_player(t->recording, &p->players[i]);
    for (size_t i = 0; i < p->event_count && result == RESULT_OK; i++)
        result = recording_put_event(t->recording, &p->events[i]);
    p->player_count = 0;
    p->event_count = 0;
    return result;
}

/* -- chunks and keyframes -- */

static void begin_chunk(struct tape *t, uint32_t first_tick)
{
    t->chunk.first_tick = first_tick;
    t->chunk.tick_count = 0;
    buffer_clear(&t->chunk.hashes);
    buffer_clear(&t->chunk.state);
    buffer_clear(&t->chunk.inputs);
    state_codec_begin_chunk(&t->state_codec);
    input_codec_begin_chunk(&t->input_codec);
}

static enum result put_chunk(struct tape *t)
{
    struct open_chunk *chunk = &t->chunk;
    if (chunk->tick_count == 0) return RESULT_OK;
    if (chunk->hashes.failed || chunk->state.failed || chunk->inputs.failed) return RESULT_IO;
    enum result result =
        pack_encode(&t->packed_state, chunk->state.bytes, chunk->state.length_bytes);
    if (result != RESULT_OK) return result;
    result = pack_encode(&t->packed_inputs, chunk->inputs.bytes, chunk->inputs.length_bytes);
    if (result != RESULT_OK) return result;

    struct recording_chunk row = {
        .tick = chunk->first_tick,
        .tick_count = chunk->tick_count,
        .kind = RECORDING_TICKS,
        .hashes = {chunk->hashes.bytes, chunk->hashes.length_bytes},
        .state = {t->packed_state.bytes, t->packed_state.length_bytes},
        .inputs = {t->packed_inputs.bytes, t->packed_inputs.length_bytes},
        .state_bytes = (uint32_t)chunk->state.length_bytes,
        .inputs_bytes = (uint32_t)chunk->inputs.length_bytes,
    };
    t->stats.packed_bytes +=
        row.hashes.length_bytes + row.state.length_bytes + row.inputs.length_bytes;
    return recording_put_chunk(t->recording, &row);
}

static enum result put_keyframe(struct tape *t, const struct world_state *state)
{
    buffer_clear(&t->keyframe);
    state_codec_put_full(&t->state_codec, &t->keyframe, state);
    if (t->keyframe.failed) return RESULT_IO;
    enum result result = pack_encode(&t->packed_state, t->keyframe.bytes, t->keyframe.length_bytes);
    if (result != RESULT_OK) return result;

    struct recording_keyframe row = {
        .tick = state->tick,
        .hash = world_hash(state),
        .state = {t->packed_state.bytes, t->packed_state.length_bytes},
        .state_bytes = (uint32_t)t->keyframe.length_bytes,
    };
    t->keyframe_tick = state->tick;
    t->stats.packed_bytes += row.state.length_bytes;
    return recording_put_keyframe(t->recording, &row);
}

/* What a commit stores beside the open second; both may be NULL. */
struct commit_extra {
    struct recording_chunk *gap;
    const struct world_state *keyframe;
};

static enum result put_all(struct tape *t, const struct commit_extra *extra)
{
    enum result result = put_chunk(t);
    if (result == RESULT_OK && extra->gap != NULL) {
        result = recording_put_chunk(t->recording, extra->gap);
    }
    if (result == RESULT_OK && extra->keyframe != NULL) result = put_keyframe(t, extra->keyframe);
    if (result == RESULT_OK) result = put_pending(t);
    return result;
}

/* Stores all of it, or nothing. */
static enum result commit(struct tape *t, const struct commit_extra *extra)
{
    enum result result = recording_begin(t->recording);
    if (result == RESULT_OK) result = put_all(t, extra);
    if (result == RESULT_OK) result = recording_commit(t->recording);
    if (result != RESULT_OK) return result;

    t->stats.chunk_count += t->chunk.tick_count > 0;
    t->stats.tick_count += t->chunk.tick_count;
    t->stats.last_tick = t->state_codec.state->tick;
    begin_chunk(t, t->stats.last_tick + 1);
    return RESULT_OK;
}

/* The first tick, or one after a gap: its state stands alone, its inputs are not needed. */
static enum result start_over(struct tape *t, const struct frame *frame)
{
    uint32_t tick = frame->state->tick;
    uint32_t first_lost = t->state_codec.state->tick + 1;
    ASSERT(!t->has_state || tick > first_lost);
    struct recording_chunk gap = {.tick = first_lost,
                                  .tick_count = tick - first_lost,
                                  .kind = RECORDING_GAP,
                                  .reason = behind};
    struct commit_extra extra = {.gap = t->has_state ? &gap : NULL, .keyframe = frame->state};
    enum result result = commit(t, &extra);
    if (result != RESULT_OK) return result;

    if (t->has_state) {
        t->stats.lost_ticks += gap.tick_count;
    } else {
        t->stats.first_tick = tick;
    }
    t->has_state = true;
    t->stats.tick_count++;
    return RESULT_OK;
}

static enum result add_tick(struct tape *t, const struct frame *frame)
{
    struct open_chunk *chunk = &t->chunk;
    const struct world_state *state = frame->state;
    struct tick_inputs inputs = {.changes = frame->changes,
                                 .change_count = frame->change_count,
                                 .inputs = frame->inputs,
                                 .input_count = frame->input_count};
    buffer_put_u64(&chunk->hashes, world_hash(state));
    buffer_put_u64(&chunk->hashes, tick_inputs_hash(&inputs));
    state_codec_put_next(&t->state_codec, &chunk->state, state);
    input_codec_put(&t->input_codec, &chunk->inputs, &inputs);
    chunk->tick_count++;

    if (chunk->tick_count < RECORDING_CHUNK_TICKS) return RESULT_OK;
    bool is_due = state->tick - t->keyframe_tick >= RECORDING_KEYFRAME_TICKS;
    return commit(t, &(struct commit_extra){.keyframe = is_due ? state : NULL});
}

static enum result append(struct tape *t, const struct frame *frame)
{
    bool follows = t->has_state && frame->state->tick == t->state_codec.state->tick + 1;
    enum result result = add_events(t, frame);
    if (result == RESULT_OK) result = follow_roster(t, frame->roster, frame->state->tick);
    if (result != RESULT_OK) return result;
    return follows ? add_tick(t, frame) : start_over(t, frame);
}

enum result tape_append(struct tape *t, const struct frame *frame, struct error *error)
{
    ASSERT(t->status == RECORDING_OPEN);
    enum result result = append(t, frame);
    return result == RESULT_OK ? RESULT_OK : recording_error(t->recording, result, error);
}

/* Sets status and reason; the first trouble known is the one told. */
static void conclude(struct tape *t, const char *reason, const char *trouble)
{
    bool is_whole = trouble == NULL && t->stats.lost_ticks == 0;
    t->status = is_whole ? RECORDING_COMPLETE : RECORDING_INCOMPLETE;
    if (trouble == NULL && !is_whole) {
        snprintf(t->reason, sizeof t->reason, "%u ticks are missing: %s", t->stats.lost_ticks,
                 behind);
    } else {
        snprintf(t->reason, sizeof t->reason, "%s", is_whole ? reason : trouble);
    }
}

enum result tape_finish(struct tape *t, const char *reason, const char *trouble, uint64_t ended_ms,
                        struct error *error)
{
    ASSERT(t->status == RECORDING_OPEN);
    enum result result = RESULT_OK;
    if (trouble == NULL) result = commit(t, &(struct commit_extra){0});
    if (result != RESULT_OK) {
        recording_error(t->recording, result, error);
        conclude(t, reason, error->message);
        return result;
    }
    conclude(t, reason, trouble);
    result = recording_finish(t->recording, t->status, t->reason, ended_ms);
    if (result == RESULT_OK) return RESULT_OK;
    t->status = RECORDING_INCOMPLETE;
    return recording_error(t->recording, result, error);
}

bool tape_has_moved(const struct tape *t)
{
    return recording_has_moved(t->recording);
}
