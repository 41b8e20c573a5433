/* recordings.h - which recordings lie in a folder.
 *
 * Place:   the menu lists them.
 * Memory:  the caller's.
 */
#ifndef TICKWIRE_CLIENT_SDL_RECORDINGS_H
#define TICKWIRE_CLIENT_SDL_RECORDINGS_H

#include <stddef.h>
#include <stdint.h>

#define RECORDING_NAME_BYTES 128

struct recording_file {
    char name[RECORDING_NAME_BYTES]; /* within the folder */
    int64_t written_s;               /* when it was last written to */
};

/* Fills files[0..capacity) with the newest, the newest first. Returns how many; none also for a
 * folder that is not there. */
size_t recordings_list(const char *folder, struct recording_file *files, size_t capacity);

#endif
