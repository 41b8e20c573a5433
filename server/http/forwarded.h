/* forwarded.h - who asks, and may they: the peer behind a trusted proxy, and origins.
 *
 * Place:   http_conn asks for each request who the peer is; upgrades ask whether the page may.
 * Source:  RFC 6454 §7 (Origin), RFC 6455 §10.2; X-Forwarded-For as nginx and HAProxy write it.
 */
#ifndef TICKWIRE_SERVER_HTTP_FORWARDED_H
#define TICKWIRE_SERVER_HTTP_FORWARDED_H

#include <stdbool.h>

#include "server/config.h"
#include "server/http/request.h"
#include "server/net/address.h"

/* The address that counts: the peer's own, or, if the peer is a trusted proxy that forwards, the
 * last one in X-Forwarded-For that is no trusted proxy itself. `is_forwarded` tells whether a proxy
 * forwarded at all: then not even a loopback peer is one of ours. */
struct address forwarded_peer(const struct config *config, const struct address *peer,
                              const struct http_request *request, bool *is_forwarded);

/* Whether the page that Origin names may open a WebSocket here: one of the same host by default, of
 * config.origins if given; a client without Origin is no page. `is_trusted` lets X-Forwarded-Host
 * name the host. */
bool origin_allows(const struct config *config, const struct http_request *request,
                   bool is_trusted);

/* Whether the request is for a host that the config names, if it names any. */
bool host_allows(const struct config *config, const struct http_request *request);

#endif
