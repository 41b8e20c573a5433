/* flavour.h - how one and the same session is spoken: binary or JSON, bare or as events.
 *
 * Place:   session.c decides what is said and done, a flavour writes it and reads what comes. A row
 *          of functions each; the choice falls with the subprotocol.
 * Memory:  writers fill the caller's buffer and answer the length, 0 if it did not fit.
 */
#ifndef TICKWIRE_SERVER_SESSION_FLAVOUR_H
#define TICKWIRE_SERVER_SESSION_FLAVOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/session/squeeze.h"
#include "server/session/viewer.h"
#include "shared/message.h"

struct session;

struct flavour {
    bool is_text;
    bool needs_hello;      /* before anything else; else one may just start */
    uint8_t input_mode;    /* enum input_mode of room.h */
    uint16_t entities_max; /* that a client sees, unless its hello says otherwise */
    struct squeeze_bytes
        update_bytes;      /* what a snapshot may have, and at least, if it is no full one */
    unsigned breaches_max; /* messages that are none, up to the one that ends the session */

    size_t (*write_welcome)(const struct session *s, const struct message_welcome *m,
                            uint8_t *bytes, size_t capacity_bytes);
    size_t (*write_snapshot)(const struct viewer *v, const struct viewer_plan *p,
                             const struct snapshot_echo *echo, uint8_t *bytes,
                             size_t capacity_bytes);
    /* Fills the plan's cost_bits: what each update takes in a snapshot. */
    void (*measure_updates)(const struct viewer *v, struct viewer_plan *p);
    size_t (*write_lines)(const struct viewer *v, const struct viewer_plan *p, uint8_t *bytes,
                          size_t capacity_bytes);
    /* The plan's line of that index as a message of its own. NULL: lines are part of snapshots. */
    size_t (*write_line)(const struct viewer *v, const struct viewer_plan *p, uint32_t index,
                         uint8_t *bytes, size_t capacity_bytes);
    size_t (*write_pace)(const struct message_pace *m, uint8_t *bytes, size_t capacity_bytes);
    size_t (*write_playback)(const struct message_playback *m, uint8_t *bytes,
                             size_t capacity_bytes);
    size_t (*write_bye)(const struct message_bye *m, uint8_t *bytes, size_t capacity_bytes);

    /* Reads one message and calls the session_on functions. Not RESULT_OK: it is none, or none that
     * may come now; the error says why. */
    enum result (*read)(struct session *s, uint8_t *bytes, size_t length_bytes,
                        struct error *error);

    /* Answers a message that is none, short of the last. NULL: the first is the last. */
    size_t (*write_error)(const char *reason, uint8_t *bytes, size_t capacity_bytes);
};

extern const struct flavour flavour_binary;
extern const struct flavour flavour_json;

/* The same for Socket.IO, where a client may just start, and JSON lines are events of their own. */
extern const struct flavour flavour_binary_events;
extern const struct flavour flavour_json_events;

#endif
