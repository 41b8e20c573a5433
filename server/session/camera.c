#include "server/session/camera.h"

static int32_t onto_map(int32_t units, uint16_t tiles, const struct game *game)
{
    int64_t last = (int64_t)tiles * game->tile_units;
    int64_t place = units < 0 ? 0 : units > last ? last : units;
    return (int32_t)(place * game->unit);
}

void camera_set(struct camera *c, const struct message_camera *asked,
                const struct room_settings *settings)
{
    c->asked = *asked;
    if (asked->kind != CAMERA_PLACE) return;
    c->x = onto_map(asked->x, settings->map->width, settings->game);
    c->y = onto_map(asked->y, settings->map->height, settings->game);
    c->has_place = true;
}

static uint16_t first_body(const struct frame *frame)
{
    for (uint32_t seat = 0; seat < frame->seat_count; seat++) {
        if (frame->seats[seat].body_slot != SLOT_NONE) return frame->seats[seat].body_slot;
    }
    return SLOT_NONE;
}

static uint16_t entity_slot(const struct message_camera *asked, const struct frame *frame)
{
    const struct entity *e = frame_entity(frame, asked->slot);
    bool is_it = e != NULL && e->generation == asked->generation &&
                 !(frame->schema->table->kinds[e->kind - 1].flags & KIND_EVERYWHERE);
    return is_it ? asked->slot : SLOT_NONE;
}

static uint16_t followed_slot(const struct camera *c, const struct frame *frame)
{
    switch ((enum camera_kind)c->asked.kind) {
    case CAMERA_AUTO:
        return first_body(frame);
    case CAMERA_SEAT:
        return c->asked.seat < frame->seat_count ? frame->seats[c->asked.seat].body_slot
                                                 : SLOT_NONE;
    case CAMERA_ENTITY:
        return entity_slot(&c->asked, frame);
    case CAMERA_PLACE:
    case CAMERA_COUNT:
        break;
    }
    return SLOT_NONE;
}

void camera_aim(struct camera *c, const struct frame *frame, struct interest_view *look)
{
    look->own_slot = followed_slot(c, frame);
    const struct entity *body =
        look->own_slot == SLOT_NONE ? NULL : frame_entity(frame, look->own_slot);
    if (body != NULL) {
        const struct entity_kind *kind = &frame->schema->table->kinds[body->kind - 1];
        c->x = body->words[kind->x_word];
        c->y = body->words[kind->y_word];
        c->has_place = true;
    }
    if (!c->has_place) return;
    look->x = c->x;
    look->y = c->y;
}
