#include "client/sdl/paint_sdl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/check.h"
#include "shared/host/error.h"

#define VERTICES_MAX  8192
#define INDICES_MAX   (3 * VERTICES_MAX)
#define GLOW_PIXELS   128
#define ARC_STEPS_MAX 48
#define CORNER_STEPS  4
#define PI            3.14159265f

/* Half the width over which an edge fades: one pixel in all. */
#define SOFT 0.5f

struct paint {
    SDL_Renderer *renderer;     /* borrowed */
    SDL_Texture *glow;          /* owned: white light, brightest in the middle; adds */
    SDL_Texture *batch_texture; /* what the batch is drawn with; NULL: plain colours */
    bool is_light;              /* and whether those add */
    SDL_Vertex vertices[VERTICES_MAX];
    int indices[INDICES_MAX];
    int vertex_count, index_count;
};

/* ---- the batch ---- */

void paint_flush(struct paint *p)
{
    if (p->index_count > 0) {
        (void)SDL_SetRenderDrawBlendMode(p->renderer,
                                         p->is_light ? SDL_BLENDMODE_ADD : SDL_BLENDMODE_BLEND);
        (void)SDL_RenderGeometry(p->renderer, p->batch_texture, p->vertices, p->vertex_count,
                                 p->indices, p->index_count);
    }
    p->vertex_count = p->index_count = 0;
}

void paint_set_light(struct paint *p, bool is_light)
{
    if (p->is_light != is_light) paint_flush(p);
    p->is_light = is_light;
}

/* Makes sure of room for a shape, and that the batch is drawn with `texture`. */
static void begin(struct paint *p, SDL_Texture *texture, size_t vertices, size_t indices)
{
    ASSERT(vertices <= VERTICES_MAX && indices <= INDICES_MAX);
    bool has_room = (size_t)p->vertex_count + vertices <= VERTICES_MAX &&
                    (size_t)p->index_count + indices <= INDICES_MAX;
    if (texture != p->batch_texture || !has_room) paint_flush(p);
    p->batch_texture = texture;
}

static int put_vertex(struct paint *p, float x, float y, struct rgba c)
{
    p->vertices[p->vertex_count] = (SDL_Vertex){.position = {x, y}, .color = {c.r, c.g, c.b, c.a}};
    return p->vertex_count++;
}

static void put_triangle(struct paint *p, int a, int b, int c)
{
    p->indices[p->index_count++] = a;
    p->indices[p->index_count++] = b;
    p->indices[p->index_count++] = c;
}

static void put_quad(struct paint *p, int a, int b, int c, int d)
{
    put_triangle(p, a, b, c);
    put_triangle(p, a, c, d);
}

/* ---- rectangles ---- */

void paint_gradient(struct paint *p, SDL_FRect rect, struct rgba top, struct rgba bottom)
{
    begin(p, NULL, 4, 6);
    int a = put_vertex(p, rect.x, rect.y, top);
    int b = put_vertex(p, rect.x + rect.w, rect.y, top);
    int c = put_vertex(p, rect.x + rect.w, rect.y + rect.h, bottom);
    int d = put_vertex(p, rect.x, rect.y + rect.h, bottom);
    put_quad(p, a, b, c, d);
}

void paint_rect(struct paint *p, SDL_FRect rect, struct rgba color)
{
    paint_gradient(p, rect, color, color);
}

/* ---- polygons ---- */

/* Fades from the corners at `first`.. outwards: the edge of a shape without steps. */
static void put_fringe(struct paint *p, int first, const struct point *points,
                       const struct point *normals, size_t count, struct rgba color)
{
    int outer = p->vertex_count;

    for (size_t i = 0; i < count; i++)
        (void)put_vertex(p, points[i].x + normals[i].x * SOFT, points[i].y + normals[i].y * SOFT,
                         rgba_faded(color, 0));
    for (size_t i = 0; i < count; i++) {
        int here = (int)i, next = (int)((i + 1) % count);
        put_quad(p, first + here, first + next, outer + next, outer + here);
    }
}

void paint_polygon(struct paint *p, const struct point *points, size_t count,
                   const uint8_t *indices, size_t index_count, struct rgba color)
{
    struct point normals[OUTLINE_POINTS_MAX];

    ASSERT(count <= OUTLINE_POINTS_MAX);
    outline_normals(points, count, normals);
    begin(p, NULL, 2 * count, index_count + 6 * count);
    int first = p->vertex_count;
    for (size_t i = 0; i < count; i++)
        (void)put_vertex(p, points[i].x - normals[i].x * SOFT, points[i].y - normals[i].y * SOFT,
                         color);
    for (size_t i = 0; i < index_count; i += 3)
        put_triangle(p, first + indices[i], first + indices[i + 1], first + indices[i + 2]);
    put_fringe(p, first, points, normals, count, color);
}

/* Four rows of vertices: faded, full, full, faded. */
static void put_stroke(struct paint *p, const struct point *points, const struct point *normals,
                       size_t count, bool is_closed, float width, struct rgba color)
{
    /* A line thinner than a pixel is a fainter line of one pixel. */
    if (width < 1) color = rgba_faded(color, width);
    float half = width < 1 ? 0.5f : width / 2;
    const float offsets[4] = {-half - SOFT, -half + SOFT, half - SOFT, half + SOFT};
    int first = p->vertex_count;

    for (size_t i = 0; i < count; i++) {
        for (int row = 0; row < 4; row++)
            (void)put_vertex(p, points[i].x + normals[i].x * offsets[row],
                             points[i].y + normals[i].y * offsets[row],
                             row == 0 || row == 3 ? rgba_faded(color, 0) : color);
    }
    for (size_t i = 0; i + (is_closed ? 0 : 1) < count; i++) {
        int here = first + 4 * (int)i, next = first + 4 * (int)((i + 1) % count);
        for (int row = 0; row < 3; row++)
            put_quad(p, here + row, next + row, next + row + 1, here + row + 1);
    }
}

/* The ends of an open line have one neighbour only. */
static void line_normals(const struct point *points, size_t count, struct point *normals)
{
    for (size_t i = 0; i < count; i++) {
        struct point a = points[i > 0 ? i - 1 : 0], b = points[i + 1 < count ? i + 1 : i];
        float x = b.x - a.x, y = b.y - a.y, length = sqrtf(x * x + y * y);
        normals[i] = length > 0 ? (struct point){y / length, -x / length} : (struct point){0, 0};
    }
}

void paint_line(struct paint *p, const struct point *points, size_t count, bool is_closed,
                float width, struct rgba color)
{
    struct point normals[OUTLINE_POINTS_MAX];

    ASSERT(count <= OUTLINE_POINTS_MAX);
    if (count < 2) return;
    if (is_closed)
        outline_normals(points, count, normals);
    else
        line_normals(points, count, normals);
    begin(p, NULL, 4 * count, 18 * count);
    put_stroke(p, points, normals, count, is_closed, width, color);
}

void paint_ribbon(struct paint *p, const struct point *points, const float *strengths, size_t count,
                  float width, struct rgba color)
{
    struct point normals[OUTLINE_POINTS_MAX];

    ASSERT(count <= OUTLINE_POINTS_MAX);
    if (count < 2) return;
    line_normals(points, count, normals);
    begin(p, NULL, 3 * count, 12 * count);
    int first = p->vertex_count;
    for (size_t i = 0; i < count; i++) {
        float half = width * strengths[i] / 2 + SOFT;
        struct rgba middle = rgba_faded(color, strengths[i]);
        for (int row = -1; row <= 1; row++)
            (void)put_vertex(p, points[i].x + normals[i].x * half * (float)row,
                             points[i].y + normals[i].y * half * (float)row,
                             row == 0 ? middle : rgba_faded(color, 0));
    }
    for (size_t i = 0; i + 1 < count; i++) {
        int here = first + 3 * (int)i;
        put_quad(p, here, here + 3, here + 4, here + 1);
        put_quad(p, here + 1, here + 4, here + 5, here + 2);
    }
}

/* ---- round things ---- */

static size_t steps_of(float radius, float sweep)
{
    float steps = 4 + fabsf(sweep) * sqrtf(radius > 0 ? radius : 0) * 1.2f;
    return steps < ARC_STEPS_MAX ? (size_t)steps : ARC_STEPS_MAX;
}

/* Writes `count` points of an arc and the normals that point away from its centre. */
static void arc_points(struct point centre, float radius, float start, float step, size_t count,
                       struct point *points, struct point *normals)
{
    for (size_t i = 0; i < count; i++) {
        float angle = start + step * (float)i;
        normals[i] = (struct point){cosf(angle), sinf(angle)};
        points[i] =
            (struct point){centre.x + normals[i].x * radius, centre.y + normals[i].y * radius};
    }
}

/* A convex polygon, filled from its first corner. */
static void put_convex(struct paint *p, const struct point *points, const struct point *normals,
                       size_t count, struct rgba color)
{
    begin(p, NULL, 2 * count, 9 * count);
    int first = p->vertex_count;
    for (size_t i = 0; i < count; i++)
        (void)put_vertex(p, points[i].x - normals[i].x * SOFT, points[i].y - normals[i].y * SOFT,
                         color);
    for (size_t i = 1; i + 1 < count; i++)
        put_triangle(p, first, first + (int)i, first + (int)i + 1);
    put_fringe(p, first, points, normals, count, color);
}

void paint_disc(struct paint *p, struct point centre, float radius, struct rgba color)
{
    struct point points[ARC_STEPS_MAX], normals[ARC_STEPS_MAX];
    size_t count = steps_of(radius, 2 * PI);

    if (radius <= 0) return;
    arc_points(centre, radius, 0, 2 * PI / (float)count, count, points, normals);
    put_convex(p, points, normals, count, color);
}

void paint_ring(struct paint *p, struct point centre, float radius, float width, struct rgba color)
{
    struct point points[ARC_STEPS_MAX], normals[ARC_STEPS_MAX];
    size_t count = steps_of(radius, 2 * PI);

    if (radius <= 0) return;
    arc_points(centre, radius, 0, 2 * PI / (float)count, count, points, normals);
    begin(p, NULL, 4 * count, 18 * count);
    put_stroke(p, points, normals, count, true, width, color);
}

void paint_arc(struct paint *p, struct point centre, float radius, float width, float start,
               float sweep, struct rgba color)
{
    struct point points[ARC_STEPS_MAX], normals[ARC_STEPS_MAX];
    size_t count = steps_of(radius, sweep);

    if (radius <= 0) return;
    arc_points(centre, radius, start, sweep / (float)(count - 1), count, points, normals);
    begin(p, NULL, 4 * count, 18 * count);
    put_stroke(p, points, normals, count, false, width, color);
}

void paint_panel(struct paint *p, SDL_FRect rect, float radius, struct rgba color)
{
    struct point points[4 * (CORNER_STEPS + 1)], normals[4 * (CORNER_STEPS + 1)];
    size_t count = 0;

    for (int corner = 0; corner < 4; corner++) {
        bool is_right = corner == 0 || corner == 3, is_low = corner < 2;
        struct point centre = {is_right ? rect.x + rect.w - radius : rect.x + radius,
                               is_low ? rect.y + rect.h - radius : rect.y + radius};
        arc_points(centre, radius, (float)corner * PI / 2, PI / 2 / CORNER_STEPS, CORNER_STEPS + 1,
                   points + count, normals + count);
        count += CORNER_STEPS + 1;
    }
    put_convex(p, points, normals, count, color);
}

/* ---- light ---- */

void paint_glow(struct paint *p, struct point centre, float radius, struct rgba color)
{
    begin(p, p->glow, 4, 6);
    int first = p->vertex_count;
    for (int i = 0; i < 4; i++) {
        float u = i == 1 || i == 2 ? 1 : 0, v = i >= 2 ? 1 : 0;
        int at =
            put_vertex(p, centre.x + (2 * u - 1) * radius, centre.y + (2 * v - 1) * radius, color);
        p->vertices[at].tex_coord = (SDL_FPoint){u, v};
    }
    put_quad(p, first, first + 1, first + 2, first + 3);
}

/* Near to 1 / r^2, which is how light falls off, but ends at the rim. */
static float light_at(float radius)
{
    static const struct point stops[] = {
        {0, 0.9f}, {0.12f, 0.6f}, {0.3f, 0.26f}, {0.55f, 0.08f}, {1, 0}};

    for (size_t i = 1; i < sizeof stops / sizeof stops[0]; i++) {
        struct point low = stops[i - 1], high = stops[i];
        if (radius <= high.x) return low.y + (high.y - low.y) * (radius - low.x) / (high.x - low.x);
    }
    return 0;
}

static SDL_Texture *create_glow(SDL_Renderer *renderer)
{
    SDL_Texture *texture = SDL_CreateTexture(renderer, SDL_PIXELFORMAT_ARGB8888,
                                             SDL_TEXTUREACCESS_STATIC, GLOW_PIXELS, GLOW_PIXELS);
    uint32_t *pixels = malloc(GLOW_PIXELS * GLOW_PIXELS * sizeof *pixels);
    if (texture == NULL || pixels == NULL) {
        free(pixels);
        return NULL;
    }

    for (int y = 0; y < GLOW_PIXELS; y++) {
        for (int x = 0; x < GLOW_PIXELS; x++) {
            float dx = ((float)x + 0.5f) / (GLOW_PIXELS / 2) - 1;
            float dy = ((float)y + 0.5f) / (GLOW_PIXELS / 2) - 1;
            float light = light_at(sqrtf(dx * dx + dy * dy));
            pixels[y * GLOW_PIXELS + x] = 0xffffffu | (uint32_t)(light * 255) << 24;
        }
    }
    (void)SDL_UpdateTexture(texture, NULL, pixels, GLOW_PIXELS * sizeof *pixels);
    free(pixels);
    (void)SDL_SetTextureBlendMode(texture, SDL_BLENDMODE_ADD);
    (void)SDL_SetTextureScaleMode(texture, SDL_ScaleModeLinear);
    return texture;
}

enum result paint_create(struct paint **paint, SDL_Renderer *renderer, struct error *error)
{
    struct paint *p = calloc(1, sizeof *p);

    if (p != NULL) p->glow = create_glow(renderer);
    if (p == NULL || p->glow == NULL) {
        paint_destroy(p);
        (void)error_set(error, RESULT_IO, "cannot draw: %s", SDL_GetError());
        return error->code;
    }
    p->renderer = renderer;
    (void)SDL_SetRenderDrawBlendMode(renderer, SDL_BLENDMODE_BLEND);
    *paint = p;
    return RESULT_OK;
}

void paint_destroy(struct paint *p)
{
    if (p == NULL) return;
    if (p->glow != NULL) SDL_DestroyTexture(p->glow);
    free(p);
}

SDL_Renderer *paint_renderer(struct paint *p)
{
    return p->renderer;
}
