/* archive.h - the list of a folder's recordings as last read, for whoever asks.
 *
 * Place:   a playback thread reads it anew when the folder has changed; workers, which touch no
 *          disk, write /api/recordings from it.
 * Memory:  one array, exchanged under a lock that is held for a copy's time.
 */
#ifndef TICKWIRE_SERVER_PLAYBACK_ARCHIVE_H
#define TICKWIRE_SERVER_PLAYBACK_ARCHIVE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "server/record/catalog.h"
#include "shared/result.h"

struct archive {
    const char *dir; /* borrowed */
    pthread_mutex_t lock;
    struct catalog_entry *entries; /* owned; oldest first */
    size_t count;
    struct timespec changed[2]; /* of the folder and its catalog, when they were read */
};

enum result archive_init(struct archive *a, const char *dir, struct error *error);
void archive_deinit(struct archive *a);

/* Reads the folder if it has changed. May wait for the disk. */
void archive_refresh(struct archive *a);

/* Finds the recording that is being written of `room`. May wait for the disk. */
enum result archive_find_running(const struct archive *a, const char *room,
                                 char id[RECORDING_ID_BYTES]);

/* Writes a JSON list, the newest first, as many as fit; those older than the recording `before` if
 * that is not "". Returns its length. From any thread. */
size_t archive_write(struct archive *a, const char *before, char *text, size_t capacity_bytes);

#endif
