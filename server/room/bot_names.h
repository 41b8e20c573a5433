/* bot_names.h - what the server's bots are called.
 *
 * Place:   seats.c names a bot when it takes a seat.
 */
#ifndef TICKWIRE_SERVER_ROOM_BOT_NAMES_H
#define TICKWIRE_SERVER_ROOM_BOT_NAMES_H

#include <stdint.h>

#define BOT_NAMES_COUNT 40

/* Returns the name with that number, counted round; none is longer than NAME_BYTES_MAX - 6, so that
 * a number of five digits fits behind it. */
const char *bot_name(uint32_t number);

#endif
