/* fetch.h - asks for one page by HTTP, without ever waiting for it.
 *
 * Place:   room_query steps it once a frame; libcurl stands behind it.
 * Memory:  opaque; owns the answer until the next question.
 * Errors:  an answer that is too long or too late, a broken line, a certificate that is not trusted:
 *          the fetch fails, and fetch_ending() says why. Redirections are not followed, proxies not
 *          asked, for the match itself goes without them, too.
 */
#ifndef TICKWIRE_CLIENT_SDL_FETCH_H
#define TICKWIRE_CLIENT_SDL_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "client/sdl/ending.h"

#define FETCH_BYTES_MAX  65536
#define FETCH_TIMEOUT_MS 10000

enum fetch_state { FETCH_RUNNING, FETCH_ANSWERED, FETCH_FAILED };

struct fetch;

/* `ca_file`, borrowed: the authorities to trust, NULL: the system's. NULL: there is no memory. */
struct fetch *fetch_create(const char *ca_file);
void fetch_destroy(struct fetch *f);

/* Asks http:// or https:// `address`; what runs already is given up. False: no memory. */
bool fetch_start(struct fetch *f, const char *address);

/* Does what can be done at once. After the end of one that was started the state stays. */
enum fetch_state fetch_step(struct fetch *f);

/* FETCH_ANSWERED: the status of HTTP, and what came with it. */
long fetch_status(const struct fetch *f);
const char *fetch_body(const struct fetch *f, size_t *length_bytes);

/* FETCH_FAILED: why. */
const struct ending *fetch_ending(const struct fetch *f);

#endif
