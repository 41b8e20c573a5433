#include "server/session/mates.h"

#include "shared/bytes.h"
#include "shared/check.h"

static int64_t distance(int32_t a, int32_t b, int32_t wraps_at)
{
    int64_t d = (int64_t)a - b;
    if (d < 0) d = -d;
    return wraps_at > 0 && d > wraps_at / 2 ? wraps_at - d : d;
}

static bool is_in_sight(const struct frame *f, const struct interest_view *look,
                        const struct entity *e)
{
    const struct entity_kind *kind = &f->schema->table->kinds[e->kind - 1];
    if (kind->flags & KIND_EVERYWHERE) return true;
    int64_t x = distance(e->words[kind->x_word], look->x, look->wraps_at);
    int64_t y = distance(e->words[kind->y_word], look->y, look->wraps_at);
    if (look->is_circle) return x * x + y * y <= (int64_t)look->half_x * look->half_x;
    return x <= look->half_x && y <= look->half_y;
}

/* Returns where `slot` stands among slots[0..count), or where it would. */
static uint32_t place_of(const uint16_t *slots, uint32_t count, uint16_t slot)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slots[middle] < slot) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* It was going to be removed from the old list for being out of sight: it stays. True if it did. */
static bool keep_member(const struct viewer *v, struct viewer_plan *p, uint16_t slot)
{
    for (uint32_t i = 0; i < p->removed_count; i++) {
        const struct interest_member *member = &v->members[p->removed[i]];
        if (member->slot != slot || member->identity != frame_identity(p->now, slot)) continue;
        bytes_move(&p->removed[i], &p->removed[i + 1],
                   (p->removed_count - i - 1) * sizeof p->removed[0]);
        p->removed_count--;
        return true;
    }
    return false;
}

static void put(const struct viewer *v, struct viewer_plan *p, uint16_t slot)
{
    uint32_t at = place_of(p->slots, p->count, slot);
    bool is_there = at < p->count && p->slots[at] == slot;
    p->kept[p->kept_count++] = slot;
    if (is_there || p->count >= v->member_room || p->count >= VIEW_ENTITIES_MAX) return;
    bytes_move(&p->slots[at + 1], &p->slots[at], (p->count - at) * sizeof p->slots[0]);
    bytes_move(&p->is_new[at + 1], &p->is_new[at], (p->count - at) * sizeof p->is_new[0]);
    p->slots[at] = slot;
    p->is_new[at] = !keep_member(v, p, slot);
    p->new_count += p->is_new[at];
    p->count++;
}

void mates_put(const struct viewer *v, struct viewer_plan *p)
{
    const struct game *game = room_settings(v->view->room)->game;
    struct mate mates[MATES_MAX];
    p->kept_count = 0;
    bool has_mates = game->mates != NULL && p->look.own_slot != SLOT_NONE &&
                     frame_entity(p->now, p->look.own_slot) != NULL;
    if (!has_mates) return;
    uint32_t count = game->mates(p->now->state, p->look.own_slot, mates);
    ASSERT(count <= MATES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const struct entity *e = frame_entity(p->now, mates[i].slot);
        if (e == NULL) continue;
        if (mates[i].is_shown_afar || is_in_sight(p->now, &p->look, e)) put(v, p, mates[i].slot);
    }
}
