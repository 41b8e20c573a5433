#include "shared/ws_frame.h"

#include "shared/bytes.h"
#include "shared/check.h"

#define FIN_BIT     0x80
#define RSV1_BIT    0x40
#define RSV23_BITS  0x30
#define OPCODE_BITS 0x0f
#define MASK_BIT    0x80
#define LENGTH_BITS 0x7f

/* Values of the 7-bit length that announce a longer one. */
#define LENGTH_IN_2_BYTES 126
#define LENGTH_IN_8_BYTES 127

bool ws_opcode_is_control(enum ws_opcode opcode)
{
    return (opcode & 0x8) != 0;
}

static bool is_opcode(unsigned value)
{
    return value <= WS_BINARY || (value >= WS_CLOSE && value <= WS_PONG);
}

static size_t length_field_bytes(uint64_t payload_bytes)
{
    if (payload_bytes < LENGTH_IN_2_BYTES) return 0;
    return payload_bytes <= UINT16_MAX ? 2 : 8;
}

size_t ws_frame_encode(uint8_t header[WS_HEADER_BYTES_MAX], const struct ws_frame *frame)
{
    ASSERT(is_opcode(frame->opcode));
    ASSERT(frame->payload_bytes <= WS_PAYLOAD_BYTES_MAX);
    ASSERT(!ws_opcode_is_control(frame->opcode) || frame->fin);
    ASSERT(!ws_opcode_is_control(frame->opcode) || frame->payload_bytes <= WS_CONTROL_BYTES_MAX);

    size_t field_bytes = length_field_bytes(frame->payload_bytes);
    uint64_t length7 = field_bytes == 0   ? frame->payload_bytes
                       : field_bytes == 2 ? LENGTH_IN_2_BYTES
                                          : LENGTH_IN_8_BYTES;
    size_t used = 0;

    header[used++] = (uint8_t)((frame->fin ? FIN_BIT : 0) | (frame->rsv1 ? RSV1_BIT : 0) |
                               (unsigned)frame->opcode);
    header[used++] = (uint8_t)((frame->masked ? MASK_BIT : 0) | length7);
    for (size_t left = field_bytes; left > 0; left--)
        header[used++] = (uint8_t)(frame->payload_bytes >> 8 * (left - 1));
    if (frame->masked) {
        bytes_copy(header + used, frame->key, WS_MASK_KEY_BYTES);
        used += WS_MASK_KEY_BYTES;
    }
    return used;
}

/* The rules that the first two bytes alone can break. */
static enum ws_breach check_start(uint8_t first, uint8_t second)
{
    if ((first & RSV23_BITS) != 0) return WS_BREACH_RSV;
    if (!is_opcode(first & OPCODE_BITS)) return WS_BREACH_OPCODE;
    if (!ws_opcode_is_control(first & OPCODE_BITS)) return WS_BREACH_NONE;
    if ((first & FIN_BIT) == 0) return WS_BREACH_CONTROL_FRAGMENTED;
    if ((second & LENGTH_BITS) > WS_CONTROL_BYTES_MAX) return WS_BREACH_CONTROL_LENGTH;
    return WS_BREACH_NONE;
}

static uint64_t read_length(const uint8_t *bytes, size_t field_bytes)
{
    uint64_t length = 0;
    for (size_t i = 0; i < field_bytes; i++)
        length = length << 8 | bytes[i];
    return length;
}

enum result ws_frame_decode(struct ws_frame *frame, const uint8_t *bytes, size_t length_bytes,
                            struct ws_decoded *decoded)
{
    if (length_bytes < 2) return RESULT_AGAIN;

    decoded->breach = check_start(bytes[0], bytes[1]);
    if (decoded->breach != WS_BREACH_NONE) return RESULT_INVALID;

    uint8_t length7 = bytes[1] & LENGTH_BITS;
    size_t field_bytes = length7 < LENGTH_IN_2_BYTES ? 0 : length7 == LENGTH_IN_2_BYTES ? 2 : 8;
    bool masked = (bytes[1] & MASK_BIT) != 0;
    size_t key_at = 2 + field_bytes;

    if (length_bytes < key_at) return RESULT_AGAIN;
    uint64_t payload_bytes = field_bytes == 0 ? length7 : read_length(bytes + 2, field_bytes);
    if (payload_bytes > WS_PAYLOAD_BYTES_MAX) {
        decoded->breach = WS_BREACH_LENGTH_SIGN;
    } else if (length_field_bytes(payload_bytes) != field_bytes) {
        decoded->breach = WS_BREACH_LENGTH_NOT_MINIMAL;
    }
    if (decoded->breach != WS_BREACH_NONE) return RESULT_INVALID;

    decoded->header_bytes = key_at + (masked ? WS_MASK_KEY_BYTES : 0);
    if (length_bytes < decoded->header_bytes) return RESULT_AGAIN;
    *frame = (struct ws_frame){
        .payload_bytes = payload_bytes,
        .opcode = bytes[0] & OPCODE_BITS,
        .fin = (bytes[0] & FIN_BIT) != 0,
        .rsv1 = (bytes[0] & RSV1_BIT) != 0,
        .masked = masked,
    };
    if (masked) bytes_copy(frame->key, bytes + key_at, WS_MASK_KEY_BYTES);
    return RESULT_OK;
}

/* What the compiler makes of it is one instruction of the machine, or a few where it has none. */
typedef uint64_t mask_vector __attribute__((vector_size(16)));

static void mask_one(uint8_t *bytes, mask_vector key)
{
    mask_vector vector;

    bytes_copy(&vector, bytes, sizeof vector);
    vector ^= key;
    bytes_copy(bytes, &vector, sizeof vector);
}

void ws_frame_mask(uint8_t *bytes, size_t length_bytes, const uint8_t key[WS_MASK_KEY_BYTES],
                   size_t offset_bytes)
{
    uint8_t turned[sizeof(mask_vector)]; /* the key from `offset_bytes` on */
    mask_vector turned_vector;
    size_t i = 0;

    for (size_t k = 0; k < sizeof turned; k++)
        turned[k] = key[(offset_bytes + k) % WS_MASK_KEY_BYTES];
    bytes_copy(&turned_vector, turned, sizeof turned_vector);

    for (; length_bytes - i >= sizeof turned_vector; i += sizeof turned_vector)
        mask_one(bytes + i, turned_vector);
    for (; i < length_bytes; i++)
        bytes[i] ^= turned[i % sizeof turned];
}
