#include "server/session/late.h"

#include <stdlib.h>

#include "shared/check.h"

struct late *late_create(struct room_view *live, uint32_t delay_ms)
{
    ASSERT(delay_ms > 0 && delay_ms <= LATE_MS_MAX);

    uint32_t capacity = delay_ms / TICK_MS + LATE_FRAMES_MORE;
    struct late *l = calloc(1, sizeof *l + capacity * sizeof l->frames[0]);
    if (l == NULL) return NULL;
    l->capacity = capacity;
    if (room_view_init(&l->view, live->room, live->worker, live->member_capacity) != RESULT_OK) {
        late_destroy(l);
        return NULL;
    }
    l->view.mosaics = live->mosaics;
    l->view.late_us = delay_ms * 1000;
    return l;
}

static struct frame *oldest(const struct late *l)
{
    return l->frames[l->first];
}

static void forget_oldest(struct late *l)
{
    l->first = (l->first + 1) % l->capacity;
    l->count--;
}

void late_destroy(struct late *l)
{
    if (l == NULL) return;
    for (; l->count > 0; forget_oldest(l))
        frame_release(oldest(l));
    room_view_deinit(&l->view);
    free(l);
}

void late_put(struct late *l, struct frame *frame)
{
    if (l->count == l->capacity) return;
    l->frames[(l->first + l->count++) % l->capacity] = frame_hold(frame);
}

bool late_show(struct late *l, uint64_t now_us)
{
    bool any = false;
    for (; l->count > 0 && oldest(l)->due_us + l->view.late_us <= now_us; forget_oldest(l)) {
        room_view_put_frame(&l->view, oldest(l));
        any = true;
    }
    return any;
}
