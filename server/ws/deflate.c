#include "server/ws/deflate.h"

#include <limits.h>
#include <stdlib.h>

#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/utf8.h"

/* JSON updates of a room with 60 bots keep 40 % of their bytes at level 1, 37 % at level 6 and 9,
 * with a table of this size as with the largest. */
#define LEVEL       1
#define MEMORY      5    /* zlib's memLevel: a hash table of 2^(5+9) bytes */
#define STATE_BYTES 8192 /* of either stream, beyond window and table */

#define BUFFER_BYTES_MIN 16384
/* Larger ones are given back after use: one 16 MiB echo is no reason to keep 16 MiB. */
#define BUFFER_BYTES_KEPT (256u * 1024u)

/* What each message ends with and the wire leaves out (RFC 7692 §7.2.1). */
static const uint8_t tail[] = {0x00, 0x00, 0xff, 0xff};

/* ---- streams ---- */

static size_t deflater_bytes(unsigned window_bits)
{
    return (1u << (window_bits + 2)) + (1u << (MEMORY + 9)) + STATE_BYTES;
}

static size_t inflater_bytes(unsigned window_bits)
{
    return (1u << window_bits) + STATE_BYTES;
}

static struct z_stream_s *deflater_create(unsigned window_bits)
{
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) return NULL;

    /* Negative: raw, without zlib's own header. */
    if (deflateInit2(stream, LEVEL, Z_DEFLATED, -(int)window_bits, MEMORY, Z_DEFAULT_STRATEGY) ==
        Z_OK)
        return stream;
    free(stream);
    return NULL;
}

static void deflater_destroy(struct z_stream_s *stream)
{
    if (stream != NULL) (void)deflateEnd(stream);
    free(stream);
}

static struct z_stream_s *inflater_create(unsigned window_bits)
{
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) return NULL;

    if (inflateInit2(stream, -(int)window_bits) == Z_OK) return stream;
    free(stream);
    return NULL;
}

static void inflater_destroy(struct z_stream_s *stream)
{
    if (stream != NULL) (void)inflateEnd(stream);
    free(stream);
}

/* ---- buffers ---- */

/* Makes it at least so large; what it held is kept. */
static bool buffer_reserve(struct deflate_buffer *buffer, size_t capacity_bytes)
{
    if (capacity_bytes <= buffer->capacity_bytes) return true;
    if (capacity_bytes < BUFFER_BYTES_MIN) capacity_bytes = BUFFER_BYTES_MIN;
    uint8_t *bytes = realloc(buffer->bytes, capacity_bytes);
    if (bytes == NULL) return false;
    buffer->bytes = bytes;
    buffer->capacity_bytes = capacity_bytes;
    return true;
}

static void buffer_release(struct deflate_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct deflate_buffer){NULL, 0};
}

static void buffer_trim(struct deflate_buffer *buffer)
{
    if (buffer->capacity_bytes > BUFFER_BYTES_KEPT) buffer_release(buffer);
}

/* ---- the worker's part ---- */

void deflate_worker_init(struct deflate_worker *worker, struct deflate_budget *budget)
{
    *worker = (struct deflate_worker){.budget = budget};
}

void deflate_worker_deinit(struct deflate_worker *worker)
{
    for (size_t i = 0; i <= DEFLATE_WINDOW_BITS_MAX; i++)
        deflater_destroy(worker->deflaters[i]);
    inflater_destroy(worker->inflater);
    buffer_release(&worker->deflated);
    buffer_release(&worker->inflated);
    *worker = (struct deflate_worker){.budget = NULL};
}

static struct z_stream_s *shared_deflater(struct deflate_worker *worker, unsigned window_bits)
{
    struct z_stream_s **stream = &worker->deflaters[window_bits];

    if (*stream == NULL) *stream = deflater_create(window_bits);
    return *stream;
}

/* With the largest window, which also reads what was written with a smaller one. */
static struct z_stream_s *shared_inflater(struct deflate_worker *worker)
{
    if (worker->inflater == NULL) worker->inflater = inflater_create(DEFLATE_WINDOW_BITS_MAX);
    return worker->inflater;
}

/* ---- a connection's part ---- */

static unsigned inflate_bits(const struct deflate_terms *terms)
{
    return terms->client_window_bits != 0 ? terms->client_window_bits : DEFLATE_WINDOW_BITS_MAX;
}

static size_t state_bytes(const struct deflate_terms *terms)
{
    return (terms->server_takes_over ? deflater_bytes(terms->server_window_bits) : 0) +
           (terms->client_takes_over ? inflater_bytes(inflate_bits(terms)) : 0);
}

static bool budget_take(struct deflate_budget *budget, size_t bytes)
{
    if (atomic_fetch_add(&budget->used_bytes, bytes) + bytes <= budget->limit_bytes) return true;
    (void)atomic_fetch_sub(&budget->used_bytes, bytes);
    return false;
}

enum result deflate_open(struct deflate *d, struct deflate_worker *worker,
                         const struct deflate_terms *terms)
{
    ASSERT(terms->is_agreed);
    *d = (struct deflate){.worker = NULL};
    if (!budget_take(worker->budget, state_bytes(terms))) return RESULT_FULL;
    *d = (struct deflate){.worker = worker, .terms = *terms, .budgeted_bytes = state_bytes(terms)};
    d->deflater = d->terms.server_takes_over ? deflater_create(terms->server_window_bits)
                                             : shared_deflater(worker, terms->server_window_bits);
    d->inflater =
        d->terms.client_takes_over ? inflater_create(inflate_bits(terms)) : shared_inflater(worker);
    if (d->deflater != NULL && d->inflater != NULL) return RESULT_OK;
    deflate_close(d);
    return RESULT_FULL;
}

void deflate_close(struct deflate *d)
{
    if (d->worker == NULL) return;
    if (d->terms.server_takes_over) deflater_destroy(d->deflater);
    if (d->terms.client_takes_over) inflater_destroy(d->inflater);
    (void)atomic_fetch_sub(&d->worker->budget->used_bytes, d->budgeted_bytes);
    *d = (struct deflate){.worker = NULL};
}

/* ---- compressing ---- */

bool deflate_is_worthwhile(const struct deflate *d, size_t length_bytes)
{
    return d->terms.is_agreed && length_bytes >= DEFLATE_MESSAGE_BYTES_MIN &&
           length_bytes <= UINT_MAX / 2;
}

enum result deflate_compress(struct deflate *d, const uint8_t *bytes, size_t length_bytes,
                             size_t room_in_front_bytes, struct deflate_result *result)
{
    struct deflate_buffer *out = &d->worker->deflated;
    z_stream *stream = d->deflater;
    /* zlib's bound is for the end of a stream; a flush has up to a few bytes more. */
    size_t bound = deflateBound(stream, length_bytes) + 16;

    ASSERT(deflate_is_worthwhile(d, length_bytes));
    buffer_trim(out);
    if (!buffer_reserve(out, room_in_front_bytes + bound)) return RESULT_FULL;
    if (!d->terms.server_takes_over) (void)deflateReset(stream);
    stream->next_in = bytes;
    stream->avail_in = (uInt)length_bytes;
    stream->next_out = out->bytes + room_in_front_bytes;
    stream->avail_out = (uInt)bound;
    ASSERT(deflate(stream, Z_SYNC_FLUSH) == Z_OK);
    ASSERT(stream->avail_in == 0 && stream->avail_out > 0);

    size_t written = bound - stream->avail_out;
    ASSERT(written >= sizeof tail);
    *result = (struct deflate_result){out->bytes + room_in_front_bytes, written - sizeof tail};
    /* What the peer has not seen must not be referred to, so only a lone message may be dropped. */
    bool is_smaller = result->length_bytes < length_bytes;
    return is_smaller || d->terms.server_takes_over ? RESULT_OK : RESULT_FULL;
}

void deflate_forget(struct deflate *d)
{
    if (d->terms.server_takes_over) (void)deflateReset(d->deflater);
}

/* ---- inflating ---- */

struct inflation {
    z_stream *stream;
    struct deflate_buffer *out;
    size_t used_bytes, limit_bytes;
    bool is_text;
    struct utf8_checker utf8;
};

/* Room for one byte beyond the limit tells a message that is too big from one that just fits. */
static enum result make_room(struct inflation *in)
{
    size_t most = in->limit_bytes + 1, capacity = in->out->capacity_bytes;

    if (in->used_bytes == most) return RESULT_TOO_BIG;
    if (in->used_bytes < capacity) return RESULT_OK;
    capacity = capacity < BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : capacity * 2;
    return buffer_reserve(in->out, capacity) ? RESULT_OK : RESULT_FULL;
}

static enum result inflate_step(struct inflation *in)
{
    z_stream *stream = in->stream;

    if (make_room(in) != RESULT_OK) return make_room(in);
    size_t most = in->limit_bytes + 1, capacity = in->out->capacity_bytes;
    uint8_t *piece = in->out->bytes + in->used_bytes;
    size_t room = (capacity < most ? capacity : most) - in->used_bytes;
    stream->next_out = piece;
    stream->avail_out = (uInt)room;
    int status = inflate(stream, Z_SYNC_FLUSH);
    size_t got = room - stream->avail_out;
    in->used_bytes += got;
    if (in->is_text && !utf8_check(&in->utf8, piece, got)) return RESULT_INVALID;
    if (status == Z_MEM_ERROR) return RESULT_FULL;
    /* A block may be a last one; the next then starts a new stream behind it, whose references do
     * not reach back, or reach what is still there (RFC 7692 §7.2.3.4). */
    if (status == Z_STREAM_END)
        return inflateResetKeep(stream) == Z_OK ? RESULT_OK : RESULT_INVALID;
    return status == Z_OK || status == Z_BUF_ERROR ? RESULT_OK : RESULT_INVALID;
}

/* All of `bytes`, and all that comes of them. */
static enum result inflate_piece(struct inflation *in, const uint8_t *bytes, size_t length_bytes)
{
    z_stream *stream = in->stream;

    stream->next_in = bytes;
    stream->avail_in = (uInt)length_bytes;
    do {
        enum result r = inflate_step(in);
        if (r != RESULT_OK) return r;
    } while (stream->avail_in > 0 || stream->avail_out == 0);
    return RESULT_OK;
}

enum result deflate_inflate(struct deflate *d, const uint8_t *bytes, size_t length_bytes,
                            size_t limit_bytes, bool is_text, struct deflate_result *result)
{
    struct inflation in = {.stream = d->inflater,
                           .out = &d->worker->inflated,
                           .limit_bytes = limit_bytes,
                           .is_text = is_text};

    ASSERT(limit_bytes < UINT_MAX && length_bytes <= UINT_MAX);
    buffer_trim(in.out);
    if (!d->terms.client_takes_over) (void)inflateReset(in.stream);
    enum result r = inflate_piece(&in, bytes, length_bytes);
    /* What was left out must be just what is missing. */
    if (r == RESULT_OK && !inflateSyncPoint(in.stream)) r = RESULT_INVALID;
    if (r == RESULT_OK) r = inflate_piece(&in, tail, sizeof tail);
    if (r == RESULT_OK && in.used_bytes > limit_bytes) r = RESULT_TOO_BIG;
    if (r == RESULT_OK && is_text && !utf8_is_complete(&in.utf8)) r = RESULT_INVALID;
    *result = (struct deflate_result){in.out->bytes, in.used_bytes};
    return r;
}
