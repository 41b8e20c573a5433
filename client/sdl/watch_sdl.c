#include "client/sdl/watch_sdl.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/sdl/earshot_sdl.h"
#include "client/sdl/hud_sdl.h"
#include "client/sdl/picture_sdl.h"
#include "client/sdl/replay.h"
#include "client/sdl/report.h"
#include "client/sdl/timeline_sdl.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "shared/limits.h"

#define SEEK_SECONDS 5
#define FRAME_MAX_S  0.25  /* a longer stall of the machine is not caught up */
#define PAN_A_SECOND 1.2f  /* of what shows to each side */
#define ZOOM_STEP    1.2f  /* of the wheel */
#define ZOOM_MIN     0.25f /* four times as much to be seen as a player sees */
#define ZOOM_MAX     4.0f
#define CLICK_REACH  40.0f /* pixels around a body */
#define LINK_BYTES   (CMDLINE_PATH_CHARS_MAX + 16)
#define NOTICE_US    2000000

static const char keys_help[] =
    "Space: pause.  Left, right: 5 s.  , . : one tick.  + - : speed.  Tab, click: whom to follow.  "
    "F: free camera (WASD, drag, wheel).  C: copy this moment.  M: mute.  O: map.  Esc: leave.";

/* What the mouse holds while its button is down. */
enum grip { GRIP_NOTHING, GRIP_TIMELINE, GRIP_FIELD };

struct watch {
    struct app *app;               /* borrowed */
    struct screen *screen;         /* the app's */
    const struct cmdline *options; /* the app's */
    const char *file;              /* borrowed */
    struct earshot earshot;
    struct replay *replay;   /* owned */
    struct picture *picture; /* owned */
    struct scene scene;
    enum grip grip;
    struct point mouse, gripped; /* pixels; where the field was gripped, or last dragged to */
    bool has_dragged;            /* the field: a press without it is a click */
    float zoom;                  /* 1: what a player sees */
    char notice[LINK_BYTES + 16];
    uint64_t notice_us; /* until when it shows: also while the recording stands */
    bool is_done;
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
    earshot_clear(&w->earshot);
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

/* The camera stays where it is, and is the viewer's to move. */
static void toggle_free(struct watch *w)
{
    struct replay_place place;
    replay_read_place(w->replay, &place);
    replay_set_free(w->replay, !place.is_free);
}

/* "FILE@TICK", as --replay takes it. */
static void copy_moment(struct watch *w)
{
    char link[LINK_BYTES];
    struct replay_place place;

    replay_read_place(w->replay, &place);
    (void)snprintf(link, sizeof link, "%s@%u", w->file, place.tick);
    if (SDL_SetClipboardText(link) != 0) return;
    (void)snprintf(w->notice, sizeof w->notice, "Copied: %s", link);
    w->notice_us = w->now_us + NOTICE_US;
}

static void press(struct watch *w, enum timeline_button button)
{
    switch (button) {
    case TIMELINE_STEP_BACK:
        replay_step(w->replay, -1);
        return;
    case TIMELINE_PAUSE:
        toggle_pause(w);
        return;
    case TIMELINE_STEP_ON:
        replay_step(w->replay, 1);
        return;
    case TIMELINE_SLOWER:
        replay_change_speed(w->replay, -1);
        return;
    case TIMELINE_FASTER:
        replay_change_speed(w->replay, 1);
        return;
    case TIMELINE_PREVIOUS:
        replay_follow_previous(w->replay);
        return;
    case TIMELINE_NEXT:
        replay_follow_next(w->replay);
        return;
    case TIMELINE_FREE:
        toggle_free(w);
        return;
    default:
        return;
    }
}

static void take_key(struct watch *w, SDL_Scancode key, bool has_shift)
{
    switch (key) {
    case SDL_SCANCODE_SPACE:
        press(w, TIMELINE_PAUSE);
        return;
    case SDL_SCANCODE_LEFT:
        seek_by(w, -SEEK_SECONDS);
        return;
    case SDL_SCANCODE_RIGHT:
        seek_by(w, SEEK_SECONDS);
        return;
    case SDL_SCANCODE_COMMA:
        press(w, TIMELINE_STEP_BACK);
        return;
    case SDL_SCANCODE_PERIOD:
        press(w, TIMELINE_STEP_ON);
        return;
    case SDL_SCANCODE_TAB:
        press(w, has_shift ? TIMELINE_PREVIOUS : TIMELINE_NEXT);
        return;
    case SDL_SCANCODE_F:
        press(w, TIMELINE_FREE);
        return;
    case SDL_SCANCODE_C:
        copy_moment(w);
        return;
    case SDL_SCANCODE_M:
        app_toggle_mute(w->app);
        return;
    case SDL_SCANCODE_O:
        w->picture->has_minimap = !w->picture->has_minimap;
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
        press(w, TIMELINE_FASTER);
    if (symbol == SDLK_MINUS || symbol == SDLK_KP_MINUS) press(w, TIMELINE_SLOWER);
}

/* ---- the mouse ---- */

static void note_mouse(struct watch *w, int x, int y)
{
    w->mouse = screen_pixel(w->screen, x, y);
}

static void scrub(struct watch *w)
{
    struct replay_place place;
    double position;

    replay_read_place(w->replay, &place);
    bool is_gripped = w->grip == GRIP_TIMELINE;
    if (!timeline_position_at(w->screen, &place, w->mouse, is_gripped, &position)) return;
    w->grip = GRIP_TIMELINE;
    seek(w, position);
}

/* The field goes with the mouse; whoever was followed goes out of the middle. */
static void drag_field(struct watch *w)
{
    struct camera *camera = &w->picture->camera;

    replay_set_free(w->replay, true);
    camera->centre.x -= (w->mouse.x - w->gripped.x) / camera->scale;
    camera->centre.y -= (w->mouse.y - w->gripped.y) / camera->scale;
    w->gripped = w->mouse;
    w->has_dragged = true;
}

/* Follows the body next to the mouse, if one is near. */
static void follow_clicked(struct watch *w)
{
    const struct drawn *nearest = NULL;
    float reach = CLICK_REACH * w->screen->scale;

    for (uint32_t i = 0; i < w->scene.count; i++) {
        const struct drawn *d = &w->scene.drawn[i];
        if (!(scene_kind(&w->scene, d)->flags & KIND_BODY) || d->owner == SEAT_NONE) continue;
        struct point at = camera_pixel(&w->picture->camera, scene_place(&w->scene, d));
        float way = hypotf(at.x - w->mouse.x, at.y - w->mouse.y);
        if (way > reach) continue;
        reach = way;
        nearest = d;
    }
    if (nearest != NULL) replay_follow(w->replay, nearest->owner);
}

static void take_press(struct watch *w)
{
    enum timeline_button button = timeline_button_at(w->screen, w->mouse);

    if (button != TIMELINE_NO_BUTTON) {
        press(w, button);
    } else if (w->mouse.y < w->screen->height - timeline_height(w->screen)) {
        w->grip = GRIP_FIELD;
        w->gripped = w->mouse;
        w->has_dragged = false;
    } else {
        scrub(w);
    }
}

static void take_motion(struct watch *w)
{
    float way = hypotf(w->mouse.x - w->gripped.x, w->mouse.y - w->gripped.y);

    if (w->grip == GRIP_TIMELINE) scrub(w);
    /* A hand that trembles still clicks. */
    if (w->grip == GRIP_FIELD && (w->has_dragged || way > 4 * w->screen->scale)) drag_field(w);
}

static void take_release(struct watch *w)
{
    if (w->grip == GRIP_FIELD && !w->has_dragged) follow_clicked(w);
    w->grip = GRIP_NOTHING;
}

static void take_event(struct watch *w, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_KEYDOWN:
        take_key(w, event->key.keysym.scancode, (event->key.keysym.mod & KMOD_SHIFT) != 0);
        take_symbol(w, event->key.keysym.sym);
        return;
    case SDL_MOUSEBUTTONDOWN:
        note_mouse(w, event->button.x, event->button.y);
        take_press(w);
        return;
    case SDL_MOUSEBUTTONUP:
        take_release(w);
        return;
    case SDL_MOUSEMOTION:
        note_mouse(w, event->motion.x, event->motion.y);
        take_motion(w);
        return;
    case SDL_MOUSEWHEEL:
        w->zoom *= powf(ZOOM_STEP, (float)event->wheel.y);
        w->zoom = fmaxf(ZOOM_MIN, fminf(ZOOM_MAX, w->zoom));
        return;
    default:
        return;
    }
}

static void take_events(struct watch *w)
{
    SDL_Event event;

    while (SDL_PollEvent(&event) != 0)
        if (!w->options->is_headless || event.type == SDL_QUIT)
            if (!app_take_event(w->app, &event)) take_event(w, &event);
    if (w->app->wants_quit) w->is_done = true;
}

/* Moves the free camera by the keys that are held. */
static void pan(struct watch *w, double seconds)
{
    const Uint8 *held = SDL_GetKeyboardState(NULL);
    struct camera *camera = &w->picture->camera;
    int x = held[SDL_SCANCODE_D] - held[SDL_SCANCODE_A];
    int y = held[SDL_SCANCODE_S] - held[SDL_SCANCODE_W];

    if (w->options->is_headless || (x == 0 && y == 0)) return;
    replay_set_free(w->replay, true);
    float way = PAN_A_SECOND * (float)(w->scene.half_x * seconds);
    camera->centre.x += (float)x * way;
    camera->centre.y += (float)y * way;
}

/* ---- frames ---- */

static void advance(struct watch *w)
{
    uint64_t before_us = w->now_us;

    w->now_us = clock_monotonic_us();
    double passed_s = (double)(w->now_us - before_us) / 1e6;
    if (passed_s > FRAME_MAX_S) passed_s = FRAME_MAX_S;
    pan(w, passed_s);
    if (w->grip != GRIP_TIMELINE) replay_advance(w->replay, passed_s);
}

static void take_lines(struct watch *w)
{
    struct view_line line;

    while (replay_take_line(w->replay, &line)) {
        picture_take_line(w->picture, &w->scene, &line, w->scene.now_s);
        earshot_take_line(&w->earshot, &w->scene, w->picture->camera.centre, &line);
    }
    struct replay_place place;
    replay_read_place(w->replay, &place);
    w->earshot.is_resting = place.is_paused || place.is_at_end;
    earshot_take_frame(&w->earshot, &w->scene, w->picture->camera.centre);
}

static void draw(struct watch *w)
{
    const char *problem = replay_problem(w->replay);
    const char *notice = w->now_us < w->notice_us ? w->notice : NULL;
    struct replay_place place;
    struct hud_words words = {.warning = problem[0] != '\0' ? problem : notice,
                              .help = keys_help,
                              .feed_s = w->scene.now_s};

    replay_read_place(w->replay, &place);
    words.title = place.room;
    screen_begin(w->screen, w->picture->look.background);
    w->screen->foot = timeline_height(w->screen);
    picture_draw(w->picture, w->screen, &w->scene);
    hud_draw(w->screen, &w->scene, &w->picture->feed, &words);
    if (w->app->settings.has_captions) earshot_draw(&w->earshot, w->screen, w->scene.now_s);
    timeline_draw(w->screen, &(struct timeline){&place, replay_markers(w->replay), w->mouse});
}

static void step(struct watch *w)
{
    take_events(w);
    advance(w);
    w->scene.look = &w->picture->look;
    replay_fill_scene(w->replay, &w->scene);
    w->scene.is_still = w->app->settings.has_reduced_motion;
    w->scene.half_x = (int32_t)((float)w->scene.half_x / w->zoom);
    w->scene.half_y = (int32_t)((float)w->scene.half_y / w->zoom);
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
    for (size_t i = 0; i < MARKER_PLACES; i++)
        r->markers += !marker_is_empty(&replay_markers(w->replay)->places[i]);
    r->speed = (double)place.speed;
    r->is_paused = place.is_paused;
    r->is_free = place.is_free;
    r->has_place = own != NULL || place.is_free;
    struct point at = own != NULL ? scene_place(&w->scene, own) : w->picture->camera.centre;
    r->x = (double)at.x;
    r->y = (double)at.y;
    if (report_print_replay(r)) return RESULT_OK;
    return error_set(error, RESULT_IO, "the report could not be written to stdout");
}

static bool is_over(const struct watch *w)
{
    uint64_t limit_us = (uint64_t)w->options->headless_ms * 1000;
    return w->is_done || (w->options->is_headless && w->now_us - w->start_us >= limit_us);
}

static enum result check_held(const struct cmdline *options, struct error *error)
{
    for (unsigned i = 0; i < options->hold_count; i++) {
        if (SDL_GetScancodeFromName(options->holds[i]) == SDL_SCANCODE_UNKNOWN)
            return error_set(error, RESULT_INVALID, "--hold: there is no key %s",
                             options->holds[i]);
    }
    return RESULT_OK;
}

/* Without a window: the keys of --hold are pressed once each, in their order. */
static void press_held(struct watch *w)
{
    for (unsigned i = 0; i < w->options->hold_count; i++) {
        SDL_Scancode key = SDL_GetScancodeFromName(w->options->holds[i]);
        take_key(w, key, false);
        take_symbol(w, SDL_GetKeyFromScancode(key));
    }
}

static enum result run(struct watch *w, struct error *error)
{
    enum result saved = RESULT_OK;

    w->start_us = w->now_us = clock_monotonic_us();
    press_held(w);
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

static enum result prepare(struct watch *w, uint32_t tick, struct error *error)
{
    w->picture = picture_create(w->options->assets);
    if (w->picture == NULL) return error_set(error, RESULT_IO, "no memory to draw");
    if (replay_open(&w->replay, w->file, tick, error) != RESULT_OK) return error->code;
    replay_fill_scene(w->replay, &w->scene);
    picture_load(w->picture, w->scene.table, &w->app->settings);
    picture_use(w->picture, w->scene.map, w->scene.tile_units);
    earshot_use(&w->earshot, w->app->sound, w->picture);
    return RESULT_OK;
}

enum result watch_run(struct app *app, const char *file, uint32_t tick, struct error *error)
{
    if (check_held(app->options, error) != RESULT_OK) return error->code;
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL) return error_set(error, RESULT_IO, "no memory to play");

    w->app = app;
    w->screen = &app->screen;
    w->options = app->options;
    w->file = file;
    w->zoom = 1;
    w->mouse = (struct point){-1, -1};
    enum result r = prepare(w, tick, error);
    if (r == RESULT_OK) r = run(w, error);
    sound_hush(app->sound);
    replay_close(w->replay);
    picture_destroy(w->picture);
    free(w);
    /* A broken file is no wrong usage. */
    return r == RESULT_INVALID ? RESULT_IO : r;
}
