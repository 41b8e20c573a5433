/* ws_vectors.h - the golden frames of tests/vectors/ws_frames.json, as C sees them.
 *
 * Memory:  ws_vectors_load() allocates, and ends the program if the file is not as expected;
 *          ws_vectors_free() releases.
 * Layout:  an array of {section, name, reader: "server" | "client" (who reads), bytes, events,
 *          end}, and where they matter rsv1, message_bytes_max, fragments_max, breach, close.
 *          `bytes` and a payload are lists of hex strings and {repeat: hex, count}; an event is
 *          {kind, payload, code?, compressed?}; `end` is what the reader says after the last event.
 */
#ifndef TICKWIRE_TESTS_UNIT_WS_VECTORS_H
#define TICKWIRE_TESTS_UNIT_WS_VECTORS_H

#include "tests/lib/ws_transcript.h"

struct ws_vector {
    char *name; /* "§5.2: a length of 125" */
    struct ws_reader_config config;
    uint8_t *bytes;
    size_t length_bytes;
    uint16_t close_code;           /* what answers the breach; 0 if there is none */
    char breach[64];               /* its text; empty if there is none */
    struct ws_transcript expected; /* `breach` aside */
};

struct ws_vectors {
    struct ws_vector *items;
    size_t count;
};

struct ws_vectors ws_vectors_load(const char *path);
void ws_vectors_free(struct ws_vectors *vectors);

#endif
