#include "client/sdl/effects_sdl.h"

#include <math.h>

#include "shared/rng.h"

#define TURN         6.2831853f
#define DRAG         3.0f   /* sparks lose most of their speed in a third of a second */
#define TAIL_SECONDS 0.035f /* of flight: how long a spark is */
#define TEXT_SIZE    12.0f
#define TEXT_ABOVE   16.0f
#define TEXT_RISE    26.0f

void effects_clear(struct effects *e)
{
    e->count = 0;
}

static struct point place_of(const struct scene *scene, const struct event *event, int8_t x,
                             int8_t y)
{
    if (x == LOOK_NO_WORD || y == LOOK_NO_WORD) return (struct point){0, 0};
    return (struct point){(float)event->words[x] / (float)scene->unit,
                          (float)event->words[y] / (float)scene->unit};
}

void effects_start(struct effects *e, const struct scene *scene, const struct event *event,
                   uint32_t foreseen)
{
    const struct look_event *look = &scene->look->events[event->kind];
    const struct look_subject subject = {.words = event->words, .owner = event->seat};

    for (uint8_t i = 0; i < look->effect_count && e->count < EFFECTS_MAX; i++) {
        const struct look_effect *effect = &look->effects[i];
        if (scene->is_still && (effect->kind == LOOK_BURST || effect->kind == LOOK_FLASH)) continue;
        struct effect *started = &e->list[e->count++];
        *started = (struct effect){
            .look = effect,
            .start_s = scene->now_s,
            .at = place_of(scene, event, effect->x_word, effect->y_word),
            .to = place_of(scene, event, effect->to_x_word, effect->to_y_word),
            .color = effect->colour.source == LOOK_COLOUR_NONE
                         ? RGBA_WHITE
                         : look_colour(scene->look, &effect->colour, &subject, &scene->facts),
            .seed = ++e->seed,
            .foreseen = foreseen};
        (void)look_print(&effect->text, &subject, &scene->facts, started->label,
                         sizeof started->label);
    }
}

void effects_withdraw(struct effects *e, uint32_t foreseen)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < e->count; i++) {
        if (e->list[i].foreseen != foreseen) e->list[kept++] = e->list[i];
    }
    e->count = kept;
}

/* One effect at the age of `seconds`, which is `part` (0..1) of its time. */
struct moment_of {
    const struct effect *effect;
    struct screen *screen;
    const struct camera *camera;
    struct point at; /* pixels */
    float seconds, part;
    bool is_still; /* it fades, and that is all */
};

static void draw_burst(const struct moment_of *m)
{
    const struct look_effect *look = m->effect->look;
    float way = (1 - expf(-DRAG * m->seconds)) / DRAG;
    float tail = fmaxf(0, way - TAIL_SECONDS);
    float width = look->size * (1 - m->part * 0.7f) * m->camera->scale;
    struct rgba color = rgba_faded(m->effect->color, 1 - m->part * m->part);
    struct rng rng;

    rng_init(&rng, m->effect->seed);
    for (uint16_t i = 0; i < look->count; i++) {
        float angle = (float)rng_below(&rng, 4096) / 4096 * TURN;
        float speed = look->speed * (0.25f + 0.75f * (float)rng_below(&rng, 1024) / 1024);
        float x = cosf(angle) * speed * m->camera->scale,
              y = sinf(angle) * speed * m->camera->scale;
        struct point ends[2] = {{m->at.x + x * tail, m->at.y + y * tail},
                                {m->at.x + x * way, m->at.y + y * way}};
        struct line line = {.points = ends, .count = 2, .width = width};
        paint_line(m->screen->paint, &line, color);
    }
}

static void draw_ring(const struct moment_of *m)
{
    const struct look_effect *look = m->effect->look;
    float grown = m->is_still ? 1 : 1 - powf(1 - m->part, 3), scale = m->camera->scale;

    paint_ring(m->screen->paint, (struct circle){m->at, look->radius * grown * scale},
               fmaxf(0.5f, look->width * (1 - m->part)) * scale,
               rgba_faded(m->effect->color, powf(1 - m->part, 1.5f)));
}

static void draw_flash(const struct moment_of *m)
{
    float radius = m->effect->look->radius * (0.6f + 0.4f * m->part) * m->camera->scale;
    paint_glow(m->screen->paint, (struct circle){m->at, radius},
               rgba_faded(m->effect->color, (1 - m->part) * (1 - m->part)));
}

static void draw_line(const struct moment_of *m)
{
    const float widths[3] = {3, 1, 0.4f}, alphas[3] = {0.25f, 0.8f, 1};
    struct point ends[2] = {m->at, camera_pixel(m->camera, m->effect->to)};
    float width = m->effect->look->width * (1 - 0.6f * m->part) * m->camera->scale;

    for (int i = 0; i < 3; i++) {
        struct line line = {.points = ends, .count = 2, .width = width * widths[i]};
        paint_line(
            m->screen->paint, &line,
            rgba_faded(i < 2 ? m->effect->color : RGBA_WHITE, alphas[i] * powf(1 - m->part, 1.5f)));
    }
}

static void draw_rising(const struct moment_of *m)
{
    float scale = m->camera->scale, risen = m->is_still ? 0 : TEXT_RISE * m->part;
    struct text_style style = {.size = TEXT_SIZE * fmaxf(1, scale),
                               .is_bold = true,
                               .align = TEXT_CENTRE,
                               .color = rgba_faded(m->effect->color, 1 - powf(m->part, 3))};
    text_draw(m->screen->text, (struct point){m->at.x, m->at.y - (TEXT_ABOVE + risen) * scale},
              m->effect->label, &style);
}

typedef void draw_effect(const struct moment_of *m);

static draw_effect *const drawers[] = {[LOOK_BURST] = draw_burst,
                                       [LOOK_RING] = draw_ring,
                                       [LOOK_FLASH] = draw_flash,
                                       [LOOK_LINE] = draw_line,
                                       [LOOK_RISING] = draw_rising};

static void draw_one(const struct effect *effect, struct screen *screen,
                     const struct camera *camera, const struct scene *scene)
{
    struct moment_of m = {.effect = effect,
                          .screen = screen,
                          .camera = camera,
                          .at = camera_pixel(camera, effect->at),
                          .seconds = (float)(scene->now_s - effect->start_s),
                          .is_still = scene->is_still};
    m.part = m.seconds / effect->look->seconds;
    drawers[effect->look->kind](&m);
}

/* Also what began after now ends: a recording may be played from an earlier tick. */
static void forget_old(struct effects *e, double now_s)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < e->count; i++) {
        double age_s = now_s - e->list[i].start_s;
        if (age_s >= 0 && age_s < (double)e->list[i].look->seconds) e->list[kept++] = e->list[i];
    }
    e->count = kept;
}

void effects_draw(struct effects *e, struct screen *screen, const struct camera *camera,
                  const struct scene *scene)
{
    forget_old(e, scene->now_s);
    paint_set_light(screen->paint, true);
    for (uint32_t i = 0; i < e->count; i++)
        draw_one(&e->list[i], screen, camera, scene);
    paint_set_light(screen->paint, false);
}
