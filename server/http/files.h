/* files.h - finds the file of the web root that a path names, and nothing outside of it.
 *
 * Place:   http_conn sends what is found here, piece by piece.
 * Memory:  holds the root's descriptor; a found file's descriptor is the caller's.
 * Source:  openat2(2) RESOLVE_BENEATH: no "..", no symbolic link leads out of the root.
 */
#ifndef TICKWIRE_SERVER_HTTP_FILES_H
#define TICKWIRE_SERVER_HTTP_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http/request.h"
#include "shared/result.h"

#define FILES_PATH_BYTES_MAX 512
#define FILES_ETAG_BYTES     48

struct files {
    int root_fd; /* -1: nothing is served */
};

struct file {
    int fd;
    uint64_t bytes, inode;
    bool is_compressible;
    const char *type;            /* of Content-Type */
    const char *cache;           /* of Cache-Control */
    char etag[FILES_ETAG_BYTES]; /* with its quotes; NUL-terminated */
};

/* Writes where the page lies if nobody says: beside a program that was just built, or installed.
 * False: in neither place. */
bool files_find_root(char *path, size_t capacity_bytes);

/* `root` is a folder; RESULT_IO names it. */
enum result files_init(struct files *files, const char *root, struct error *error);
void files_deinit(struct files *files);

/* Opens the regular file for a request's path, still percent-encoded. Page paths (/, /replays,
 * /replay/ID) are index.html. RESULT_INVALID (400): a broken escape, a NUL, a backslash;
 * RESULT_CLOSED (404): no such file, or one that is none of the world's business. */
enum result files_open(const struct files *files, struct http_text path, struct file *file);

/* Writes the path inside the root for a request's path, as files_open() would open it; for tests.
 */
enum result files_map_path(struct http_text path, char out[FILES_PATH_BYTES_MAX]);

#endif
