#include "client/sdl/home_sdl.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/sdl/menu_sdl.h"
#include "client/sdl/picture_sdl.h"
#include "client/sdl/play_sdl.h"
#include "client/sdl/stars_sdl.h"
#include "client/sdl/theme.h"
#include "client/sdl/watch_sdl.h"
#include "shared/game.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"

#define DRIFT      14.0 /* nominal pixels a second, of the nearest stars */
#define DRIFT_WRAP 1e6  /* a float must still tell pixels apart */

struct home {
    struct app *app;         /* borrowed */
    struct menu *menu;       /* owned */
    struct picture *picture; /* owned: for the keys and the colours of the first game */
};

/* ---- what one wishes ---- */

static void say(struct home *h, const struct error *error)
{
    menu_say(h->menu, error->message);
    (void)fprintf(stderr, "tickwire-client: %s\n", error->message);
}

static void play(struct home *h)
{
    struct url url;
    struct error error;

    settings_note_url(&h->app->settings, h->menu->address.text);
    app_take_settings(h->app);
    enum result r = url_parse(&url, h->menu->address.text, &error);
    if (r == RESULT_OK) r = play_run(h->app, &url, &error);
    menu_open(h->menu, MENU_START);
    if (r != RESULT_OK) say(h, &error);
}

static void watch(struct home *h)
{
    char path[TYPING_BYTES_MAX + RECORDING_NAME_BYTES + 2];
    struct error error;

    (void)snprintf(path, sizeof path, "%s/%s", h->menu->folder.text, h->menu->file);
    if (watch_run(h->app, path, 0, &error) != RESULT_OK) say(h, &error);
}

static void fulfil(struct home *h, enum menu_wish wish)
{
    if (menu_take_change(h->menu)) app_take_settings(h->app);
    if (wish == MENU_QUIT) h->app->wants_quit = true;
    if (wish == MENU_PLAY) play(h);
    if (wish == MENU_WATCH) watch(h);
    SDL_StartTextInput();
}

/* ---- frames ---- */

static void take_events(struct home *h)
{
    SDL_Event event;

    while (!h->app->wants_quit && SDL_PollEvent(&event) != 0) {
        if (!app_take_event(h->app, &event))
            fulfil(h, menu_take_event(h->menu, &h->app->screen, &event));
    }
}

static void draw(struct home *h)
{
    struct screen *screen = &h->app->screen;
    double now_s = h->app->settings.has_reduced_motion ? 0 : (double)clock_monotonic_us() / 1e6;
    float drift = (float)fmod(now_s * DRIFT, DRIFT_WRAP);

    h->picture->look.palette = h->app->settings.is_safe ? LOOK_SAFE : LOOK_STANDARD;
    screen_begin(screen, THEME_BACK);
    stars_draw(screen, THEME_STAR, (struct point){drift * screen->scale, 0});
    menu_draw(h->menu, screen, &h->picture->look.palettes[h->picture->look.palette]);
    screen_end(screen);
}

static bool prepare(struct home *h)
{
    const struct settings *settings = &h->app->settings;
    const struct game *game = games_get(0);

    h->menu = malloc(sizeof *h->menu);
    h->picture = picture_create(h->app->options->assets);
    if (h->menu == NULL || h->picture == NULL) return false;
    menu_init(h->menu, &h->app->settings,
              settings->recent_count > 0 ? settings->recent[0] : CMDLINE_DEFAULT_URL);
    picture_load(h->picture, game->table, settings);
    menu_set_game(h->menu, game->table, h->picture->own_controls);
    menu_open(h->menu, MENU_START);
    return true;
}

enum result home_run(struct app *app, struct error *error)
{
    struct home h = {.app = app};

    if (!prepare(&h)) {
        (void)error_set(error, RESULT_IO, "no memory for the menu");
        goto end;
    }
    SDL_StartTextInput();
    while (!app->wants_quit) {
        take_events(&h);
        if (!app->wants_quit) draw(&h);
    }
    error->code = RESULT_OK;
end:
    picture_destroy(h.picture);
    free(h.menu);
    return error->code;
}
