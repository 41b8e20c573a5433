#include "server/playback/archive.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/host/error.h"
#include "shared/json_write.h"

#define ENTRY_BYTES_MAX 1024 /* the longest entry, escaped */

enum result archive_init(struct archive *a, const char *dir, struct error *error)
{
    *a = (struct archive){.dir = dir};
    if (pthread_mutex_init(&a->lock, NULL) != 0)
        return error_set(error, RESULT_IO, "no lock for the list of recordings");
    return RESULT_OK;
}

void archive_deinit(struct archive *a)
{
    if (a->dir == NULL) return;
    free(a->entries);
    (void)pthread_mutex_destroy(&a->lock);
    *a = (struct archive){0};
}

/* ---- reading ---- */

static void read_changes(const struct archive *a, struct timespec changed[2])
{
    char path[PATH_MAX];
    struct stat status;
    memset(changed, 0, 2 * sizeof changed[0]);
    if (stat(a->dir, &status) == 0) changed[0] = status.st_mtim;
    int length = snprintf(path, sizeof path, "%s/%s", a->dir, CATALOG_FILE);
    bool fits = length > 0 && (size_t)length < sizeof path;
    if (fits && stat(path, &status) == 0) changed[1] = status.st_mtim;
}

void archive_refresh(struct archive *a)
{
    struct timespec changed[2];
    struct catalog_entry *entries;
    struct error ignored;
    size_t count;
    read_changes(a, changed);
    if (memcmp(changed, a->changed, sizeof changed) == 0) return;
    if (catalog_list(a->dir, &entries, &count, &ignored) != RESULT_OK) return;
    memcpy(a->changed, changed, sizeof changed);
    (void)pthread_mutex_lock(&a->lock);
    struct catalog_entry *former = a->entries;
    a->entries = entries;
    a->count = count;
    (void)pthread_mutex_unlock(&a->lock);
    free(former);
}

enum result archive_find_running(const struct archive *a, const char *room,
                                 char id[RECORDING_ID_BYTES])
{
    struct catalog_entry *entries;
    struct error ignored;
    size_t count;
    enum result r = catalog_list(a->dir, &entries, &count, &ignored);
    if (r != RESULT_OK) return r;
    r = RESULT_CLOSED;
    for (size_t i = count; i > 0 && r != RESULT_OK; i--) {
        const struct catalog_entry *entry = &entries[i - 1];
        if (entry->status != RECORDING_OPEN || strcmp(entry->room, room) != 0) continue;
        catalog_copy_text(id, RECORDING_ID_BYTES, entry->id);
        r = RESULT_OK;
    }
    free(entries);
    return r;
}

/* ---- writing ---- */

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    json_put_key(w, key);
    json_put_text(w, text, strlen(text));
}

static void put_number(struct json_writer *w, const char *key, uint64_t value)
{
    json_put_key(w, key);
    json_put_unsigned(w, value);
}

static void put_entry(struct json_writer *w, const struct catalog_entry *e)
{
    json_open(w, '{');
    put_text(w, "id", e->id);
    put_text(w, "game", e->game);
    put_text(w, "room", e->room);
    put_number(w, "started", e->started_ms);
    json_put_key(w, "ended");
    if (e->ended_ms != 0) {
        json_put_unsigned(w, e->ended_ms);
    } else {
        json_put_null(w);
    }
    put_number(w, "ticks", e->tick_count);
    put_number(w, "players", e->player_count);
    put_number(w, "bytes", e->file_bytes);
    put_text(w, "status", recording_status_name(e->status));
    put_text(w, "reason", e->reason);
    json_close(w, '}');
}

/* Returns how many entries there are before the one with that id; all of them without it. */
static size_t find_end(const struct archive *a, const char *before)
{
    for (size_t i = 0; i < a->count && before[0] != '\0'; i++) {
        if (strcmp(a->entries[i].id, before) == 0) return i;
    }
    return a->count;
}

size_t archive_write(struct archive *a, const char *before, char *text, size_t capacity_bytes)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '[');
    (void)pthread_mutex_lock(&a->lock);
    for (size_t i = find_end(a, before); i > 0; i--) {
        if (w.length_bytes + ENTRY_BYTES_MAX > capacity_bytes) break;
        put_entry(&w, &a->entries[i - 1]);
    }
    (void)pthread_mutex_unlock(&a->lock);
    json_close(&w, ']');
    return json_finish(&w);
}
