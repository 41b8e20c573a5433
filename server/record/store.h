/* store.h - one sqlite database: the only place that knows sqlite3.
 *
 * Place:   recording, reader and catalog say in SQL what they keep; nothing else opens a database.
 * Threads: a store belongs to the thread that opened it. A file has one writing store at a time
 *          (sqlite 3.40 may corrupt a WAL that two connections write or checkpoint at once);
 *          readers are read-only and end each read transaction at once.
 * Memory:  stores and queries are ours, to be closed by the caller, queries first. What a column
 *          returns is borrowed until the query's next step or reset.
 * Errors:  RESULT_AGAIN locked by another process, RESULT_FULL no space, RESULT_INVALID damaged,
 *          RESULT_CLOSED not a database at all, RESULT_IO everything else; store_error() says more.
 */
#ifndef TICKWIRE_SERVER_RECORD_STORE_H
#define TICKWIRE_SERVER_RECORD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

enum store_mode {
    STORE_CREATE, /* must not exist */
    STORE_WRITE,  /* made if there is none */
    STORE_CHANGE, /* must exist */
    STORE_READ
};

/* What a file is: application_id and user_version of its header. Making a new one sets them. */
struct store_form {
    uint32_t application_id;
    uint32_t version;     /* a file of a higher one is refused */
    const char *name;     /* for messages: "a recording" */
    const char *settings; /* pragmas of a new file, before its first table */
    const char *tables;   /* of a new file */
};

struct store;
struct store_query;

/* Opens, and makes or checks the form. The error names the file. A file that is not a database, not
 * of this form or of a newer version gives RESULT_CLOSED; one cut short gives RESULT_INVALID. */
enum result store_open(struct store **store, const char *path, enum store_mode mode,
                       const struct store_form *form, struct error *error);

/* Accepts NULL. */
void store_close(struct store *s);

/* How long to wait for another process's lock before RESULT_AGAIN; at first 250 ms. */
void store_set_patience(struct store *s, uint32_t patience_ms);

/* Runs SQL that returns nothing of interest. */
enum result store_run(struct store *s, const char *sql);

/* Returns the first column of the first row, or `otherwise` if there is none. */
int64_t store_number(struct store *s, const char *sql, int64_t otherwise);

/* Copies what the WAL holds into the file, as far as readers allow; no waiting. */
void store_checkpoint(struct store *s);

/* Brings all into one plain file without WAL. RESULT_AGAIN: somebody else has the file open;
 * nothing has changed then, and it was safe to try. */
enum result store_unjournal(struct store *s);

/* The same for the one writer: what the WAL holds is in the file even if RESULT_AGAIN. */
enum result store_settle(struct store *s);

/* Whether the file was deleted or moved since it was opened. */
bool store_has_moved(struct store *s);

/* Says what went wrong last, naming the file. Returns error->code: `result`. */
enum result store_error(const struct store *s, enum result result, struct error *error);

enum result store_prepare(struct store *s, struct store_query **query, const char *sql);
void store_finalize(struct store_query *q); /* accepts NULL */

/* Parameters count from 1; texts and blobs are borrowed until the reset. */
void store_bind_integer(struct store_query *q, int index, int64_t value);
void store_bind_text(struct store_query *q, int index, const char *text);
void store_bind_text_n(struct store_query *q, int index, const char *text, size_t length_bytes);
void store_bind_blob(struct store_query *q, int index, const void *bytes, size_t length_bytes);

/* RESULT_OK: a row is there. RESULT_CLOSED: no more. */
enum result store_step(struct store_query *q);

/* Ends the run and its transaction, forgets the parameters. */
void store_reset(struct store_query *q);

/* Steps a statement without rows to its end and resets it. */
enum result store_finish(struct store_query *q);

/* Columns count from 0. */
int64_t store_integer(struct store_query *q, int column);
bool store_is_null(struct store_query *q, int column);
const char *store_text(struct store_query *q, int column); /* never NULL */
const void *store_blob(struct store_query *q, int column, size_t *length_bytes);

#endif
