/* upgrade.h - the server's answer to a request that wants to become a WebSocket.
 *
 * Place:   the router calls it for WebSocket paths.
 * Errors:  what is refused here gets an HTTP status: 400, 403, 405, 426 or 503, or what the handler
 *          says.
 * Source:  RFC 6455 §4.2, §4.4.
 */
#ifndef TICKWIRE_SERVER_WS_UPGRADE_H
#define TICKWIRE_SERVER_WS_UPGRADE_H

#include "server/http/http_conn.h"
#include "server/ws/ws_conn.h"

/* Answers 101 and starts `handler` on the connection, or refuses. `http` may be gone after this. */
void ws_upgrade(struct http_conn *http, const struct http_request *request, struct ws_layer *layer,
                const struct ws_handler *handler);

#endif
