/* router.h - which path is answered by what: one table.
 *
 * Place:   the workers' http_layer asks these for every request.
 */
#ifndef TICKWIRE_SERVER_ROUTER_H
#define TICKWIRE_SERVER_ROUTER_H

#include "server/http/http_conn.h"

extern const struct http_routes router_routes;

#endif
