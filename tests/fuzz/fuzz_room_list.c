/* fuzz_room_list.c - whatever a server answers, what is listed may be shown and asked for. */
#include "client/sdl/room_list.h"

#include <string.h>

#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct room_list list;
    enum result r = room_list_parse(&list, (const char *)data, size);

    ASSERT(r == RESULT_OK || list.count == 0);
    ASSERT(list.count <= ROOM_LIST_MAX);
    for (uint16_t i = 0; i < list.count; i++) {
        const struct room_entry *room = &list.entries[i];
        ASSERT(room_name_is_valid(room->name));
        ASSERT(text_is_showable(room->game, strlen(room->game)));
        ASSERT(room->players_max > 0);
    }
    return 0;
}
