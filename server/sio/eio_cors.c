#include "server/sio/eio_cors.h"

#include <stdio.h>
#include <string.h>

#include "shared/bytes.h"
#include "shared/check.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

struct eio_cors eio_cors_of(const struct config *config, const struct http_request *request)
{
    struct http_text origin = http_request_header(request, "origin");
    const char *list = config->origins;

    if (origin.chars == NULL) return (struct eio_cors){0};
    if (text_equal(list, "*")) return (struct eio_cors){0, 1};
    while (*list != '\0') {
        size_t length = strcspn(list, ",");
        if (length > 0 && length == origin.length && is_same(list, origin.chars, length))
            return (struct eio_cors){(uint16_t)(list - config->origins), (uint16_t)length};
        list += length + (list[length] == ',');
    }
    return (struct eio_cors){0};
}

size_t eio_cors_write(const struct eio_cors *cors, const struct config *config,
                      char fields[EIO_CORS_BYTES_MAX])
{
    const char *origin = config->origins + cors->begin;
    bool is_list = config->origins[0] != '\0' && !text_equal(config->origins, "*");

    fields[0] = '\0';
    if (cors->length == 0 && !is_list) return 0;
    if (cors->length == 0) return (size_t)snprintf(fields, EIO_CORS_BYTES_MAX, "Vary: Origin\r\n");
    /* No origin is so long: then the page is told nothing. */
    int length =
        snprintf(fields, EIO_CORS_BYTES_MAX, "Access-Control-Allow-Origin: %.*s\r\n%s%s",
                 (int)cors->length, origin, is_list ? "Vary: Origin\r\n" : "",
                 config->sio_credentials ? "Access-Control-Allow-Credentials: true\r\n" : "");
    if (length >= EIO_CORS_BYTES_MAX) fields[0] = '\0', length = 0;
    return (size_t)length;
}

size_t eio_cors_write_preflight(const struct eio_cors *cors, const struct config *config,
                                const struct http_request *request, char fields[EIO_CORS_BYTES_MAX])
{
    struct http_text wanted = http_request_header(request, "access-control-request-headers");
    size_t used = eio_cors_write(cors, config, fields);
    size_t free_bytes = EIO_CORS_BYTES_MAX - used;

    int length =
        snprintf(fields + used, free_bytes,
                 "Access-Control-Allow-Methods: GET, POST\r\n"
                 "%s%.*s%sVary: Access-Control-Request-Headers\r\n",
                 wanted.chars != NULL ? "Access-Control-Allow-Headers: " : "", (int)wanted.length,
                 wanted.chars != NULL ? wanted.chars : "", wanted.chars != NULL ? "\r\n" : "");
    ASSERT(length > 0);
    if ((size_t)length < free_bytes) return used + (size_t)length;
    fields[used] = '\0'; /* more headers than we would name */
    return used;
}
