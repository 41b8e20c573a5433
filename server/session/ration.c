#include "server/session/ration.h"

#include "shared/check.h"

#define QUIET_BITS  2 /* an update that says "as expected" takes no more */
#define URGENCY_MAX 255

/* What is chosen from, and how much there is for it. */
struct choice {
    uint16_t order[VIEW_ENTITIES_MAX]; /* indexes of the plan, ascending at first */
    uint32_t count;
    uint32_t room_bits;
};

static bool is_within(int32_t at, int32_t middle, int32_t half)
{
    int64_t distance = (int64_t)at - middle;
    return distance <= half && distance >= -half;
}

/* What has no place stands between near and far. */
static unsigned weight_of(const struct viewer *v, const struct viewer_plan *p, uint32_t i)
{
    const struct entity *e = frame_entity(p->now, p->slots[i]);
    const struct entity_kind *kind = &v->view->schema->table->kinds[e->kind - 1];
    const struct interest_view *look = &p->look;
    if (p->cost_bits[i] <= QUIET_BITS) return 0;
    if (kind->flags & KIND_EVERYWHERE) return 2;
    int32_t x = e->words[kind->x_word], y = e->words[kind->y_word];
    if (is_within(x, look->x, look->half_x / 4) && is_within(y, look->y, look->half_y / 4))
        return 4;
    if (is_within(x, look->x, look->half_x / 2) && is_within(y, look->y, look->half_y / 2))
        return 2;
    return 1;
}

/* Whom the player is after, as the game sees it; SLOT_NONE: nobody. */
static uint16_t find_target(const struct viewer *v, const struct viewer_plan *p)
{
    const struct entity *entities[VIEW_ENTITIES_MAX];
    const struct room_settings *settings = room_settings(v->view->room);
    if (settings->game->target == NULL || p->look.own_slot == SLOT_NONE) return SLOT_NONE;
    for (uint32_t i = 0; i < p->count; i++)
        entities[i] = frame_entity(p->now, p->slots[i]);
    const struct game_view view = {.tick = p->now->tick,
                                   .seat = v->seat,
                                   .map = settings->map,
                                   .own = frame_entity(p->now, p->look.own_slot),
                                   .entities = entities,
                                   .slots = p->slots,
                                   .count = p->count};
    return settings->game->target(&view);
}

static bool is_mate(const struct viewer_plan *p, uint16_t slot)
{
    for (uint32_t i = 0; i < p->kept_count; i++) {
        if (p->kept[i] == slot) return true;
    }
    return false;
}

static bool must_be_in(const struct viewer *v, const struct viewer_plan *p, uint32_t i,
                       uint16_t target)
{
    const struct mosaic_piece *piece = &v->mosaic->pieces[p->old[i]];
    uint32_t age_ticks = p->now->tick - v->base_tick + piece->behind_ticks;
    uint16_t slot = p->slots[i];
    return age_ticks > MOSAIC_WAIT_TICKS || slot == p->look.own_slot || slot == target ||
           is_mate(p, slot);
}

static void take(struct choice *c, struct viewer_plan *p, uint32_t i)
{
    p->is_left_out[i] = false;
    c->room_bits -= c->room_bits < p->cost_bits[i] ? c->room_bits : p->cost_bits[i];
}

/* Takes who must be in and lists the others. */
static void begin(const struct viewer *v, struct viewer_plan *p, struct choice *c)
{
    uint16_t target = find_target(v, p);
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->is_new[i]) continue;
        if (must_be_in(v, p, i, target)) {
            take(c, p, i);
            continue;
        }
        unsigned urgency = v->mosaic->pieces[p->old[i]].urgency + weight_of(v, p, i);
        p->urgency[i] = (uint16_t)(urgency < URGENCY_MAX ? urgency : URGENCY_MAX);
        p->is_left_out[i] = true;
        c->order[c->count++] = (uint16_t)i;
    }
}

/* By counting, so that nothing is allocated; equally urgent ones stay as they are. */
static void sort(struct choice *c, const uint16_t *urgency)
{
    uint16_t start[URGENCY_MAX + 2] = {0}, sorted[VIEW_ENTITIES_MAX];
    for (uint32_t i = 0; i < c->count; i++)
        start[URGENCY_MAX - urgency[c->order[i]] + 1]++;
    for (unsigned i = 0; i <= URGENCY_MAX; i++)
        start[i + 1] = (uint16_t)(start[i + 1] + start[i]);
    for (uint32_t i = 0; i < c->count; i++)
        sorted[start[URGENCY_MAX - urgency[c->order[i]]]++] = c->order[i];
    for (uint32_t i = 0; i < c->count; i++)
        c->order[i] = sorted[i];
}

/* What the updates may have: what the rest of the message leaves, but no less than a tick's share. */
static uint32_t room_for(const struct viewer *v, const struct viewer_plan *p, uint32_t length_bytes,
                         uint32_t budget_bytes)
{
    uint32_t cost_bits = 0, known_count = p->count - p->new_count;
    for (uint32_t i = 0; i < p->count; i++)
        cost_bits += p->is_new[i] ? 0 : p->cost_bits[i];
    uint32_t rest_bits = 8 * length_bytes - cost_bits + known_count;
    uint32_t room_bits = 8 * budget_bytes > rest_bits ? 8 * budget_bytes - rest_bits : 0;
    uint32_t share_bits = cost_bits * (p->now->tick - v->base_tick) / MOSAIC_WAIT_TICKS;
    return room_bits > share_bits ? room_bits : share_bits;
}

bool ration_choose(struct viewer *v, struct viewer_plan *p, uint32_t length_bytes,
                   uint32_t budget_bytes)
{
    ASSERT(p->base != NULL && !p->is_partial);

    struct choice c = {.room_bits = room_for(v, p, length_bytes, budget_bytes)};
    if (v->mosaic == NULL) v->mosaic = mosaic_take(v);
    if (v->mosaic == NULL) return false;
    viewer_match_list(v, p);
    begin(v, p, &c);
    sort(&c, p->urgency);
    uint32_t left_out = 0;
    for (uint32_t i = 0; i < c.count; i++) {
        if (p->cost_bits[c.order[i]] <= c.room_bits) {
            take(&c, p, c.order[i]);
        } else {
            left_out++;
        }
    }
    p->is_partial = left_out > 0;
    return p->is_partial;
}
