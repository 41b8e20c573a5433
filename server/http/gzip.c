#include "server/http/gzip.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "shared/bytes.h"

#define LEVEL       6
#define GZIP_FORMAT (15 + 16) /* zlib's way to ask for gzip with the largest window */
#define PIECE_BYTES 16384

/* ---- Accept-Encoding ---- */

/* Takes the text up to `stop`, or the rest; false when nothing is left. */
static bool take_part(struct http_text *rest, char stop, struct http_text *part)
{
    size_t length = 0;

    if (rest->chars == NULL) return false;
    while (length < rest->length && rest->chars[length] != stop)
        length++;
    *part = http_text_trim((struct http_text){rest->chars, length});
    bool is_last = length == rest->length;
    *rest = is_last ? (struct http_text){NULL, 0}
                    : (struct http_text){rest->chars + length + 1, rest->length - length - 1};
    return true;
}

/* "q=0", "q=0.0" and the like: not acceptable (RFC 9110 §12.4.2). */
static bool is_zero_weight(struct http_text parameter)
{
    struct http_text start = {parameter.chars, parameter.length < 3 ? parameter.length : 3};

    if (!http_text_is_nocase(start, "q=0")) return false;
    for (size_t i = 3; i < parameter.length; i++) {
        if (parameter.chars[i] >= '1' && parameter.chars[i] <= '9') return false;
    }
    return true;
}

bool gzip_is_accepted(const struct http_request *request)
{
    struct http_text line, item, coding, parameter;
    size_t index = 0;

    while ((line = http_request_header_next(request, "accept-encoding", &index)).chars != NULL) {
        while (take_part(&line, ',', &item)) {
            bool is_refused = false;
            (void)take_part(&item, ';', &coding);
            while (take_part(&item, ';', &parameter))
                is_refused = is_refused || is_zero_weight(parameter);
            if (http_text_is_nocase(coding, "gzip")) return !is_refused;
        }
    }
    return false;
}

/* ---- compressing ---- */

static bool write_all(int fd, const uint8_t *bytes, size_t length_bytes)
{
    while (length_bytes > 0) {
        ssize_t written = write(fd, bytes, length_bytes);
        if (written <= 0) return false;
        bytes += written;
        length_bytes -= (size_t)written;
    }
    return true;
}

/* One read's worth; at the end of the file the end of the stream. */
static bool compress_piece(z_stream *stream, uint8_t *piece, size_t length_bytes, int to)
{
    uint8_t out[PIECE_BYTES];

    stream->next_in = piece;
    stream->avail_in = (uInt)length_bytes;
    do {
        stream->next_out = out;
        stream->avail_out = sizeof out;
        if (deflate(stream, length_bytes == 0 ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
            return false;
        if (!write_all(to, out, sizeof out - stream->avail_out)) return false;
    } while (stream->avail_out == 0);
    return true;
}

static bool compress_file(int from, int to, uint64_t *bytes)
{
    z_stream stream = {.next_in = NULL};
    uint8_t piece[PIECE_BYTES];
    off_t offset = 0;
    ssize_t got;
    bool is_fine = true;

    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_FORMAT, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    do {
        got = pread(from, piece, sizeof piece, offset);
        is_fine = got >= 0 && compress_piece(&stream, piece, (size_t)got, to);
        offset += got;
    } while (is_fine && got > 0);
    *bytes = stream.total_out;
    (void)deflateEnd(&stream);
    return is_fine;
}

/* ---- the cache ---- */

void gzip_cache_init(struct gzip_cache *cache)
{
    cache->count = 0;
    (void)pthread_mutex_init(&cache->lock, NULL);
}

void gzip_cache_deinit(struct gzip_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++) {
        if (cache->entries[i].fd >= 0) (void)close(cache->entries[i].fd);
    }
    cache->count = 0;
    (void)pthread_mutex_destroy(&cache->lock);
}

/* The file's entry, fresh or not; else an empty one, or NULL if all are taken. */
static struct gzip_entry *entry_of(struct gzip_cache *cache, const struct file *file)
{
    for (size_t i = 0; i < cache->count; i++) {
        if (cache->entries[i].inode == file->inode) return &cache->entries[i];
    }
    if (cache->count == GZIP_FILES_MAX) return NULL;
    struct gzip_entry *entry = &cache->entries[cache->count++];
    *entry = (struct gzip_entry){.inode = file->inode, .fd = -1};
    return entry;
}

static void fill(struct gzip_entry *entry, const struct file *file)
{
    if (entry->fd >= 0) (void)close(entry->fd);
    bytes_copy(entry->etag, file->etag, sizeof entry->etag);
    entry->fd = memfd_create("gzip", MFD_CLOEXEC);
    if (entry->fd < 0) {
        entry->etag[0] = '\0'; /* for want of a descriptor: another time */
        return;
    }
    if (compress_file(file->fd, entry->fd, &entry->bytes) && entry->bytes < file->bytes) return;
    (void)close(entry->fd);
    entry->fd = -1;
}

/* A duplicate of the copy's descriptor, or -1. */
static int find_copy(struct gzip_cache *cache, const struct file *file, uint64_t *bytes)
{
    struct gzip_entry *entry = entry_of(cache, file);

    if (entry == NULL) return -1;
    if (strcmp(entry->etag, file->etag) != 0) fill(entry, file);
    *bytes = entry->bytes;
    return entry->fd >= 0 ? fcntl(entry->fd, F_DUPFD_CLOEXEC, 0) : -1;
}

bool gzip_cache_swap(struct gzip_cache *cache, struct file *file)
{
    size_t length = strlen(file->etag);
    uint64_t bytes = 0;

    if (file->bytes < GZIP_FILE_BYTES_MIN || file->bytes > GZIP_FILE_BYTES_MAX) return false;
    if (length + 3 >= sizeof file->etag || pthread_mutex_trylock(&cache->lock) != 0) return false;
    int fd = find_copy(cache, file, &bytes);
    (void)pthread_mutex_unlock(&cache->lock);
    if (fd < 0) return false;
    (void)close(file->fd);
    file->fd = fd;
    file->bytes = bytes;
    strcpy(file->etag + length - 1, "-gz\"");
    return true;
}
