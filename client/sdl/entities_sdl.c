#include "client/sdl/entities_sdl.h"

#include <math.h>

#define TURN       6.2831853f
#define PULSE_HZ   1.2
#define HELD_ALPHA 0.5f /* it stands still for want of news */
#define SEEN_UNITS 64.0f
#define NAME_SIZE  11.0f
#define BAR_HEIGHT 3.0f
#define BAR_RIM    0.7f
#define LOW_PART   0.3f

/* What one entity's layers have in common. */
struct painting {
    struct entities *entities;
    struct paint *paint;
    const struct camera *camera;
    const struct scene *scene;
    const struct drawn *drawn;
    struct look_subject subject;
    struct point place;
    float alpha;
};

static float random_part(struct rng *rng)
{
    return (float)rng_below(rng, 1024) / 1024;
}

static float turn_of(const struct look_turn *turn, const struct painting *p)
{
    int32_t value = turn->kind != LOOK_TURN_NONE ? p->subject.words[turn->word] : 0;

    switch (turn->kind) {
    case LOOK_TURN_ANGLE:
        if (p->subject.is_own && p->scene->turned != NULL) return *p->scene->turned;
        return (float)value / turn->span * TURN;
    case LOOK_TURN_STEPS:
        return ((float)value + turn->offset) / turn->span * TURN;
    case LOOK_TURN_DEGREES:
        return value >= 0 && value < turn->degree_count ? turn->degrees[value] / 360 * TURN : 0;
    default:
        return 0;
    }
}

/* Where a point of the layer lies on the screen. */
struct frame {
    struct point origin; /* pixels */
    float cosine, sine;  /* with the scale */
};

static struct point pixel_of(const struct frame *f, struct point p)
{
    return (struct point){f->origin.x + p.x * f->cosine - p.y * f->sine,
                          f->origin.y + p.x * f->sine + p.y * f->cosine};
}

struct layer_colors {
    struct rgba fill, stroke; /* alpha 0: none */
};

static void draw_polygon(const struct painting *p, const struct look_layer *layer,
                         const struct frame *frame, struct layer_colors colors)
{
    struct point points[OUTLINE_POINTS_MAX];
    struct polygon polygon = {points, layer->point_count, layer->indices, layer->index_count};
    struct line outline = {points, layer->point_count, true, layer->width * p->camera->scale};

    for (uint8_t i = 0; i < layer->point_count; i++)
        points[i] = pixel_of(frame, layer->points[i]);
    if (colors.fill.a > 0) paint_polygon(p->paint, &polygon, colors.fill);
    if (colors.stroke.a > 0) paint_line(p->paint, &outline, colors.stroke);
}

static struct rgba layer_color(const struct painting *p, const struct look_layer *layer,
                               const struct look_colour *colour)
{
    struct rgba color = look_colour(p->scene->look, colour, &p->subject, &p->scene->facts);
    return rgba_faded(color, p->alpha * layer->alpha);
}

static float layer_size(const struct painting *p, const struct look_layer *layer)
{
    if (p->scene->is_still) return 1;
    double turns = p->scene->now_s * PULSE_HZ + p->drawn->slot / 7.0;
    float size = 1 + layer->pulse * (float)sin(turns * (double)TURN);
    if (layer->flicker > 0) size -= layer->flicker * random_part(&p->entities->rng);
    return size;
}

static void draw_layer(const struct painting *p, const struct look_layer *layer)
{
    float turn = turn_of(&layer->turn, p), scale = p->camera->scale, size = layer_size(p, layer);
    struct frame whole = {camera_pixel(p->camera, p->place), cosf(turn) * scale,
                          sinf(turn) * scale};
    struct frame frame = {pixel_of(&whole, layer->at), whole.cosine * size, whole.sine * size};
    struct layer_colors colors = {layer_color(p, layer, &layer->fill),
                                  layer_color(p, layer, &layer->stroke)};
    struct circle circle = {frame.origin, layer->radius * size * scale};

    if (layer->shape == LOOK_POLYGON) {
        draw_polygon(p, layer, &frame, colors);
    } else if (layer->shape == LOOK_GLOW) {
        paint_glow(p->paint, circle, colors.fill);
    } else {
        if (colors.fill.a > 0) paint_disc(p->paint, circle, colors.fill);
        if (colors.stroke.a > 0) paint_ring(p->paint, circle, layer->width * scale, colors.stroke);
    }
}

static void draw_trail(const struct painting *p, const struct look_trail *look)
{
    const struct trail_sample sample = {p->place, p->scene->now_s, look->seconds};
    const struct trail *trail = trails_note(&p->entities->trails, p->drawn, &sample);
    struct rgba color = look_colour(p->scene->look, &look->colour, &p->subject, &p->scene->facts);
    struct point points[TRAIL_POINTS_MAX];
    float strengths[TRAIL_POINTS_MAX];

    for (uint16_t i = 0; i < trail->count; i++) {
        double age_s = p->scene->now_s - trail->times_s[i];
        points[i] = camera_pixel(p->camera, trail->points[i]);
        strengths[i] = fmaxf(0, 1 - (float)age_s / look->seconds);
    }
    struct line line = {points, trail->count, false, look->width * p->camera->scale};
    paint_ribbon(p->paint, &line, strengths, rgba_faded(color, look->alpha));
}

/* Prepares `p` for one entity; false if it is not of this kind or does not show. */
static bool take_entity(struct painting *p, uint32_t index, uint8_t kind)
{
    const struct drawn *d = &p->scene->drawn[index];
    if (d->kind != kind) return false;

    p->drawn = d;
    p->subject = scene_subject(d);
    p->place = scene_place(p->scene, d);
    p->alpha = d->flags & DRAWN_HELD ? HELD_ALPHA : 1;
    return camera_sees(p->camera, p->place, SEEN_UNITS) &&
           look_holds(&p->scene->look->kinds[kind - 1].when, &p->subject);
}

static void draw_kind(struct painting *p, uint8_t kind)
{
    const struct look_kind *look = &p->scene->look->kinds[kind - 1];

    paint_set_light(p->paint, true);
    for (uint32_t i = 0; look->trail.colour.source != LOOK_COLOUR_NONE && i < p->scene->count; i++)
        if (take_entity(p, i, kind)) draw_trail(p, &look->trail);
    paint_set_light(p->paint, false);

    for (uint32_t i = 0; i < p->scene->count; i++) {
        if (!take_entity(p, i, kind)) continue;
        for (uint8_t j = 0; j < look->layer_count; j++)
            if (look_holds(&look->layers[j].when, &p->subject)) draw_layer(p, &look->layers[j]);
    }
}

void entities_draw(struct entities *e, struct screen *screen, const struct camera *camera,
                   const struct scene *scene)
{
    struct painting p = {.entities = e, .paint = screen->paint, .camera = camera, .scene = scene};

    for (uint8_t i = 0; i < scene->look->order_count; i++)
        draw_kind(&p, scene->look->order[i]);
}

/* ---- names and bars ---- */

static void draw_name(const struct painting *p, struct text *text, float offset)
{
    const struct look_facts *facts = &p->scene->facts;
    const char *name = facts->name(facts->source, p->subject.owner);
    struct point at = camera_pixel(p->camera, (struct point){p->place.x, p->place.y + offset});
    struct text_style style = {.size = NAME_SIZE * fmaxf(1, p->camera->scale),
                               .is_bold = true,
                               .align = TEXT_CENTRE,
                               .color = {0, 0, 0, 160}};

    text_draw(text, (struct point){at.x + 1, at.y + 1}, name, &style);
    style.color = look_seat_colour(p->scene->look, &p->scene->facts, p->subject.owner);
    text_draw(text, (struct point){at.x, at.y}, name, &style);
}

static void draw_bar(const struct painting *p, const struct look_bar *bar)
{
    float scale = p->camera->scale;
    float part = fmaxf(0, fminf(1, (float)p->subject.words[bar->word] / bar->max));
    struct point at = camera_pixel(
        p->camera, (struct point){p->place.x - bar->width / 2, p->place.y + bar->offset});
    const struct look_colour *colour =
        part < LOW_PART && bar->low.source != LOOK_COLOUR_NONE ? &bar->low : &bar->colour;
    float rim = BAR_RIM * scale, height = BAR_HEIGHT * scale, width = bar->width * scale;

    struct rgba back = look_colour(p->scene->look, &bar->back, &p->subject, &p->scene->facts);
    struct rgba front = look_colour(p->scene->look, colour, &p->subject, &p->scene->facts);
    if (back.a > 0)
        paint_rect(p->paint, (SDL_FRect){at.x - rim, at.y - rim, width + 2 * rim, height + 2 * rim},
                   back);
    if (part > 0) paint_rect(p->paint, (SDL_FRect){at.x, at.y, width * part, height}, front);
}

void entities_draw_labels(struct screen *screen, const struct camera *camera,
                          const struct scene *scene)
{
    struct painting p = {.paint = screen->paint, .camera = camera, .scene = scene};

    for (uint8_t i = 0; i < scene->look->order_count; i++) {
        uint8_t kind = scene->look->order[i];
        const struct look_kind *look = &scene->look->kinds[kind - 1];
        if (!look->has_name && look->bar_count == 0) continue;
        for (uint32_t j = 0; j < scene->count; j++) {
            if (!take_entity(&p, j, kind) || p.subject.is_own) continue;
            for (uint8_t b = 0; b < look->bar_count; b++)
                draw_bar(&p, &look->bars[b]);
            if (look->has_name) draw_name(&p, screen->text, look->name_offset);
        }
    }
}
