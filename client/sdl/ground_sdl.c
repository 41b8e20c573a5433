#include "client/sdl/ground_sdl.h"

#include <math.h>

#define OUTLINE_UNITS 1.2f
#define SHADOW_PART   0.6f /* of the height */
#define OUTSIDE       0    /* no map has that tile */

static const struct rgba shadow = {0, 0, 0, 0x59};

/* Everything that the passes over the visible tiles need. */
struct ground {
    struct paint *paint;
    const struct camera *camera;
    const struct scene *scene;
    int left, top, right, bottom; /* tiles that may show: [left, right) x [top, bottom) */
};

static uint8_t tile_at(const struct ground *g, int x, int y)
{
    return map_tile(g->scene->map, x, y, OUTSIDE);
}

/* Returns how the tile looks, or NULL for floor. */
static const struct look_tile *style_at(const struct ground *g, int x, int y)
{
    const struct look_tile *tile = &g->scene->look->tiles[tile_at(g, x, y) % LOOK_TILES];
    return tile->is_raised ? tile : NULL;
}

/* Fills a rectangle of the world. Its edges lie on whole pixels, the same for all neighbours. */
static void fill(const struct ground *g, float x, float y, float w, float h, struct rgba color)
{
    struct point a = camera_pixel(g->camera, (struct point){x, y});
    struct point b = camera_pixel(g->camera, (struct point){x + w, y + h});
    SDL_FRect rect = {.x = floorf(a.x + 0.5f), .y = floorf(a.y + 0.5f)};

    rect.w = floorf(b.x + 0.5f) - rect.x;
    rect.h = floorf(b.y + 0.5f) - rect.y;
    if (rect.w > 0 && rect.h > 0) paint_rect(g->paint, rect, color);
}

static void draw_floor(const struct ground *g)
{
    const struct look *look = g->scene->look;
    float edge = (float)g->scene->tile_units;
    float left = (float)g->left * edge, top = (float)g->top * edge;
    float width = (float)(g->right - g->left) * edge, height = (float)(g->bottom - g->top) * edge;
    float line = fmaxf(1, 1 / g->camera->scale);

    fill(g, left, top, width, height, look->floor_fill);
    for (int x = g->left; x <= g->right; x++) {
        bool is_accent = look->accent_every > 0 && x % look->accent_every == 0;
        fill(g, (float)x * edge - line / 2, top, line, height,
             is_accent ? look->floor_accent : look->floor_line);
    }
    for (int y = g->top; y <= g->bottom; y++) {
        bool is_accent = look->accent_every > 0 && y % look->accent_every == 0;
        fill(g, left, (float)y * edge - line / 2, width, line,
             is_accent ? look->floor_accent : look->floor_line);
    }
}

static void draw_outline(const struct ground *g, int x, int y, float at_x, float at_y,
                         struct rgba color)
{
    float edge = (float)g->scene->tile_units;
    uint8_t own = tile_at(g, x, y);

    if (tile_at(g, x, y - 1) != own) fill(g, at_x, at_y, edge, OUTLINE_UNITS, color);
    if (tile_at(g, x, y + 1) != own)
        fill(g, at_x, at_y + edge - OUTLINE_UNITS, edge, OUTLINE_UNITS, color);
    if (tile_at(g, x - 1, y) != own) fill(g, at_x, at_y, OUTLINE_UNITS, edge, color);
    if (tile_at(g, x + 1, y) != own)
        fill(g, at_x + edge - OUTLINE_UNITS, at_y, OUTLINE_UNITS, edge, color);
}

/* Its side shows where the tile below is lower, its outline where a neighbour is another. */
static void draw_block(const struct ground *g, int x, int y, const struct look_tile *tile)
{
    float edge = (float)g->scene->tile_units;
    float at_x = (float)x * edge, at_y = (float)y * edge - tile->height;
    const struct look_tile *below = style_at(g, x, y + 1);
    float below_height = below != NULL && below->height > 0 ? below->height : 0;

    fill(g, at_x, at_y, edge, edge, tile->fill);
    if (below_height < tile->height)
        fill(g, at_x, at_y + edge, edge, tile->height - below_height, tile->side);
    draw_outline(g, x, y, at_x, at_y, tile->edge);
}

static void draw_pit(const struct ground *g, int x, int y, const struct look_tile *tile)
{
    float edge = (float)g->scene->tile_units;
    float at_x = (float)x * edge, at_y = (float)y * edge;

    fill(g, at_x, at_y, edge, edge, tile->fill);
    if (tile_at(g, x, y - 1) != tile_at(g, x, y))
        fill(g, at_x, at_y, edge, -tile->height, tile->side);
    draw_outline(g, x, y, at_x, at_y, tile->edge);
}

static void draw_shadow(const struct ground *g, int x, int y, const struct look_tile *tile)
{
    float edge = (float)g->scene->tile_units, shift = tile->height * SHADOW_PART;
    fill(g, (float)x * edge + shift, (float)y * edge + shift, edge, edge, shadow);
}

typedef void draw_tile(const struct ground *g, int x, int y, const struct look_tile *tile);

static void for_tiles(const struct ground *g, bool are_raised, draw_tile *draw)
{
    for (int y = g->top; y < g->bottom; y++) {
        for (int x = g->left; x < g->right; x++) {
            const struct look_tile *tile = style_at(g, x, y);
            if (tile != NULL && (tile->height >= 0) == are_raised) draw(g, x, y, tile);
        }
    }
}

static int clamp(float value, int low, int high)
{
    return value < (float)low ? low : value > (float)high ? high : (int)value;
}

void ground_draw(struct paint *paint, const struct camera *camera, const struct scene *scene)
{
    float edge = (float)scene->tile_units;
    float half_x = camera->width / 2 / camera->scale, half_y = camera->height / 2 / camera->scale;
    /* One more to each side, for tops and shadows that stand out. */
    struct ground g = {.paint = paint,
                       .camera = camera,
                       .scene = scene,
                       .left = clamp((camera->centre.x - half_x) / edge - 1, 0, scene->map->width),
                       .top = clamp((camera->centre.y - half_y) / edge - 1, 0, scene->map->height),
                       .right = clamp((camera->centre.x + half_x) / edge + 2, 0, scene->map->width),
                       .bottom =
                           clamp((camera->centre.y + half_y) / edge + 2, 0, scene->map->height)};

    draw_floor(&g);
    for_tiles(&g, false, draw_pit);
    for_tiles(&g, true, draw_shadow);
    for_tiles(&g, true, draw_block);
}
