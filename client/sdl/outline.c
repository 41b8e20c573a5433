#include "client/sdl/outline.h"

#include <math.h>
#include <stdbool.h>

#include "shared/check.h"

#define TINY 1e-6f

/* Twice the area of the triangle, negative if it turns the other way. */
static float cross(struct point a, struct point b, struct point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static float turning(const struct point *points, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct point a = points[i], b = points[(i + 1) % count];
        sum += a.x * b.y - b.x * a.y;
    }
    return sum < 0 ? -1.0f : 1.0f;
}

static bool is_inside(struct point p, struct point a, struct point b, struct point c, float way)
{
    return cross(a, b, p) * way > TINY && cross(b, c, p) * way > TINY &&
           cross(c, a, p) * way > TINY;
}

/* The corners not clipped yet, as a list of indexes. */
struct rest {
    const struct point *points;
    uint8_t left[OUTLINE_POINTS_MAX];
    size_t count;
    float way;
};

static bool is_ear(const struct rest *r, size_t at)
{
    struct point a = r->points[r->left[(at + r->count - 1) % r->count]];
    struct point b = r->points[r->left[at]];
    struct point c = r->points[r->left[(at + 1) % r->count]];

    if (cross(a, b, c) * r->way < 0) return false;
    for (size_t i = 0; i < r->count; i++) {
        if (is_inside(r->points[r->left[i]], a, b, c, r->way)) return false;
    }
    return true;
}

static bool clip_ear(struct rest *r, uint8_t triangle[3])
{
    for (size_t at = 0; at < r->count; at++) {
        if (!is_ear(r, at)) continue;
        triangle[0] = r->left[(at + r->count - 1) % r->count];
        triangle[1] = r->left[at];
        triangle[2] = r->left[(at + 1) % r->count];
        r->count--;
        for (size_t i = at; i < r->count; i++)
            r->left[i] = r->left[i + 1];
        return true;
    }
    return false;
}

size_t outline_triangulate(const struct point *points, size_t count,
                           uint8_t indices[OUTLINE_INDICES_MAX])
{
    ASSERT(count >= 3 && count <= OUTLINE_POINTS_MAX);
    struct rest rest = {.points = points, .count = count, .way = turning(points, count)};
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        rest.left[i] = (uint8_t)i;
    while (rest.count >= 3 && clip_ear(&rest, indices + used))
        used += 3;
    return used;
}

static struct point edge_normal(struct point a, struct point b, float way)
{
    float x = b.x - a.x, y = b.y - a.y;
    float length = sqrtf(x * x + y * y);
    if (length < TINY) return (struct point){0, 0};
    return (struct point){y / length * way, -x / length * way};
}

void outline_normals(const struct point *points, size_t count, struct point *normals)
{
    float way = turning(points, count);

    for (size_t i = 0; i < count; i++) {
        struct point here = points[i];
        struct point in = edge_normal(points[(i + count - 1) % count], here, way);
        struct point out = edge_normal(here, points[(i + 1) % count], way);
        struct point sum = {in.x + out.x, in.y + out.y};
        /* 2 / |in + out|^2 makes the two edges move by exactly 1. */
        float square = sum.x * sum.x + sum.y * sum.y;
        float factor = square > TINY ? 2 / square : 0;
        float length = factor * sqrtf(square);
        if (length > OUTLINE_MITER_MAX) factor *= OUTLINE_MITER_MAX / length;
        normals[i] = (struct point){sum.x * factor, sum.y * factor};
    }
}
