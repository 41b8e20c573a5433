#include "client/sdl/play_sdl.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/sdl/capture_file.h"
#include "client/sdl/curtain_sdl.h"
#include "client/sdl/hud_sdl.h"
#include "client/sdl/input.h"
#include "client/sdl/keys_sdl.h"
#include "client/sdl/live.h"
#include "client/sdl/netgraph_sdl.h"
#include "client/sdl/picture_sdl.h"
#include "client/sdl/report.h"
#include "client/sdl/theme.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "shared/message.h"
#include "shared/utf8.h"

#define STALL_US 1000000

struct play {
    struct screen *screen;         /* borrowed */
    const struct cmdline *options; /* borrowed */
    struct live live;
    struct picture *picture; /* owned */
    struct netgraph netgraph;
    struct input input;
    struct scene scene;
    const struct map *shown_map; /* what the picture was set up for; NULL: nothing yet */
    bool is_typing, is_leaving, is_done, has_said;
    char typed[CHAT_BYTES_MAX + 1];
    uint64_t start_us, now_us;
    struct report report;
};

/* ---- chat ---- */

static void start_typing(struct play *p)
{
    if (p->live.phase != LIVE_PLAYING) return;
    p->is_typing = true;
    p->typed[0] = '\0';
    input_release(&p->input);
    SDL_StartTextInput();
}

static void stop_typing(struct play *p)
{
    p->is_typing = false;
    SDL_StopTextInput();
}

static void type_text(struct play *p, const char *text)
{
    size_t used = strlen(p->typed);
    size_t kept = utf8_cut_bytes(text, strlen(text), CHAT_BYTES_MAX - used);

    memcpy(p->typed + used, text, kept);
    p->typed[used + kept] = '\0';
}

static void take_typing_key(struct play *p, SDL_Scancode key)
{
    size_t used = strlen(p->typed);

    switch (key) {
    case SDL_SCANCODE_RETURN:
    case SDL_SCANCODE_KP_ENTER:
        (void)view_say(p->live.view, p->typed);
        stop_typing(p);
        return;
    case SDL_SCANCODE_ESCAPE:
        stop_typing(p);
        return;
    case SDL_SCANCODE_BACKSPACE:
        p->typed[used > 0 ? utf8_cut_bytes(p->typed, used, used - 1) : 0] = '\0';
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

/* ---- events ---- */

static void take_leaving_key(struct play *p, SDL_Scancode key)
{
    if (key == SDL_SCANCODE_RETURN || key == SDL_SCANCODE_KP_ENTER || key == SDL_SCANCODE_ESCAPE)
        p->is_done = true;
    p->is_leaving = false;
}

static void take_enter(struct play *p)
{
    if (p->live.phase == LIVE_WAITING || p->live.phase == LIVE_ENDED)
        live_retry(&p->live);
    else
        start_typing(p);
}

static void take_key(struct play *p, const SDL_Event *event)
{
    SDL_Scancode key = event->key.keysym.scancode;

    if (p->is_leaving) {
        take_leaving_key(p, key);
    } else if (p->is_typing) {
        take_typing_key(p, key);
    } else if (key == SDL_SCANCODE_RETURN || key == SDL_SCANCODE_KP_ENTER) {
        take_enter(p);
    } else if (key == SDL_SCANCODE_ESCAPE) {
        input_release(&p->input);
        if (p->live.phase == LIVE_ENDED)
            p->is_done = true;
        else
            p->is_leaving = true;
    } else if (key == SDL_SCANCODE_N) {
        p->netgraph.is_shown = !p->netgraph.is_shown;
    } else if (key == SDL_SCANCODE_M) {
        p->picture->has_minimap = !p->picture->has_minimap;
    } else if (key == SDL_SCANCODE_F8) {
        save_capture(p);
    } else if (key == SDL_SCANCODE_F11) {
        screen_toggle_fullscreen(p->screen);
    } else {
        keys_take_event(&p->input, event);
    }
}

static void take_window_event(struct play *p, const SDL_WindowEvent *event)
{
    switch (event->event) {
    case SDL_WINDOWEVENT_FOCUS_LOST:
        input_release(&p->input);
        return;
    case SDL_WINDOWEVENT_MINIMIZED:
    case SDL_WINDOWEVENT_HIDDEN:
        view_set_hidden(p->live.view, true);
        return;
    case SDL_WINDOWEVENT_RESTORED:
    case SDL_WINDOWEVENT_SHOWN:
        view_set_hidden(p->live.view, false);
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
    switch (event->type) {
    case SDL_QUIT:
        p->is_done = true;
        return;
    case SDL_WINDOWEVENT:
        take_window_event(p, &event->window);
        return;
    case SDL_TEXTINPUT:
        if (p->is_typing) type_text(p, event->text.text);
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
    default:
        keys_take_event(&p->input, event);
        return;
    }
}

static void take_events(struct play *p)
{
    SDL_Event event;

    while (SDL_PollEvent(&event) != 0) {
        /* A run without a window listens to nothing but its end. */
        if (!p->options->is_headless || event.type == SDL_QUIT) take_event(p, &event);
    }
    for (unsigned i = 0; i < p->options->hold_count; i++)
        (void)keys_hold(&p->input, p->options->holds[i]);
}

/* ---- the scene ---- */

static const char *name_of(const void *source, uint16_t seat)
{
    return view_name(source, seat);
}

static uint8_t colour_of(const void *source, uint16_t seat)
{
    return view_colour(source, seat);
}

/* Whoever has no body watches somebody. */
static int32_t followed(const struct play *p, const struct view_frame *frame)
{
    const struct field_table *table = view_game(p->live.view)->table;

    if (frame->own_index >= 0 || view_welcome(p->live.view)->seat != SEAT_NONE)
        return frame->own_index;
    for (uint32_t i = 0; i < frame->count; i++) {
        if (table->kinds[frame->drawn[i].kind - 1].flags & KIND_BODY) return (int32_t)i;
    }
    return -1;
}

static void fill_scene(struct play *p, const struct view_frame *frame)
{
    const struct game *game = view_game(p->live.view);

    p->scene = (struct scene){.table = game->table,
                              .look = &p->picture->look,
                              .map = view_map(p->live.view),
                              .unit = game->unit,
                              .tile_units = game->tile_units,
                              .half_x = game->view_half_x,
                              .half_y = game->view_half_y,
                              .drawn = frame->drawn,
                              .count = frame->count,
                              .own_index = followed(p, frame),
                              .facts = {.tick = frame->moment.tick,
                                        .own_seat = view_welcome(p->live.view)->seat,
                                        .name = name_of,
                                        .colour = colour_of,
                                        .source = p->live.view},
                              .now_s = (double)(p->now_us - p->start_us) / 1e6};
}

static void enter_match(struct play *p)
{
    const struct game *game = view_game(p->live.view);

    p->shown_map = view_map(p->live.view);
    picture_use(p->picture, game->table, p->shown_map, game->tile_units);
    if (view_welcome(p->live.view)->is_resumed) announce(p, "Back in your seat");
}

static void take_lines(struct play *p)
{
    struct view_line line;

    while (view_take_line(p->live.view, &line))
        picture_take_line(p->picture, &p->scene, &line, p->scene.now_s);
    for (uint32_t number; (number = view_take_withdrawn(p->live.view)) != 0;)
        effects_withdraw(&p->picture->effects, number);
}

/* Where the own body began and is now, for the report. */
static void note_place(struct play *p)
{
    const struct drawn *own = scene_own(&p->scene);
    if (own == NULL) return;

    struct point place = scene_place(&p->scene, own);
    p->report.x = (double)place.x;
    p->report.y = (double)place.y;
    if (!p->report.has_place) {
        p->report.start_x = p->report.x;
        p->report.start_y = p->report.y;
    }
    p->report.has_place = true;
}

/* ---- drawing ---- */

static void draw_match(struct play *p, const struct view_stats *stats)
{
    static const char keys[] =
        "Enter: chat. N: net graph. M: map. F8: capture a bug. F11: full screen.";
    char help[LOOK_LINE_BYTES + sizeof keys];
    bool is_stalled = stats->state_age_us > STALL_US;
    struct hud_words words = {.title = view_welcome(p->live.view)->room,
                              .warning = is_stalled ? "No news from the server…" : NULL,
                              .typed = p->is_typing ? p->typed : NULL,
                              .help = help,
                              .feed_s = p->scene.now_s};

    (void)snprintf(help, sizeof help, "%s %s", p->picture->look.help, keys);
    picture_draw(p->picture, p->screen, &p->scene);
    hud_draw(p->screen, &p->scene, &p->picture->feed, &words);
}

static void draw_curtain(struct play *p)
{
    const struct live *live = &p->live;
    struct curtain curtain = {.state = "", .reason = "", .keys = ""};
    char state[96];

    switch (live->phase) {
    case LIVE_CONNECTING:
    case LIVE_JOINING:
        curtain.state = "Connecting…";
        curtain.reason = p->options->url.authority;
        break;
    case LIVE_WAITING: {
        double left_s = live->retry_us > p->now_us ? (double)(live->retry_us - p->now_us) / 1e6 : 0;
        (void)snprintf(state, sizeof state, "%s Trying again in %.1f s…",
                       live->was_playing ? "Connection lost." : "Not connected.", left_s);
        curtain = (struct curtain){state, live->notice, "Enter: try now     Esc: leave"};
        break;
    }
    case LIVE_ENDED:
        curtain = (struct curtain){live->was_playing ? "The game is over" : "Not connected",
                                   live->notice, "Enter: try again     Esc: leave"};
        break;
    case LIVE_PLAYING:
        break;
    }
    curtain_draw(p->screen, &curtain);
}

static void draw(struct play *p, const struct view_stats *stats)
{
    static const struct curtain leaving = {"Leave the game?", "",
                                           "Enter or Esc: leave     any other key: play on"};
    bool is_playing = p->live.phase == LIVE_PLAYING;

    screen_begin(p->screen, is_playing ? p->picture->look.background : THEME_BACK);
    if (is_playing)
        draw_match(p, stats);
    else
        draw_curtain(p);
    if (p->netgraph.is_shown) netgraph_draw(&p->netgraph, p->screen);
    if (p->is_leaving) curtain_draw(p->screen, &leaving);
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
        note_place(p);
    } else if (p->is_typing) {
        stop_typing(p);
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

static void fill_report(struct play *p)
{
    static const char *const phases[] = {[LIVE_CONNECTING] = "connecting",
                                         [LIVE_JOINING] = "joining",
                                         [LIVE_PLAYING] = "playing",
                                         [LIVE_WAITING] = "waiting",
                                         [LIVE_ENDED] = "ended"};
    const struct message_welcome *welcome = view_welcome(p->live.view);
    struct report *r = &p->report;

    r->phase = phases[p->live.phase];
    r->notice = p->live.notice;
    r->game = welcome != NULL ? welcome->game : "";
    r->room = welcome != NULL ? welcome->room : "";
    r->map = welcome != NULL ? welcome->map : "";
    r->seat = welcome != NULL && welcome->seat != SEAT_NONE ? welcome->seat : -1;
    r->name = r->seat >= 0 ? view_name(p->live.view, welcome->seat) : "";
    r->seconds = (double)(p->now_us - p->start_us) / 1e6;
    r->connections = p->live.connections;
    r->is_resumed = welcome != NULL && welcome->is_resumed;
    r->entities = p->scene.count;
    r->unsent_bytes = link_unsent_bytes(p->live.link);
    view_read_stats(p->live.view, p->live.last_us, &r->stats);
}

static enum result finish(struct play *p, struct error *error)
{
    if (!p->options->is_headless) return RESULT_OK;
    if (!p->live.was_playing) {
        const char *why =
            p->live.notice[0] != '\0' ? p->live.notice : "there was no answer in time";
        return error_set(error, RESULT_CLOSED, "not joined: %s", why);
    }
    const char *capture = p->options->capture;
    if (capture != NULL && capture_file_save(view_capture(p->live.view), capture, clock_wall_ms(),
                                             p->live.last_us, error) != RESULT_OK)
        return error->code;
    fill_report(p);
    if (!report_print(&p->report))
        return error_set(error, RESULT_IO, "the report could not be written to stdout");
    return RESULT_OK;
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

enum result play_run(struct screen *screen, const struct cmdline *options, struct error *error)
{
    struct play *p = calloc(1, sizeof *p);
    if (p == NULL) return error_set(error, RESULT_IO, "no memory to play");

    p->screen = screen;
    p->options = options;
    p->picture = picture_create(options->assets);
    SDL_StopTextInput();
    enum result r = RESULT_IO;
    for (unsigned i = 0; i < options->hold_count; i++) {
        if (!keys_hold(&p->input, options->holds[i])) {
            r = error_set(error, RESULT_INVALID, "--hold: there is no key %s", options->holds[i]);
            goto end;
        }
    }
    if (p->picture == NULL) {
        (void)error_set(error, RESULT_IO, "no memory to draw");
        goto end;
    }
    r = live_init(&p->live, options, error);
    p->start_us = p->now_us = clock_monotonic_us();
    if (r == RESULT_OK) r = run(p, error);
    live_deinit(&p->live);
end:
    picture_destroy(p->picture);
    free(p);
    return r;
}
