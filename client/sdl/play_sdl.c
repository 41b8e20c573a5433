#include "client/sdl/play_sdl.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/sdl/bindings.h"
#include "client/sdl/capture_file.h"
#include "client/sdl/curtain_sdl.h"
#include "client/sdl/earshot_sdl.h"
#include "client/sdl/hud_sdl.h"
#include "client/sdl/input.h"
#include "client/sdl/keys_sdl.h"
#include "client/sdl/live.h"
#include "client/sdl/menu_sdl.h"
#include "client/sdl/netgraph_sdl.h"
#include "client/sdl/picture_sdl.h"
#include "client/sdl/play_report.h"
#include "client/sdl/status.h"
#include "client/sdl/theme.h"
#include "client/sdl/typing.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "shared/message.h"

#define STALL_US 1000000

struct play {
    struct app *app;               /* borrowed */
    struct screen *screen;         /* the app's */
    const struct cmdline *options; /* the app's */
    struct url url;
    struct live live;
    struct picture *picture; /* owned */
    struct menu *menu;       /* owned; over the match while it is open */
    struct earshot earshot;
    struct netgraph netgraph;
    struct input input;
    struct scene scene;
    const struct map *shown_map; /* what the picture was set up for; NULL: nothing yet */
    bool is_typing, is_paused, is_done, has_said;
    struct typing typing;
    uint64_t start_us, now_us;
    struct report report;
};

/* ---- chat ---- */

static void start_typing(struct play *p)
{
    if (p->live.phase != LIVE_PLAYING) return;
    p->is_typing = true;
    typing_start(&p->typing, "", CHAT_BYTES_MAX);
    input_release(&p->input);
    SDL_StartTextInput();
}

static void stop_typing(struct play *p)
{
    p->is_typing = false;
    SDL_StopTextInput();
}

static void take_typing_key(struct play *p, SDL_Scancode key)
{
    switch (key) {
    case SDL_SCANCODE_RETURN:
    case SDL_SCANCODE_KP_ENTER:
        (void)view_say(p->live.view, p->typing.text);
        stop_typing(p);
        return;
    case SDL_SCANCODE_ESCAPE:
        stop_typing(p);
        return;
    case SDL_SCANCODE_BACKSPACE:
        typing_erase(&p->typing);
        return;
    default:
        return;
    }
}

/* ---- a capture for the report of a bug ---- */

static void announce(struct play *p, const char *text)
{
    feed_announce(&p->picture->feed, text, (double)(p->now_us - p->start_us) / 1e6);
}

static void save_capture(struct play *p)
{
    char name[CAPTURE_NAME_BYTES], text[ERROR_MESSAGE_BYTES + CAPTURE_NAME_BYTES];
    uint64_t wall_ms = clock_wall_ms();
    struct error error;

    capture_file_name(name, wall_ms);
    enum result r =
        capture_file_save(view_capture(p->live.view), name, wall_ms, p->live.last_us, &error);
    (void)snprintf(text, sizeof text, r == RESULT_OK ? "Saved the last seconds: %s" : "%s",
                   r == RESULT_OK ? name : error.message);
    announce(p, text);
    (void)fprintf(stderr, "tickwire-client: %s\n", text);
}

/* ---- where ---- */

static enum result connect_to(struct play *p, const struct url *url, struct live *live,
                              struct error *error)
{
    const struct live_plan plan = {.url = url,
                                   .ca_file = p->options->ca_file,
                                   .name = app_name(p->app),
                                   .colour = app_colour(p->app)};
    return live_init(live, &plan, error);
}

/* Where there is no place for a player. */
static void watch_instead(struct play *p)
{
    struct url url = p->url;
    struct live watching;
    struct error error;

    if (!status_can_watch(&p->live) || !url_spectate(&url)) return;
    if (connect_to(p, &url, &watching, &error) != RESULT_OK) {
        (void)fprintf(stderr, "tickwire-client: %s\n", error.message);
        live_deinit(&watching);
        return;
    }
    live_deinit(&p->live);
    p->live = watching;
    p->url = url;
    p->shown_map = NULL; /* it was the view's */
}

/* ---- events ---- */

static void pause_play(struct play *p)
{
    input_release(&p->input);
    p->is_paused = true;
    menu_open(p->menu, MENU_PAUSE);
    SDL_StartTextInput();
}

static void take_menu_event(struct play *p, const SDL_Event *event)
{
    enum menu_wish wish = menu_take_event(p->menu, p->screen, event);

    if (menu_take_change(p->menu)) {
        app_take_settings(p->app);
        if (p->shown_map != NULL)
            picture_take_settings(p->picture, view_game(p->live.view)->table, &p->app->settings);
    }
    if (wish == MENU_LEAVE) p->is_done = true;
    if (wish != MENU_RESUME && wish != MENU_LEAVE) return;
    p->is_paused = false;
    SDL_StopTextInput();
}

static void take_enter(struct play *p)
{
    if (p->live.phase == LIVE_WAITING || p->live.phase == LIVE_ENDED)
        live_retry(&p->live);
    else
        start_typing(p);
}

static void toggle_mute(struct play *p)
{
    app_toggle_mute(p->app);
    feed_tell(&p->picture->feed, p->app->settings.is_muted ? "Sound off" : "Sound on",
              p->scene.now_s);
}

/* Those that steer in this game do nothing else. */
static void take_command_key(struct play *p, SDL_Scancode key)
{
    if (bindings_has(p->picture->look.controls, keys_code(key))) return;
    if (key == SDL_SCANCODE_N) p->netgraph.is_shown = !p->netgraph.is_shown;
    if (key == SDL_SCANCODE_M) toggle_mute(p);
    if (key == SDL_SCANCODE_O) p->picture->has_minimap = !p->picture->has_minimap;
    if (key == SDL_SCANCODE_F8) save_capture(p);
}

static void take_key(struct play *p, const SDL_Event *event)
{
    SDL_Scancode key = event->key.keysym.scancode;

    if (p->is_typing) {
        take_typing_key(p, key);
    } else if (key == SDL_SCANCODE_RETURN || key == SDL_SCANCODE_KP_ENTER) {
        take_enter(p);
    } else if (key == SDL_SCANCODE_ESCAPE) {
        if (p->live.phase == LIVE_PLAYING)
            pause_play(p);
        else
            p->is_done = true;
    } else {
        if (key == SDL_SCANCODE_W) watch_instead(p);
        keys_take_event(&p->input, event);
        if (event->key.repeat == 0) take_command_key(p, key);
    }
}

/* While there is no match, its first buttons do what Enter and Esc do. */
static void take_button(struct play *p, const SDL_Event *event)
{
    bool is_playing = p->live.phase == LIVE_PLAYING;
    uint8_t button = event->cbutton.button;

    if (is_playing && button == PAD_START)
        pause_play(p);
    else if (!is_playing && button == PAD_A)
        live_retry(&p->live);
    else if (!is_playing && button == PAD_X)
        watch_instead(p);
    else if (!is_playing && button == PAD_B)
        p->is_done = true;
    else
        pads_take_event(&p->app->pads, &p->input, event);
}

static void take_window_event(struct play *p, const SDL_WindowEvent *event)
{
    switch (event->event) {
    case SDL_WINDOWEVENT_FOCUS_LOST:
        input_release(&p->input);
        return;
    case SDL_WINDOWEVENT_MINIMIZED:
    case SDL_WINDOWEVENT_HIDDEN:
    case SDL_WINDOWEVENT_RESTORED:
    case SDL_WINDOWEVENT_SHOWN:
        p->earshot.is_resting =
            event->event == SDL_WINDOWEVENT_MINIMIZED || event->event == SDL_WINDOWEVENT_HIDDEN;
        view_set_hidden(p->live.view, p->earshot.is_resting);
        return;
    default:
        return;
    }
}

/* The own body stands in the middle of the window. */
static void aim(struct play *p, int x, int y)
{
    int width, height;
    SDL_GetWindowSize(p->screen->window, &width, &height);
    p->input.angle = atan2f((float)y - (float)height / 2, (float)x - (float)width / 2);
}

static void take_event(struct play *p, const SDL_Event *event)
{
    if (event->type == SDL_WINDOWEVENT) take_window_event(p, &event->window);
    if (p->is_paused) {
        take_menu_event(p, event);
        return;
    }
    switch (event->type) {
    case SDL_TEXTINPUT:
        if (p->is_typing) typing_put(&p->typing, event->text.text);
        return;
    case SDL_KEYDOWN:
        take_key(p, event);
        return;
    case SDL_MOUSEMOTION:
        aim(p, event->motion.x, event->motion.y);
        return;
    case SDL_MOUSEBUTTONDOWN:
        aim(p, event->button.x, event->button.y);
        keys_take_event(&p->input, event);
        return;
    case SDL_CONTROLLERBUTTONDOWN:
        take_button(p, event);
        return;
    default:
        keys_take_event(&p->input, event);
        pads_take_event(&p->app->pads, &p->input, event);
        return;
    }
}

static void take_events(struct play *p)
{
    SDL_Event event;

    while (SDL_PollEvent(&event) != 0) {
        /* A run without a window listens to nothing but its end. */
        bool is_heard = !p->options->is_headless || event.type == SDL_QUIT;
        if (is_heard && !app_take_event(p->app, &event)) take_event(p, &event);
    }
    if (p->app->wants_quit) p->is_done = true;
    for (unsigned i = 0; i < p->options->hold_count; i++)
        (void)keys_hold(&p->input, p->options->holds[i]);
}

/* ---- the scene ---- */

static void fill_scene(struct play *p, const struct view_frame *frame)
{
    live_fill_scene(&p->live, frame, &p->scene);
    p->scene.look = &p->picture->look;
    p->scene.is_still = p->app->settings.has_reduced_motion;
    p->scene.now_s = (double)(p->now_us - p->start_us) / 1e6;
}

static void enter_match(struct play *p)
{
    const struct game *game = view_game(p->live.view);

    p->shown_map = view_map(p->live.view);
    picture_load(p->picture, game->table, &p->app->settings);
    picture_use(p->picture, p->shown_map, game->tile_units);
    menu_set_game(p->menu, game->table, p->picture->own_controls);
    earshot_use(&p->earshot, p->app->sound, p->picture);
    if (view_welcome(p->live.view)->is_resumed)
        announce(p, "Back in your seat");
    else
        earshot_join(&p->earshot, &p->picture->look, (double)(p->now_us - p->start_us) / 1e6);
}

static void take_lines(struct play *p)
{
    struct view_line line;

    while (view_take_line(p->live.view, &line)) {
        picture_take_line(p->picture, &p->scene, &line, p->scene.now_s);
        earshot_take_line(&p->earshot, &p->scene, p->picture->camera.centre, &line);
    }
    earshot_take_frame(&p->earshot, &p->scene, p->picture->camera.centre);
    for (uint32_t number; (number = view_take_withdrawn(p->live.view)) != 0;)
        effects_withdraw(&p->picture->effects, number);
}

/* ---- drawing ---- */

static void draw_match(struct play *p, const struct view_stats *stats)
{
    static const char keys[] =
        "Enter: chat. N: net graph. M: mute. O: map. F8: capture a bug. Esc: menu.";
    char help[LOOK_LINE_BYTES + sizeof keys];
    bool is_stalled = stats->state_age_us > STALL_US;
    struct hud_words words = {.title = view_welcome(p->live.view)->room,
                              .warning = is_stalled ? "No news from the server…" : NULL,
                              .typed = p->is_typing ? p->typing.text : NULL,
                              .help = help,
                              .feed_s = p->scene.now_s};

    (void)snprintf(help, sizeof help, "%s %s", p->picture->look.help, keys);
    picture_draw(p->picture, p->screen, &p->scene);
    hud_draw(p->screen, &p->scene, &p->picture->feed, &words);
    if (p->app->settings.has_captions) earshot_draw(&p->earshot, p->screen, p->scene.now_s);
}

static void draw_curtain(struct play *p)
{
    struct status status;

    status_of(&status, &p->live, p->url.authority, p->now_us);
    curtain_draw(p->screen, &(struct curtain){status.state, status.reason, status.keys});
}

static void draw(struct play *p, const struct view_stats *stats)
{
    const struct look *look = &p->picture->look;
    bool is_playing = p->live.phase == LIVE_PLAYING;

    screen_begin(p->screen, is_playing ? look->background : THEME_BACK);
    if (is_playing)
        draw_match(p, stats);
    else
        draw_curtain(p);
    if (p->netgraph.is_shown) netgraph_draw(&p->netgraph, p->screen);
    if (!p->is_paused) return;
    curtain_dim(p->screen);
    menu_draw(p->menu, p->screen, &look->palettes[look->palette]);
}

/* ---- frames ---- */

static void set_input(struct play *p)
{
    int32_t words[USERCMD_WORDS];

    if (p->shown_map == NULL || p->live.phase != LIVE_PLAYING) return;
    input_read(&p->input, &p->picture->look, view_game(p->live.view)->table, words);
    view_set_input(p->live.view, words);
}

static void say_once(struct play *p)
{
    if (p->options->say == NULL || p->has_said || p->live.phase != LIVE_PLAYING) return;
    p->has_said = view_say(p->live.view, p->options->say);
}

static void step(struct play *p)
{
    struct view_stats stats;

    take_events(p);
    set_input(p);
    say_once(p);
    p->now_us = clock_monotonic_us();
    enum live_phase before = p->live.phase;
    size_t unsent_bytes = link_unsent_bytes(p->live.link); /* as the gate sees it */
    const struct view_frame *frame = live_step(&p->live, p->now_us);
    if (p->live.phase == LIVE_PLAYING) {
        if (before != LIVE_PLAYING) enter_match(p);
        fill_scene(p, frame);
        take_lines(p);
        play_report_note(&p->report, &p->scene);
    } else {
        if (p->is_typing) stop_typing(p);
        p->is_paused = false;
        sound_hush(p->app->sound);
    }
    view_read_stats(p->live.view, p->live.last_us, &stats);
    netgraph_sample(&p->netgraph, p->live.view, &stats, unsent_bytes, p->live.last_us);
    draw(p, &stats);
    p->report.frames++;
}

/* ---- a run without a window ---- */

static bool is_over(const struct play *p)
{
    if (p->is_done) return true;
    if (!p->options->is_headless) return false;
    bool is_refused = p->live.phase == LIVE_ENDED && !p->live.was_playing;
    return is_refused || p->now_us - p->start_us >= (uint64_t)p->options->headless_ms * 1000;
}

static enum result finish(struct play *p, struct error *error)
{
    const char *capture = p->options->capture;

    if (!p->options->is_headless) return RESULT_OK;
    p->report.entities = p->scene.count;
    p->report.seconds = (double)(p->now_us - p->start_us) / 1e6;
    if (play_report_print(&p->report, &p->live, error) != RESULT_OK) return error->code;
    if (capture == NULL) return RESULT_OK;
    return capture_file_save(view_capture(p->live.view), capture, clock_wall_ms(), p->live.last_us,
                             error);
}

static enum result run(struct play *p, struct error *error)
{
    enum result saved = RESULT_OK;

    while (!p->is_done) {
        step(p);
        p->is_done = is_over(p);
        if (p->is_done && p->options->screenshot != NULL)
            saved = screen_save(p->screen, p->options->screenshot, error);
        screen_end(p->screen);
    }
    return saved == RESULT_OK ? finish(p, error) : saved;
}

static enum result prepare(struct play *p, struct error *error)
{
    for (unsigned i = 0; i < p->options->hold_count; i++) {
        if (!keys_hold(&p->input, p->options->holds[i]))
            return error_set(error, RESULT_INVALID, "--hold: there is no key %s",
                             p->options->holds[i]);
    }
    p->picture = picture_create(p->options->assets);
    p->menu = malloc(sizeof *p->menu);
    if (p->picture == NULL || p->menu == NULL)
        return error_set(error, RESULT_IO, "no memory to draw");
    menu_init(p->menu, &p->app->settings, "");

    return connect_to(p, &p->url, &p->live, error);
}

enum result play_run(struct app *app, const struct url *url, struct error *error)
{
    struct play *p = calloc(1, sizeof *p);
    if (p == NULL) return error_set(error, RESULT_IO, "no memory to play");

    p->app = app;
    p->screen = &app->screen;
    p->options = app->options;
    p->url = *url;
    SDL_StopTextInput();
    enum result r = prepare(p, error);
    p->start_us = p->now_us = clock_monotonic_us();
    if (r == RESULT_OK) r = run(p, error);
    sound_hush(app->sound);
    live_deinit(&p->live);
    free(p->menu);
    picture_destroy(p->picture);
    free(p);
    return r;
}
