/* eio_echo.h - a bare Engine.IO echo: each message comes back as it came. With --sio-echo only, for
 * conformance suites.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_ECHO_H
#define TICKWIRE_SERVER_SIO_EIO_ECHO_H

#include "server/sio/eio_http.h"

extern const struct eio_service eio_echo_service;

#endif
