/* router.h - which path is answered by what: one table.
 *
 * Place:   the workers' http_layer calls router_route() for every request.
 */
#ifndef TICKWIRE_SERVER_ROUTER_H
#define TICKWIRE_SERVER_ROUTER_H

#include "server/http/http_conn.h"

void router_route(struct http_conn *http, const struct http_request *request);

#endif
