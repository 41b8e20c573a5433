#include "server/sio/eio_query.h"

#include <string.h>

#include "shared/bytes.h"

#define VALUE_BYTES (EIO_ID_CHARS_MAX + 2)

/* The text up to `stop`, taken off with it; all of it if there is none. */
static struct http_text take_until(struct http_text *rest, char stop)
{
    struct http_text taken = *rest;

    const char *at = rest->length > 0 ? memchr(rest->chars, stop, rest->length) : NULL;

    if (at != NULL) taken.length = (size_t)(at - rest->chars);
    size_t used = taken.length + (at != NULL);
    *rest = (struct http_text){rest->chars + used, rest->length - used};
    return taken;
}

static enum eio_transport transport_of(const char *name)
{
    if (text_equal(name, "polling")) return EIO_TRANSPORT_POLLING;
    return text_equal(name, "websocket") ? EIO_TRANSPORT_WEBSOCKET : EIO_TRANSPORT_UNKNOWN;
}

void eio_query_read(struct eio_query *query, const struct http_request *request, const char *node)
{
    struct http_text rest = request->query;
    char value[VALUE_BYTES];
    size_t length;

    *query = (struct eio_query){.transport = EIO_TRANSPORT_UNKNOWN};
    while (rest.length > 0) {
        struct http_text item = take_until(&rest, '&');
        struct http_text name = take_until(&item, '=');
        /* Too long or broken: a value that none of ours is. */
        if (http_percent_decode(item, true, value, sizeof value, &length) != RESULT_OK)
            bytes_copy(value, "?", 2);
        if (http_text_is(name, "EIO")) {
            query->is_version_4 = text_equal(value, "4");
        } else if (http_text_is(name, "transport")) {
            query->transport = transport_of(value);
        } else if (http_text_is(name, "b64")) {
            query->is_base64 = text_equal(value, "1") || text_equal(value, "true");
        } else if (http_text_is(name, "sid")) {
            query->has_sid = value[0] != '\0';
            query->is_ours = eio_id_read(&query->id, node, value);
        }
    }
}
