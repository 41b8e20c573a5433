/* hud_sdl.h - the figures around the field: own values, leaderboard, clock, feed, chat, notices.
 *
 * Place:   the app draws it above the world.
 */
#ifndef TICKWIRE_CLIENT_SDL_HUD_SDL_H
#define TICKWIRE_CLIENT_SDL_HUD_SDL_H

#include <stdbool.h>

#include "client/sdl/feed.h"
#include "client/sdl/scene.h"
#include "client/sdl/screen_sdl.h"

/* What the HUD shows beside the scene. */
struct hud_words {
    const char *title;   /* over the leaderboard: the room, say */
    const char *warning; /* on top, or NULL */
    const char *typed;   /* the chat line under way, or NULL */
    const char *help;
    double feed_s; /* the clock that the feed's lines go by */
};

void hud_draw(struct screen *screen, const struct scene *scene, const struct feed *feed,
              const struct hud_words *words);

/* A panel with a thin border, as everything that lies over the field has. */
void hud_panel(struct screen *screen, SDL_FRect rect);

/* A text with a dark rim, readable on any ground. */
void hud_text(struct screen *screen, struct point at, const char *string,
              const struct text_style *style);

#endif
