/* room_query.h - asks a server for its rooms again and again, while somebody looks at them.
 *
 * Place:   home steps it once a frame and shows the menu what it found.
 * Memory:  opaque; owns the fetch and the list.
 * Errors:  whatever goes wrong is a sentence in the list, and the server is asked again.
 */
#ifndef TICKWIRE_CLIENT_SDL_ROOM_QUERY_H
#define TICKWIRE_CLIENT_SDL_ROOM_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/room_list.h"
#include "client/sdl/url.h"

#define ROOM_QUERY_PAUSE_MS 3000 /* as the page's */

struct room_query;

/* Asks at once, at the address where one would play. `ca_file`: borrowed, as fetch's. NULL: there is
 * no memory. */
struct room_query *room_query_create(const struct url *server, const char *ca_file);
void room_query_destroy(struct room_query *q);

/* Does what can be done without waiting. Returns what was found out, borrowed until the next step, or
 * NULL if that is nothing new. */
const struct room_list *room_query_step(struct room_query *q, uint64_t now_ms);

#endif
