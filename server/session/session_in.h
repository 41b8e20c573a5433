/* session_in.h - what a session's client says while it plays or watches.
 *
 * Place:   link → session_message() → the flavour, which reads it and calls one of session_on_*(). Usercmds
 *          and chat go to the room, acks to the gate.
 * Errors:  what may not come now is RESULT_INVALID with a sentence; so many of those end the session.
 */
#ifndef TICKWIRE_SERVER_SESSION_SESSION_IN_H
#define TICKWIRE_SERVER_SESSION_SESSION_IN_H

#include "server/session/session.h"

/* A whole message came. */
void session_message(struct session *s, bool is_text, uint8_t *bytes, size_t length_bytes);

/* What a flavour has read. */
enum result session_on_input(struct session *s, const struct message_input *input,
                             struct error *error);
enum result session_on_chat(struct session *s, const struct message_chat *chat,
                            struct error *error);
enum result session_on_view(struct session *s, const struct message_view *view,
                            struct error *error);
enum result session_on_control(struct session *s, const struct message_control *control,
                               struct error *error);
enum result session_on_camera(struct session *s, const struct message_camera *camera,
                              struct error *error);
enum result session_on_resync(struct session *s, struct error *error);

#endif
