#include "client/sdl/watch_sdl.h"

#include <SDL.h>
#include <stdlib.h>

#include "client/sdl/hud_sdl.h"
#include "client/sdl/picture_sdl.h"
#include "client/sdl/replay.h"
#include "client/sdl/report.h"
#include "client/sdl/timeline_sdl.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "shared/limits.h"

#define SEEK_SECONDS 5
#define FRAME_MAX_S  0.25 /* a longer stall of the machine is not caught up */

struct watch {
    struct screen *screen;         /* borrowed */
    const struct cmdline *options; /* borrowed */
    struct replay *replay;         /* owned */
    struct picture *picture;       /* owned */
    struct scene scene;
    bool is_dragging, is_done;
    uint64_t start_us, now_us;
    struct report_replay report;
};

/* ---- moving in it ---- */

/* What was told of another moment does not belong to this one. */
static void seek(struct watch *w, double position)
{
    replay_seek(w->replay, position);
    feed_clear(&w->picture->feed);
    effects_clear(&w->picture->effects);
}

static void seek_by(struct watch *w, int seconds)
{
    struct replay_place place;
    replay_read_place(w->replay, &place);
    seek(w, place.position + (double)seconds * TICK_HZ);
}

static void toggle_pause(struct watch *w)
{
    struct replay_place place;
    replay_read_place(w->replay, &place);
    replay_set_paused(w->replay, !place.is_paused && !place.is_at_end);
}

static void take_key(struct watch *w, SDL_Scancode key)
{
    switch (key) {
    case SDL_SCANCODE_SPACE:
        toggle_pause(w);
        return;
    case SDL_SCANCODE_LEFT:
        seek_by(w, -SEEK_SECONDS);
        return;
    case SDL_SCANCODE_RIGHT:
        seek_by(w, SEEK_SECONDS);
        return;
    case SDL_SCANCODE_COMMA:
        replay_step(w->replay, -1);
        return;
    case SDL_SCANCODE_PERIOD:
        replay_step(w->replay, 1);
        return;
    case SDL_SCANCODE_TAB:
        replay_follow_next(w->replay);
        return;
    case SDL_SCANCODE_M:
        w->picture->has_minimap = !w->picture->has_minimap;
        return;
    case SDL_SCANCODE_F11:
        screen_toggle_fullscreen(w->screen);
        return;
    case SDL_SCANCODE_ESCAPE:
        w->is_done = true;
        return;
    default:
        return;
    }
}

/* Plus and minus lie elsewhere on each keyboard: they go by what they type. */
static void take_symbol(struct watch *w, SDL_Keycode symbol)
{
    if (symbol == SDLK_PLUS || symbol == SDLK_KP_PLUS || symbol == SDLK_EQUALS)
        replay_change_speed(w->replay, 1);
    if (symbol == SDLK_MINUS || symbol == SDLK_KP_MINUS) replay_change_speed(w->replay, -1);
}

static void point_at(struct watch *w, int x, int y)
{
    struct replay_place place;
    int width, height;
    double position;

    SDL_GetWindowSize(w->screen->window, &width, &height);
    float grain = width > 0 ? w->screen->width / (float)width : 1;
    replay_read_place(w->replay, &place);
    if (!timeline_position_at(w->screen, &place, (float)x * grain, (float)y * grain, w->is_dragging,
                              &position))
        return;
    w->is_dragging = true;
    seek(w, position);
}

static void take_event(struct watch *w, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_QUIT:
        w->is_done = true;
        return;
    case SDL_KEYDOWN:
        take_key(w, event->key.keysym.scancode);
        take_symbol(w, event->key.keysym.sym);
        return;
    case SDL_MOUSEBUTTONDOWN:
        point_at(w, event->button.x, event->button.y);
        return;
    case SDL_MOUSEBUTTONUP:
        w->is_dragging = false;
        return;
    case SDL_MOUSEMOTION:
        if (w->is_dragging) point_at(w, event->motion.x, event->motion.y);
        return;
    default:
        return;
    }
}

static void take_events(struct watch *w)
{
    SDL_Event event;

    while (SDL_PollEvent(&event) != 0)
        if (!w->options->is_headless || event.type == SDL_QUIT) take_event(w, &event);
}

/* ---- frames ---- */

static void advance(struct watch *w)
{
    uint64_t before_us = w->now_us;

    w->now_us = clock_monotonic_us();
    double passed_s = (double)(w->now_us - before_us) / 1e6;
    if (!w->is_dragging) replay_advance(w->replay, passed_s < FRAME_MAX_S ? passed_s : FRAME_MAX_S);
}

static void take_lines(struct watch *w)
{
    struct view_line line;

    while (replay_take_line(w->replay, &line))
        picture_take_line(w->picture, &w->scene, &line, w->scene.now_s);
}

static void draw(struct watch *w)
{
    const char *problem = replay_problem(w->replay);
    struct replay_place place;
    struct hud_words words = {
        .warning = problem[0] != '\0' ? problem : NULL, .help = "", .feed_s = w->scene.now_s};

    replay_read_place(w->replay, &place);
    words.title = place.room;
    screen_begin(w->screen, w->picture->look.background);
    w->screen->foot = timeline_height(w->screen);
    picture_draw(w->picture, w->screen, &w->scene);
    hud_draw(w->screen, &w->scene, &w->picture->feed, &words);
    timeline_draw(w->screen, &place);
}

static void step(struct watch *w)
{
    take_events(w);
    advance(w);
    w->scene.look = &w->picture->look;
    replay_fill_scene(w->replay, &w->scene);
    take_lines(w);
    draw(w);
    w->report.frames++;
}

/* ---- the whole run ---- */

static enum result report(struct watch *w, struct error *error)
{
    const struct drawn *own = scene_own(&w->scene);
    struct report_replay *r = &w->report;
    struct replay_place place;

    replay_read_place(w->replay, &place);
    r->game = w->scene.table->game;
    r->room = place.room;
    r->followed = place.followed;
    r->problem = replay_problem(w->replay);
    r->first_tick = place.first_tick;
    r->last_tick = place.last_tick;
    r->tick = place.tick;
    r->entities = w->scene.count;
    r->has_place = own != NULL;
    if (own != NULL) {
        r->x = (double)scene_place(&w->scene, own).x;
        r->y = (double)scene_place(&w->scene, own).y;
    }
    if (report_print_replay(r)) return RESULT_OK;
    return error_set(error, RESULT_IO, "the report could not be written to stdout");
}

static bool is_over(const struct watch *w)
{
    uint64_t limit_us = (uint64_t)w->options->headless_ms * 1000;
    return w->is_done || (w->options->is_headless && w->now_us - w->start_us >= limit_us);
}

static enum result run(struct watch *w, struct error *error)
{
    enum result saved = RESULT_OK;

    w->start_us = w->now_us = clock_monotonic_us();
    while (!w->is_done) {
        step(w);
        w->is_done = is_over(w);
        if (w->is_done && w->options->screenshot != NULL)
            saved = screen_save(w->screen, w->options->screenshot, error);
        screen_end(w->screen);
    }
    if (saved != RESULT_OK || !w->options->is_headless) return saved;
    return report(w, error);
}

enum result watch_run(struct screen *screen, const struct cmdline *options, struct error *error)
{
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL) return error_set(error, RESULT_IO, "no memory to play");

    w->screen = screen;
    w->options = options;
    w->picture = picture_create(options->assets);
    enum result r =
        w->picture != NULL ? RESULT_OK : error_set(error, RESULT_IO, "no memory to draw");
    if (r == RESULT_OK)
        r = replay_open(&w->replay, options->replay_file, options->replay_tick, error);
    if (r == RESULT_OK) {
        replay_fill_scene(w->replay, &w->scene);
        picture_use(w->picture, w->scene.table, w->scene.map, w->scene.tile_units);
        r = run(w, error);
    }
    replay_close(w->replay);
    picture_destroy(w->picture);
    free(w);
    /* A broken file is no wrong usage. */
    return r == RESULT_INVALID ? RESULT_IO : r;
}
