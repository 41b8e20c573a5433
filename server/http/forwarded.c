#include "server/http/forwarded.h"

#include "server/net/net.h"
#include "shared/bytes.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The last element of a comma list, taken off; empty at the end. */
static struct http_text take_last(struct http_text *list)
{
    size_t begin = list->length;

    while (begin > 0 && list->chars[begin - 1] != ',')
        begin--;
    struct http_text item = {list->chars + begin, list->length - begin};
    list->length = begin > 0 ? begin - 1 : 0;
    while (item.length > 0 && is_blank(item.chars[0]))
        item.chars++, item.length--;
    while (item.length > 0 && is_blank(item.chars[item.length - 1]))
        item.length--;
    return item;
}

struct address forwarded_peer(const struct config *config, const struct address *peer,
                              const struct http_request *request, bool *is_forwarded)
{
    struct http_text list = {NULL, 0}, line;
    struct address address = *peer, next;
    size_t index = 0;

    *is_forwarded = false;
    if (!net_trusts(config, peer)) return address;
    /* Each proxy appends: with several lines the last one is the nearest. */
    while ((line = http_request_header_next(request, "x-forwarded-for", &index)).chars != NULL)
        list = line;
    *is_forwarded = list.chars != NULL || http_request_header(request, "forwarded").chars != NULL ||
                    http_request_header(request, "x-forwarded-host").chars != NULL;
    while (list.length > 0 && net_trusts(config, &address)) {
        struct http_text item = take_last(&list);
        if (!address_from_text(&next, item.chars, item.length)) break;
        address = next;
    }
    return address;
}

static bool starts_with(struct http_text text, const char *prefix)
{
    struct http_text start = {text.chars, text_length(prefix)};
    return text.length >= start.length && http_text_is_nocase(start, prefix);
}

/* The host without the port that its scheme has anyway. */
static struct http_text without_port(struct http_text host, const char *port)
{
    size_t length = text_length(port);

    if (host.length > length && bytes_equal(host.chars + host.length - length, port, length))
        host.length -= length;
    return host;
}

static bool is_same_text(struct http_text a, struct http_text b)
{
    if (a.length != b.length) return false;
    for (size_t i = 0; i < a.length; i++) {
        char x = a.chars[i], y = b.chars[i];
        if (x >= 'A' && x <= 'Z') x = (char)(x - 'A' + 'a');
        if (y >= 'A' && y <= 'Z') y = (char)(y - 'A' + 'a');
        if (x != y) return false;
    }
    return true;
}

/* The scheme is left aside: behind a proxy that ends TLS we do not know our own. */
static bool is_same_host(struct http_text origin, struct http_text host)
{
    const char *port = starts_with(origin, "https://") ? ":443" : ":80";
    size_t scheme = starts_with(origin, "https://") ? 8 : starts_with(origin, "http://") ? 7 : 0;

    if (scheme == 0 || host.chars == NULL || host.length == 0) return false;
    struct http_text authority = {origin.chars + scheme, origin.length - scheme};
    return is_same_text(without_port(authority, port), without_port(host, port));
}

bool origin_allows(const struct config *config, const struct http_request *request, bool is_trusted)
{
    struct http_text origin = http_request_header(request, "origin");
    size_t index = 0;

    if (origin.chars == NULL) {
        /* Two of them are no browser's. */
        bool several = http_request_header_next(request, "origin", &index).chars != NULL;
        return !several && !config->origin_required;
    }
    if (config->origins[0] != '\0')
        return text_equal(config->origins, "*") ||
               config_list_has(config->origins, origin.chars, origin.length);
    struct http_text forwarded = http_request_header(request, "x-forwarded-host");
    if (is_trusted && is_same_host(origin, forwarded)) return true;
    return is_same_host(origin, request->host);
}

bool host_allows(const struct config *config, const struct http_request *request)
{
    struct http_text host = request->host;

    if (config->hosts[0] == '\0') return true;
    for (size_t i = host.length; i > 0 && host.chars[i - 1] != ']'; i--) {
        if (host.chars[i - 1] == ':') host.length = i - 1;
    }
    return host.chars != NULL && config_list_has(config->hosts, host.chars, host.length);
}
