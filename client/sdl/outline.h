/* outline.h - the geometry of closed polygons: triangles to fill them, normals for soft edges.
 *
 * Place:   look_file triangulates the shapes of a look once; paint_sdl moves points along the
 *          normals for edges without steps and for glows.
 * Memory:  everything is the caller's.
 */
#ifndef TICKWIRE_CLIENT_SDL_OUTLINE_H
#define TICKWIRE_CLIENT_SDL_OUTLINE_H

#include <stddef.h>
#include <stdint.h>

#define OUTLINE_POINTS_MAX  64
#define OUTLINE_INDICES_MAX (3 * (OUTLINE_POINTS_MAX - 2))
#define OUTLINE_MITER_MAX   2.0f /* how far a sharp corner may reach, in widths */

struct point {
    float x, y;
};

/* Cuts points[0..count) (3..OUTLINE_POINTS_MAX, either way round, no crossings) into triangles by
 * clipping ears. Returns the number of indices; a polygon that crosses itself gives fewer. */
size_t outline_triangulate(const struct point *points, size_t count,
                           uint8_t indices[OUTLINE_INDICES_MAX]);

/* Computes for each corner how it moves when the outline grows by 1. */
void outline_normals(const struct point *points, size_t count, struct point *normals);

#endif
