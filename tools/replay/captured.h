/* captured.h - plays a client's capture: message by message, with what the client knew after each.
 *
 * Place:   the capture's info, play and dump walk over it; client/view/capture.h has the format.
 * Rules:   the messages are read by the tables of this build's game of that name, which must be
 *          those the client had: the schema's hash says so.
 * Memory:  owns the file's bytes and the lists; what a step gives is borrowed until the next.
 * Errors:  RESULT_CLOSED not a capture, or of a game that this build has not so; RESULT_INVALID
 *          broken; RESULT_IO cannot be read.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_CAPTURED_H
#define TICKWIRE_TOOLS_REPLAY_CAPTURED_H

#include "client/view/capture.h"
#include "client/view/news.h"
#include "shared/game.h"

struct captured {
    const char *path;         /* borrowed */
    uint8_t *bytes;           /* owned: the file */
    size_t length_bytes;      /* of it */
    const struct game *game;  /* of this build */
    struct schema schema;     /* of its table */
    struct wire_entity *list; /* owned: of `seen`, twice VIEW_ENTITIES_MAX */
    struct news_name *names;  /* owned */
    struct news news;
    struct capture_reader reader;

    struct capture_record record; /* the last step's */
    enum result decoded;          /* RESULT_AGAIN: a delta without its base */
    bool is_snapshot;             /* it was one, and `seen` is of its tick */
    struct seen seen;             /* after it */
};

/* Whether the file begins like a capture; false if it cannot be read, too. */
bool captured_is_one(const char *path);

enum result captured_open(struct captured **captured, const char *path, struct error *error);
void captured_close(struct captured *c); /* accepts NULL */

/* Takes the next record. RESULT_CLOSED: there is none. */
enum result captured_step(struct captured *c, struct error *error);

/* Starts again before the first record. */
void captured_rewind(struct captured *c);

/* "snapshot", "input", ...: what the last step's message is. */
const char *captured_name(const struct captured *c);

#endif
