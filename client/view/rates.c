#include "client/view/rates.h"

#define SECOND_US 1000000

void rates_init(struct rates *r)
{
    *r = (struct rates){0};
}

static void roll(struct rates *r, uint64_t now_us)
{
    uint64_t second = now_us / SECOND_US;
    if (second == r->second) return;

    r->whole = second == r->second + 1 ? r->now : (struct rates_window){0};
    r->now = (struct rates_window){0};
    r->second = second;
}

void rates_note_update(struct rates *r, uint64_t now_us)
{
    roll(r, now_us);
    r->now.updates++;
}

void rates_note_bytes(struct rates *r, size_t length_bytes, uint64_t now_us)
{
    roll(r, now_us);
    r->now.bytes += (uint32_t)length_bytes;
}

uint32_t rates_updates_per_s(struct rates *r, uint64_t now_us)
{
    roll(r, now_us);
    return r->whole.updates;
}

uint32_t rates_bytes_per_s(struct rates *r, uint64_t now_us)
{
    roll(r, now_us);
    return r->whole.bytes;
}
