/* pack.h - makes a chunk smaller by zlib, and unmakes it within a stated size.
 *
 * Place:   the tape packs what it stores, the reader unpacks; zlib's home for recordings.
 * Errors:  unpacking checks that exactly `unpacked_bytes` come out: recordings come from outside.
 */
#ifndef TICKWIRE_SERVER_RECORD_PACK_H
#define TICKWIRE_SERVER_RECORD_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "server/record/varint.h"
#include "shared/result.h"

/* Replaces `out` by the packed form of bytes[0..length_bytes), for speed rather than size. */
enum result pack_encode(struct buffer *out, const void *bytes, size_t length_bytes);

/* Replaces `out` by what was packed. RESULT_INVALID: it is broken or has another length. */
enum result pack_decode(struct buffer *out, const void *bytes, size_t length_bytes,
                        size_t unpacked_bytes);

#endif
