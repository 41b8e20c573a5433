#include "shared/games/snake/lawn.h"

_Static_assert((int)HEAD_X == (int)PLACE_X && (int)HEAD_Y == (int)PLACE_Y,
               "one place for every kind");

static const struct tile steps[HEADINGS] = {[HEADING_UP] = {0, -1},
                                            [HEADING_DOWN] = {0, 1},
                                            [HEADING_LEFT] = {-1, 0},
                                            [HEADING_RIGHT] = {1, 0}};

struct tile lawn_tile(const struct entity *e)
{
    return (struct tile){e->words[PLACE_X] / SNAKE_TILE, e->words[PLACE_Y] / SNAKE_TILE};
}

bool lawn_is_centred(const struct entity *head)
{
    return head->words[HEAD_X] % SNAKE_TILE == SNAKE_TILE / 2 &&
           head->words[HEAD_Y] % SNAKE_TILE == SNAKE_TILE / 2;
}

bool lawn_is_wall(const struct map *map, struct tile tile)
{
    return map_tile(map, tile.x, tile.y, '#') == '#';
}

struct tile lawn_next(struct tile tile, int32_t heading)
{
    return (struct tile){tile.x + steps[heading].x, tile.y + steps[heading].y};
}

int32_t lawn_reverse(int32_t heading)
{
    return heading ^ 1;
}

int32_t lawn_widest_heading(const struct map *map, struct tile tile)
{
    int32_t widest = HEADING_UP, most = -1;
    for (int32_t heading = 0; heading < HEADINGS; heading++) {
        int32_t free = 0;
        for (struct tile t = lawn_next(tile, heading); !lawn_is_wall(map, t); free++)
            t = lawn_next(t, heading);
        if (free <= most) continue;
        widest = heading;
        most = free;
    }
    return widest;
}

bool lawn_is_on(const struct entity *e, struct tile tile)
{
    struct tile its = lawn_tile(e);
    if (e->kind == SNAKE_HEAD && e->words[HEAD_IS_DEAD]) return false;
    return its.x == tile.x && its.y == tile.y;
}

const struct entity *lawn_occupant(const struct world *w, struct tile tile, uint16_t except)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        const struct entity *e = &w->state->entities[slot];
        if (e->kind != 0 && slot != except && lawn_is_on(e, tile)) return e;
    }
    return NULL;
}
