#include "server/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "shared/bytes.h"
#include "shared/check.h"

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_v4(const struct address *address)
{
    return bytes_equal(address->ip, v4_prefix, sizeof v4_prefix);
}

static void set_v4(struct address *address, const void *ip)
{
    bytes_copy(address->ip, v4_prefix, sizeof v4_prefix);
    bytes_copy(address->ip + sizeof v4_prefix, ip, 4);
}

struct address address_from_socket(const struct sockaddr_storage *socket_address)
{
    struct address address = {0};

    if (socket_address->ss_family == AF_INET) {
        struct sockaddr_in v4;
        bytes_copy(&v4, socket_address, sizeof v4);
        set_v4(&address, &v4.sin_addr);
        address.port = ntohs(v4.sin_port);
    } else if (socket_address->ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        bytes_copy(&v6, socket_address, sizeof v6);
        bytes_copy(address.ip, &v6.sin6_addr, sizeof address.ip);
        address.port = ntohs(v6.sin6_port);
    }
    return address;
}

bool address_from_text(struct address *address, const char *text, size_t length)
{
    char copy[ADDRESS_TEXT_BYTES];
    uint8_t v4[4];

    *address = (struct address){0};
    if (length >= sizeof copy) return false;
    bytes_copy(copy, text, length);
    copy[length] = '\0';
    if (inet_pton(AF_INET, copy, v4) == 1) {
        set_v4(address, v4);
        return true;
    }
    return inet_pton(AF_INET6, copy, address->ip) == 1;
}

void address_to_text(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    const void *ip = is_v4(address) ? address->ip + sizeof v4_prefix : address->ip;
    ASSERT(inet_ntop(is_v4(address) ? AF_INET : AF_INET6, ip, text, ADDRESS_TEXT_BYTES) != NULL);
}

bool address_is_loopback(const struct address *address)
{
    static const uint8_t v6_loopback[16] = {[15] = 1};

    if (is_v4(address)) return address->ip[12] == 127;
    return bytes_equal(address->ip, v6_loopback, sizeof v6_loopback);
}

bool address_is_same_ip(const struct address *a, const struct address *b)
{
    return bytes_equal(a->ip, b->ip, sizeof a->ip);
}
