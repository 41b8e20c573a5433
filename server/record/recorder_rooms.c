#include "server/record/recorder.h"

#include "server/record/catalog.h"

static uint32_t index_of(const struct room *room)
{
    return room_index(room);
}

static void describe(const struct room *room, struct recording_head *head)
{
    const struct room_settings *settings = room_settings(room);
    catalog_copy_text(head->room, sizeof head->room, settings->name);
    catalog_copy_text(head->map_name, sizeof head->map_name, settings->map_name);
    head->match_ticks = settings->match_ticks;
    head->slot_capacity = settings->slot_capacity;
    head->seat_capacity = settings->seat_capacity;
    head->unit = (uint32_t)settings->game->unit;
    head->table = settings->game->table;
    head->packed_map = room_packed_map(room, &head->packed_map_bytes);
}

const struct recorder_room_access recorder_rooms = {
    .index = index_of, .describe = describe, .release = frame_release};
