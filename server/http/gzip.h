/* gzip.h - page files compressed once, for the clients that take gzip.
 *
 * Place:   the router swaps an opened file for its compressed copy before it is sent.
 * Memory:  copies lie in memory files, which are read and sent as the originals are; the cache owns
 *          them, a swapped file's descriptor is a duplicate and the caller's. It holds up to
 *          GZIP_FILES_MAX files of up to GZIP_FILE_BYTES_MAX; what has no place is sent as it is. A
 *          file that has changed takes the place of its older self.
 *          All workers share it. The first client of a file waits for its compression (62 KB of
 *          wasm: 4 ms); who asks at the same moment gets the original.
 * Source:  RFC 9110 §8.4.1.3, §12.5.3; RFC 1952.
 */
#ifndef TICKWIRE_SERVER_HTTP_GZIP_H
#define TICKWIRE_SERVER_HTTP_GZIP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http/files.h"
#include "server/http/request.h"

#define GZIP_FILES_MAX      128
#define GZIP_FILE_BYTES_MAX (1024u * 1024u)
#define GZIP_FILE_BYTES_MIN 256 /* smaller ones are sent as they are */

struct gzip_entry {
    uint64_t inode;
    char etag[FILES_ETAG_BYTES]; /* of the original: tells whether it has changed */
    int fd;                      /* owned; -1: it would not shrink */
    uint64_t bytes;
};

struct gzip_cache {
    pthread_mutex_t lock;
    struct gzip_entry entries[GZIP_FILES_MAX];
    size_t count;
};

void gzip_cache_init(struct gzip_cache *cache);
void gzip_cache_deinit(struct gzip_cache *cache);

/* Whether the client takes gzip, by its Accept-Encoding. */
bool gzip_is_accepted(const struct http_request *request);

/* Puts the compressed copy in the file's place: descriptor, size and ETag, which then ends in
 * `-gz"`. False: the file stays as it is. */
bool gzip_cache_swap(struct gzip_cache *cache, struct file *file);

#endif
