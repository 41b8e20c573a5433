#include "server/sio/pollq.h"

#include "server/sio/eio_packet.h"
#include "shared/base64.h"
#include "shared/bytes.h"
#include "shared/check.h"

#define PIECE_BYTES \
    3072 /* of binary at a time: a multiple of three, so that no padding comes amid */

void pollq_init(struct pollq *o, size_t limit_bytes)
{
    o->small_bytes = 0;
    sendq_init(&o->rest, limit_bytes);
}

void pollq_deinit(struct pollq *o, struct pool *blocks)
{
    sendq_deinit(&o->rest, blocks);
    o->small_bytes = 0;
}

/* With a separator, and with its 'b', if it is of bytes. */
static size_t encoded_bytes(size_t text_bytes, size_t binary_bytes)
{
    size_t length = 1 + text_bytes;
    if (binary_bytes > 0) length += 2 + BASE64_CHARS(binary_bytes);
    return length;
}

static bool fits_small(const struct pollq *o, size_t length_bytes)
{
    return o->rest.bytes == 0 && length_bytes <= sizeof o->small - o->small_bytes;
}

static bool has_room(const struct pollq *o, const struct pool *blocks, size_t length_bytes)
{
    return fits_small(o, length_bytes) || sendq_has_room(&o->rest, blocks, length_bytes);
}

bool pollq_has_room(const struct pollq *o, const struct pool *blocks, size_t text_bytes,
                    size_t binary_bytes)
{
    return has_room(o, blocks, encoded_bytes(text_bytes, binary_bytes));
}

/* There is room, as has been asked before. */
static void append(struct pollq *o, struct pool *blocks, const void *bytes, size_t length_bytes)
{
    if (fits_small(o, length_bytes)) {
        bytes_copy(o->small + o->small_bytes, bytes, length_bytes);
        o->small_bytes = (uint8_t)(o->small_bytes + length_bytes);
        return;
    }
    ASSERT(sendq_push(&o->rest, blocks, bytes, length_bytes) == RESULT_OK);
}

static void begin_packet(struct pollq *o, struct pool *blocks)
{
    static const uint8_t separator = EIO_SEPARATOR;
    if (pollq_bytes(o) > 0) append(o, blocks, &separator, 1);
}

enum result pollq_push_text(struct pollq *o, struct pool *blocks, const uint8_t *bytes,
                            size_t length_bytes)
{
    if (!has_room(o, blocks, encoded_bytes(length_bytes, 0))) return RESULT_FULL;
    begin_packet(o, blocks);
    append(o, blocks, bytes, length_bytes);
    return RESULT_OK;
}

enum result pollq_push_bytes(struct pollq *o, struct pool *blocks, const uint8_t *bytes,
                             size_t length_bytes)
{
    char text[BASE64_CHARS(PIECE_BYTES)];

    if (!has_room(o, blocks, 2 + BASE64_CHARS(length_bytes))) return RESULT_FULL;
    begin_packet(o, blocks);
    append(o, blocks, "b", 1);
    while (length_bytes > 0) {
        size_t piece = length_bytes < PIECE_BYTES ? length_bytes : PIECE_BYTES;
        append(o, blocks, text, base64_encode(text, bytes, piece));
        bytes += piece;
        length_bytes -= piece;
    }
    return RESULT_OK;
}

void pollq_take(struct pollq *o, struct pool *blocks, uint8_t *bytes)
{
    size_t length;

    bytes_copy(bytes, o->small, o->small_bytes);
    bytes += o->small_bytes;
    o->small_bytes = 0;
    while (o->rest.bytes > 0) {
        const uint8_t *piece = sendq_peek(&o->rest, &length);
        bytes_copy(bytes, piece, length);
        bytes += length;
        sendq_pop(&o->rest, blocks, length);
    }
}
