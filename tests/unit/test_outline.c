#include "client/sdl/outline.h"

#include <math.h>

#include "tests/unit/suite.h"

static float area_of(const struct point *p, size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct point a = p[i], b = p[(i + 1) % count];
        sum += a.x * b.y - b.x * a.y;
    }
    return fabsf(sum) / 2;
}

/* The triangles cover as much as the polygon: none is missing, none lies outside. */
static void expect_covered(const struct point *points, size_t count)
{
    uint8_t indices[OUTLINE_INDICES_MAX];
    float sum = 0;
    size_t used = outline_triangulate(points, count, indices);

    ck_assert_uint_eq(used, 3 * (count - 2));
    for (size_t i = 0; i < used; i += 3) {
        struct point corners[3] = {points[indices[i]], points[indices[i + 1]],
                                   points[indices[i + 2]]};
        sum += area_of(corners, 3);
    }
    ck_assert_float_eq_tol(sum, area_of(points, count), 0.001f);
}

static const struct point square[] = {{0, 0}, {2, 0}, {2, 2}, {0, 2}};
static const struct point turned[] = {{0, 2}, {2, 2}, {2, 0}, {0, 0}};
static const struct point dart[] = {{16, 0}, {-4, 7.5f}, {-7, 0}, {-4, -7.5f}};
static const struct point arrow[] = {{-3, -13}, {-11, -9}, {-9, 0}, {-11, 9},
                                     {-3, 13},  {2, 5},    {2, -5}};
static const struct point cross[] = {{-1, -6}, {1, -6}, {1, -1}, {6, -1}, {6, 1},   {1, 1},
                                     {1, 6},   {-1, 6}, {-1, 1}, {-6, 1}, {-6, -1}, {-1, -1}};
static const struct point bolt[] = {{1, -6.5f},    {-4, 1},    {-0.6f, 1},
                                    {-1.4f, 6.5f}, {4, -1.4f}, {0.6f, -1.4f}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

START_TEST(polygons_are_covered_by_their_triangles)
{
    expect_covered(square, COUNT(square));
    expect_covered(turned, COUNT(turned));
    expect_covered(dart, COUNT(dart));
    expect_covered(arrow, COUNT(arrow));
    expect_covered(cross, COUNT(cross));
    expect_covered(bolt, COUNT(bolt));
}
END_TEST

START_TEST(what_is_no_polygon_ends)
{
    static const struct point line[] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}};
    static const struct point same[] = {{1, 1}, {1, 1}, {1, 1}};
    static const struct point crossed[] = {{0, 0}, {4, 4}, {4, 0}, {0, 4}};
    struct point normals[4];
    uint8_t indices[OUTLINE_INDICES_MAX];

    ck_assert_uint_le(outline_triangulate(line, 4, indices), 6);
    ck_assert_uint_le(outline_triangulate(same, 3, indices), 3);
    ck_assert_uint_le(outline_triangulate(crossed, 4, indices), 6);
    outline_normals(same, 3, normals);
    for (int i = 0; i < 3; i++)
        ck_assert(isfinite(normals[i].x) && isfinite(normals[i].y));
}
END_TEST

START_TEST(normals_point_outwards_whichever_way_round)
{
    struct point normals[4];

    outline_normals(square, 4, normals);
    ck_assert_float_eq_tol(normals[0].x, -1, 0.001f);
    ck_assert_float_eq_tol(normals[0].y, -1, 0.001f);
    ck_assert_float_eq_tol(normals[2].x, 1, 0.001f);
    outline_normals(turned, 4, normals);
    ck_assert_float_eq_tol(normals[0].x, -1, 0.001f);
    ck_assert_float_eq_tol(normals[0].y, 1, 0.001f);
}
END_TEST

START_TEST(a_sharp_corner_does_not_reach_far)
{
    static const struct point needle[] = {{100, 0}, {0, 0.5f}, {0, -0.5f}};
    struct point normals[3];

    outline_normals(needle, 3, normals);
    ck_assert_float_le(hypotf(normals[0].x, normals[0].y), OUTLINE_MITER_MAX + 0.001f);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("outline");

    tcase_add_test(tests, polygons_are_covered_by_their_triangles);
    tcase_add_test(tests, what_is_no_polygon_ends);
    tcase_add_test(tests, normals_point_outwards_whichever_way_round);
    tcase_add_test(tests, a_sharp_corner_does_not_reach_far);
    return suite_run("outline", tests);
}
