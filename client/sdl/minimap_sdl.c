#include "client/sdl/minimap_sdl.h"

#include <math.h>

#include "client/sdl/hud_sdl.h"
#include "client/sdl/theme.h"

#define SIZE       150.0f /* of the longer edge */
#define WALL_ALPHA 0.55f
#define CELLS_MAX  96     /* a larger map is drawn coarser */
#define BELOW      104.0f /* from the lower edge: the help stands there */

/* The picture and what it is a picture of. */
struct minimap {
    struct screen *screen;
    const struct scene *scene;
    SDL_FRect at;
    float per_tile; /* pixels */
};

/* Returns how a wall's tile looks, or NULL for what one can fly over. */
static const struct look_tile *wall_at(const struct scene *scene, int x, int y)
{
    const struct look_tile *tile = &scene->look->tiles[map_tile(scene->map, x, y, 0) % LOOK_TILES];
    return tile->is_raised && tile->height >= 0 ? tile : NULL;
}

/* One rectangle per run of like walls in a row. */
static void draw_row(const struct minimap *m, int y, int step)
{
    int width = m->scene->map->width;

    for (int x = 0; x < width;) {
        const struct look_tile *wall = wall_at(m->scene, x, y);
        int start = x;
        do {
            x += step;
        } while (x < width && wall_at(m->scene, x, y) == wall);
        if (wall == NULL) continue;
        SDL_FRect run = {m->at.x + (float)start * m->per_tile, m->at.y + (float)y * m->per_tile,
                         (float)(x - start) * m->per_tile, (float)step * m->per_tile};
        paint_rect(m->screen->paint, run, rgba_faded(wall->edge, WALL_ALPHA));
    }
}

static struct point pixel_of(const struct minimap *m, struct point place)
{
    float per_unit = m->per_tile / (float)m->scene->tile_units;
    return (struct point){m->at.x + place.x * per_unit, m->at.y + place.y * per_unit};
}

static void draw_bodies(const struct minimap *m)
{
    for (uint32_t i = 0; i < m->scene->count; i++) {
        const struct drawn *d = &m->scene->drawn[i];
        const struct entity_kind *kind = scene_kind(m->scene, d);
        struct look_subject subject = scene_subject(d);
        if (!(kind->flags & KIND_BODY)) continue;
        if (!look_holds(&m->scene->look->kinds[d->kind - 1].when, &subject)) continue;
        bool is_own = (int32_t)i == m->scene->own_index;
        struct circle dot = {pixel_of(m, scene_place(m->scene, d)),
                             (is_own ? 2.6f : 2.0f) * screen_base_scale(m->screen)};
        paint_disc(m->screen->paint, dot,
                   look_seat_colour(m->scene->look, &m->scene->facts, d->owner));
    }
}

static void draw_view(const struct minimap *m, const struct camera *camera)
{
    float half_x = camera->width / 2 / camera->scale, half_y = camera->height / 2 / camera->scale;
    struct point low =
        pixel_of(m, (struct point){camera->centre.x - half_x, camera->centre.y - half_y});
    struct point high =
        pixel_of(m, (struct point){camera->centre.x + half_x, camera->centre.y + half_y});
    float left = fmaxf(low.x, m->at.x), top = fmaxf(low.y, m->at.y);
    float right = fminf(high.x, m->at.x + m->at.w), bottom = fminf(high.y, m->at.y + m->at.h);
    struct point corners[4] = {{left, top}, {right, top}, {right, bottom}, {left, bottom}};

    if (right > left && bottom > top)
        paint_line(m->screen->paint, &(struct line){corners, 4, true, 1},
                   rgba_faded(THEME_INK, 0.45f));
}

void minimap_draw(struct screen *screen, const struct camera *camera, const struct scene *scene)
{
    float s = screen_base_scale(screen);
    int longer = scene->map->width > scene->map->height ? scene->map->width : scene->map->height;
    int step = (longer + CELLS_MAX - 1) / CELLS_MAX;
    struct minimap m = {.screen = screen, .scene = scene, .per_tile = SIZE * s / (float)longer};

    m.at.w = m.per_tile * (float)scene->map->width;
    m.at.h = m.per_tile * (float)scene->map->height;
    m.at.x = screen->width - m.at.w - (THEME_EDGE + 6) * s;
    m.at.y = screen->height - screen->foot - m.at.h - (BELOW + 6) * s;
    hud_panel(screen,
              (SDL_FRect){m.at.x - 6 * s, m.at.y - 6 * s, m.at.w + 12 * s, m.at.h + 12 * s});
    for (int y = 0; y < scene->map->height; y += step)
        draw_row(&m, y, step);
    draw_bodies(&m);
    draw_view(&m, camera);
}
