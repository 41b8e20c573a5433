/* limits.h - the protocol's maxima: what both ends may rely on, whatever the server's config says.
 *
 * Place:   codecs check against these; the server's capacities and rates are config keys
 *          (server/config.h).
 */
#ifndef TICKWIRE_SHARED_LIMITS_H
#define TICKWIRE_SHARED_LIMITS_H

#define TICK_HZ 20
#define TICK_MS 50

#define NAME_BYTES_MAX      24  /* a player's name, UTF-8, without NUL */
#define COLOURS_MAX         12  /* a player may choose 1..12; 0: by the seat */
#define CHAT_BYTES_MAX      120 /* one line of chat, UTF-8, without NUL */
#define ROOM_NAME_BYTES_MAX 32  /* letters, digits, '-', '_' */
#define REASON_BYTES_MAX    120 /* a close reason: a control frame holds 123 (RFC 6455 §5.5) */
#define TOKEN_BYTES         16  /* a seat's secret: 128 random bits */

#define MESSAGE_UP_BYTES_MAX     4096  /* client to server */
#define MESSAGE_DOWN_BYTES_MAX   65536 /* server to client */
#define USERCMDS_PER_MESSAGE_MAX 8     /* 400 ms; a client merges the oldest beyond that */

#define VIEW_ENTITIES_MAX  1024 /* entities one client may see at once */
#define BASE_AGE_TICKS_MAX 63   /* an older base means a full snapshot */
#define MAP_TILES_MAX      (1024u * 1024u)
#define MAP_BYTES_MAX      49152u /* a packed map, as sent in one message */

#endif
