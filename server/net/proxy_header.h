/* proxy_header.h - reads the PROXY protocol's header, version 2: who is behind a proxy.
 *
 * Place:   conn reads it in front of all else, TLS included, on connections of trusted proxies.
 * Layout:  0  signature (12)   12  version and command   13  family and protocol
 *          14 length (2, network order) of what follows: addresses, then TLVs, which are skipped
 * Memory:  everything is the caller's; no I/O.
 * Source:  The PROXY protocol, HAProxy Technologies, §2.2.
 */
#ifndef TICKWIRE_SERVER_NET_PROXY_HEADER_H
#define TICKWIRE_SERVER_NET_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/address.h"
#include "shared/result.h"

#define PROXY_HEADER_BYTES_MIN 16
#define PROXY_HEADER_BYTES_MAX 1024

/* What no request and no TLS handshake begins with. */
#define PROXY_HEADER_FIRST_BYTE 0x0d

struct proxy_header {
    size_t header_bytes;   /* with RESULT_OK; with RESULT_AGAIN: how many are needed to go on */
    bool has_address;      /* false: the proxy speaks for itself, or of no IP address */
    struct address source; /* the client */
};

/* Parses the header at the start of bytes[0..length_bytes). RESULT_INVALID as soon as it shows;
 * RESULT_TOO_BIG beyond PROXY_HEADER_BYTES_MAX. */
enum result proxy_header_parse(struct proxy_header *header, const uint8_t *bytes,
                               size_t length_bytes);

#endif
