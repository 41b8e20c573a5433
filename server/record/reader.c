#include "server/record/reader_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/pack.h"
#include "shared/check.h"

#define KEYFRAME_COLUMNS "SELECT tick, hash, previous_crc, crc, state_bytes, state FROM keyframe "

static const char *const queries_sql[] = {
    [QUERY_META] = "SELECT value FROM meta WHERE key=?",
    [QUERY_KEYFRAME_BEFORE] = KEYFRAME_COLUMNS "WHERE tick<=? ORDER BY tick DESC LIMIT 1",
    [QUERY_KEYFRAME_AT] = KEYFRAME_COLUMNS "WHERE tick=?",
    [QUERY_CHUNK_AFTER] =
        "SELECT tick, tick_count, kind, previous_crc, crc, state_bytes, inputs_bytes,"
        " hashes, state, inputs FROM chunk WHERE tick>? ORDER BY tick LIMIT 1",
    [QUERY_PLAYERS] =
        "SELECT id, seat, name, is_bot, from_tick, to_tick, colour FROM player ORDER BY id",
    [QUERY_EVENTS] = "SELECT id, kind, seat, w0, w1, w2, w3, w4, w5, text FROM event"
                     " WHERE id>=? AND id<? ORDER BY id",
};

/* In files of version 1 nobody chose a colour. */
#define COLOURS_SINCE_VERSION 2

static const char colourless_players_sql[] =
    "SELECT id, seat, name, is_bot, from_tick, to_tick, 0 FROM player ORDER BY id";

/* -- errors -- */

__attribute__((format(printf, 4, 5))) static enum result fail(const struct reader *r,
                                                              struct error *error,
                                                              enum result result,
                                                              const char *format, ...)
{
    va_list arguments;
    int length = snprintf(error->message, sizeof error->message, "%s: ", r->path);
    size_t used = length < 0 ? 0 : (size_t)length;
    if (used >= sizeof error->message) used = sizeof error->message - 1;
    va_start(arguments, format);
    vsnprintf(error->message + used, sizeof error->message - used, format, arguments);
    va_end(arguments);
    error->code = result;
    return result;
}

static enum result no_memory(const struct reader *r, struct error *error)
{
    return fail(r, error, RESULT_IO, "no memory");
}

/* -- opening -- */

static enum result explain(struct reader *r, enum result result, struct error *error)
{
    if (result == RESULT_OK) return RESULT_OK;
    if (result == RESULT_CLOSED || result == RESULT_INVALID || result == RESULT_TOO_BIG) {
        return fail(r, error, RESULT_INVALID, "damaged: its head is incomplete or broken");
    }
    return store_error(r->store, result, error);
}

enum result reader_refresh(struct reader *r, struct error *error)
{
    return explain(r, reader_get_extent(r), error);
}

/* The first item's checksum covers the head. */
static enum result check_head(struct reader *r, struct error *error)
{
    int64_t crc =
        store_number(r->store, "SELECT previous_crc FROM keyframe ORDER BY tick LIMIT 1", -1);
    if (crc == recording_head_crc(&r->info.head, r->table_text)) return RESULT_OK;
    return fail(r, error, RESULT_INVALID,
                "damaged: the checksum of its head (field table, map, capacities) is wrong");
}

static enum result prepare(struct reader *r, struct error *error)
{
    bool has_colours = store_number(r->store, "PRAGMA user_version", 0) >= COLOURS_SINCE_VERSION;
    for (int i = 0; i < QUERY_COUNT; i++) {
        bool is_older = i == QUERY_PLAYERS && !has_colours;
        const char *sql = is_older ? colourless_players_sql : queries_sql[i];
        enum result result = store_prepare(r->store, &r->queries[i], sql);
        if (result != RESULT_OK) return store_error(r->store, result, error);
    }
    if (explain(r, reader_get_head(r), error) != RESULT_OK) return error->code;
    if (store_number(r->store, "SELECT count(*) FROM keyframe", 0) == 0) {
        return fail(r, error, RESULT_INVALID, "damaged: it holds no tick yet");
    }
    if (explain(r, reader_get_extent(r), error) != RESULT_OK) return error->code;
    if (check_head(r, error) != RESULT_OK) return error->code;

    const struct recording_head *head = &r->info.head;
    if (state_codec_init(&r->state_codec, head->table, head->slot_capacity) != RESULT_OK ||
        state_codec_init(&r->keyframe_codec, head->table, head->slot_capacity) != RESULT_OK ||
        input_codec_init(&r->input_codec, head->table, head->seat_capacity) != RESULT_OK) {
        return no_memory(r, error);
    }
    return RESULT_OK;
}

enum result reader_open(struct reader **reader, const char *path, struct error *error)
{
    struct reader *r = calloc(1, sizeof *r);
    *reader = NULL;
    if (r == NULL || (r->path = strdup(path)) == NULL) {
        *error = (struct error){.code = RESULT_IO, .message = "no memory for a reader"};
        goto fail;
    }
    r->checks_hashes = true;
    if (store_open(&r->store, path, STORE_READ, &recording_form, error) != RESULT_OK) goto fail;
    if (prepare(r, error) != RESULT_OK) goto fail;
    *reader = r;
    return RESULT_OK;
fail:
    reader_close(r);
    return error->code;
}

void reader_close(struct reader *r)
{
    if (r == NULL) return;
    buffer_deinit(&r->keyframe);
    buffer_deinit(&r->chunk.inputs);
    buffer_deinit(&r->chunk.state);
    buffer_deinit(&r->chunk.hashes);
    input_codec_deinit(&r->input_codec);
    state_codec_deinit(&r->keyframe_codec);
    state_codec_deinit(&r->state_codec);
    for (int i = 0; i < QUERY_COUNT; i++)
        store_finalize(r->queries[i]);
    store_close(r->store);
    free(r->players);
    free(r->tiles);
    free(r->packed_map);
    free(r->table_text);
    free(r->path);
    free(r);
}

/* -- items -- */

/* A row that must be there: turns the end of rows into damage. */
static enum result damaged_at(struct reader *r, uint32_t tick, const char *what,
                              struct error *error)
{
    r->stands = false;
    return fail(r, error, RESULT_INVALID, "damaged at tick %u: %s", tick, what);
}

static struct recording_blob get_blob(struct store_query *row, int column)
{
    struct recording_blob blob;
    blob.bytes = store_blob(row, column, &blob.length_bytes);
    return blob;
}

static void get_keyframe_row(struct recording_keyframe *keyframe, struct store_query *row)
{
    *keyframe = (struct recording_keyframe){.tick = (uint32_t)store_integer(row, 0),
                                            .hash = (uint64_t)store_integer(row, 1),
                                            .previous_crc = (uint32_t)store_integer(row, 2),
                                            .crc = (uint32_t)store_integer(row, 3),
                                            .state_bytes = (uint32_t)store_integer(row, 4),
                                            .state = get_blob(row, 5)};
}

static enum result decode_keyframe(struct reader *r, struct state_codec *codec,
                                   const struct recording_keyframe *keyframe, struct error *error)
{
    if (recording_keyframe_crc(keyframe) != keyframe->crc) {
        return damaged_at(r, keyframe->tick, "the keyframe's checksum is wrong", error);
    }
    enum result result = pack_decode(&r->keyframe, keyframe->state.bytes,
                                     keyframe->state.length_bytes, keyframe->state_bytes);
    if (result == RESULT_IO) return no_memory(r, error);

    struct cursor in;
    cursor_init(&in, r->keyframe.bytes, r->keyframe.length_bytes);
    if (result == RESULT_OK) result = state_codec_get_full(codec, &in);
    if (result != RESULT_OK || cursor_left_bytes(&in) != 0 ||
        codec->state->tick != keyframe->tick) {
        return damaged_at(r, keyframe->tick, "the keyframe cannot be decoded", error);
    }
    return RESULT_OK;
}

/* Makes the keyframe in `row` the place where the reader stands. */
static enum result stand_on_keyframe(struct reader *r, struct store_query *row, struct error *error)
{
    struct recording_keyframe keyframe;
    get_keyframe_row(&keyframe, row);
    r->stands = false;
    if (decode_keyframe(r, &r->state_codec, &keyframe, error) != RESULT_OK) return error->code;
    if (r->checks_hashes && world_hash(r->state_codec.state) != keyframe.hash) {
        return damaged_at(r, keyframe.tick, "the keyframe has not the recorded hash", error);
    }
    r->stands = true;
    r->is_start = true;
    r->has_keyframe = false;
    r->has_inputs = r->wants_inputs;
    r->chain_crc = keyframe.crc;
    r->hash = keyframe.hash;
    r->inputs_hash = 0;
    r->chunk.left_ticks = 0;
    return RESULT_OK;
}

/* Looks for a keyframe at the tick just decoded, the last of its chunk, and checks it. */
static enum result meet_keyframe(struct reader *r, struct error *error)
{
    uint32_t tick = reader_tick(r);
    struct store_query *row = r->queries[QUERY_KEYFRAME_AT];
    struct recording_keyframe keyframe;
    store_bind_integer(row, 1, tick);
    enum result result = store_step(row);
    if (result == RESULT_OK) {
        get_keyframe_row(&keyframe, row);
        if (keyframe.previous_crc != r->chain_crc) {
            result = damaged_at(r, tick, "the keyframe does not follow its chunk", error);
        } else {
            result = decode_keyframe(r, &r->keyframe_codec, &keyframe, error);
        }
        r->has_keyframe = result == RESULT_OK;
        r->chain_crc = keyframe.crc;
    } else if (result != RESULT_CLOSED) {
        store_error(r->store, result, error);
    } else {
        result = RESULT_OK;
    }
    store_reset(row);
    if (result != RESULT_OK || !r->has_keyframe || !r->checks_hashes) return result;
    if (world_hash(r->keyframe_codec.state) == r->hash) return RESULT_OK;
    return damaged_at(r, tick, "the keyframe is not the state that the chunk leads to", error);
}

/* Over a gap, to the keyframe at `tick`. */
static enum result cross_gap(struct reader *r, uint32_t tick, struct error *error)
{
    struct store_query *row = r->queries[QUERY_KEYFRAME_AT];
    store_bind_integer(row, 1, tick);
    enum result result = store_step(row);
    if (result == RESULT_OK) {
        if ((uint32_t)store_integer(row, 2) != r->chain_crc) {
            result = damaged_at(r, tick, "the keyframe does not follow its gap", error);
        } else {
            result = stand_on_keyframe(r, row, error);
        }
    } else if (result == RESULT_CLOSED) {
        result = damaged_at(r, tick, "the keyframe behind a gap is missing", error);
    } else {
        store_error(r->store, result, error);
    }
    store_reset(row);
    return result;
}

static void get_chunk_row(struct recording_chunk *chunk, struct store_query *row)
{
    *chunk = (struct recording_chunk){.tick = (uint32_t)store_integer(row, 0),
                                      .tick_count = (uint32_t)store_integer(row, 1),
                                      .kind = (enum recording_chunk_kind)store_integer(row, 2),
                                      .previous_crc = (uint32_t)store_integer(row, 3),
                                      .crc = (uint32_t)store_integer(row, 4),
                                      .state_bytes = (uint32_t)store_integer(row, 5),
                                      .inputs_bytes = (uint32_t)store_integer(row, 6),
                                      .hashes = get_blob(row, 7),
                                      .state = get_blob(row, 8),
                                      .inputs = get_blob(row, 9)};
}

static enum result check_chunk(struct reader *r, const struct recording_chunk *chunk,
                               struct error *error)
{
    uint32_t next_tick = reader_tick(r) + 1;
    if (chunk->tick != next_tick) {
        return damaged_at(r, next_tick, "the chunk with this tick is missing", error);
    }
    if (recording_chunk_crc(chunk) != chunk->crc) {
        return damaged_at(r, next_tick, "the chunk's checksum is wrong", error);
    }
    if (chunk->previous_crc != r->chain_crc) {
        return damaged_at(r, next_tick, "the chunk does not follow what stands before it", error);
    }
    bool is_gap = chunk->kind == RECORDING_GAP;
    if (chunk->tick_count == 0 || (!is_gap && chunk->kind != RECORDING_TICKS) ||
        (!is_gap && (chunk->tick_count > RECORDING_CHUNK_TICKS_MAX ||
                     chunk->hashes.length_bytes != chunk->tick_count * RECORDING_HASH_BYTES))) {
        return damaged_at(r, next_tick, "the chunk breaks the format", error);
    }
    return RESULT_OK;
}

static enum result unpack_chunk(struct reader *r, const struct recording_chunk *chunk,
                                struct error *error)
{
    struct loaded_chunk *c = &r->chunk;
    enum result result =
        pack_decode(&c->state, chunk->state.bytes, chunk->state.length_bytes, chunk->state_bytes);
    buffer_clear(&c->inputs);
    if (result == RESULT_OK && r->has_inputs) {
        result = pack_decode(&c->inputs, chunk->inputs.bytes, chunk->inputs.length_bytes,
                             chunk->inputs_bytes);
    }
    buffer_clear(&c->hashes);
    buffer_put_bytes(&c->hashes, chunk->hashes.bytes, chunk->hashes.length_bytes);
    if (result == RESULT_IO || c->hashes.failed) return no_memory(r, error);
    if (result != RESULT_OK) {
        return damaged_at(r, chunk->tick, "the chunk cannot be unpacked", error);
    }
    cursor_init(&c->hashes_at, c->hashes.bytes, c->hashes.length_bytes);
    cursor_init(&c->state_at, c->state.bytes, c->state.length_bytes);
    cursor_init(&c->inputs_at, c->inputs.bytes, c->inputs.length_bytes);
    state_codec_begin_chunk(&r->state_codec);
    input_codec_begin_chunk(&r->input_codec);
    c->left_ticks = chunk->tick_count;
    r->chain_crc = chunk->crc;
    return RESULT_OK;
}

/* Loads the chunk behind the reader's tick; of a gap, sets *gap_end to the tick behind it. */
static enum result load_chunk(struct reader *r, uint32_t *gap_end, struct error *error)
{
    struct store_query *row = r->queries[QUERY_CHUNK_AFTER];
    struct recording_chunk chunk;
    *gap_end = 0;
    store_bind_integer(row, 1, reader_tick(r));
    enum result result = store_step(row);
    if (result == RESULT_CLOSED) {
        fail(r, error, RESULT_CLOSED, "tick %u is its last", reader_tick(r));
    } else if (result != RESULT_OK) {
        store_error(r->store, result, error);
    } else {
        get_chunk_row(&chunk, row);
        result = check_chunk(r, &chunk, error);
        if (result == RESULT_OK && chunk.kind == RECORDING_GAP) {
            *gap_end = chunk.tick + chunk.tick_count;
            r->chain_crc = chunk.crc;
        } else if (result == RESULT_OK) {
            result = unpack_chunk(r, &chunk, error);
        }
    }
    store_reset(row);
    return result;
}

/* -- ticks -- */

static enum result decode_tick(struct reader *r, struct error *error)
{
    struct loaded_chunk *c = &r->chunk;
    uint32_t tick = reader_tick(r) + 1;
    enum result result = state_codec_get_next(&r->state_codec, &c->state_at);
    if (result == RESULT_OK && r->has_inputs) {
        result = input_codec_get(&r->input_codec, &c->inputs_at, &r->inputs);
    }
    if (result == RESULT_IO) return no_memory(r, error);
    c->left_ticks--;
    bool is_last = c->left_ticks == 0;
    if (result != RESULT_OK || (is_last && cursor_left_bytes(&c->state_at) != 0) ||
        (is_last && r->has_inputs && cursor_left_bytes(&c->inputs_at) != 0)) {
        return damaged_at(r, tick, "the chunk cannot be decoded", error);
    }
    r->hash = cursor_get_u64(&c->hashes_at);
    r->inputs_hash = cursor_get_u64(&c->hashes_at);
    r->is_start = false;
    r->has_keyframe = false;
    return RESULT_OK;
}

static enum result step(struct reader *r, bool checks_hash, struct error *error)
{
    if (r->chunk.left_ticks == 0) {
        uint32_t gap_end;
        if (load_chunk(r, &gap_end, error) != RESULT_OK) return error->code;
        if (gap_end != 0) return cross_gap(r, gap_end, error);
    }
    if (decode_tick(r, error) != RESULT_OK) return error->code;
    if (checks_hash && world_hash(r->state_codec.state) != r->hash) {
        return damaged_at(r, reader_tick(r), "the state has not the recorded hash", error);
    }
    return r->chunk.left_ticks == 0 ? meet_keyframe(r, error) : RESULT_OK;
}

enum result reader_step(struct reader *r, struct error *error)
{
    ASSERT(r->stands);
    return step(r, r->checks_hashes, error);
}

/* Goes to the newest keyframe at or before `tick`, unless the reader stands between the two. */
static enum result approach(struct reader *r, uint32_t tick, struct error *error)
{
    struct store_query *row = r->queries[QUERY_KEYFRAME_BEFORE];
    store_bind_integer(row, 1, tick);
    enum result result = store_step(row);
    if (result == RESULT_OK) {
        bool is_on_the_way = r->stands && r->has_inputs == r->wants_inputs &&
                             reader_tick(r) <= tick &&
                             (int64_t)reader_tick(r) >= store_integer(row, 0);
        if (!is_on_the_way) result = stand_on_keyframe(r, row, error);
    } else if (result == RESULT_CLOSED) {
        result = damaged_at(r, tick, "there is no keyframe before it", error);
    } else {
        store_error(r->store, result, error);
    }
    store_reset(row);
    return result;
}

enum result reader_seek(struct reader *r, uint32_t tick, struct error *error)
{
    const struct reader_info *info = &r->info;
    if (tick < info->first_tick || tick > info->last_tick) {
        return fail(r, error, RESULT_TOO_BIG, "no such tick: %u is not in %u to %u", tick,
                    info->first_tick, info->last_tick);
    }
    if (approach(r, tick, error) != RESULT_OK) return error->code;
    while (reader_tick(r) < tick) {
        bool checks_hash = r->checks_hashes && reader_tick(r) + 1 == tick;
        if (step(r, checks_hash, error) != RESULT_OK) return error->code;
    }
    if (reader_tick(r) == tick) return RESULT_OK;
    return fail(r, error, RESULT_TOO_BIG, "no such tick: %u was lost (%s)", tick,
                info->reason[0] != '\0' ? info->reason : "a gap");
}

void reader_want_inputs(struct reader *r, bool wanted)
{
    r->wants_inputs = wanted;
}

void reader_check_hashes(struct reader *r, bool checked)
{
    r->checks_hashes = checked;
}

/* -- what it holds and where it stands -- */

const struct reader_info *reader_info(const struct reader *r)
{
    return &r->info;
}

void reader_sizes(struct reader *r, struct reader_sizes *sizes)
{
    struct store *s = r->store;
    *sizes = (struct reader_sizes){
        .keyframe_count = (uint32_t)store_number(s, "SELECT count(*) FROM keyframe", 0),
        .chunk_count = (uint32_t)store_number(s, "SELECT count(*) FROM chunk", 0),
        .event_count = (uint32_t)store_number(s, "SELECT count(*) FROM event", 0),
        .keyframe_bytes = (uint64_t)store_number(s, "SELECT sum(length(state)) FROM keyframe", 0),
        .state_bytes = (uint64_t)store_number(s, "SELECT sum(length(state)) FROM chunk", 0),
        .inputs_bytes = (uint64_t)store_number(s, "SELECT sum(length(inputs)) FROM chunk", 0),
        .hash_bytes = (uint64_t)store_number(s, "SELECT sum(length(hashes)) FROM chunk", 0),
    };
}

const struct schema *reader_schema(const struct reader *r)
{
    return &r->table.schema;
}

const struct map *reader_map(const struct reader *r)
{
    return &r->map;
}

uint32_t reader_tick(const struct reader *r)
{
    return r->state_codec.state->tick;
}

const struct world_state *reader_state(const struct reader *r)
{
    ASSERT(r->stands);
    return r->state_codec.state;
}

uint64_t reader_hash(const struct reader *r)
{
    return r->hash;
}

bool reader_is_start(const struct reader *r)
{
    return r->is_start;
}

const struct tick_inputs *reader_inputs(const struct reader *r)
{
    return r->has_inputs && !r->is_start ? &r->inputs : NULL;
}

uint64_t reader_inputs_hash(const struct reader *r)
{
    return r->inputs_hash;
}

const struct world_state *reader_keyframe(const struct reader *r)
{
    return r->has_keyframe ? r->keyframe_codec.state : NULL;
}

/* -- events -- */

/* Returns false for a row that does not fit the table. */
static bool get_event(const struct reader *r, struct recording_event *e, struct store_query *row)
{
    const char *text = store_text(row, 9);
    size_t text_bytes = strlen(text);
    int64_t kind = store_integer(row, 1);
    if (text_bytes > CHAT_BYTES_MAX) text_bytes = CHAT_BYTES_MAX;
    int64_t id = store_integer(row, 0);
    *e = (struct recording_event){.tick = (uint32_t)(id / RECORDING_EVENTS_PER_TICK),
                                  .index = (uint16_t)(id % RECORDING_EVENTS_PER_TICK),
                                  .is_chat = store_is_null(row, 1),
                                  .text_bytes = (uint8_t)text_bytes};
    e->event.seat = store_is_null(row, 2) ? SEAT_NONE : (uint16_t)store_integer(row, 2);
    memcpy(e->text, text, text_bytes);
    if (e->is_chat) return true;
    e->event.kind = (uint8_t)kind;
    for (int i = 0; i < EVENT_WORDS; i++)
        e->event.words[i] = (int32_t)store_integer(row, 3 + i);
    return kind >= 0 && kind < r->table.table.event_kind_count;
}

enum result reader_events(struct reader *r, uint32_t from_tick, uint32_t to_tick,
                          struct recording_event *events, size_t capacity, size_t *count,
                          struct error *error)
{
    struct store_query *row = r->queries[QUERY_EVENTS];
    struct recording_event event;
    enum result result;
    *count = 0;
    store_bind_integer(row, 1, recording_event_id(from_tick));
    store_bind_integer(row, 2, recording_event_id(to_tick) + RECORDING_EVENTS_PER_TICK);
    while ((result = store_step(row)) == RESULT_OK) {
        if (!get_event(r, &event, row)) continue;
        if (*count < capacity) events[*count] = event;
        ++*count;
    }
    if (result != RESULT_CLOSED) store_error(r->store, result, error);
    store_reset(row);
    return result == RESULT_CLOSED ? RESULT_OK : result;
}
