/* sio_game.h - the game over Socket.IO: each room is a namespace, each player a socket in it.
 *
 * Place:   served at config.sio_path. A session (server/session) stands on each socket through its
 *          link; "/" is the default room, "/room-NAME" the room of that name.
 * Layout:  down: the JSON flavour's messages, each the one argument of an event named by its type;
 *          lines are `event`, with an offset behind. In the binary format a message is the one
 *          attachment. Up: events input, hello, chat, view and ping, with the message as argument.
 */
#ifndef TICKWIRE_SERVER_SIO_SIO_GAME_H
#define TICKWIRE_SERVER_SIO_SIO_GAME_H

#include "server/sio/eio_http.h"

extern const struct eio_service sio_game_service;

#endif
