#include "server/room/interest.h"

#include "shared/bytes.h"
#include "shared/check.h"

#define WORD_BITS 64u

/* A candidate is one number that sorts by distance, then slot: 48 bits of squared distance (what
 * is farther than 2^24 simulation units counts as equally far) above 16 bits of slot. */
#define SLOT_BITS    16
#define DISTANCE_MAX ((UINT64_C(1) << 48) - 1)

/* Of a slot during a query: bits. */
enum mark { MARK_LISTED = 1, MARK_HIT = 2 };

static size_t words_for(size_t bits)
{
    return (bits + WORD_BITS - 1) / WORD_BITS;
}

size_t interest_scratch_bytes(uint32_t slot_capacity)
{
    size_t slots = words_for(slot_capacity) * WORD_BITS;
    return slots / 8 + slots * (sizeof(uint64_t) + sizeof(uint8_t)) +
           (slots + 1) * sizeof(uint16_t);
}

void interest_scratch_init(struct interest_scratch *s, void *memory, uint32_t slot_capacity)
{
    size_t words = words_for(slot_capacity), slots = words * WORD_BITS;
    bytes_zero(memory, interest_scratch_bytes(slot_capacity));
    s->slot_capacity = slot_capacity;
    s->order = memory;
    s->candidates = s->order + words;
    s->fresh = (uint16_t *)(void *)(s->candidates + slots);
    s->marks = (uint8_t *)(void *)(s->fresh + slots + 1); /* a miss is written behind the last */
}

/* ---- what is asked ---- */

/* What a look around compares with, all in simulation units. */
struct sight {
    int32_t x, y;
    uint32_t reach_x[2], reach_y[2]; /* the farthest in sight: [0] who comes in, [1] who stays */
    uint32_t wraps_at;
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
                          .is_circle = view->is_circle};
    if (view->is_circle) {
        sight.reach_x[0] = sight.reach_y[0] = sight.reach_x[1] = sight.reach_y[1] = half_x;
        return sight;
    }
    sight.reach_x[0] = half_x + half_x / 16;
    sight.reach_y[0] = half_y + half_y / 16;
    sight.reach_x[1] = farther(sight.reach_x[0]);
    sight.reach_y[1] = farther(sight.reach_y[0]);
    return sight;
}

static uint32_t distance(int32_t a, int32_t b, uint32_t wraps_at)
{
    uint32_t straight = a > b ? (uint32_t)a - (uint32_t)b : (uint32_t)b - (uint32_t)a;
    uint32_t round = wraps_at - straight;
    return wraps_at > 0 && round < straight ? round : straight;
}

/* One query on its way. */
struct query {
    const struct frame *f;
    const struct interest_list *list;
    const struct interest_scratch *s;
    struct interest_seen *seen;
    uint32_t capacity;
    uint16_t own_slot;
    struct sight sight;
    uint32_t fresh_count; /* of s->fresh */
};

/* ---- the viewer's list ---- */

/* Marks the members that are still the entities that were seen. */
static void mark_list(const struct query *q)
{
    const struct interest_member *members = q->list->members;
    const uint16_t *identities = q->f->identities;
    uint8_t *marks = q->s->marks;
    for (uint32_t i = 0, count = q->list->count; i < count; i++)
        marks[members[i].slot] = identities[members[i].slot] == members[i].identity;
}

/* Splits the list, in its order, into those that stay and those that go, and wipes their marks. */
static void keep_listed(const struct query *q)
{
    const struct interest_member *members = q->list->members;
    uint16_t *slots = q->seen->slots, *removed = q->seen->removed;
    uint8_t *marks = q->s->marks;
    uint32_t kept_count = 0, count = q->list->count;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t slot = members[i].slot;
        bool stays = marks[slot] == (MARK_LISTED | MARK_HIT);
        marks[slot] = 0;
        slots[kept_count] = slot;
        removed[i - kept_count] = (uint16_t)i;
        kept_count += stays;
    }
    q->seen->count = kept_count;
    q->seen->removed_count = count - kept_count;
}

/* ---- who is in sight ---- */

/* Some of the grid's places, and the middle of the view for them: its own, or where the world comes
 * round, its image beyond the edge. */
struct patch {
    const struct grid_place *from, *to;
    int64_t x, y;
};

/* Marks `slot` if it is a hit. Returns how many are fresh then. Without a branch, for who is in sight
 * is anybody's guess. */
static inline uint32_t note(uint8_t *marks, uint16_t *fresh, uint32_t fresh_count, uint16_t slot,
                            bool is_hit)
{
    uint8_t mark = marks[slot];
    fresh[fresh_count] = slot;
    marks[slot] = (uint8_t)(mark | is_hit * MARK_HIT);
    return fresh_count + (mark < is_hit); /* not marked in any way, and a hit */
}

/* Notes those of a patch that are in sight. Returns how many are fresh then. */
typedef uint32_t looker(const struct patch *p, const struct sight *sight,
                        const struct interest_scratch *s, uint32_t fresh_count);

static uint32_t look_in_circle(const struct patch *p, const struct sight *sight,
                               const struct interest_scratch *s, uint32_t fresh_count)
{
    uint8_t *marks = s->marks;
    uint16_t *fresh = s->fresh;
    const uint64_t radius = sight->reach_x[0], radius_squared = radius * radius;
    const int64_t x = p->x, y = p->y;
    for (const struct grid_place *at = p->from, *to = p->to; at < to; at++) {
        /* No difference has more than 32 bits, but the sum of the squares may have 65. */
        uint64_t dx = (uint64_t)(at->x - x), dy = (uint64_t)(at->y - y), squared;
        bool is_beyond = __builtin_add_overflow(dx * dx, dy * dy, &squared);
        bool is_hit = !is_beyond & (squared < radius_squared);
        fresh_count = note(marks, fresh, fresh_count, at->slot, is_hit);
    }
    return fresh_count;
}

/* What a rectangle covers along one axis, [0] for who comes in, [1] for who stays. */
struct extent {
    int64_t first[2];
    uint64_t length[2];
};

static inline struct extent extent_of(int64_t middle, const uint32_t reach[2])
{
    return (struct extent){{middle - reach[0], middle - reach[1]},
                           {2 * (uint64_t)reach[0], 2 * (uint64_t)reach[1]}};
}

static uint32_t look_in_rectangle(const struct patch *p, const struct sight *sight,
                                  const struct interest_scratch *s, uint32_t fresh_count)
{
    uint8_t *marks = s->marks;
    uint16_t *fresh = s->fresh;
    const struct extent across = extent_of(p->x, sight->reach_x);
    const struct extent down = extent_of(p->y, sight->reach_y);
    for (const struct grid_place *at = p->from, *to = p->to; at < to; at++) {
        unsigned listed = marks[at->slot] & MARK_LISTED;
        bool is_hit = ((uint64_t)(at->x - across.first[listed]) <= across.length[listed]) &
                      ((uint64_t)(at->y - down.first[listed]) <= down.length[listed]);
        fresh_count = note(marks, fresh, fresh_count, at->slot, is_hit);
    }
    return fresh_count;
}

/* For a view so wide that what lies on one side of it may lie on the other side too. */
static uint32_t look_both_ways(const struct patch *p, const struct sight *sight,
                               const struct interest_scratch *s, uint32_t fresh_count)
{
    uint64_t radius = sight->reach_x[0];
    for (const struct grid_place *at = p->from; at < p->to; at++) {
        unsigned listed = s->marks[at->slot] & MARK_LISTED;
        uint64_t dx = distance(at->x, sight->x, sight->wraps_at);
        uint64_t dy = distance(at->y, sight->y, sight->wraps_at);
        bool is_hit = dx <= sight->reach_x[listed] && dy <= sight->reach_y[listed];
        if (sight->is_circle) is_hit = is_hit && dx * dx + dy * dy < radius * radius;
        fresh_count = note(s->marks, s->fresh, fresh_count, at->slot, is_hit);
    }
    return fresh_count;
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

/* Notes who is in sight in the cells under the view. */
static void look_around(struct query *q)
{
    const struct sight *sight = &q->sight;
    const struct frame_grid *grid = &q->f->grid;
    const int64_t x = sight->x, y = sight->y, far_x = sight->reach_x[1], far_y = sight->reach_y[1];
    const struct spans columns =
        find_spans(x - far_x, x + far_x, sight->wraps_at, grid->cell_shift, grid->columns);
    const struct spans rows =
        find_spans(y - far_y, y + far_y, sight->wraps_at, grid->cell_shift, grid->rows);
    bool is_round = columns.is_round || rows.is_round;
    looker *look = is_round           ? look_both_ways
                   : sight->is_circle ? look_in_circle
                                      : look_in_rectangle;
    uint32_t fresh_count = q->fresh_count;

    for (uint32_t i = 0; i < rows.count; i++) {
        const struct span *down = &rows.items[i];
        for (uint32_t row = down->first; row <= down->last; row++) {
            /* The cells of one row lie one behind the other. */
            const uint32_t *start = grid->cell_start + row * grid->columns;
            for (uint32_t j = 0; j < columns.count; j++) {
                const struct span *across = &columns.items[j];
                struct patch patch = {grid->places + start[across->first],
                                      grid->places + start[across->last + 1], x - across->shift,
                                      y - down->shift};
                fresh_count = look(&patch, sight, q->s, fresh_count);
            }
        }
    }
    q->fresh_count = fresh_count;
}

static void note_hit(struct query *q, uint16_t slot)
{
    q->fresh_count = note(q->s->marks, q->s->fresh, q->fresh_count, slot, true);
}

/* Notes the own body and what has no place, as many as there may be: the own body first, so that it
 * is in even where that is one. */
static void note_fixed(struct query *q)
{
    const struct frame_grid *grid = &q->f->grid;
    bool has_own = q->own_slot != SLOT_NONE && frame_identity(q->f, q->own_slot) != 0;
    uint32_t count = has_own;
    if (has_own) note_hit(q, q->own_slot);
    for (uint32_t i = 0; i < grid->everywhere_count && count < q->capacity; i++) {
        if (grid->everywhere[i] == q->own_slot) continue;
        note_hit(q, grid->everywhere[i]);
        count++;
    }
}

static void wipe_fresh(const struct query *q)
{
    for (uint32_t i = 0; i < q->fresh_count; i++)
        q->s->marks[q->s->fresh[i]] = 0;
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

static uint64_t rank_of(const struct query *q, uint16_t slot, bool was_listed)
{
    const struct entity *e = &q->f->state->entities[slot];
    const struct entity_kind *kind = &q->f->schema->table->kinds[e->kind - 1];
    const struct sight *sight = &q->sight;
    uint64_t dx = distance(e->words[kind->x_word], sight->x, sight->wraps_at);
    uint64_t dy = distance(e->words[kind->y_word], sight->y, sight->wraps_at);
    if (was_listed && !sight->is_circle) {
        dx = dx * 10 / 11;
        dy = dy * 10 / 11;
    }
    uint64_t squared = dx * dx + dy * dy;
    return (squared < DISTANCE_MAX ? squared : DISTANCE_MAX) << SLOT_BITS | slot;
}

static bool is_fixed(const struct query *q, uint16_t slot)
{
    const struct entity_kind *kinds = q->f->schema->table->kinds;
    uint8_t kind = identity_kind(frame_identity(q->f, slot));
    return slot == q->own_slot || (kinds[kind - 1].flags & KIND_EVERYWHERE) != 0;
}

/* Ranks those of slots[0..count) that are in for being near. Returns how many they are. */
static uint32_t rank(const struct query *q, const uint16_t *slots, uint32_t count, bool were_listed,
                     uint64_t *ranks)
{
    uint32_t rank_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_fixed(q, slots[i])) ranks[rank_count++] = rank_of(q, slots[i], were_listed);
    }
    return rank_count;
}

/* Of those who stay and the fresh ones, who are too many, leaves the nearest. */
static void keep_nearest(struct query *q)
{
    uint64_t *ranks = q->s->candidates;
    uint32_t found = q->seen->count + q->fresh_count;
    uint32_t count = rank(q, q->seen->slots, q->seen->count, true, ranks);
    count += rank(q, q->s->fresh, q->fresh_count, false, ranks + count);
    uint32_t places = q->capacity - (found - count);
    select_smallest(ranks, count, places);

    /* As if the others had not been in sight. */
    wipe_fresh(q);
    q->fresh_count = 0;
    mark_list(q);
    note_fixed(q);
    for (uint32_t i = 0; i < places; i++)
        note_hit(q, (uint16_t)ranks[i]);
    keep_listed(q);
}

/* ---- the fresh ones ---- */

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

void interest_query(const struct frame *f, const struct interest_view *view,
                    const struct interest_list *list, struct interest_scratch *s,
                    struct interest_seen *seen, uint32_t capacity)
{
    ASSERT(capacity >= 1);
    ASSERT(view->half_x >= 0 && view->half_y >= 0);
    ASSERT(f->state->slot_count <= s->slot_capacity);

    struct query q = {.f = f,
                      .list = list,
                      .s = s,
                      .seen = seen,
                      .capacity = capacity,
                      .own_slot = view->own_slot,
                      .sight = sight_of(view)};
    mark_list(&q);
    note_fixed(&q);
    look_around(&q);
    keep_listed(&q);
    if (seen->count + q.fresh_count > capacity) keep_nearest(&q);

    if (q.fresh_count <= 8) {
        sort_few(s->fresh, q.fresh_count);
    } else {
        sort_many(s, s->fresh, q.fresh_count);
    }
    merge(seen, s->fresh, q.fresh_count);
    wipe_fresh(&q);
}
