#include "server/session/mosaic.h"

#include "server/net/pool.h"
#include "server/session/viewer.h"
#include "shared/bytes.h"
#include "shared/check.h"

static uint32_t base_tick_of(const struct viewer *v, const struct mosaic_piece *piece)
{
    return v->base_tick - piece->behind_ticks;
}

const struct frame *mosaic_base(const struct viewer *v, const struct mosaic_piece *piece)
{
    return room_view_find(v->view, base_tick_of(v, piece));
}

const struct frame *mosaic_before(const struct viewer *v, const struct mosaic_piece *piece)
{
    if (piece->span_ticks == 0) return NULL;
    return room_view_find(v->view, base_tick_of(v, piece) - piece->span_ticks);
}

static void drop(const struct viewer *v, const struct mosaic_piece *piece)
{
    uint32_t tick = base_tick_of(v, piece);
    room_view_drop(v->view, tick);
    if (piece->span_ticks > 0) room_view_drop(v->view, tick - piece->span_ticks);
}

static uint8_t viewer_span(const struct viewer *v)
{
    return v->has_before ? (uint8_t)(v->base_tick - v->before_tick) : 0;
}

struct mosaic *mosaic_take(const struct viewer *v)
{
    struct mosaic *m = v->view->mosaics == NULL ? NULL : pool_take(v->view->mosaics);
    if (m == NULL) return NULL;
    m->count = v->member_count;
    for (uint32_t i = 0; i < m->count; i++) {
        m->pieces[i] = (struct mosaic_piece){.span_ticks = viewer_span(v)};
        room_view_hold(v->view, v->base_tick);
        if (v->has_before) room_view_hold(v->view, v->before_tick);
    }
    return m;
}

void mosaic_give(struct viewer *v)
{
    for (uint32_t i = 0; i < v->mosaic->count; i++)
        drop(v, &v->mosaic->pieces[i]);
    pool_give(v->view->mosaics, v->mosaic);
    v->mosaic = NULL;
}

static struct mosaic_piece start_piece(const struct viewer *v, const struct viewer_plan *p)
{
    struct mosaic_piece piece = {0};
    room_view_hold(v->view, p->now->tick);
    if (p->before == NULL) return piece;
    room_view_hold(v->view, p->before->tick);
    piece.span_ticks = (uint8_t)(p->now->tick - p->before->tick);
    return piece;
}

/* What was its base is now the one before: that hold goes on. */
static struct mosaic_piece tell_piece(const struct viewer *v, const struct viewer_plan *p,
                                      const struct mosaic_piece *old)
{
    uint32_t tick = base_tick_of(v, old);
    if (old->span_ticks > 0) room_view_drop(v->view, tick - old->span_ticks);
    room_view_hold(v->view, p->now->tick);
    return (struct mosaic_piece){.span_ticks = (uint8_t)(p->now->tick - tick)};
}

void mosaic_commit(struct viewer *v, const struct viewer_plan *p)
{
    struct mosaic *m = v->mosaic;
    struct mosaic_piece next[VIEW_ENTITIES_MAX];
    ASSERT(m->count == v->member_count && p->base != NULL);

    for (uint32_t i = 0; i < p->removed_count; i++)
        drop(v, &m->pieces[p->removed[i]]);
    for (uint32_t i = 0; i < p->count; i++) {
        const struct mosaic_piece *old = &m->pieces[p->old[i]];
        if (p->is_new[i]) {
            next[i] = start_piece(v, p);
        } else if (viewer_leaves_out(p, i)) {
            next[i] = *old;
            next[i].behind_ticks = (uint8_t)(old->behind_ticks + p->now->tick - v->base_tick);
            next[i].urgency = p->urgency[i];
        } else {
            next[i] = tell_piece(v, p, old);
        }
    }
    bytes_copy(m->pieces, next, p->count * sizeof next[0]);
    m->count = p->count;
}

bool mosaic_is_even(const struct viewer *v)
{
    for (uint32_t i = 0; i < v->mosaic->count; i++) {
        const struct mosaic_piece *piece = &v->mosaic->pieces[i];
        if (piece->behind_ticks > 0 || piece->span_ticks != viewer_span(v)) return false;
    }
    return true;
}
