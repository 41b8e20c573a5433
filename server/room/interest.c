#include "server/room/interest.h"

#include "shared/bytes.h"
#include "shared/check.h"

#define WORD_BITS 64u

/* A candidate is one number that sorts by distance, then slot: 48 bits of squared distance (what
 * is farther than 2^24 simulation units counts as equally far) above 16 bits of slot. */
#define SLOT_BITS    16
#define DISTANCE_MAX ((UINT64_C(1) << 48) - 1)

/* Of a slot during a query. */
enum mark { MARK_LISTED = 1, MARK_HIT = 2 };

static size_t words_for(size_t bits)
{
    return (bits + WORD_BITS - 1) / WORD_BITS;
}

size_t interest_scratch_bytes(uint32_t slot_capacity)
{
    size_t slots = words_for(slot_capacity) * WORD_BITS;
    return slots / 8 + slots * (sizeof(uint64_t) + 2 * sizeof(uint16_t) + sizeof(uint8_t));
}

void interest_scratch_init(struct interest_scratch *s, void *memory, uint32_t slot_capacity)
{
    size_t words = words_for(slot_capacity), slots = words * WORD_BITS;
    bytes_zero(memory, interest_scratch_bytes(slot_capacity));
    s->slot_capacity = slot_capacity;
    s->order = memory;
    s->candidates = s->order + words;
    s->hits = (uint16_t *)(void *)(s->candidates + slots);
    s->fresh = s->hits + slots;
    s->marks = (uint8_t *)(void *)(s->fresh + slots);
}

/* ---- the viewer's list ---- */

/* Marks the members that are still the entities that were seen. */
static void mark_list(const struct frame *f, const struct interest_list *list, uint8_t *marks)
{
    const struct interest_member *members = list->members;
    const uint16_t *identities = f->identities;
    for (uint32_t i = 0, count = list->count; i < count; i++)
        marks[members[i].slot] = identities[members[i].slot] == members[i].identity;
}

/* ---- who is in sight ---- */

/* What a look around compares with, all in simulation units. */
struct sight {
    int32_t x, y;
    uint32_t near_x, near_y; /* the farthest that comes in */
    uint32_t far_x, far_y;   /* the farthest that stays in */
    uint32_t wraps_at;
    uint16_t own_slot;
    bool is_circle;
};

/* Counted a tenth nearer, d * 10 / 11 <= near: so d may be that much. */
static uint32_t farther(uint32_t near_sim)
{
    uint64_t far_sim = (((uint64_t)near_sim + 1) * 11 - 1) / 10;
    return far_sim < UINT32_MAX ? (uint32_t)far_sim : UINT32_MAX;
}

static struct sight sight_of(const struct interest_view *view)
{
    uint32_t half_x = (uint32_t)view->half_x, half_y = (uint32_t)view->half_y;
    struct sight sight = {.x = view->x,
                          .y = view->y,
                          .wraps_at = (uint32_t)view->wraps_at,
                          .own_slot = view->own_slot,
                          .is_circle = view->is_circle};
    if (view->is_circle) {
        sight.near_x = sight.near_y = sight.far_x = sight.far_y = half_x;
        return sight;
    }
    sight.near_x = half_x + half_x / 16;
    sight.near_y = half_y + half_y / 16;
    sight.far_x = farther(sight.near_x);
    sight.far_y = farther(sight.near_y);
    return sight;
}

static uint32_t distance(int32_t a, int32_t b, uint32_t wraps_at)
{
    uint32_t straight = a > b ? (uint32_t)a - (uint32_t)b : (uint32_t)b - (uint32_t)a;
    uint32_t round = wraps_at - straight;
    return wraps_at > 0 && round < straight ? round : straight;
}

/* Those of the grid's places from..to-1 whose middle of the view is `x`, `y`: its own, or where the
 * world comes round, its image beyond the edge. */
struct patch {
    uint32_t from, to;
    int64_t x, y;
};

/* The three below append to hits[] those of a patch that are in sight, and return how many hits
 * there are then. No branch depends on what is seen. */

static uint32_t look_in_circle(const struct frame_grid *grid, const struct sight *sight,
                               const struct patch *p, uint16_t *hits, uint32_t count)
{
    const uint16_t *slots = grid->slots;
    const int32_t *xs = grid->xs, *ys = grid->ys;
    const uint64_t radius = sight->near_x, radius_squared = radius * radius;
    const uint16_t own_slot = sight->own_slot;
    const int64_t x = p->x, y = p->y;
    for (uint32_t i = p->from, to = p->to; i < to; i++) {
        /* Squares of what lies beyond the radius may be more than 64 bits hold. */
        uint64_t dx = (uint64_t)(xs[i] - x), dy = (uint64_t)(ys[i] - y);
        bool is_near = (dx + radius <= 2 * radius) & (dy + radius <= 2 * radius);
        bool is_in = is_near & (dx * dx + dy * dy < radius_squared);
        hits[count] = slots[i];
        count += is_in & (slots[i] != own_slot);
    }
    return count;
}

static uint32_t look_in_rectangle(const struct frame_grid *grid, const struct sight *sight,
                                  const struct patch *p, const struct interest_scratch *s,
                                  uint32_t count)
{
    const uint16_t *slots = grid->slots;
    const int32_t *xs = grid->xs, *ys = grid->ys;
    const uint8_t *marks = s->marks;
    uint16_t *hits = s->hits;
    const struct sight from = *sight;
    const int64_t x = p->x, y = p->y;
    for (uint32_t i = p->from, to = p->to; i < to; i++) {
        int64_t dx = xs[i] - x, dy = ys[i] - y;
        uint64_t far_x = (uint64_t)(dx < 0 ? -dx : dx), far_y = (uint64_t)(dy < 0 ? -dy : dy);
        bool is_near = (far_x <= from.near_x) & (far_y <= from.near_y);
        bool is_far = (far_x <= from.far_x) & (far_y <= from.far_y);
        bool is_in = is_near | (is_far & (marks[slots[i]] == MARK_LISTED));
        hits[count] = slots[i];
        count += is_in & (slots[i] != from.own_slot);
    }
    return count;
}

/* For a view so wide that what lies on one side of it may lie on the other side too. */
static uint32_t look_both_ways(const struct frame_grid *grid, const struct sight *sight,
                               const struct patch *p, const struct interest_scratch *s,
                               uint32_t count)
{
    uint64_t radius = sight->near_x;
    for (uint32_t i = p->from; i < p->to; i++) {
        uint16_t slot = grid->slots[i];
        uint32_t dx = distance(grid->xs[i], sight->x, sight->wraps_at);
        uint32_t dy = distance(grid->ys[i], sight->y, sight->wraps_at);
        bool is_near = dx <= sight->near_x && dy <= sight->near_y;
        bool is_far = dx <= sight->far_x && dy <= sight->far_y;
        bool is_in = is_near || (is_far && s->marks[slot] == MARK_LISTED);
        if (sight->is_circle)
            is_in = is_near && (uint64_t)dx * dx + (uint64_t)dy * dy < radius * radius;
        s->hits[count] = slot;
        count += is_in && slot != sight->own_slot;
    }
    return count;
}

static uint32_t cell_of(int64_t position, unsigned cell_shift, uint32_t cell_count)
{
    if (position < 0) return 0;
    int64_t cell = position >> cell_shift;
    return cell < cell_count ? (uint32_t)cell : cell_count - 1;
}

/* Cells first..last of a row or a column, and by how much the world is shifted there. */
struct span {
    uint32_t first, last;
    int64_t shift;
};

/* The cells under the view along one axis: two spans where the world comes round in between. */
struct spans {
    uint32_t count;
    bool is_round; /* one span is all there is, and either way may be the shorter one */
    struct span items[2];
};

static struct spans find_spans(int64_t from, int64_t to, int64_t wraps_at, unsigned cell_shift,
                               uint32_t cell_count)
{
    struct spans spans = {
        .count = 1,
        .items = {{cell_of(from, cell_shift, cell_count), cell_of(to, cell_shift, cell_count), 0}}};
    bool is_over = from < 0, is_beyond = to >= wraps_at;
    if (wraps_at == 0 || (!is_over && !is_beyond)) return spans;

    uint32_t first = cell_of(is_over ? from + wraps_at : from, cell_shift, cell_count);
    uint32_t last = cell_of(is_beyond ? to - wraps_at : to, cell_shift, cell_count);
    if (to - from >= wraps_at || first <= last) {
        spans.is_round = true;
        spans.items[0] = (struct span){0, cell_count - 1, 0};
        return spans;
    }
    spans.count = 2;
    spans.items[0] = (struct span){0, last, is_beyond ? wraps_at : 0};
    spans.items[1] = (struct span){first, cell_count - 1, is_over ? -wraps_at : 0};
    return spans;
}

static uint32_t look_at(const struct frame_grid *grid, const struct sight *sight, bool is_round,
                        const struct patch *p, const struct interest_scratch *s, uint32_t count)
{
    if (is_round) return look_both_ways(grid, sight, p, s, count);
    if (sight->is_circle) return look_in_circle(grid, sight, p, s->hits, count);
    return look_in_rectangle(grid, sight, p, s, count);
}

/* Collects who is in sight from the cells under the view. Returns how many. */
static uint32_t look_around(const struct frame_grid *grid, const struct sight *sight,
                            const struct interest_scratch *s)
{
    const int64_t x = sight->x, y = sight->y;
    const struct spans columns = find_spans(x - sight->far_x, x + sight->far_x, sight->wraps_at,
                                            grid->cell_shift, grid->columns);
    const struct spans rows = find_spans(y - sight->far_y, y + sight->far_y, sight->wraps_at,
                                         grid->cell_shift, grid->rows);
    bool is_round = columns.is_round || rows.is_round;
    uint32_t count = 0;

    for (uint32_t i = 0; i < rows.count; i++) {
        const struct span *down = &rows.items[i];
        for (uint32_t row = down->first; row <= down->last; row++) {
            /* The cells of one row lie one behind the other. */
            const uint32_t *start = grid->cell_start + row * grid->columns;
            for (uint32_t j = 0; j < columns.count; j++) {
                const struct span *across = &columns.items[j];
                struct patch patch = {start[across->first], start[across->last + 1],
                                      x - across->shift, y - down->shift};
                count = look_at(grid, sight, is_round, &patch, s, count);
            }
        }
    }
    return count;
}

/* ---- where there are too many ---- */

static void swap(uint64_t *a, uint64_t *b)
{
    uint64_t kept = *a;
    *a = *b;
    *b = kept;
}

/* Moves the `wanted` smallest of values[0..count) to the front (Hoare's selection). */
static void select_smallest(uint64_t *values, uint32_t count, uint32_t wanted)
{
    uint32_t low = 0, high = count;
    while (high - low > 1) {
        uint64_t pivot = values[low + (high - low) / 2];
        uint32_t less = low, i = low, more = high;
        while (i < more) {
            if (values[i] < pivot) {
                swap(&values[i++], &values[less++]);
            } else if (values[i] > pivot) {
                swap(&values[i], &values[--more]);
            } else {
                i++;
            }
        }
        if (wanted < less) {
            high = less;
        } else if (wanted > more) {
            low = more;
        } else {
            return;
        }
    }
}

static uint64_t rank_of(const struct frame *f, const struct sight *sight, uint16_t slot,
                        const uint8_t *marks)
{
    const struct entity *e = &f->state->entities[slot];
    const struct entity_kind *kind = &f->schema->table->kinds[e->kind - 1];
    uint64_t dx = distance(e->words[kind->x_word], sight->x, sight->wraps_at);
    uint64_t dy = distance(e->words[kind->y_word], sight->y, sight->wraps_at);
    if (marks[slot] == MARK_LISTED && !sight->is_circle) {
        dx = dx * 10 / 11;
        dy = dy * 10 / 11;
    }
    uint64_t squared = dx * dx + dy * dy;
    return (squared < DISTANCE_MAX ? squared : DISTANCE_MAX) << SLOT_BITS | slot;
}

/* Leaves the `places` nearest of the `count` hits. */
static void keep_nearest(const struct frame *f, const struct sight *sight, uint32_t count,
                         uint32_t places, const struct interest_scratch *s)
{
    for (uint32_t i = 0; i < count; i++)
        s->candidates[i] = rank_of(f, sight, s->hits[i], s->marks);
    select_smallest(s->candidates, count, places);
    for (uint32_t i = 0; i < places; i++)
        s->hits[i] = (uint16_t)s->candidates[i];
}

/* ---- what became of the list ---- */

/* Marks the hits. Returns how many were not in the list: they stand in fresh[] then. */
static uint32_t mark_hits(const uint16_t *hits, uint32_t count, const struct interest_scratch *s)
{
    uint32_t fresh_count = 0;
    uint16_t *fresh = s->fresh;
    uint8_t *marks = s->marks;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t slot = hits[i];
        fresh[fresh_count] = slot;
        fresh_count += marks[slot] == 0;
        marks[slot] |= MARK_HIT;
    }
    return fresh_count;
}

static void sort_few(uint16_t *slots, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint16_t slot = slots[i];
        uint32_t at = i;
        for (; at > 0 && slots[at - 1] > slot; at--)
            slots[at] = slots[at - 1];
        slots[at] = slot;
    }
}

static void sort_many(const struct interest_scratch *s, uint16_t *slots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        s->order[slots[i] / WORD_BITS] |= UINT64_C(1) << slots[i] % WORD_BITS;
    count = 0;
    for (size_t i = 0; i < words_for(s->slot_capacity); i++) {
        for (; s->order[i] != 0; s->order[i] &= s->order[i] - 1)
            slots[count++] = (uint16_t)(i * WORD_BITS + (unsigned)__builtin_ctzll(s->order[i]));
    }
}

/* Splits the list, in its order, into those that stay and those that go, and wipes their marks. */
static void keep_listed(const struct interest_list *list, uint8_t *marks,
                        struct interest_seen *seen)
{
    const struct interest_member *members = list->members;
    uint16_t *slots = seen->slots, *removed = seen->removed;
    uint32_t kept_count = 0, removed_count = 0;
    for (uint32_t i = 0, count = list->count; i < count; i++) {
        uint16_t slot = members[i].slot;
        bool stays = marks[slot] == (MARK_LISTED | MARK_HIT);
        marks[slot] = 0;
        slots[kept_count] = slot;
        kept_count += stays;
        removed[removed_count] = (uint16_t)i;
        removed_count += !stays;
    }
    seen->count = kept_count;
    seen->removed_count = removed_count;
}

/* Puts the fresh ones among those that stay, from the end. */
static void merge(struct interest_seen *seen, const uint16_t *fresh, uint32_t fresh_count)
{
    uint32_t kept = seen->count, at = kept + fresh_count;
    seen->count = at;
    seen->new_count = fresh_count;
    while (fresh_count > 0) {
        bool is_new = kept == 0 || seen->slots[kept - 1] < fresh[fresh_count - 1];
        at--;
        seen->slots[at] = is_new ? fresh[--fresh_count] : seen->slots[--kept];
        seen->is_new[at] = is_new;
    }
    bytes_zero(seen->is_new, at);
}

/* ---- the query ---- */

/* Own body first, so that it is in even where `capacity` is 1. Returns how many there are. */
static uint32_t find_fixed(const struct frame *f, const struct sight *sight, uint16_t *slots,
                           uint32_t capacity)
{
    uint32_t count = 0;
    if (sight->own_slot != SLOT_NONE && frame_identity(f, sight->own_slot) != 0)
        slots[count++] = sight->own_slot;
    for (uint32_t i = 0; i < f->grid.everywhere_count && count < capacity; i++) {
        if (f->grid.everywhere[i] != sight->own_slot) slots[count++] = f->grid.everywhere[i];
    }
    return count;
}

void interest_query(const struct frame *f, const struct interest_view *view,
                    const struct interest_list *list, struct interest_scratch *s,
                    struct interest_seen *seen, uint32_t capacity)
{
    ASSERT(capacity >= 1);
    ASSERT(view->half_x >= 0 && view->half_y >= 0);
    ASSERT(f->state->slot_count <= s->slot_capacity);

    struct sight sight = sight_of(view);
    mark_list(f, list, s->marks);
    uint32_t count = look_around(&f->grid, &sight, s);
    uint32_t fixed_count = find_fixed(f, &sight, s->hits + count, capacity);
    if (count > capacity - fixed_count) {
        uint16_t *fixed = s->hits + count;
        count = capacity - fixed_count;
        keep_nearest(f, &sight, (uint32_t)(fixed - s->hits), count, s);
        for (uint32_t i = 0; i < fixed_count; i++)
            s->hits[count + i] = fixed[i];
    }
    count += fixed_count;

    uint32_t fresh_count = mark_hits(s->hits, count, s);
    keep_listed(list, s->marks, seen);
    if (fresh_count <= 8) {
        sort_few(s->fresh, fresh_count);
    } else {
        sort_many(s, s->fresh, fresh_count);
    }
    merge(seen, s->fresh, fresh_count);
    for (uint32_t i = 0; i < fresh_count; i++)
        s->marks[s->fresh[i]] = 0;
}
