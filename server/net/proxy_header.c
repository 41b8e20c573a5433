#include "server/net/proxy_header.h"

#include "shared/bytes.h"

#define COMMAND_LOCAL 0x20
#define COMMAND_PROXY 0x21

static const uint8_t signature[] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                    0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

/* Both addresses, then both ports; the source's come first. */
static const struct family {
    uint8_t family_and_protocol;
    uint8_t address_bytes;
} families[] = {{0x11, 4}, {0x21, 16}}; /* TCP over IPv4, over IPv6 */

static void read_source(struct proxy_header *header, const struct family *family,
                        const uint8_t *addresses)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *port = addresses + 2 * family->address_bytes;
    size_t before = sizeof header->source.ip - family->address_bytes;

    header->has_address = true;
    bytes_copy(header->source.ip, mapped, before);
    bytes_copy(header->source.ip + before, addresses, family->address_bytes);
    header->source.port = (uint16_t)(port[0] << 8 | port[1]);
}

static enum result read_addresses(struct proxy_header *header, const uint8_t *bytes)
{
    size_t length = header->header_bytes - PROXY_HEADER_BYTES_MIN;

    if (bytes[12] == COMMAND_LOCAL) return RESULT_OK;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        const struct family *family = &families[i];
        if (bytes[13] != family->family_and_protocol) continue;
        if (length < 2u * family->address_bytes + 4) return RESULT_INVALID;
        read_source(header, family, bytes + PROXY_HEADER_BYTES_MIN);
    }
    return RESULT_OK;
}

enum result proxy_header_parse(struct proxy_header *header, const uint8_t *bytes,
                               size_t length_bytes)
{
    size_t known = length_bytes < sizeof signature ? length_bytes : sizeof signature;

    *header = (struct proxy_header){.header_bytes = PROXY_HEADER_BYTES_MIN};
    if (!bytes_equal(bytes, signature, known)) return RESULT_INVALID;
    if (length_bytes > 12 && bytes[12] != COMMAND_LOCAL && bytes[12] != COMMAND_PROXY)
        return RESULT_INVALID;
    if (length_bytes < PROXY_HEADER_BYTES_MIN) return RESULT_AGAIN;
    header->header_bytes += (size_t)bytes[14] << 8 | bytes[15];
    if (header->header_bytes > PROXY_HEADER_BYTES_MAX) return RESULT_TOO_BIG;
    if (length_bytes < header->header_bytes) return RESULT_AGAIN;
    return read_addresses(header, bytes);
}
