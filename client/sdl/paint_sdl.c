#include "client/sdl/paint_sdl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"

#define VERTICES_MAX     8192
#define INDICES_MAX      (3 * VERTICES_MAX)
#define GLOW_PIXELS      128
#define CIRCLE_STEPS_MAX 48
#define STEPS_PER_TURN   1.2f
#define CORNER_STEPS     4
#define PI               3.14159265f

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

/* ---- edges ---- */

/* A row of points and how each moves when the shape grows by 1. */
struct edge {
    struct point points[OUTLINE_POINTS_MAX], normals[OUTLINE_POINTS_MAX];
    size_t count;
    bool is_closed;
};

/* Puts a vertex beside the i-th point, `offset` outwards. */
static int put_beside(struct paint *p, const struct edge *e, size_t i, float offset,
                      struct rgba color)
{
    return put_vertex(p, e->points[i].x + e->normals[i].x * offset,
                      e->points[i].y + e->normals[i].y * offset, color);
}

/* The ends of an open line have one neighbour only. */
static void open_normals(struct edge *e)
{
    for (size_t i = 0; i < e->count; i++) {
        struct point a = e->points[i > 0 ? i - 1 : 0];
        struct point b = e->points[i + 1 < e->count ? i + 1 : i];
        float x = b.x - a.x, y = b.y - a.y, length = sqrtf(x * x + y * y);
        e->normals[i] = length > 0 ? (struct point){y / length, -x / length} : (struct point){0, 0};
    }
}

static void edge_init(struct edge *e, const struct point *points, size_t count, bool is_closed)
{
    ASSERT(count <= OUTLINE_POINTS_MAX);
    e->count = count;
    e->is_closed = is_closed;
    bytes_copy(e->points, points, count * sizeof points[0]);
    if (is_closed)
        outline_normals(points, count, e->normals);
    else
        open_normals(e);
}

/* Appends `count` points on a circle, from the angle `start` on in equal steps. */
static void edge_add_arc(struct edge *e, struct circle circle, float start, float step,
                         size_t count)
{
    for (size_t i = 0; i < count; i++, e->count++) {
        float angle = start + step * (float)i;
        struct point normal = {cosf(angle), sinf(angle)};
        e->normals[e->count] = normal;
        e->points[e->count] = (struct point){circle.centre.x + normal.x * circle.radius,
                                             circle.centre.y + normal.y * circle.radius};
    }
}

static void edge_init_circle(struct edge *e, struct circle circle)
{
    float steps = 4 + 2 * PI * sqrtf(circle.radius) * STEPS_PER_TURN;
    size_t count = steps < CIRCLE_STEPS_MAX ? (size_t)steps : CIRCLE_STEPS_MAX;

    e->count = 0;
    e->is_closed = true;
    edge_add_arc(e, circle, 0, 2 * PI / (float)count, count);
}

/* ---- shapes ---- */

/* Puts the inner corners of a filled shape, and around them a fringe that fades: an edge without
 * steps. Returns the first corner. Needs room for 2 vertices and 6 indices per point. */
static int put_filled_edge(struct paint *p, const struct edge *e, struct rgba color)
{
    int inner = p->vertex_count, outer = inner + (int)e->count;

    for (size_t i = 0; i < e->count; i++)
        (void)put_beside(p, e, i, -SOFT, color);
    for (size_t i = 0; i < e->count; i++)
        (void)put_beside(p, e, i, SOFT, rgba_faded(color, 0));
    for (size_t i = 0; i < e->count; i++) {
        int here = (int)i, next = (int)((i + 1) % e->count);
        put_quad(p, inner + here, inner + next, outer + next, outer + here);
    }
    return inner;
}

void paint_polygon(struct paint *p, const struct polygon *polygon, struct rgba color)
{
    const uint8_t *indices = polygon->indices;
    struct edge edge;

    edge_init(&edge, polygon->points, polygon->count, true);
    begin(p, NULL, 2 * edge.count, 6 * edge.count + polygon->index_count);
    int first = put_filled_edge(p, &edge, color);
    for (size_t i = 0; i < polygon->index_count; i += 3)
        put_triangle(p, first + indices[i], first + indices[i + 1], first + indices[i + 2]);
}

/* A convex shape needs no triangles of its own: all begin at its first corner. */
static void fill_convex(struct paint *p, const struct edge *e, struct rgba color)
{
    begin(p, NULL, 2 * e->count, 9 * e->count);
    int first = put_filled_edge(p, e, color);
    for (size_t i = 1; i + 1 < e->count; i++)
        put_triangle(p, first, first + (int)i, first + (int)i + 1);
}

/* Four rows of vertices: faded, full, full, faded. */
static void stroke(struct paint *p, const struct edge *e, float width, struct rgba color)
{
    /* A line thinner than a pixel is a fainter line of one pixel. */
    if (width < 1) color = rgba_faded(color, width);
    float half = width < 1 ? 0.5f : width / 2;
    const float offsets[4] = {-half - SOFT, -half + SOFT, half - SOFT, half + SOFT};

    begin(p, NULL, 4 * e->count, 18 * e->count);
    int first = p->vertex_count;
    for (size_t i = 0; i < e->count; i++) {
        for (int row = 0; row < 4; row++)
            (void)put_beside(p, e, i, offsets[row],
                             row == 0 || row == 3 ? rgba_faded(color, 0) : color);
    }
    for (size_t i = 0; i + (e->is_closed ? 0 : 1) < e->count; i++) {
        int here = first + 4 * (int)i, next = first + 4 * (int)((i + 1) % e->count);
        for (int row = 0; row < 3; row++)
            put_quad(p, here + row, next + row, next + row + 1, here + row + 1);
    }
}

void paint_line(struct paint *p, const struct line *line, struct rgba color)
{
    struct edge edge;

    if (line->count < 2) return;
    edge_init(&edge, line->points, line->count, line->is_closed);
    stroke(p, &edge, line->width, color);
}

void paint_ribbon(struct paint *p, const struct line *line, const float *strengths,
                  struct rgba color)
{
    struct edge edge;

    if (line->count < 2) return;
    edge_init(&edge, line->points, line->count, false);
    begin(p, NULL, 3 * edge.count, 12 * edge.count);
    int first = p->vertex_count;
    for (size_t i = 0; i < edge.count; i++) {
        float half = line->width * strengths[i] / 2 + SOFT;
        (void)put_beside(p, &edge, i, -half, rgba_faded(color, 0));
        (void)put_beside(p, &edge, i, 0, rgba_faded(color, strengths[i]));
        (void)put_beside(p, &edge, i, half, rgba_faded(color, 0));
    }
    for (size_t i = 0; i + 1 < edge.count; i++) {
        int here = first + 3 * (int)i;
        put_quad(p, here, here + 3, here + 4, here + 1);
        put_quad(p, here + 1, here + 4, here + 5, here + 2);
    }
}

void paint_disc(struct paint *p, struct circle circle, struct rgba color)
{
    struct edge edge;

    if (circle.radius <= 0) return;
    edge_init_circle(&edge, circle);
    fill_convex(p, &edge, color);
}

void paint_ring(struct paint *p, struct circle circle, float width, struct rgba color)
{
    struct edge edge;

    if (circle.radius <= 0) return;
    edge_init_circle(&edge, circle);
    stroke(p, &edge, width, color);
}

void paint_panel(struct paint *p, SDL_FRect rect, float radius, struct rgba color)
{
    struct edge edge = {.is_closed = true};

    for (int corner = 0; corner < 4; corner++) {
        bool is_right = corner == 0 || corner == 3, is_low = corner < 2;
        struct circle circle = {{is_right ? rect.x + rect.w - radius : rect.x + radius,
                                 is_low ? rect.y + rect.h - radius : rect.y + radius},
                                radius};
        edge_add_arc(&edge, circle, (float)corner * PI / 2, PI / 2 / CORNER_STEPS,
                     CORNER_STEPS + 1);
    }
    fill_convex(p, &edge, color);
}

/* ---- light ---- */

void paint_glow(struct paint *p, struct circle circle, struct rgba color)
{
    begin(p, p->glow, 4, 6);
    int first = p->vertex_count;
    for (int i = 0; i < 4; i++) {
        float u = i == 1 || i == 2 ? 1 : 0, v = i >= 2 ? 1 : 0;
        int at = put_vertex(p, circle.centre.x + (2 * u - 1) * circle.radius,
                            circle.centre.y + (2 * v - 1) * circle.radius, color);
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
