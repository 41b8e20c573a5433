/* eio_cors.h - which pages of other hosts may read our answers: the header fields of CORS.
 *
 * Place:   eio_http looks once at a request, and every answer to it has the fields, refusals too.
 * Memory:  what is kept points into the config's list of origins, so that an answer that comes
 *          later needs no copy of what the request said.
 * Source:  Fetch standard §3.2; RFC 6454 §7.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_CORS_H
#define TICKWIRE_SERVER_SIO_EIO_CORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"
#include "server/http/request.h"

#define EIO_CORS_BYTES_MAX 512

struct eio_cors {
    uint16_t begin, length; /* of the origin in config.origins; nothing: no fields */
};

/* What the answers to this request say. */
struct eio_cors eio_cors_of(const struct config *config, const struct http_request *request);

/* Writes the fields, each ended by CRLF, and a NUL. */
size_t eio_cors_write(const struct eio_cors *cors, const struct config *config,
                      char fields[EIO_CORS_BYTES_MAX]);

/* And those that answer a preflight, whose request names the headers that it wants. */
size_t eio_cors_write_preflight(const struct eio_cors *cors, const struct config *config,
                                const struct http_request *request,
                                char fields[EIO_CORS_BYTES_MAX]);

#endif
