/* eio_ws.h - a WebSocket as the transport of an Engine.IO session, its own or one on polling.
 *
 * Place:   eio_http has checked the request and starts the WebSocket with these functions, which
 *          hand on to eio_session.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_WS_H
#define TICKWIRE_SERVER_SIO_EIO_WS_H

#include "server/sio/eio_session.h"
#include "server/ws/ws_conn.h"

/* What WebSockets of that service are started with. */
const struct ws_handler *eio_ws_handler(const struct eio_service *service);

#endif
