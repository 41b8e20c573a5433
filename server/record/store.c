#include "server/record/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/host/error.h"

#define PATIENCE_MS  250
#define HEADER_BYTES 100 /* of a database file: https://www.sqlite.org/fileformat.html §1.3 */

struct store {
    sqlite3 *database;
    char *path;
};

struct store_query {
    sqlite3_stmt *statement;
};

static enum result result_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
        return RESULT_OK;
    case SQLITE_DONE:
    case SQLITE_NOTADB:
        return RESULT_CLOSED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return RESULT_AGAIN;
    case SQLITE_FULL:
        return RESULT_FULL;
    case SQLITE_CORRUPT:
        return RESULT_INVALID;
    default:
        return RESULT_IO;
    }
}

enum result store_error(const struct store *s, enum result result, struct error *error)
{
    return error_set(error, result, "%s: %s", s->path, sqlite3_errmsg(s->database));
}

/* -- opening -- */

static uint32_t get_be32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* While a WAL holds newer pages, the header's page count says nothing about the file. */
static bool has_wal(const char *path)
{
    char wal_path[PATH_MAX];
    struct stat status;
    int length = snprintf(wal_path, sizeof wal_path, "%s-wal", path);
    if (length < 0 || (size_t)length >= sizeof wal_path) return false;
    return stat(wal_path, &status) == 0 && status.st_size > 0;
}

/* Looks at the header before sqlite does, because "file is not a database" and "malformed" do not
 * tell a text file from a download that broke off. */
static enum result check_header(const char *path, struct error *error)
{
    uint8_t header[HEADER_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_set(error, RESULT_IO, "%s: %s", path, strerror(errno));
    ssize_t got = pread(fd, header, sizeof header, 0);
    off_t length = lseek(fd, 0, SEEK_END);
    close(fd);
    if (got < 0) return error_set(error, RESULT_IO, "%s: %s", path, strerror(errno));

    if (got < HEADER_BYTES || memcmp(header, "SQLite format 3", 16) != 0) {
        return error_set(error, RESULT_CLOSED, "%s: is not a sqlite database", path);
    }
    uint32_t page_bytes = (uint32_t)header[16] << 8 | header[17];
    if (page_bytes == 1) page_bytes = 65536;
    uint64_t expected_bytes = (uint64_t)page_bytes * get_be32(header + 28);
    if ((uint64_t)length < expected_bytes && !has_wal(path)) {
        return error_set(error, RESULT_INVALID, "%s: is cut short: %llu of %llu bytes are there",
                         path, (unsigned long long)length, (unsigned long long)expected_bytes);
    }
    return RESULT_OK;
}

static enum result set_form(struct store *s, const struct store_form *form)
{
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA application_id=%u; PRAGMA user_version=%u",
             form->application_id, form->version);
    return store_run(s, sql);
}

static enum result make_form(struct store *s, const struct store_form *form)
{
    enum result result = store_run(s, form->settings);
    if (result == RESULT_OK) result = store_run(s, "BEGIN IMMEDIATE");
    if (result == RESULT_OK) result = store_run(s, form->tables);
    if (result == RESULT_OK) result = set_form(s, form);
    if (result == RESULT_OK) result = store_run(s, "COMMIT");
    return result;
}

static enum result check_form(struct store *s, const struct store_form *form, struct error *error)
{
    struct store_query *query;
    enum result result = store_prepare(s, &query, "PRAGMA application_id");
    if (result != RESULT_OK) return store_error(s, result, error);
    result = store_step(query);
    int64_t application_id = result == RESULT_OK ? store_integer(query, 0) : 0;
    store_finalize(query);
    if (result != RESULT_OK) return store_error(s, result, error);

    if (application_id != form->application_id) {
        return error_set(error, RESULT_CLOSED, "%s: is a database, but not %s", s->path,
                         form->name);
    }
    int64_t version = store_number(s, "PRAGMA user_version", 0);
    if (version > form->version) {
        return error_set(error, RESULT_CLOSED,
                         "%s: is %s of schema version %lld; this build reads up to version %u",
                         s->path, form->name, (long long)version, form->version);
    }
    return RESULT_OK;
}

static enum result prepare_file(struct store *s, bool is_new, const struct store_form *form,
                                struct error *error)
{
    if (!is_new) return check_form(s, form, error);
    enum result result = make_form(s, form);
    return result == RESULT_OK ? RESULT_OK : store_error(s, result, error);
}

static bool is_empty_or_missing(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT;
    off_t length = lseek(fd, 0, SEEK_END);
    close(fd);
    return length == 0;
}

enum result store_open(struct store **store, const char *path, enum store_mode mode,
                       const struct store_form *form, struct error *error)
{
    static const int flags[] = {
        [STORE_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
        [STORE_WRITE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
        [STORE_CHANGE] = SQLITE_OPEN_READWRITE,
        [STORE_READ] = SQLITE_OPEN_READONLY,
    };
    bool makes = mode == STORE_CREATE || mode == STORE_WRITE;
    bool is_new = makes && is_empty_or_missing(path);
    *store = NULL;
    if (mode == STORE_CREATE && access(path, F_OK) == 0) {
        return error_set(error, RESULT_IO, "%s: exists already", path);
    }
    if (!is_new && check_header(path, error) != RESULT_OK) return error->code;

    struct store *s = calloc(1, sizeof *s);
    if (s == NULL) return error_set(error, RESULT_IO, "%s: no memory", path);
    s->path = strdup(path);
    int code = SQLITE_NOMEM;
    if (s->path != NULL) {
        code = sqlite3_open_v2(path, &s->database, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL);
    }
    if (code != SQLITE_OK) {
        error_set(error, result_of(code), "%s: %s", path, sqlite3_errstr(code));
    } else {
        sqlite3_extended_result_codes(s->database, 1);
        /* The file may come from anyone: nothing in it may run anything. */
        sqlite3_db_config(s->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(s->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        store_set_patience(s, PATIENCE_MS);
        if (prepare_file(s, is_new, form, error) == RESULT_OK) {
            *store = s;
            return RESULT_OK;
        }
    }
    store_close(s);
    return error->code;
}

void store_close(struct store *s)
{
    if (s == NULL) return;
    int code = sqlite3_close(s->database);
    ASSERT(code == SQLITE_OK); /* else a query was not finalized */
    free(s->path);
    free(s);
}

void store_set_patience(struct store *s, uint32_t patience_ms)
{
    sqlite3_busy_timeout(s->database, (int)patience_ms);
}

/* -- whole statements -- */

enum result store_run(struct store *s, const char *sql)
{
    return result_of(sqlite3_exec(s->database, sql, NULL, NULL, NULL));
}

int64_t store_number(struct store *s, const char *sql, int64_t otherwise)
{
    struct store_query *query;
    if (store_prepare(s, &query, sql) != RESULT_OK) return otherwise;
    int64_t number = otherwise;
    if (store_step(query) == RESULT_OK && !store_is_null(query, 0))
        number = store_integer(query, 0);
    store_finalize(query);
    return number;
}

void store_checkpoint(struct store *s)
{
    sqlite3_wal_checkpoint_v2(s->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

enum result store_unjournal(struct store *s)
{
    return store_run(s, "PRAGMA journal_mode=DELETE");
}

enum result store_settle(struct store *s)
{
    enum result result = store_run(s, "PRAGMA wal_checkpoint(TRUNCATE)");
    return result == RESULT_OK ? store_unjournal(s) : result;
}

bool store_has_moved(struct store *s)
{
    int has_moved = 0;
    sqlite3_file_control(s->database, NULL, SQLITE_FCNTL_HAS_MOVED, &has_moved);
    return has_moved != 0;
}

/* -- queries -- */

enum result store_prepare(struct store *s, struct store_query **query, const char *sql)
{
    *query = calloc(1, sizeof **query);
    if (*query == NULL) return RESULT_IO;
    int code = sqlite3_prepare_v3(s->database, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &(*query)->statement, NULL);
    if (code == SQLITE_OK) return RESULT_OK;
    store_finalize(*query);
    *query = NULL;
    return result_of(code);
}

void store_finalize(struct store_query *q)
{
    if (q == NULL) return;
    sqlite3_finalize(q->statement);
    free(q);
}

void store_bind_integer(struct store_query *q, int index, int64_t value)
{
    int code = sqlite3_bind_int64(q->statement, index, value);
    ASSERT(code == SQLITE_OK);
}

void store_bind_text_n(struct store_query *q, int index, const char *text, size_t length_bytes)
{
    int code = sqlite3_bind_text(q->statement, index, text, (int)length_bytes, SQLITE_STATIC);
    ASSERT(code == SQLITE_OK);
}

void store_bind_text(struct store_query *q, int index, const char *text)
{
    store_bind_text_n(q, index, text, strlen(text));
}

void store_bind_blob(struct store_query *q, int index, const void *bytes, size_t length_bytes)
{
    /* A NULL pointer would bind NULL, not an empty blob. */
    int code = sqlite3_bind_blob64(q->statement, index, length_bytes == 0 ? "" : bytes,
                                   length_bytes, SQLITE_STATIC);
    ASSERT(code == SQLITE_OK || code == SQLITE_TOOBIG);
}

enum result store_step(struct store_query *q)
{
    return result_of(sqlite3_step(q->statement));
}

void store_reset(struct store_query *q)
{
    sqlite3_reset(q->statement);
    sqlite3_clear_bindings(q->statement);
}

enum result store_finish(struct store_query *q)
{
    enum result result = store_step(q);
    store_reset(q);
    return result == RESULT_CLOSED ? RESULT_OK : result;
}

int64_t store_integer(struct store_query *q, int column)
{
    return sqlite3_column_int64(q->statement, column);
}

bool store_is_null(struct store_query *q, int column)
{
    return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

const char *store_text(struct store_query *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q->statement, column);
    return text == NULL ? "" : text;
}

const void *store_blob(struct store_query *q, int column, size_t *length_bytes)
{
    const void *bytes = sqlite3_column_blob(q->statement, column);
    *length_bytes = (size_t)sqlite3_column_bytes(q->statement, column);
    return bytes == NULL ? "" : bytes;
}
