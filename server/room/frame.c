#include "server/room/frame.h"

#include "shared/check.h"

struct frame *frame_hold(struct frame *f)
{
    /* Whoever holds one reference may take another without any order. */
    unsigned before = atomic_fetch_add_explicit(&f->references, 1, memory_order_relaxed);
    ASSERT(before > 0);
    return f;
}

void frame_release(struct frame *f)
{
    /* What this thread read must be over before the room, which acquires, writes again. */
    unsigned before = atomic_fetch_sub_explicit(&f->references, 1, memory_order_release);
    ASSERT(before > 0);
}
