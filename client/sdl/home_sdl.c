#include "client/sdl/home_sdl.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/sdl/menu_sdl.h"
#include "client/sdl/picture_sdl.h"
#include "client/sdl/play_sdl.h"
#include "client/sdl/room_query.h"
#include "client/sdl/stars_sdl.h"
#include "client/sdl/theme.h"
#include "client/sdl/watch_sdl.h"
#include "shared/game.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"

#define DRIFT      14.0 /* nominal pixels a second, of the nearest stars */
#define DRIFT_WRAP 1e6  /* a float must still tell pixels apart */

struct home {
    struct app *app;                  /* borrowed */
    struct menu *menu;                /* owned */
    struct picture *picture;          /* owned: for the keys and the colours of the first game */
    struct room_query *rooms;         /* owned; NULL unless the page of rooms shows */
    char told[ENDING_SENTENCE_BYTES]; /* why there were none, the last time */
};

/* ---- the rooms of a server ---- */

static void forget_rooms(struct home *h)
{
    room_query_destroy(h->rooms);
    h->rooms = NULL;
    h->told[0] = '\0';
}

/* What went wrong is also told on stderr, once. */
static void take_rooms(struct home *h, const struct room_list *rooms)
{
    menu_take_rooms(h->menu, rooms);
    if (strcmp(rooms->notice, h->told) == 0) return;
    memcpy(h->told, rooms->notice, sizeof h->told);
    if (h->told[0] != '\0') (void)fprintf(stderr, "tickwire-client: %s\n", h->told);
}

static void ask_rooms(struct home *h)
{
    const struct room_list *rooms = NULL;
    bool is_shown = menu_page(h->menu) == MENU_ROOMS;

    /* Within one frame a player may have left the page, and come back for another server. */
    if (menu_take_question(h->menu) || !is_shown) forget_rooms(h);
    if (!is_shown) return;
    if (h->rooms == NULL) h->rooms = room_query_create(&h->menu->server, h->app->options->ca_file);
    if (h->rooms != NULL)
        rooms = room_query_step(h->rooms, clock_monotonic_ms());
    else
        menu_say(h->menu, "There is no memory left to ask for rooms.");
    if (rooms != NULL) take_rooms(h, rooms);
}

/* ---- what one wishes ---- */

static void say(struct home *h, const struct error *error)
{
    menu_say(h->menu, error->message);
    (void)fprintf(stderr, "tickwire-client: %s\n", error->message);
}

static void play(struct home *h, bool is_watching)
{
    struct url url = h->menu->server;
    struct error error;
    enum result r = RESULT_OK;

    settings_note_url(&h->app->settings, h->menu->address.text);
    app_take_settings(h->app);
    if (is_watching && !url_spectate(&url))
        r = error_set(&error, RESULT_TOO_BIG, "The address is too long to watch there.");
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
    if (wish == MENU_PLAY || wish == MENU_SPECTATE) {
        forget_rooms(h);
        play(h, wish == MENU_SPECTATE);
    }
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
        ask_rooms(&h);
        if (!app->wants_quit) draw(&h);
    }
    error->code = RESULT_OK;
end:
    room_query_destroy(h.rooms);
    picture_destroy(h.picture);
    free(h.menu);
    return error->code;
}
