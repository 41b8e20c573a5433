/* address.h - who a peer is: an IP address and port, whichever family.
 *
 * Place:   made at accept, or from a trusted proxy's header; capped, logged and matched by it.
 */
#ifndef TICKWIRE_SERVER_NET_ADDRESS_H
#define TICKWIRE_SERVER_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_BYTES 46 /* with its NUL */

struct address {
    uint8_t ip[16]; /* IPv4 as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2) */
    uint16_t port;
};

/* Anything but IPv4 and IPv6 becomes all zeros. */
struct address address_from_socket(const struct sockaddr_storage *socket_address);

/* Of a numeric address without port, brackets or zone. */
bool address_from_text(struct address *address, const char *text, size_t length);

/* The IP alone, as text: "127.0.0.1", "::1". */
void address_to_text(const struct address *address, char text[ADDRESS_TEXT_BYTES]);

bool address_is_loopback(const struct address *address);
bool address_is_same_ip(const struct address *a, const struct address *b);

#endif
