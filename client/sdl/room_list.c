#include "client/sdl/room_list.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#define STATUS_OK        200
#define STATUS_FORBIDDEN 403

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool room_name_is_valid(const char *text)
{
    size_t length = 0;

    while (length <= ROOM_NAME_BYTES_MAX && is_name_char(text[length]))
        length++;
    return length > 0 && length <= ROOM_NAME_BYTES_MAX && text[length] == '\0';
}

bool room_entry_is_full(const struct room_entry *room)
{
    return room->players >= room->players_max;
}

/* ---- one room ---- */

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text != NULL ? text : "";
}

/* False for what is no number within min..ROOM_LIST_PLAYERS_MAX. */
static bool read_count(const cJSON *object, const char *key, int min, uint16_t *count)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsNumber(item)) return false;
    if (!(item->valuedouble >= min && item->valuedouble <= ROOM_LIST_PLAYERS_MAX)) return false;
    *count = (uint16_t)item->valuedouble;
    return true;
}

static bool read_room(const cJSON *object, struct room_entry *room)
{
    const char *name = text_of(object, "name"), *game = text_of(object, "game");
    size_t game_bytes = strlen(game);

    if (!room_name_is_valid(name)) return false;
    if (game_bytes > GAME_NAME_BYTES_MAX || !text_is_showable(game, game_bytes)) return false;
    *room = (struct room_entry){0};
    memcpy(room->name, name, strlen(name) + 1);
    memcpy(room->game, game, game_bytes + 1);
    return read_count(object, "players", 0, &room->players) &&
           read_count(object, "players_max", 1, &room->players_max);
}

/* ---- all of them ---- */

enum result room_list_parse(struct room_list *list, const char *text, size_t length_bytes)
{
    cJSON *root = cJSON_ParseWithLength(text, length_bytes);
    const cJSON *item;
    enum result r = cJSON_IsArray(root) ? RESULT_OK : RESULT_INVALID;

    *list = (struct room_list){0};
    if (r == RESULT_OK) {
        cJSON_ArrayForEach(item, root)
        {
            if (list->count == ROOM_LIST_MAX) break;
            if (read_room(item, &list->entries[list->count])) list->count++;
        }
    }
    /* One that was read in part. */
    if (list->count < ROOM_LIST_MAX) list->entries[list->count] = (struct room_entry){0};
    cJSON_Delete(root);
    return r;
}

void room_list_fail(struct room_list *list, const char *sentence)
{
    *list = (struct room_list){0};
    (void)snprintf(list->notice, sizeof list->notice, "%s", sentence);
}

void room_list_ask(struct room_list *list, const char *host)
{
    *list = (struct room_list){0};
    (void)snprintf(list->notice, sizeof list->notice, "Asking %s for its rooms…", host);
}

void room_list_take(struct room_list *list, const char *host, long status, const char *text,
                    size_t length_bytes)
{
    char sentence[ENDING_SENTENCE_BYTES];

    if (status == STATUS_FORBIDDEN) {
        room_list_fail(list, "This server does not tell its rooms: type the name of yours.");
    } else if (status != STATUS_OK) {
        (void)snprintf(sentence, sizeof sentence, "The server answered %ld. Asking again…", status);
        room_list_fail(list, sentence);
    } else if (room_list_parse(list, text, length_bytes) != RESULT_OK) {
        (void)snprintf(sentence, sizeof sentence,
                       "What %s answered is no list of rooms. Asking again…", host);
        room_list_fail(list, sentence);
    } else if (list->count == 0) {
        room_list_fail(list, "There is no room.");
    }
}
