/* picture_sdl.h - the whole picture of a match: ground, entities, effects, and what is told of it.
 *
 * Place:   play and replay fill a scene and draw it here.
 * Memory:  owns the look, which scenes borrow; one is created per window.
 */
#ifndef TICKWIRE_CLIENT_SDL_PICTURE_SDL_H
#define TICKWIRE_CLIENT_SDL_PICTURE_SDL_H

#include <stdbool.h>

#include "client/sdl/camera.h"
#include "client/sdl/effects_sdl.h"
#include "client/sdl/entities_sdl.h"
#include "client/sdl/feed.h"
#include "client/sdl/scene.h"
#include "client/sdl/screen_sdl.h"
#include "client/sdl/settings.h"
#include "client/view/view.h"

struct picture {
    struct look look;
    struct camera camera;
    struct entities entities;
    struct effects effects;
    struct feed feed;
    bool has_minimap;
    struct look_control own_controls[USERCMD_WORDS]; /* the look's, before the player's keys */
    char assets[1024];                               /* the folder */
};

/* `assets` NULL: the folder is looked for beside the program, where it is installed, and here. */
struct picture *picture_create(const char *assets);
void picture_destroy(struct picture *p);

/* Loads the look of a game, with the player's keys and palette. A game without is drawn plainly. */
void picture_load(struct picture *p, const struct field_table *table,
                  const struct settings *settings);

/* From now on the settings hold, which were changed. */
void picture_take_settings(struct picture *p, const struct field_table *table,
                           const struct settings *settings);

/* From now on shows a match of the game loaded last, on that map. */
void picture_use(struct picture *p, const struct map *map, int32_t tile_units);

/* Shows one line of `scene`: an event or what was said. `feed_s` is the clock of the feed. */
void picture_take_line(struct picture *p, const struct scene *scene, const struct view_line *line,
                       double feed_s);

void picture_draw(struct picture *p, struct screen *screen, const struct scene *scene);

#endif
