/* session_out.h - what a session's client is sent, and when: gate, squeeze, snapshot.
 *
 * Place:   the hub calls session_update() for each new frame, links when something may have opened the
 *          gate. Nothing is encoded that may not leave.
 * Memory:  messages are made in the hub's payload; nothing is allocated.
 */
#ifndef TICKWIRE_SERVER_SESSION_SESSION_OUT_H
#define TICKWIRE_SERVER_SESSION_SESSION_OUT_H

#include "server/session/session.h"

/* There is a newer frame, or the gate may have opened: sends what the client may have now. */
void session_update(struct session *s);

/* Brings into the caches what session_update() will look at: the session itself, and, once that is
 * there, what it points to. Of thousands of sessions nothing is left there from the tick before. */
void session_fetch(const struct session *s);
void session_fetch_around(const struct session *s);

/* An answer came: if the gate was shut and opens by it, the newest frame leaves at once. */
void session_gate_moved(struct session *s);

/* A PONG came; the queue has run empty; on polling: what was sent has arrived, and the client waits
 * for more. */
void session_pong(struct session *s, const uint8_t *payload, size_t length_bytes);
void session_writable(struct session *s);
void session_polled(struct session *s);

/* Whether the snapshot, or the message of lines, that is being sent tells any; *tick becomes the one
 * up to which all are told with it, and stays where more are to follow. */
bool session_tells_lines(const struct session *s, uint32_t *tick);

#endif
