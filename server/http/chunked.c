#include "server/http/chunked.h"

#include "shared/bytes.h"

#define SIZE_DIGITS_MAX 8

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum result take_digit(struct chunked *c, uint8_t byte)
{
    int value = hex_value(byte);

    if (value < 0 || c->digits == SIZE_DIGITS_MAX) return RESULT_INVALID;
    c->left_bytes = c->left_bytes << 4 | (uint32_t)value;
    c->digits++;
    c->state = CHUNKED_DIGITS;
    return RESULT_OK;
}

static enum result expect(struct chunked *c, uint8_t byte, uint8_t expected,
                          enum chunked_state next)
{
    if (byte != expected) return RESULT_INVALID;
    c->state = (uint8_t)next;
    return RESULT_OK;
}

/* One byte of what stands around the data. */
static enum result take_frame_byte(struct chunked *c, uint8_t byte)
{
    switch ((enum chunked_state)c->state) {
    case CHUNKED_DIGITS:
        if (byte == '\r') return expect(c, byte, '\r', CHUNKED_SIZE_LF);
        return take_digit(c, byte);
    case CHUNKED_SIZE:
        return take_digit(c, byte);
    case CHUNKED_SIZE_LF:
        c->digits = 0;
        return expect(c, byte, '\n', c->left_bytes > 0 ? CHUNKED_DATA : CHUNKED_LAST_CR);
    case CHUNKED_DATA_CR:
        return expect(c, byte, '\r', CHUNKED_DATA_LF);
    case CHUNKED_DATA_LF:
        return expect(c, byte, '\n', CHUNKED_SIZE);
    case CHUNKED_LAST_CR:
        return expect(c, byte, '\r', CHUNKED_LAST_LF);
    case CHUNKED_LAST_LF:
        return expect(c, byte, '\n', CHUNKED_DONE);
    case CHUNKED_DATA:
    case CHUNKED_DONE:
        break;
    }
    return RESULT_INVALID;
}

/* As much of the chunk's data as is there moves down to the body's end. */
static void take_data(struct chunked *c, uint8_t *bytes, size_t length_bytes,
                      struct chunked_taken *taken)
{
    size_t here_bytes = length_bytes - taken->consumed_bytes;
    size_t piece_bytes = here_bytes < c->left_bytes ? here_bytes : c->left_bytes;

    bytes_move(bytes + taken->body_bytes, bytes + taken->consumed_bytes, piece_bytes);
    taken->body_bytes += piece_bytes;
    taken->consumed_bytes += piece_bytes;
    c->left_bytes -= (uint32_t)piece_bytes;
    if (c->left_bytes == 0) c->state = CHUNKED_DATA_CR;
}

enum result chunked_decode(struct chunked *c, uint8_t *bytes, size_t length_bytes,
                           struct chunked_taken *taken)
{
    *taken = (struct chunked_taken){0};
    while (c->state != CHUNKED_DONE && taken->consumed_bytes < length_bytes) {
        if (c->state == CHUNKED_DATA) {
            take_data(c, bytes, length_bytes, taken);
            continue;
        }
        enum result r = take_frame_byte(c, bytes[taken->consumed_bytes++]);
        if (r != RESULT_OK) return r;
    }
    return c->state == CHUNKED_DONE ? RESULT_OK : RESULT_AGAIN;
}
