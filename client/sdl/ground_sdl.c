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

/* Fills a rectangle of the world, in units. Its edges lie on whole pixels, the same for all
 * neighbours. */
static void fill(const struct ground *g, SDL_FRect r, struct rgba color)
{
    struct point a = camera_pixel(g->camera, (struct point){r.x, r.y});
    struct point b = camera_pixel(g->camera, (struct point){r.x + r.w, r.y + r.h});
    SDL_FRect pixels = {.x = floorf(a.x + 0.5f), .y = floorf(a.y + 0.5f)};

    pixels.w = floorf(b.x + 0.5f) - pixels.x;
    pixels.h = floorf(b.y + 0.5f) - pixels.y;
    if (pixels.w > 0 && pixels.h > 0) paint_rect(g->paint, pixels, color);
}

/* The ground of one tile, `shift` units to the right and down. */
static SDL_FRect tile_rect(const struct ground *g, int x, int y, struct point shift)
{
    float edge = (float)g->scene->tile_units;
    return (SDL_FRect){(float)x * edge + shift.x, (float)y * edge + shift.y, edge, edge};
}

static struct rgba line_color(const struct look *look, int index)
{
    bool is_accent = look->accent_every > 0 && index % look->accent_every == 0;
    return is_accent ? look->floor_accent : look->floor_line;
}

static void draw_floor(const struct ground *g)
{
    const struct look *look = g->scene->look;
    float edge = (float)g->scene->tile_units, line = fmaxf(1, 1 / g->camera->scale);
    SDL_FRect all = {(float)g->left * edge, (float)g->top * edge,
                     (float)(g->right - g->left) * edge, (float)(g->bottom - g->top) * edge};

    fill(g, all, look->floor_fill);
    for (int x = g->left; x <= g->right; x++)
        fill(g, (SDL_FRect){(float)x * edge - line / 2, all.y, line, all.h}, line_color(look, x));
    for (int y = g->top; y <= g->bottom; y++)
        fill(g, (SDL_FRect){all.x, (float)y * edge - line / 2, all.w, line}, line_color(look, y));
}

/* Lines along those sides of the tile at (x, y), drawn at `r`, where another tile begins. */
static void draw_outline(const struct ground *g, int x, int y, SDL_FRect r)
{
    uint8_t own = tile_at(g, x, y);
    struct rgba color = style_at(g, x, y)->edge;
    SDL_FRect across = {r.x, r.y, r.w, OUTLINE_UNITS}, down = {r.x, r.y, OUTLINE_UNITS, r.h};

    if (tile_at(g, x, y - 1) != own) fill(g, across, color);
    if (tile_at(g, x - 1, y) != own) fill(g, down, color);
    across.y += r.h - OUTLINE_UNITS;
    down.x += r.w - OUTLINE_UNITS;
    if (tile_at(g, x, y + 1) != own) fill(g, across, color);
    if (tile_at(g, x + 1, y) != own) fill(g, down, color);
}

/* Its side shows where the tile below is lower, its outline where a neighbour is another. */
static void draw_block(const struct ground *g, int x, int y, const struct look_tile *tile)
{
    const struct look_tile *below = style_at(g, x, y + 1);
    float below_height = below != NULL && below->height > 0 ? below->height : 0;
    SDL_FRect top = tile_rect(g, x, y, (struct point){0, -tile->height});
    SDL_FRect side = {top.x, top.y + top.h, top.w, tile->height - below_height};

    fill(g, top, tile->fill);
    if (side.h > 0) fill(g, side, tile->side);
    draw_outline(g, x, y, top);
}

static void draw_pit(const struct ground *g, int x, int y, const struct look_tile *tile)
{
    SDL_FRect bottom = tile_rect(g, x, y, (struct point){0, 0});
    SDL_FRect side = {bottom.x, bottom.y, bottom.w, -tile->height};

    fill(g, bottom, tile->fill);
    if (tile_at(g, x, y - 1) != tile_at(g, x, y)) fill(g, side, tile->side);
    draw_outline(g, x, y, bottom);
}

static void draw_shadow(const struct ground *g, int x, int y, const struct look_tile *tile)
{
    float shift = tile->height * SHADOW_PART;
    fill(g, tile_rect(g, x, y, (struct point){shift, shift}), shadow);
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
