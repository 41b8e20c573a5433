#include "server/record/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/record/reader.h"
#include "server/record/store.h"
#include "shared/host/error.h"

#define ENTRIES_MAX 1000000

/* A rollback journal, not a WAL, so that the list also opens from a read-only folder. */
static const struct store_form catalog_form = {
    .application_id = 0x54575243u, /* "TWRC" */
    .version = 1,
    .name = "a catalog of recordings",
    .settings = "PRAGMA journal_mode=DELETE;",
    .tables = "CREATE TABLE match(id TEXT PRIMARY KEY, game TEXT NOT NULL, room TEXT NOT NULL,"
              " started_ms INTEGER NOT NULL, ended_ms INTEGER, ticks INTEGER NOT NULL,"
              " players INTEGER NOT NULL, bytes INTEGER NOT NULL, status TEXT NOT NULL,"
              " reason TEXT NOT NULL) STRICT;"
              "CREATE INDEX match_by_time ON match(started_ms);"};

static const char put_sql[] = "INSERT OR REPLACE INTO match VALUES(?,?,?,?,?,?,?,?,?,?)";
static const char forget_sql[] = "DELETE FROM match WHERE id=?";
static const char list_sql[] = "SELECT id, game, room, started_ms, ended_ms, ticks, players, bytes,"
                               " status, reason FROM match ORDER BY started_ms, id";

struct catalog {
    struct store *store;
    struct store_query *put, *forget;
    char *dir;
};

struct entry_list {
    struct catalog_entry *items; /* owned */
    size_t count, capacity;
};

void catalog_copy_text(char *to, size_t capacity_bytes, const char *from)
{
    size_t length = strlen(from);
    if (length >= capacity_bytes) length = capacity_bytes - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

static bool join_path(char path[PATH_MAX], const char *dir, const char *name, const char *suffix)
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", dir, name, suffix);
    return length > 0 && length < PATH_MAX;
}

static enum result fail(struct error *error, const char *dir, int number)
{
    return error_set(error, RESULT_IO, "%s: %s", dir, strerror(number));
}

static enum result open_store(struct store **store, const char *dir, struct error *error)
{
    char path[PATH_MAX], aside[PATH_MAX];
    if (!join_path(path, dir, CATALOG_FILE, "") || !join_path(aside, dir, CATALOG_FILE, ".damaged"))
        return fail(error, dir, ENAMETOOLONG);

    enum result result = store_open(store, path, STORE_WRITE, &catalog_form, error);
    if (result != RESULT_INVALID) return result;
    if (rename(path, aside) != 0) return fail(error, aside, errno);
    return store_open(store, path, STORE_WRITE, &catalog_form, error);
}

enum result catalog_open(struct catalog **catalog, const char *dir, struct error *error)
{
    struct catalog *c = calloc(1, sizeof *c);
    *catalog = NULL;
    if (c == NULL) return fail(error, dir, ENOMEM);
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        fail(error, dir, errno);
        goto fail;
    }
    c->dir = strdup(dir);
    if (c->dir == NULL) {
        fail(error, dir, ENOMEM);
        goto fail;
    }
    if (open_store(&c->store, dir, error) != RESULT_OK) goto fail;
    enum result result = store_prepare(c->store, &c->put, put_sql);
    if (result == RESULT_OK) result = store_prepare(c->store, &c->forget, forget_sql);
    if (result != RESULT_OK) {
        store_error(c->store, result, error);
        goto fail;
    }
    *catalog = c;
    return RESULT_OK;
fail:
    catalog_close(c);
    return error->code;
}

void catalog_close(struct catalog *c)
{
    if (c == NULL) return;
    store_finalize(c->forget);
    store_finalize(c->put);
    store_close(c->store);
    free(c->dir);
    free(c);
}

const char *catalog_dir(const struct catalog *c)
{
    return c->dir;
}

enum result catalog_put(struct catalog *c, const struct catalog_entry *entry, struct error *error)
{
    store_bind_text(c->put, 1, entry->id);
    store_bind_text(c->put, 2, entry->game);
    store_bind_text(c->put, 3, entry->room);
    store_bind_integer(c->put, 4, (int64_t)entry->started_ms);
    if (entry->ended_ms != 0) store_bind_integer(c->put, 5, (int64_t)entry->ended_ms);
    store_bind_integer(c->put, 6, entry->tick_count);
    store_bind_integer(c->put, 7, entry->player_count);
    store_bind_integer(c->put, 8, (int64_t)entry->file_bytes);
    store_bind_text(c->put, 9, recording_status_name(entry->status));
    store_bind_text(c->put, 10, entry->reason);
    enum result result = store_finish(c->put);
    return result == RESULT_OK ? RESULT_OK : store_error(c->store, result, error);
}

/* -- the files themselves -- */

static uint32_t count_people(const struct reader *reader)
{
    size_t count;
    uint32_t people = 0;
    const struct recording_player *players = reader_players(reader, &count);
    for (size_t i = 0; i < count; i++)
        people += !players[i].is_bot;
    return people;
}

static enum result read_entry(struct catalog_entry *entry, const char *path)
{
    struct reader *reader;
    struct error error;
    enum result result = reader_open(&reader, path, &error);
    if (result != RESULT_OK) return result;

    const struct reader_info *info = reader_info(reader);
    *entry = (struct catalog_entry){
        .started_ms = info->head.started_ms,
        .ended_ms = info->ended_ms,
        .tick_count = info->last_tick - info->first_tick + 1 - info->lost_ticks,
        .player_count = count_people(reader),
        .file_bytes = info->file_bytes,
        .status = info->status,
    };
    catalog_copy_text(entry->game, sizeof entry->game, info->game);
    catalog_copy_text(entry->room, sizeof entry->room, info->head.room);
    catalog_copy_text(entry->reason, sizeof entry->reason, info->reason);
    reader_close(reader);
    return RESULT_OK;
}

/* Returns whether `name` is ID.db, and takes the ID out of it. */
static bool id_of_file(char id[RECORDING_ID_BYTES], const char *name)
{
    size_t length = strlen(name), suffix = strlen(RECORDING_SUFFIX);
    if (strcmp(name, CATALOG_FILE) == 0 || length <= suffix) return false;
    if (strcmp(name + length - suffix, RECORDING_SUFFIX) != 0) return false;
    if (length - suffix >= RECORDING_ID_BYTES) return false;
    catalog_copy_text(id, length - suffix + 1, name);
    return true;
}

/* A file that stands in WAL mode was not ended in peace: byte 18 of the header says it. */
static bool is_left_open(const char *path)
{
    uint8_t write_version = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool is_wal = pread(fd, &write_version, 1, 18) == 1 && write_version == 2;
    close(fd);
    return is_wal;
}

static bool settle_file(struct catalog *c, const char *id)
{
    char path[PATH_MAX];
    struct error error;
    struct catalog_entry entry;
    if (!join_path(path, c->dir, id, RECORDING_SUFFIX) || !is_left_open(path)) return false;
    if (recording_settle(path, RECORDING_TRUNCATED, "the server was killed", &error) != RESULT_OK) {
        return false;
    }
    if (read_entry(&entry, path) != RESULT_OK) return false;
    catalog_copy_text(entry.id, sizeof entry.id, id);
    catalog_put(c, &entry, &error);
    return true;
}

/* -- lists -- */

static struct catalog_entry *add_entry(struct entry_list *list)
{
    if (list->count == ENTRIES_MAX) return NULL;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        void *items = realloc(list->items, capacity * sizeof list->items[0]);
        if (items == NULL) return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    struct catalog_entry *entry = &list->items[list->count++];
    *entry = (struct catalog_entry){0};
    return entry;
}

static enum result read_rows(struct store *store, struct entry_list *list)
{
    struct store_query *row;
    enum result result = store_prepare(store, &row, list_sql);
    if (result != RESULT_OK) return result;
    while ((result = store_step(row)) == RESULT_OK) {
        struct catalog_entry *e = add_entry(list);
        if (e == NULL) break;
        catalog_copy_text(e->id, sizeof e->id, store_text(row, 0));
        catalog_copy_text(e->game, sizeof e->game, store_text(row, 1));
        catalog_copy_text(e->room, sizeof e->room, store_text(row, 2));
        e->started_ms = (uint64_t)store_integer(row, 3);
        e->ended_ms = (uint64_t)store_integer(row, 4);
        e->tick_count = (uint32_t)store_integer(row, 5);
        e->player_count = (uint32_t)store_integer(row, 6);
        e->file_bytes = (uint64_t)store_integer(row, 7);
        e->status = recording_status_of(store_text(row, 8));
        catalog_copy_text(e->reason, sizeof e->reason, store_text(row, 9));
    }
    store_finalize(row);
    return result == RESULT_CLOSED ? RESULT_OK : RESULT_IO;
}

static bool file_exists(const char *dir, const char *id)
{
    char path[PATH_MAX];
    return join_path(path, dir, id, RECORDING_SUFFIX) && access(path, F_OK) == 0;
}

static void drop_missing(const char *dir, struct entry_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (file_exists(dir, list->items[i].id)) list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

static int compare_ids(const void *a, const void *b)
{
    const struct catalog_entry *left = a, *right = b;
    return strcmp(left->id, right->id);
}

static int compare_times(const void *a, const void *b)
{
    const struct catalog_entry *left = a, *right = b;
    if (left->started_ms != right->started_ms) return left->started_ms < right->started_ms ? -1 : 1;
    return strcmp(left->id, right->id);
}

static bool has_entry(const struct entry_list *sorted, size_t count, const char *id)
{
    struct catalog_entry key = {0};
    if (count == 0) return false;
    catalog_copy_text(key.id, sizeof key.id, id);
    return bsearch(&key, sorted->items, count, sizeof key, compare_ids) != NULL;
}

/* Adds recordings that were copied into the folder, or whose entry was lost. */
static void add_strays(const char *dir, DIR *folder, struct entry_list *list)
{
    char id[RECORDING_ID_BYTES], path[PATH_MAX];
    size_t known_count = list->count;
    struct dirent *file;
    if (known_count > 0) qsort(list->items, known_count, sizeof list->items[0], compare_ids);
    while ((file = readdir(folder)) != NULL) {
        struct catalog_entry entry;
        if (!id_of_file(id, file->d_name) || has_entry(list, known_count, id)) continue;
        if (!join_path(path, dir, id, RECORDING_SUFFIX)) continue;
        if (read_entry(&entry, path) != RESULT_OK) continue;
        catalog_copy_text(entry.id, sizeof entry.id, id);
        struct catalog_entry *added = add_entry(list);
        if (added != NULL) *added = entry;
    }
    if (list->count > 0) qsort(list->items, list->count, sizeof list->items[0], compare_times);
}

enum result catalog_list(const char *dir, struct catalog_entry **entries, size_t *count,
                         struct error *error)
{
    struct entry_list list = {0};
    struct store *store;
    char path[PATH_MAX];
    struct error ignored;
    *entries = NULL;
    *count = 0;
    DIR *folder = opendir(dir);
    if (folder == NULL) return fail(error, dir, errno);

    if (join_path(path, dir, CATALOG_FILE, "") &&
        store_open(&store, path, STORE_READ, &catalog_form, &ignored) == RESULT_OK) {
        read_rows(store, &list);
        store_close(store);
    }
    drop_missing(dir, &list);
    add_strays(dir, folder, &list);
    closedir(folder);
    *entries = list.items;
    *count = list.count;
    return RESULT_OK;
}

static enum result forget(struct catalog *c, const char *id)
{
    store_bind_text(c->forget, 1, id);
    return store_finish(c->forget);
}

static void forget_missing(struct catalog *c)
{
    struct entry_list list = {0};
    read_rows(c->store, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (!file_exists(c->dir, list.items[i].id)) forget(c, list.items[i].id);
    }
    free(list.items);
}

enum result catalog_delete(struct catalog *c, const struct catalog_entry *entry,
                           struct error *error)
{
    static const char *const suffixes[] = {RECORDING_SUFFIX, RECORDING_SUFFIX "-wal",
                                           RECORDING_SUFFIX "-shm"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (!join_path(path, c->dir, entry->id, suffixes[i])) {
            return fail(error, entry->id, ENAMETOOLONG);
        }
        if (unlink(path) != 0 && errno != ENOENT) return fail(error, path, errno);
    }
    enum result result = forget(c, entry->id);
    return result == RESULT_OK ? RESULT_OK : store_error(c->store, result, error);
}

size_t catalog_recover(struct catalog *c)
{
    char id[RECORDING_ID_BYTES];
    size_t settled_count = 0;
    struct dirent *file;
    forget_missing(c);
    DIR *folder = opendir(c->dir);
    if (folder == NULL) return 0;
    while ((file = readdir(folder)) != NULL) {
        if (id_of_file(id, file->d_name) && settle_file(c, id)) settled_count++;
    }
    closedir(folder);
    return settled_count;
}
