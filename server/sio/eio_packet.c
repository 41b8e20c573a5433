#include "server/sio/eio_packet.h"

#include "shared/base64.h"
#include "shared/bytes.h"
#include "shared/utf8.h"

/* The url-safe alphabet becomes the standard one; up to two padding characters fall off. */
static size_t normalize(uint8_t *text, size_t length)
{
    for (unsigned i = 0; i < 2 && length > 0 && text[length - 1] == '='; i++)
        length--;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '-') text[i] = '+';
        if (text[i] == '_') text[i] = '/';
    }
    return length;
}

/* In place: three bytes are written for each four that have been read. */
static enum result decode_base64(uint8_t *text, size_t length, size_t *length_bytes)
{
    char tail[4] = {'=', '=', '=', '='};
    size_t tail_bytes = 0;

    length = normalize(text, length);
    size_t whole = length / 4 * 4, rest = length % 4;
    if (rest == 1) return RESULT_INVALID;
    if (rest > 0) bytes_copy(tail, text + whole, rest);
    if (base64_decode(text, length_bytes, (const char *)text, whole) != RESULT_OK)
        return RESULT_INVALID;
    /* A group that was padded in the middle has said less than its place. */
    if (*length_bytes != whole / 4 * 3) return RESULT_INVALID;
    if (rest == 0) return RESULT_OK;
    enum result r = base64_decode(text + *length_bytes, &tail_bytes, tail, sizeof tail);
    *length_bytes += tail_bytes;
    return r;
}

enum result eio_packet_decode(struct eio_packet *packet, uint8_t *bytes, size_t length_bytes)
{
    if (length_bytes == 0) return RESULT_INVALID;
    *packet = (struct eio_packet){.bytes = bytes + 1, .length_bytes = length_bytes - 1};
    if (bytes[0] == 'b') {
        packet->type = EIO_MESSAGE;
        return decode_base64(packet->bytes, packet->length_bytes, &packet->length_bytes);
    }
    if (bytes[0] < '0' || bytes[0] >= '0' + EIO_TYPE_COUNT) return RESULT_INVALID;
    packet->type = (enum eio_type)(bytes[0] - '0');
    packet->is_text = true;
    return RESULT_OK;
}

enum result eio_payload_next(struct eio_payload *payload, struct eio_packet *packet)
{
    uint8_t *bytes = payload->bytes;
    size_t length = 0;

    if (payload->is_done) return RESULT_CLOSED;
    while (length < payload->length_bytes && bytes[length] != EIO_SEPARATOR)
        length++;
    payload->is_done = length == payload->length_bytes;
    payload->bytes += payload->is_done ? length : length + 1;
    payload->length_bytes -= payload->is_done ? length : length + 1;
    if (!utf8_is_valid(bytes, length)) return RESULT_INVALID;
    return eio_packet_decode(packet, bytes, length);
}
