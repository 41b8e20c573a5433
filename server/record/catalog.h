/* catalog.h - what recordings a folder holds: one small database beside them.
 *
 * Place:   the recorder writes it, the server's list and tickwire-replay read it. It only repeats
 *          what the files themselves say: lost or stale, it is made again from them.
 * Memory:  a list is one array, owned by its caller.
 */
#ifndef TICKWIRE_SERVER_RECORD_CATALOG_H
#define TICKWIRE_SERVER_RECORD_CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "server/record/recording.h"
#include "shared/limits.h"
#include "shared/result.h"

#define CATALOG_FILE       "catalog.db"
#define CATALOG_GAME_BYTES 33

struct catalog_entry {
    char id[RECORDING_ID_BYTES]; /* its file is DIR/ID.db */
    char game[CATALOG_GAME_BYTES];
    char room[ROOM_NAME_BYTES_MAX + 1];
    uint64_t started_ms, ended_ms; /* wall time; ended 0: not yet */
    uint32_t tick_count;
    uint32_t player_count; /* people */
    uint64_t file_bytes;
    enum recording_status status;
    char reason[RECORDING_REASON_BYTES];
};

struct catalog;

/* Opens DIR's catalog for writing, making folder and catalog if there are none. A damaged one is set
 * aside as catalog.db.damaged, and another begun: the recordings themselves say the same. */
enum result catalog_open(struct catalog **catalog, const char *dir, struct error *error);
void catalog_close(struct catalog *c); /* accepts NULL */

/* The folder; lives as the catalog. */
const char *catalog_dir(const struct catalog *c);

/* Enters one recording, or replaces its entry. */
enum result catalog_put(struct catalog *c, const struct catalog_entry *entry, struct error *error);

/* Deletes a recording that nobody writes: its file, and its entry if there is one. RESULT_IO: the
 * file or the catalog cannot be changed, and the entry stays. */
enum result catalog_delete(struct catalog *c, const struct catalog_entry *entry,
                           struct error *error);

/* At start: settles each file of the folder that a crash left open (recording_settle) and brings
 * its entry up to date; forgets entries whose file is gone. Returns how many files were settled. */
size_t catalog_recover(struct catalog *c);

/* Lists the folder's recordings, oldest first, those without an entry too: read from the files
 * themselves. Needs no writable folder. The list is released by free(). RESULT_IO: no such
 * folder. */
enum result catalog_list(const char *dir, struct catalog_entry **entries, size_t *count,
                         struct error *error);

/* Copies texts that fit or are cut; a convenience for filling entries. */
void catalog_copy_text(char *to, size_t capacity_bytes, const char *from);

#endif
