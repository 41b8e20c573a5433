/* url.h - takes a ws:// or wss:// address apart.
 *
 * Place:   cmdline checks what the player typed with it; link and ws_client connect by its parts.
 * Memory:  plain data, copied.
 * Source:  RFC 6455 §3; no user names, no fragments, and host names or IPv4 addresses only, for
 *          SDL2_net knows no others.
 */
#ifndef TICKWIRE_CLIENT_SDL_URL_H
#define TICKWIRE_CLIENT_SDL_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define URL_HOST_CHARS_MAX 253
#define URL_PATH_CHARS_MAX 1023

struct url {
    bool is_secure; /* wss */
    uint16_t port;
    char host[URL_HOST_CHARS_MAX + 1];
    char authority[URL_HOST_CHARS_MAX + 7]; /* as the Host header wants it: with the port, unless
                                               it is the scheme's own */
    char path[URL_PATH_CHARS_MAX + 1];      /* from the '/' on, with the query */
};

/* Completes what a player typed: a page's http:// or https:// is a link's ws:// or wss://, a host
 * alone is asked securely (this computer plainly), and without a path it is "/ws/updates". */
void url_complete(char *out, size_t capacity_bytes, const char *text);

/* Parses `text`. RESULT_INVALID: `error` says what is wrong with it. */
enum result url_parse(struct url *url, const char *text, struct error *error);

/* Writes the address `text` with that room in its query, and without spectate=1. False: it is too
 * long. */
bool url_with_room(char *out, size_t capacity_bytes, const char *text, const char *room);

/* Adds spectate=1 to the query, to only watch. False: the path is too long. */
bool url_spectate(struct url *url);
bool url_is_spectating(const struct url *url);

#endif
