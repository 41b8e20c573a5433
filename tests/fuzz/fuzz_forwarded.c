/* fuzz_forwarded.c - what stands in front of the address that counts changes nothing; nobody but a
 * trusted proxy is believed; and an Origin that is allowed by default names the host it came to.
 *
 * Layout:  the value of X-Forwarded-For, and of Origin.
 */
#include <stdio.h>
#include <string.h>

#include "server/http/forwarded.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VALUE_BYTES_MAX 1024
#define HOST            "game.example.com:8080"

static struct config config;

/* Reads a request whose header has this value; false if no request can have it. */
static bool ask(struct http_request *request, char head[VALUE_BYTES_MAX + 256], const char *name,
                const char *front, const uint8_t *value, size_t value_bytes)
{
    unsigned status;
    int start = snprintf(head, 256, "GET / HTTP/1.1\r\nHost: " HOST "\r\n%s: %s", name, front);

    memcpy(head + start, value, value_bytes);
    memcpy(head + start + value_bytes, "\r\n\r\n", 4);
    return http_request_parse(request, head, (size_t)start + value_bytes + 4, &status) == RESULT_OK;
}

static struct address ip(const char *text)
{
    struct address address = {.port = 0};
    ASSERT(address_from_text(&address, text, strlen(text)));
    return address;
}

static void check_peer(const uint8_t *value, size_t value_bytes)
{
    char head[VALUE_BYTES_MAX + 256];
    struct http_request request;
    struct address proxy = ip("127.0.0.1"), stranger = ip("203.0.113.1");
    bool is_forwarded;

    if (!ask(&request, head, "X-Forwarded-For", "", value, value_bytes)) return;
    struct address found = forwarded_peer(&config, &stranger, &request, &is_forwarded);
    ASSERT(address_is_same_ip(&found, &stranger) && !is_forwarded);

    struct address plain = forwarded_peer(&config, &proxy, &request, &is_forwarded);
    ASSERT(is_forwarded);
    if (address_is_loopback(&plain)) return; /* the chain has no end yet */
    ASSERT(ask(&request, head, "X-Forwarded-For", "6.6.6.6, ", value, value_bytes));
    found = forwarded_peer(&config, &proxy, &request, &is_forwarded);
    ASSERT(address_is_same_ip(&found, &plain));
}

static void check_origin(const uint8_t *value, size_t value_bytes)
{
    char head[VALUE_BYTES_MAX + 256];
    struct http_request request;

    if (!ask(&request, head, "Origin", "", value, value_bytes)) return;
    struct http_text origin = http_request_header(&request, "origin");
    if (!origin_allows(&config, &request, false)) return;
    ASSERT(origin.length == strlen("http://" HOST) || origin.length == strlen("https://" HOST));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > VALUE_BYTES_MAX) return 0;
    config_set_defaults(&config);
    check_peer(data, size);
    check_origin(data, size);
    return 0;
}
