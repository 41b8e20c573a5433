/* eio_ws.h - a WebSocket as the transport of an Engine.IO session, its own or one on polling.
 *
 * Place:   a service's ws_handler is made of these functions; eio_http has checked the request.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_WS_H
#define TICKWIRE_SERVER_SIO_EIO_WS_H

#include "server/sio/eio_session.h"
#include "server/ws/ws_conn.h"

/* For ws_handler.open: `handler` is what will stand on a new session. */
enum result eio_ws_open(struct ws_conn *ws, const struct http_request *request,
                        struct ws_refusal *refusal, const struct eio_handler *handler);

void eio_ws_opened(struct ws_conn *ws);
void eio_ws_message(struct ws_conn *ws, bool is_text, uint8_t *bytes, size_t length_bytes);
void eio_ws_pong(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes);
void eio_ws_writable(struct ws_conn *ws);
void eio_ws_closed(struct ws_conn *ws, unsigned code);

#endif
