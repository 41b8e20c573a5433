/* room_list.h - which rooms a server says it has, and who plays there.
 *
 * Place:   room_query fills it with what GET /rooms answers; the menu shows it.
 * Memory:  plain data.
 * Errors:  the answer comes from a stranger: an entry that is no room is left out, and what is no
 *          list is RESULT_INVALID.
 */
#ifndef TICKWIRE_CLIENT_SDL_ROOM_LIST_H
#define TICKWIRE_CLIENT_SDL_ROOM_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/ending.h"
#include "shared/limits.h"
#include "shared/message.h"
#include "shared/result.h"

#define ROOM_LIST_MAX         256 /* as many as a server tells */
#define ROOM_LIST_PLAYERS_MAX 65535

struct room_entry {
    char name[ROOM_NAME_BYTES_MAX + 1];
    char game[GAME_NAME_BYTES_MAX + 1]; /* readable */
    uint16_t players, players_max;      /* the latter > 0 */
};

struct room_list {
    uint16_t count;
    struct room_entry entries[ROOM_LIST_MAX]; /* in the server's order */
    char notice[ENDING_SENTENCE_BYTES];       /* why there is none, or "" */
};

/* Whether `text` may name a room: 1 to ROOM_NAME_BYTES_MAX letters, digits, '-' and '_'. */
bool room_name_is_valid(const char *text);

bool room_entry_is_full(const struct room_entry *room);

/* Empty: `host` was asked and has not answered yet. */
void room_list_ask(struct room_list *list, const char *host);

/* Empty, with a sentence that says why. */
void room_list_fail(struct room_list *list, const char *sentence);

/* Takes an answer of HTTP. */
void room_list_take(struct room_list *list, const char *host, long status, const char *text,
                    size_t length_bytes);

/* Reads a JSON array of objects with `name`, `game`, `players` and `players_max`. RESULT_INVALID:
 * it is none, and the list is empty. */
enum result room_list_parse(struct room_list *list, const char *text, size_t length_bytes);

#endif
