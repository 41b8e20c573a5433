/* eio_http.h - the front door of Engine.IO: who is let in, and what the others are told.
 *
 * Place:   the router hands over every request below a service's path; from here it goes to a
 *          session's poll or post, to a WebSocket, or to the worker that the id names.
 * Errors:  code and message as JSON, with the status of the table in eio_http.c; the first check
 *          that fails decides.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_HTTP_H
#define TICKWIRE_SERVER_SIO_EIO_HTTP_H

#include <stdbool.h>

#include "server/http/http_conn.h"
#include "server/sio/eio_session.h"

struct worker;

/* The service below whose path this is, or NULL. */
const struct eio_service *eio_http_service(const struct worker *worker, struct http_text path);

void eio_http_answer(struct http_conn *http, const struct http_request *request,
                     const struct eio_service *service);

#endif
