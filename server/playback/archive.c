#include "server/playback/archive.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/host/error.h"
#include "shared/json_write.h"

#define ENTRY_BYTES_MAX 1280 /* the longest entry, escaped */

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
    reader_close(a->counting.reader);
    free(a->counting.about);
    free(a->items);
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

/* What was counted already stays; both lists ascend by their start. */
static void keep_marks(struct archive_item *items, size_t count, const struct archive_item *former,
                       size_t former_count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct archive_item *item = &items[i];
        while (at < former_count && former[at].entry.started_ms < item->entry.started_ms)
            at++;
        for (size_t j = at; j < former_count; j++) {
            if (former[j].entry.started_ms != item->entry.started_ms) break;
            if (strcmp(former[j].entry.id, item->entry.id) != 0) continue;
            item->is_counted = former[j].is_counted;
            memcpy(item->marks, former[j].marks, sizeof item->marks);
        }
    }
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
    struct archive_item *items = calloc(count + 1, sizeof *items), *former = a->items;
    if (items == NULL) {
        free(entries);
        return;
    }
    for (size_t i = 0; i < count; i++)
        items[i].entry = entries[i];
    free(entries);
    keep_marks(items, count, former, a->count);
    memcpy(a->changed, changed, sizeof changed);
    (void)pthread_mutex_lock(&a->lock);
    a->items = items;
    a->count = count;
    (void)pthread_mutex_unlock(&a->lock);
    free(former);
}

/* ---- marks ---- */

static struct archive_item *find_uncounted(struct archive *a)
{
    for (size_t i = a->count; i > 0; i--) {
        struct archive_item *item = &a->items[i - 1];
        if (!item->is_counted && item->entry.status != RECORDING_OPEN) return item;
    }
    return NULL;
}

static bool open_reader(const struct archive *a, const char *id, struct reader **reader)
{
    char path[PATH_MAX];
    struct error ignored;
    int length = snprintf(path, sizeof path, "%s/%s%s", a->dir, id, RECORDING_SUFFIX);
    bool fits = length > 0 && (size_t)length < sizeof path;
    return fits && reader_open(reader, path, &ignored) == RESULT_OK;
}

/* A file that cannot be read has no marks, and is not tried again. */
static void begin_count(struct archive *a, struct archive_item *item)
{
    struct archive_count *c = &a->counting;
    struct reader *reader = NULL;
    struct about *about = malloc(sizeof *about);
    if (about == NULL || !open_reader(a, item->entry.id, &reader)) {
        item->is_counted = true;
        free(about);
        return;
    }
    const struct reader_info *info = reader_info(reader);
    about_begin(about, info->first_tick, info->last_tick);
    c->reader = reader;
    c->about = about;
    catalog_copy_text(c->id, sizeof c->id, item->entry.id);
}

static void fill_marks(struct archive_item *item, const struct archive_count *c)
{
    const struct reader_info *info = reader_info(c->reader);
    uint64_t length = (uint64_t)info->last_tick - info->first_tick + 1;
    memset(item->marks, 0, sizeof item->marks);
    for (uint32_t i = 0; i < c->about->count; i++) {
        uint64_t at = c->about->marks[i].tick - info->first_tick;
        item->marks[at * ARCHIVE_PARTS / length]++;
    }
    item->is_counted = true;
}

static void end_count(struct archive *a)
{
    struct archive_count *c = &a->counting;
    (void)pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i].entry.id, c->id) == 0) fill_marks(&a->items[i], c);
    }
    (void)pthread_mutex_unlock(&a->lock);
    reader_close(c->reader);
    free(c->about);
    *c = (struct archive_count){0};
}

bool archive_count_marks(struct archive *a)
{
    if (a->counting.reader == NULL) {
        struct archive_item *item = find_uncounted(a);
        if (item == NULL) return false;
        begin_count(a, item);
    } else if (!about_gather(a->counting.about, a->counting.reader)) {
        end_count(a);
    }
    return true;
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

static void put_item(struct json_writer *w, const struct archive_item *item)
{
    const struct catalog_entry *e = &item->entry;
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
    json_put_key(w, "marks");
    json_open(w, '[');
    for (unsigned i = 0; item->is_counted && i < ARCHIVE_PARTS; i++)
        json_put_unsigned(w, item->marks[i]);
    json_close(w, ']');
    json_close(w, '}');
}

/* Returns how many entries there are before the one with that id; all of them without it. */
static size_t find_end(const struct archive *a, const char *before)
{
    for (size_t i = 0; i < a->count && before[0] != '\0'; i++) {
        if (strcmp(a->items[i].entry.id, before) == 0) return i;
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
        put_item(&w, &a->items[i - 1]);
    }
    (void)pthread_mutex_unlock(&a->lock);
    json_close(&w, ']');
    return json_finish(&w);
}
