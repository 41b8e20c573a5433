/* echo.h - sends every message back: /ws/echo, for conformance tools, only with --echo.
 *
 * Place:   a ws_handler without limits but the size of a message. It reads on only when what it has
 *          to send has left, so that a peer that does not read is not stored up.
 */
#ifndef TICKWIRE_SERVER_WS_ECHO_H
#define TICKWIRE_SERVER_WS_ECHO_H

#include "server/ws/ws_conn.h"

extern const struct ws_handler echo_handler;

#endif
