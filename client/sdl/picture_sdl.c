#include "client/sdl/picture_sdl.h"

#include <SDL_filesystem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/sdl/bindings.h"
#include "client/sdl/ground_sdl.h"
#include "client/sdl/look_file.h"
#include "client/sdl/minimap_sdl.h"
#include "client/sdl/stars_sdl.h"
#include "shared/bytes.h"

/* Where the assets lie, seen from the program: in a build, installed, in the sources. */
static const char *const asset_folders[] = {"web/assets", "../share/tickwire/web/assets",
                                            "../assets"};

#define SKY_PART 0.15f /* of the way on the ground, that the nearest stars go by */

static bool has_looks(const char *assets)
{
    char path[1100];
    (void)snprintf(path, sizeof path, "%s/games", assets);
    return access(path, R_OK | X_OK) == 0;
}

static void find_assets(char *out, size_t capacity_bytes)
{
    char *base = SDL_GetBasePath();

    for (size_t i = 0; base != NULL && i < sizeof asset_folders / sizeof asset_folders[0]; i++) {
        (void)snprintf(out, capacity_bytes, "%s%s", base, asset_folders[i]);
        if (has_looks(out)) break;
    }
    SDL_free(base);
    if (!has_looks(out)) (void)snprintf(out, capacity_bytes, "assets");
}

struct picture *picture_create(const char *assets)
{
    struct picture *p = calloc(1, sizeof *p);
    if (p == NULL) return NULL;

    rng_init(&p->entities.rng, 1);
    p->has_minimap = true;
    if (assets != NULL)
        (void)snprintf(p->assets, sizeof p->assets, "%s", assets);
    else
        find_assets(p->assets, sizeof p->assets);
    return p;
}

void picture_destroy(struct picture *p)
{
    free(p);
}

void picture_take_settings(struct picture *p, const struct field_table *table,
                           const struct settings *settings)
{
    memcpy(p->look.controls, p->own_controls, sizeof p->own_controls);
    bindings_apply(p->look.controls, table, settings);
    p->look.palette = settings->is_safe ? LOOK_SAFE : LOOK_STANDARD;
}

void picture_load(struct picture *p, const struct field_table *table,
                  const struct settings *settings)
{
    struct error error;

    if (look_load(&p->look, table, p->assets, &error) != RESULT_OK)
        (void)fprintf(stderr, "tickwire-client: %s; drawn plainly\n", error.message);
    memcpy(p->own_controls, p->look.controls, sizeof p->own_controls);
    picture_take_settings(p, table, settings);
}

void picture_use(struct picture *p, const struct map *map, int32_t tile_units)
{
    p->camera.centre =
        (struct point){(float)(map->width * tile_units) / 2, (float)(map->height * tile_units) / 2};
    effects_clear(&p->effects);
    feed_clear(&p->feed);
}

static void take_chat(struct picture *p, const struct scene *scene,
                      const struct snapshot_line *line, double feed_s)
{
    struct feed_line shown = {.at_s = feed_s, .is_chat = true};
    char stand_in[LOOK_TEXT_BYTES];

    if (line->chat_seat != SEAT_NONE) {
        (void)snprintf(shown.name, sizeof shown.name, "%s",
                       look_name(&scene->facts, line->chat_seat, stand_in));
        shown.color = look_seat_colour(scene->look, &scene->facts, line->chat_seat);
    }
    bytes_copy(shown.text, line->chat_text, line->chat_length_bytes);
    feed_put(&p->feed, &shown);
}

static void take_event(struct picture *p, const struct scene *scene, const struct view_line *line,
                       double feed_s)
{
    const struct event *event = &line->line.event;
    const struct look_event *look = &scene->look->events[event->kind];
    const struct look_subject subject = {.words = event->words, .owner = event->seat};
    struct feed_line shown = {.at_s = feed_s};

    if (look_print(&look->feed, &subject, &scene->facts, shown.text, sizeof shown.text))
        feed_put(&p->feed, &shown);
    if (look_print(&look->announce, &subject, &scene->facts, shown.text, sizeof shown.text))
        feed_announce(&p->feed, shown.text, feed_s);
    effects_start(&p->effects, scene, event, line->foreseen);
}

void picture_take_line(struct picture *p, const struct scene *scene, const struct view_line *line,
                       double feed_s)
{
    if (line->line.line_kind == LINE_CHAT)
        take_chat(p, scene, &line->line, feed_s);
    else
        take_event(p, scene, line, feed_s);
}

/* Whether anything beyond the map is in sight. */
static bool sees_sky(const struct camera *c, const struct scene *scene)
{
    struct point far = {(float)(scene->map->width * scene->tile_units),
                        (float)(scene->map->height * scene->tile_units)};
    struct point begin = camera_pixel(c, (struct point){0, 0}), end = camera_pixel(c, far);
    return begin.x > 0 || begin.y > 0 || end.x < c->width || end.y < c->height;
}

static void draw_sky(const struct camera *c, struct screen *screen, const struct scene *scene)
{
    float part = SKY_PART * c->scale;
    if (scene->look->stars.a == 0 || !sees_sky(c, scene)) return;
    stars_draw(screen, scene->look->stars, (struct point){c->centre.x * part, c->centre.y * part});
}

void picture_draw(struct picture *p, struct screen *screen, const struct scene *scene)
{
    camera_follow(&p->camera, scene, screen->width, screen->height);
    draw_sky(&p->camera, screen, scene);
    ground_draw(screen->paint, &p->camera, scene);
    entities_draw(&p->entities, screen, &p->camera, scene);
    effects_draw(&p->effects, screen, &p->camera, scene);
    entities_draw_labels(screen, &p->camera, scene);
    if (p->has_minimap) minimap_draw(screen, &p->camera, scene);
}
