#include "server/record/pack.h"

#include <zlib.h>

/* What zlib can make of one byte at best (zlib's technical notes): a bound against false sizes. */
#define RATIO_MAX 1032

enum result pack_encode(struct buffer *out, const void *bytes, size_t length_bytes)
{
    uLongf packed_bytes = compressBound(length_bytes);
    buffer_clear(out);
    if (!buffer_reserve(out, packed_bytes)) return RESULT_IO;
    if (compress2(out->bytes, &packed_bytes, bytes, length_bytes, Z_BEST_SPEED) != Z_OK) {
        return RESULT_IO;
    }
    out->length_bytes = packed_bytes;
    return RESULT_OK;
}

enum result pack_decode(struct buffer *out, const void *bytes, size_t length_bytes,
                        size_t unpacked_bytes)
{
    uLongf got_bytes = unpacked_bytes;
    uLong used_bytes = length_bytes;
    buffer_clear(out);
    if (unpacked_bytes / RATIO_MAX > length_bytes) return RESULT_INVALID;
    if (!buffer_reserve(out, unpacked_bytes + 1)) return RESULT_IO;
    if (uncompress2(out->bytes, &got_bytes, bytes, &used_bytes) != Z_OK) return RESULT_INVALID;
    if (got_bytes != unpacked_bytes || used_bytes != length_bytes) return RESULT_INVALID;
    out->length_bytes = unpacked_bytes;
    return RESULT_OK;
}
