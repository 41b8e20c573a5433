/* camera.h - where a watcher looks from: a player, an entity, a place, or whoever there is.
 *
 * Place:   each viewer without a seat has one; the session sets what its client asked for.
 * Rule:    whoever is followed and has no body now is waited for where they were last.
 */
#ifndef TICKWIRE_SERVER_SESSION_CAMERA_H
#define TICKWIRE_SERVER_SESSION_CAMERA_H

#include <stdbool.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "server/room/interest.h"
#include "server/room/room.h"
#include "shared/message.h"

struct camera {
    struct message_camera asked;
    bool has_place;
    int32_t x, y; /* where it looked last, simulation units */
};

/* A place is brought onto the map. */
void camera_set(struct camera *c, const struct message_camera *asked,
                const struct room_settings *settings);

/* Fills middle and own_slot (whose body is followed, or SLOT_NONE) of `look`, which comes with the
 * middle of the map. */
void camera_aim(struct camera *c, const struct frame *frame, struct interest_view *look);

#endif
