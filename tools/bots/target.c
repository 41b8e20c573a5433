#include "tools/bots/target.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/ws/updates"
#define ROOM_PLACE   "{room}"

static enum result refuse(struct error *error, enum result code, const char *what, const char *why)
{
    error->code = code;
    (void)snprintf(error->message, sizeof error->message, "%.150s: %.90s", what, why);
    return code;
}

/* Printable ASCII without a space: what may stand in a request line. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text >= 0x7f || *text == '#') return false;
    }
    return true;
}

static bool is_port(const char *text)
{
    size_t length = strlen(text);
    return length >= 1 && length <= 5 && strspn(text, "0123456789") == length && atoi(text) >= 1 &&
           atoi(text) <= 65535;
}

/* Splits host and port; the host may be an IPv6 address in brackets. */
static bool split_authority(struct target *t)
{
    const char *host = t->authority, *port;
    size_t host_bytes;
    if (*host == '[') {
        host_bytes = strcspn(++host, "]");
        if (host[host_bytes] != ']') return false;
        port = host + host_bytes + 1;
    } else {
        host_bytes = strcspn(host, ":");
        port = host + host_bytes;
    }
    if (host_bytes == 0 || (*port != '\0' && (*port != ':' || !is_port(port + 1)))) return false;
    memcpy(t->host, host, host_bytes);
    t->host[host_bytes] = '\0';
    (void)snprintf(t->port, sizeof t->port, "%s",
                   *port == ':'   ? port + 1
                   : t->is_secure ? "443"
                                  : "80");
    return true;
}

enum result target_parse(struct target *t, const char *url, struct error *error)
{
    *t = (struct target){.is_secure = strncmp(url, "wss://", 6) == 0};
    if (!t->is_secure && strncmp(url, "ws://", 5) != 0) {
        return refuse(error, RESULT_INVALID, url, "not a ws:// or wss:// URL");
    }
    if (strlen(url) > TARGET_TEXT_BYTES_MAX || !is_plain(url)) {
        return refuse(error, RESULT_INVALID, url, "a URL is up to 400 printable ASCII characters");
    }
    const char *rest = url + (t->is_secure ? 6 : 5);
    size_t authority_bytes = strcspn(rest, "/?");
    memcpy(t->authority, rest, authority_bytes);
    if (!split_authority(t)) return refuse(error, RESULT_INVALID, url, "no host, or a bad port");

    rest += authority_bytes;
    bool has_path = rest[0] == '/' && rest[1] != '\0' && rest[1] != '?';
    if (rest[0] == '/' && !has_path) rest++;
    (void)snprintf(t->path, sizeof t->path, "%s%s", has_path ? "" : DEFAULT_PATH, rest);
    return RESULT_OK;
}

/* A number has at most five digits where {room} has six characters: it always fits. */
void target_write_path(const struct target *t, uint32_t room, char path[TARGET_TEXT_BYTES_MAX + 1])
{
    const char *place = strstr(t->path, ROOM_PLACE);
    int before = place == NULL ? (int)strlen(t->path) : (int)(place - t->path);
    char number[sizeof ROOM_PLACE] = "";
    if (place != NULL) (void)snprintf(number, sizeof number, "%u", room % 100000);
    (void)snprintf(path, TARGET_TEXT_BYTES_MAX + 1, "%.*s%s%s", before, t->path, number,
                   place == NULL ? "" : place + strlen(ROOM_PLACE));
}

static bool accepts(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    bool connected = connect(fd, a->ai_addr, a->ai_addrlen) == 0;
    int why = errno;
    (void)close(fd);
    errno = why;
    return connected;
}

enum result target_find(struct target *t, struct error *error)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list, *a;
    int failure = getaddrinfo(t->host, t->port, &hints, &list);
    if (failure != 0) return refuse(error, RESULT_IO, t->authority, gai_strerror(failure));

    for (a = list; a != NULL && !accepts(a);)
        a = a->ai_next;
    if (a == NULL) {
        (void)refuse(error, RESULT_IO, t->authority, strerror(errno));
    } else {
        memcpy(&t->address, a->ai_addr, a->ai_addrlen);
        t->address_bytes = a->ai_addrlen;
    }
    freeaddrinfo(list);
    return a != NULL ? RESULT_OK : error->code;
}
