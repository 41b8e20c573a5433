/* sio_echo.h - namespaces that echo: what the conformance suite of Socket.IO protocol 5 talks to.
 *
 * Place:   with --sio-echo only. "/" and "/custom" may be joined; who joins gets `auth` with its
 *          auth object. In "/", `message` comes back as `message-back`, and the ack of `message-
 *          with-ack` has its arguments.
 */
#ifndef TICKWIRE_SERVER_SIO_SIO_ECHO_H
#define TICKWIRE_SERVER_SIO_SIO_ECHO_H

#include "server/sio/eio_http.h"

extern const struct eio_service sio_echo_service;

#endif
