/* reader_state.h - a reader from inside: the open file, what its head says, where it stands.
 *
 * Place:   reader_head.c reads the head, the players and the extent; reader.c opens, seeks and
 *          steps. The outside sees reader.h alone.
 */
#ifndef TICKWIRE_SERVER_RECORD_READER_STATE_H
#define TICKWIRE_SERVER_RECORD_READER_STATE_H

#include "server/record/input_codec.h"
#include "server/record/reader.h"
#include "server/record/state_codec.h"
#include "server/record/store.h"
#include "server/record/table_text.h"
#include "server/record/varint.h"

enum reader_query {
    QUERY_META,
    QUERY_KEYFRAME_BEFORE,
    QUERY_KEYFRAME_AT,
    QUERY_CHUNK_AFTER,
    QUERY_PLAYERS,
    QUERY_EVENTS,
    QUERY_COUNT
};

/* The chunk that the next step decodes from. */
struct loaded_chunk {
    uint32_t next_tick; /* to decode */
    uint32_t left_ticks;
    struct buffer hashes, state, inputs; /* unpacked */
    struct cursor hashes_at, state_at, inputs_at;
};

struct reader {
    char *path;
    struct store *store;
    struct store_query *queries[QUERY_COUNT];
    struct stored_table table;
    char *table_text;
    uint8_t *packed_map, *tiles;
    struct map map;
    struct reader_info info;
    struct recording_player *players;
    size_t player_count;

    struct state_codec state_codec;
    struct state_codec keyframe_codec; /* of a keyframe met on the way */
    struct input_codec input_codec;
    struct loaded_chunk chunk;
    struct buffer keyframe;
    bool wants_inputs, has_inputs; /* wished; decoded since the last seek */
    bool checks_hashes;

    bool stands; /* all below is valid */
    bool is_start, has_keyframe;
    uint32_t chain_crc; /* of the last item passed */
    uint64_t hash, inputs_hash;
    struct tick_inputs inputs;
};

/* Reads what never changes: names, capacities, field table, map. RESULT_CLOSED, RESULT_INVALID or
 * RESULT_TOO_BIG: something is missing or broken; else an error of the store. */
enum result reader_get_head(struct reader *r);

/* Reads what grows while a match is recorded: status, first and last tick, gaps, players. */
enum result reader_get_extent(struct reader *r);

#endif
