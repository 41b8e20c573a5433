#include "client/sdl/recordings.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX  ".db"
#define CATALOG "catalog.db" /* the server's list of them */

static bool is_recording(const char *name)
{
    size_t length = strlen(name), tail = strlen(SUFFIX);

    return length > tail && length < RECORDING_NAME_BYTES && name[0] != '.' &&
           strcmp(name + length - tail, SUFFIX) == 0 && strcmp(name, CATALOG) != 0;
}

/* Puts it in its place; the oldest gives way. */
static size_t insert(struct recording_file *files, size_t count, size_t capacity,
                     const struct recording_file *file)
{
    size_t at = count < capacity ? count++ : capacity;

    for (; at > 0 && files[at - 1].written_s < file->written_s; at--)
        if (at < capacity) files[at] = files[at - 1];
    if (at < capacity) files[at] = *file;
    return count;
}

size_t recordings_list(const char *folder, struct recording_file *files, size_t capacity)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct recording_file file = {0};
        struct stat status;
        if (!is_recording(entry->d_name)) continue;
        if (fstatat(dirfd(dir), entry->d_name, &status, 0) != 0) continue;
        memcpy(file.name, entry->d_name, strlen(entry->d_name) + 1);
        file.written_s = status.st_mtime;
        count = insert(files, count, capacity, &file);
    }
    if (dir != NULL) (void)closedir(dir);
    return count;
}
