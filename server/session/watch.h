/* watch.h - a session that is shown a recording: a whole one, or the running match's past.
 *
 * Place:   between a session and its playback (server/playback). Frames go into a room_view of its
 *          own, and from there the same way as a room's: viewer, gate, flavour.
 * Memory:  allocated when it begins (the view's history and lines, about 200 KiB), freed when it
 *          ends.
 */
#ifndef TICKWIRE_SERVER_SESSION_WATCH_H
#define TICKWIRE_SERVER_SESSION_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/playback/playbacks.h"
#include "server/session/room_view.h"
#include "shared/message.h"

struct session;

struct watch {
    struct playbacks *playbacks; /* borrowed */
    uint32_t index;              /* of the playback */
    uint32_t hub_index;          /* where it stands in hub->watchers */
    bool has_room, is_shown;     /* view is set up; the session looks at it */
    struct room_view view;
    struct message_playback status; /* as told last */
    bool owes_status;
    char *about; /* owned; what is told about the recording, until it has been sent */
    size_t about_bytes;
};

/* Claims a playback for the session. RESULT_FULL: none is free; RESULT_TOO_BIG: not for this
 * address; RESULT_IO: no memory. */
enum result watch_begin(struct session *s, const struct playback_request *request);

/* Lets go of everything; the session looks at no frame of it any more. */
void watch_end(struct session *s);

/* Takes what the playback has to tell. The session may be over after this. */
void watch_turn(struct session *s);

/* Sends what had to wait for the connection. */
void watch_send_owed(struct session *s);

/* Passes on what the watcher asks of time. */
void watch_control(struct session *s, const struct message_control *control);

#endif
