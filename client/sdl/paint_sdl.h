/* paint_sdl.h - the brush: smooth polygons, lines, discs and glows on an SDL_Renderer.
 *
 * Place:   everything that draws goes through it, text aside (text_sdl.h). It collects triangles
 *          and hands them to SDL in batches, so what is drawn later lies above.
 * Units:   pixels; y down.
 * Memory:  owns a batch and two textures, borrows the renderer.
 */
#ifndef TICKWIRE_CLIENT_SDL_PAINT_SDL_H
#define TICKWIRE_CLIENT_SDL_PAINT_SDL_H

#include <SDL_render.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/outline.h"
#include "client/sdl/rgba.h"
#include "shared/result.h"

struct paint;

/* Points are borrowed for the call; at most OUTLINE_POINTS_MAX. */
struct polygon {
    const struct point *points;
    size_t count;
    const uint8_t *indices; /* of outline_triangulate() */
    size_t index_count;
};

struct line {
    const struct point *points;
    size_t count;
    bool is_closed;
    float width;
};

struct circle {
    struct point centre;
    float radius;
};

enum result paint_create(struct paint **paint, SDL_Renderer *renderer, struct error *error);
void paint_destroy(struct paint *p);

SDL_Renderer *paint_renderer(struct paint *p);

/* Hands over what is collected; needed before anything else draws on the renderer. */
void paint_flush(struct paint *p);

/* From now on shapes add light to what is below, or cover it again. */
void paint_set_light(struct paint *p, bool is_light);

void paint_rect(struct paint *p, SDL_FRect rect, struct rgba color);

/* From `top` to `bottom`. */
void paint_gradient(struct paint *p, SDL_FRect rect, struct rgba top, struct rgba bottom);

/* A rectangle with round corners. */
void paint_panel(struct paint *p, SDL_FRect rect, float radius, struct rgba color);

/* Fills a polygon by its triangles. */
void paint_polygon(struct paint *p, const struct polygon *polygon, struct rgba color);

/* Strokes a line or the outline of a polygon. */
void paint_line(struct paint *p, const struct line *line, struct rgba color);

/* Strokes an open line, at each point as broad and as strong as strengths[] (0..1) says. */
void paint_ribbon(struct paint *p, const struct line *line, const float *strengths,
                  struct rgba color);

void paint_disc(struct paint *p, struct circle circle, struct rgba color);
void paint_ring(struct paint *p, struct circle circle, float width, struct rgba color);

/* Light that fades out to nothing at the circle; it adds to what is below. */
void paint_glow(struct paint *p, struct circle circle, struct rgba color);

#endif
