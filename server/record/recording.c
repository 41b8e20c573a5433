#include "server/record/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/table_text.h"
#include "shared/check.h"
#include "shared/crc32c.h"

#define CHECKPOINT_COMMITS 60 /* a minute of play: the WAL stays at a few MB */

static const char settings_sql[] = "PRAGMA page_size=4096;"
                                   "PRAGMA journal_mode=WAL;"
                                   "PRAGMA synchronous=NORMAL;"
                                   "PRAGMA wal_autocheckpoint=0;"
                                   "PRAGMA journal_size_limit=16777216;";

static const char tables_sql[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT;"
    "CREATE TABLE keyframe(tick INTEGER PRIMARY KEY, hash INTEGER NOT NULL,"
    " previous_crc INTEGER NOT NULL, crc INTEGER NOT NULL, state_bytes INTEGER NOT NULL,"
    " state BLOB NOT NULL) STRICT;"
    "CREATE TABLE chunk(tick INTEGER PRIMARY KEY, tick_count INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, previous_crc INTEGER NOT NULL, crc INTEGER NOT NULL,"
    " state_bytes INTEGER NOT NULL, inputs_bytes INTEGER NOT NULL, reason TEXT,"
    " hashes BLOB NOT NULL, state BLOB NOT NULL, inputs BLOB NOT NULL) STRICT;"
    "CREATE INDEX gap ON chunk(tick, tick_count) WHERE kind=1;"
    "CREATE TABLE player(id INTEGER PRIMARY KEY, seat INTEGER NOT NULL, name TEXT NOT NULL,"
    " is_bot INTEGER NOT NULL, from_tick INTEGER NOT NULL, to_tick INTEGER,"
    " colour INTEGER NOT NULL) STRICT;"
    /* Events of one tick have neighbouring ids: found by tick without an index. */
    "CREATE TABLE event(id INTEGER PRIMARY KEY, tick INTEGER AS (id >> 12) VIRTUAL,"
    " kind INTEGER, seat INTEGER, w0 INTEGER, w1 INTEGER, w2 INTEGER, w3 INTEGER, w4 INTEGER,"
    " w5 INTEGER, text TEXT) STRICT;";

const struct store_form recording_form = {.application_id = RECORDING_APPLICATION_ID,
                                          .version = RECORDING_VERSION,
                                          .name = "a recording",
                                          .settings = settings_sql,
                                          .tables = tables_sql};

enum query { PUT_META, PUT_KEYFRAME, PUT_CHUNK, PUT_EVENT, PUT_PLAYER, QUERY_COUNT };

static const char *const queries_sql[] = {
    [PUT_META] = "INSERT OR REPLACE INTO meta VALUES(?,?)",
    [PUT_KEYFRAME] = "INSERT INTO keyframe VALUES(?,?,?,?,?,?)",
    [PUT_CHUNK] = "INSERT INTO chunk VALUES(?,?,?,?,?,?,?,?,?,?,?)",
    [PUT_EVENT] = "INSERT INTO event VALUES(?,?,?,?,?,?,?,?,?,?)",
    [PUT_PLAYER] = "INSERT OR REPLACE INTO player VALUES(?,?,?,?,?,?,?)",
};

struct recording {
    struct store *store;
    struct store_query *queries[QUERY_COUNT];
    uint32_t chain_crc; /* of the last item */
    uint32_t commit_count;
};

/* -- names of status -- */

static const char *const status_names[] = {"recording", "complete", "incomplete", "truncated"};
_Static_assert(sizeof status_names / sizeof status_names[0] == RECORDING_STATUS_COUNT,
               "one name for each status");

const char *recording_status_name(enum recording_status status)
{
    ASSERT(status < RECORDING_STATUS_COUNT);
    return status_names[status];
}

enum recording_status recording_status_of(const char *name)
{
    for (int i = 0; i < RECORDING_STATUS_COUNT; i++) {
        if (strcmp(name, status_names[i]) == 0) return (enum recording_status)i;
    }
    return RECORDING_OPEN;
}

int64_t recording_event_id(uint32_t tick)
{
    return (int64_t)tick * RECORDING_EVENTS_PER_TICK;
}

/* -- checksums -- */

static uint32_t crc_number(uint32_t crc, uint32_t number)
{
    uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                        (uint8_t)(number >> 24)};
    return crc32c(crc, bytes, sizeof bytes);
}

static uint32_t crc_blob(uint32_t crc, const struct recording_blob *blob)
{
    return crc32c(crc_number(crc, (uint32_t)blob->length_bytes), blob->bytes, blob->length_bytes);
}

uint32_t recording_head_crc(const struct recording_head *head, const char *table_text)
{
    uint32_t crc = crc32c(0, table_text, strlen(table_text));
    crc = crc32c(crc, head->packed_map, head->packed_map_bytes);
    crc = crc_number(crc, head->tick_hz);
    crc = crc_number(crc, head->slot_capacity);
    crc = crc_number(crc, head->seat_capacity);
    return crc_number(crc, head->unit);
}

uint32_t recording_chunk_crc(const struct recording_chunk *chunk)
{
    uint32_t crc = crc_number(chunk->previous_crc, chunk->tick);
    crc = crc_number(crc, chunk->tick_count);
    crc = crc_number(crc, chunk->kind);
    crc = crc_number(crc, chunk->state_bytes);
    crc = crc_number(crc, chunk->inputs_bytes);
    crc = crc_blob(crc, &chunk->hashes);
    crc = crc_blob(crc, &chunk->state);
    return crc_blob(crc, &chunk->inputs);
}

uint32_t recording_keyframe_crc(const struct recording_keyframe *keyframe)
{
    uint32_t crc = crc_number(keyframe->previous_crc, keyframe->tick);
    crc = crc_number(crc, (uint32_t)keyframe->hash);
    crc = crc_number(crc, (uint32_t)(keyframe->hash >> 32));
    crc = crc_number(crc, keyframe->state_bytes);
    return crc_blob(crc, &keyframe->state);
}

/* -- the head -- */

static enum result put_meta_text(struct recording *r, const char *key, const char *value)
{
    struct store_query *q = r->queries[PUT_META];
    store_bind_text(q, 1, key);
    store_bind_text(q, 2, value);
    return store_finish(q);
}

static enum result put_meta_number(struct recording *r, const char *key, uint64_t value)
{
    struct store_query *q = r->queries[PUT_META];
    store_bind_text(q, 1, key);
    store_bind_integer(q, 2, (int64_t)value);
    return store_finish(q);
}

static enum result put_meta_blob(struct recording *r, const char *key, const void *bytes,
                                 size_t length_bytes)
{
    struct store_query *q = r->queries[PUT_META];
    store_bind_text(q, 1, key);
    store_bind_blob(q, 2, bytes, length_bytes);
    return store_finish(q);
}

static enum result put_head_texts(struct recording *r, const struct recording_head *head,
                                  const char *table_text)
{
    const struct {
        const char *key, *value;
    } texts[] = {
        {"id", head->id},
        {"room", head->room},
        {"game", head->table->game},
        {"build", head->build},
        {"map_name", head->map_name},
        {"table", table_text},
        {"status", recording_status_name(RECORDING_OPEN)},
        {"reason", ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum result result = put_meta_text(r, texts[i].key, texts[i].value);
        if (result != RESULT_OK) return result;
    }
    return put_meta_blob(r, "map", head->packed_map, head->packed_map_bytes);
}

static enum result put_head_numbers(struct recording *r, const struct recording_head *head)
{
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        {"step_version", head->table->step_version},
        {"started_ms", head->started_ms},
        {"tick_hz", head->tick_hz},
        {"match_ticks", head->match_ticks},
        {"slot_capacity", head->slot_capacity},
        {"seat_capacity", head->seat_capacity},
        {"unit", head->unit},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        enum result result = put_meta_number(r, numbers[i].key, numbers[i].value);
        if (result != RESULT_OK) return result;
    }
    return RESULT_OK;
}

static enum result put_head(struct recording *r, const struct recording_head *head)
{
    char *table_text = table_text_write(head->table);
    if (table_text == NULL) return RESULT_IO;
    r->chain_crc = recording_head_crc(head, table_text);
    enum result result = recording_begin(r);
    if (result == RESULT_OK) result = put_head_texts(r, head, table_text);
    if (result == RESULT_OK) result = put_head_numbers(r, head);
    if (result == RESULT_OK) result = recording_commit(r);
    free(table_text);
    return result;
}

/* -- writing -- */

static enum result prepare_queries(struct recording *r)
{
    for (int i = 0; i < QUERY_COUNT; i++) {
        enum result result = store_prepare(r->store, &r->queries[i], queries_sql[i]);
        if (result != RESULT_OK) return result;
    }
    return RESULT_OK;
}

static void finalize_queries(struct recording *r)
{
    for (int i = 0; i < QUERY_COUNT; i++) {
        store_finalize(r->queries[i]);
        r->queries[i] = NULL;
    }
}

enum result recording_create(struct recording **recording, const char *path,
                             const struct recording_head *head, struct error *error)
{
    struct recording *r = calloc(1, sizeof *r);
    *recording = NULL;
    if (r == NULL) {
        *error = (struct error){.code = RESULT_IO, .message = "no memory for a recording"};
        return RESULT_IO;
    }
    enum result result = store_open(&r->store, path, STORE_CREATE, &recording_form, error);
    if (result != RESULT_OK) goto fail;
    result = prepare_queries(r);
    if (result == RESULT_OK) result = put_head(r, head);
    if (result == RESULT_OK) {
        *recording = r;
        return RESULT_OK;
    }
    store_error(r->store, result, error);
fail:
    recording_close(r);
    return error->code;
}

void recording_close(struct recording *r)
{
    if (r == NULL) return;
    finalize_queries(r);
    store_close(r->store);
    free(r);
}

enum result recording_begin(struct recording *r)
{
    return store_run(r->store, "BEGIN IMMEDIATE");
}

enum result recording_commit(struct recording *r)
{
    enum result result = store_run(r->store, "COMMIT");
    if (result == RESULT_OK && ++r->commit_count % CHECKPOINT_COMMITS == 0) {
        store_checkpoint(r->store);
    }
    return result;
}

enum result recording_put_keyframe(struct recording *r, struct recording_keyframe *keyframe)
{
    struct store_query *q = r->queries[PUT_KEYFRAME];
    keyframe->previous_crc = r->chain_crc;
    keyframe->crc = recording_keyframe_crc(keyframe);
    store_bind_integer(q, 1, keyframe->tick);
    store_bind_integer(q, 2, (int64_t)keyframe->hash);
    store_bind_integer(q, 3, keyframe->previous_crc);
    store_bind_integer(q, 4, keyframe->crc);
    store_bind_integer(q, 5, keyframe->state_bytes);
    store_bind_blob(q, 6, keyframe->state.bytes, keyframe->state.length_bytes);
    r->chain_crc = keyframe->crc;
    return store_finish(q);
}

enum result recording_put_chunk(struct recording *r, struct recording_chunk *chunk)
{
    struct store_query *q = r->queries[PUT_CHUNK];
    chunk->previous_crc = r->chain_crc;
    chunk->crc = recording_chunk_crc(chunk);
    store_bind_integer(q, 1, chunk->tick);
    store_bind_integer(q, 2, chunk->tick_count);
    store_bind_integer(q, 3, chunk->kind);
    store_bind_integer(q, 4, chunk->previous_crc);
    store_bind_integer(q, 5, chunk->crc);
    store_bind_integer(q, 6, chunk->state_bytes);
    store_bind_integer(q, 7, chunk->inputs_bytes);
    if (chunk->reason != NULL) store_bind_text(q, 8, chunk->reason);
    store_bind_blob(q, 9, chunk->hashes.bytes, chunk->hashes.length_bytes);
    store_bind_blob(q, 10, chunk->state.bytes, chunk->state.length_bytes);
    store_bind_blob(q, 11, chunk->inputs.bytes, chunk->inputs.length_bytes);
    r->chain_crc = chunk->crc;
    return store_finish(q);
}

enum result recording_put_event(struct recording *r, const struct recording_event *event)
{
    struct store_query *q = r->queries[PUT_EVENT];
    ASSERT(event->index < RECORDING_EVENTS_PER_TICK);
    store_bind_integer(q, 1, recording_event_id(event->tick) + event->index);
    if (event->event.seat != SEAT_NONE) store_bind_integer(q, 3, event->event.seat);
    if (event->is_chat) {
        store_bind_text_n(q, 10, event->text, event->text_bytes);
    } else {
        store_bind_integer(q, 2, event->event.kind);
        for (int i = 0; i < EVENT_WORDS; i++)
            store_bind_integer(q, 4 + i, event->event.words[i]);
    }
    return store_finish(q);
}

enum result recording_put_player(struct recording *r, const struct recording_player *player)
{
    struct store_query *q = r->queries[PUT_PLAYER];
    store_bind_integer(q, 1, player->id);
    store_bind_integer(q, 2, player->seat);
    store_bind_text_n(q, 3, player->name, player->name_bytes);
    store_bind_integer(q, 4, player->is_bot);
    store_bind_integer(q, 5, player->from_tick);
    if (player->has_left) store_bind_integer(q, 6, player->to_tick);
    store_bind_integer(q, 7, player->colour);
    return store_finish(q);
}

static enum result put_end(struct recording *r, enum recording_status status, const char *reason,
                           uint64_t ended_ms)
{
    enum result result = recording_begin(r);
    if (result == RESULT_OK) {
        result = put_meta_text(r, "status", recording_status_name(status));
    }
    if (result == RESULT_OK) result = put_meta_text(r, "reason", reason);
    if (result == RESULT_OK) result = put_meta_number(r, "ended_ms", ended_ms);
    if (result == RESULT_OK) result = recording_commit(r);
    return result;
}

enum result recording_finish(struct recording *r, enum recording_status status, const char *reason,
                             uint64_t ended_ms)
{
    /* A transaction that failed half-way may still be open. */
    store_run(r->store, "ROLLBACK");
    enum result result = store_run(r->store, "PRAGMA synchronous=FULL");
    if (result == RESULT_OK) result = put_end(r, status, reason, ended_ms);
    finalize_queries(r);
    if (result != RESULT_OK) return result;

    result = store_settle(r->store);
    /* Somebody is watching: the file is complete, and becomes a plain one at the next start. */
    return result == RESULT_AGAIN ? RESULT_OK : result;
}

bool recording_has_moved(const struct recording *r)
{
    return store_has_moved(r->store);
}

enum result recording_error(const struct recording *r, enum result result, struct error *error)
{
    return store_error(r->store, result, error);
}

static enum result tell_status(struct store *store, enum recording_status status,
                               const char *reason)
{
    struct store_query *query;
    enum result result =
        store_prepare(store, &query,
                      "UPDATE meta SET value=CASE key WHEN 'status' THEN ? ELSE ? END "
                      "WHERE key IN ('status','reason') AND "
                      "(SELECT value FROM meta WHERE key='status')='recording'");
    if (result != RESULT_OK) return result;
    store_bind_text(query, 1, recording_status_name(status));
    store_bind_text(query, 2, reason);
    result = store_finish(query);
    store_finalize(query);
    return result;
}

enum result recording_settle(const char *path, enum recording_status status, const char *reason,
                             struct error *error)
{
    struct store *store;
    enum result result = store_open(&store, path, STORE_CHANGE, &recording_form, error);
    if (result != RESULT_OK) return result;

    /* First alone, then to write: another process may be recording it at this moment. */
    result = store_unjournal(store);
    if (result == RESULT_OK) result = tell_status(store, status, reason);
    if (result != RESULT_OK) store_error(store, result, error);
    store_close(store);
    return result;
}
