/* archive.h - the list of a folder's recordings as last read, for whoever asks.
 *
 * Place:   a playback thread reads it anew when the folder has changed, and looks bit by bit at what
 *          happened in each match that is over; workers, which touch no disk, write
 *          /api/recordings from it.
 * Memory:  one array, exchanged under a lock that is held for a copy's time; one reader at a time.
 */
#ifndef TICKWIRE_SERVER_PLAYBACK_ARCHIVE_H
#define TICKWIRE_SERVER_PLAYBACK_ARCHIVE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "server/playback/about.h"
#include "server/record/catalog.h"
#include "shared/result.h"

#define ARCHIVE_PARTS 32 /* of a match: how much happened in each is told */

struct archive_item {
    struct catalog_entry entry;
    bool is_counted; /* or cannot be */
    uint16_t marks[ARCHIVE_PARTS];
};

/* The recording whose marks are being counted. */
struct archive_count {
    char id[RECORDING_ID_BYTES];
    struct reader *reader; /* owned; NULL: none */
    struct about *about;   /* owned */
};

struct archive {
    const char *dir; /* borrowed */
    pthread_mutex_t lock;
    struct archive_item *items; /* owned; oldest first */
    size_t count;
    struct archive_count counting;
    struct timespec changed[2]; /* of the folder and its catalog, when they were read */
};

enum result archive_init(struct archive *a, const char *dir, struct error *error);
void archive_deinit(struct archive *a);

/* Reads the folder if it has changed. May wait for the disk. */
void archive_refresh(struct archive *a);

/* Looks at some seconds of a match whose marks are not known, for some milliseconds. Returns false
 * if there is none. May wait for the disk. */
bool archive_count_marks(struct archive *a);

/* Finds the recording that is being written of `room`. May wait for the disk. */
enum result archive_find_running(const struct archive *a, const char *room,
                                 char id[RECORDING_ID_BYTES]);

/* Writes a JSON list, the newest first, as many as fit; those older than the recording `before` if
 * that is not "". Returns its length. From any thread. */
size_t archive_write(struct archive *a, const char *before, char *text, size_t capacity_bytes);

#endif
