/* eio_query.h - what an Engine.IO request says about itself in its query.
 *
 * Place:   eio_http and eio_ws read it. Of a key given twice the last one counts.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_QUERY_H
#define TICKWIRE_SERVER_SIO_EIO_QUERY_H

#include <stdbool.h>

#include "server/http/request.h"
#include "server/sio/eio_id.h"

enum eio_transport { EIO_TRANSPORT_UNKNOWN, EIO_TRANSPORT_POLLING, EIO_TRANSPORT_WEBSOCKET };

struct eio_query {
    enum eio_transport transport;
    bool is_version_4;
    bool is_base64;
    bool has_sid; /* whatever it is */
    bool is_ours; /* it reads as an id of this node */
    struct eio_id id;
};

void eio_query_read(struct eio_query *query, const struct http_request *request, const char *node);

#endif
