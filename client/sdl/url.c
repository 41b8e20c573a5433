#include "client/sdl/url.h"

#include <stdio.h>
#include <string.h>

#include "shared/host/error.h"

#define PORT_PLAIN  80
#define PORT_SECURE 443
#define PORT_MAX    65535u

static enum result refuse(struct error *error, const char *text, const char *why)
{
    return error_set(error, RESULT_INVALID, "%s: %s", text, why);
}

static bool take_prefix(const char **text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(*text, prefix, length) != 0) return false;
    *text += length;
    return true;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

/* Takes ":PORT" if it is there; 0 is no port. */
static bool take_port(const char **text, uint16_t *port)
{
    if (**text != ':') return true;

    unsigned value = 0;
    const char *digit = *text + 1;
    for (; *digit >= '0' && *digit <= '9' && value <= PORT_MAX; digit++)
        value = value * 10 + (unsigned)(*digit - '0');
    if (value == 0 || value > PORT_MAX) return false;
    *port = (uint16_t)value;
    *text = digit;
    return true;
}

/* Nothing that would end the request line, or that servers never see. */
static bool is_path(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || *c == '#') return false;
    }
    return strlen(text) < URL_PATH_CHARS_MAX;
}

enum result url_parse(struct url *url, const char *text, struct error *error)
{
    const char *rest = text;

    *url = (struct url){.port = PORT_PLAIN};
    if (take_prefix(&rest, "wss://")) {
        url->is_secure = true;
        url->port = PORT_SECURE;
    } else if (!take_prefix(&rest, "ws://")) {
        return refuse(error, text, "an address begins with ws:// or wss://");
    }
    uint16_t default_port = url->port;

    size_t host_chars = 0;
    while (is_host_char(rest[host_chars]))
        host_chars++;
    if (host_chars == 0 || host_chars > URL_HOST_CHARS_MAX) {
        return refuse(error, text, "expected a host name or an IPv4 address after ws:// or wss://");
    }
    memcpy(url->host, rest, host_chars);
    rest += host_chars;

    if (!take_port(&rest, &url->port)) return refuse(error, text, "a port is 1 to 65535");
    if (*rest != '\0' && *rest != '/' && *rest != '?') {
        return refuse(error, text, "expected a path after the host name");
    }
    if (!is_path(rest))
        return refuse(error, text,
                      "the path is too long or holds a character "
                      "that must be escaped");
    (void)snprintf(url->path, sizeof url->path, "%s%s", *rest == '/' ? "" : "/", rest);
    if (url->port == default_port)
        (void)snprintf(url->authority, sizeof url->authority, "%s", url->host);
    else
        (void)snprintf(url->authority, sizeof url->authority, "%s:%u", url->host, url->port);
    return RESULT_OK;
}

void url_complete(char *out, size_t capacity_bytes, const char *text)
{
    bool is_here = strncmp(text, "localhost", 9) == 0 || strncmp(text, "127.", 4) == 0;
    const char *scheme = is_here ? "ws://" : "wss://";

    if (take_prefix(&text, "https://") || take_prefix(&text, "wss://"))
        scheme = "wss://";
    else if (take_prefix(&text, "http://") || take_prefix(&text, "ws://"))
        scheme = "ws://";
    size_t host_chars = strcspn(text, "/?");
    const char *rest = text + host_chars;
    bool has_path = rest[0] == '/' && rest[1] != '\0' && rest[1] != '?';
    if (!has_path && rest[0] == '/') rest++;
    (void)snprintf(out, capacity_bytes, "%s%.*s%s%s", scheme, (int)host_chars, text,
                   has_path ? "" : "/ws/updates", rest);
}

static bool is_part(const char *part, size_t length, const char *key)
{
    size_t key_length = strlen(key);
    return length >= key_length && strncmp(part, key, key_length) == 0 &&
           (length == key_length || part[key_length] == '=');
}

bool url_with_room(char *out, size_t capacity_bytes, const char *text, const char *room)
{
    size_t at = strcspn(text, "?");
    const char *part = text[at] == '?' ? text + at + 1 : text + at;
    int printed = snprintf(out, capacity_bytes, "%.*s?room=%s", (int)at, text, room);

    for (; printed >= 0 && (size_t)printed < capacity_bytes && *part != '\0';) {
        size_t length = strcspn(part, "&");
        if (length > 0 && !is_part(part, length, "room") && !is_part(part, length, "spectate"))
            printed += snprintf(out + printed, capacity_bytes - (size_t)printed, "&%.*s",
                                (int)length, part);
        part += length + (part[length] == '&');
    }
    return printed >= 0 && (size_t)printed < capacity_bytes;
}

bool url_spectate(struct url *url)
{
    size_t length = strlen(url->path);
    const char *added = strchr(url->path, '?') == NULL ? "?spectate=1" : "&spectate=1";

    if (length + strlen(added) >= sizeof url->path) return false;
    memcpy(url->path + length, added, strlen(added) + 1);
    return true;
}

bool url_is_spectating(const struct url *url)
{
    return strstr(url->path, "?spectate=1") != NULL || strstr(url->path, "&spectate=1") != NULL;
}
