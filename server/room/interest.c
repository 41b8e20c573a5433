#include "server/room/interest.h"

#include "shared/bytes.h"
#include "shared/check.h"

#define WORD_BITS 64u

/* A candidate is one number that sorts by distance, then slot: 48 bits of squared distance (what
 * is farther than 2^24 simulation units counts as equally far) above 16 bits of slot. */
#define SLOT_BITS    16
#define DISTANCE_MAX ((UINT64_C(1) << 48) - 1)

static size_t words_for(size_t bits)
{
    return (bits + WORD_BITS - 1) / WORD_BITS;
}

size_t interest_scratch_bytes(uint32_t slot_capacity)
{
    size_t words = words_for(slot_capacity);
    return (2 * words + words_for(words) + slot_capacity) * sizeof(uint64_t);
}

void interest_scratch_init(struct interest_scratch *s, void *memory, uint32_t slot_capacity)
{
    size_t words = words_for(slot_capacity);
    bytes_zero(memory, interest_scratch_bytes(slot_capacity));
    s->slot_capacity = slot_capacity;
    s->chosen = memory;
    s->seen = s->chosen + words;
    s->chosen_words = s->seen + words;
    s->candidates = s->chosen_words + words_for(words);
}

static bool bit_is_set(const uint64_t *bits, uint32_t at)
{
    return bits[at / WORD_BITS] >> at % WORD_BITS & 1;
}

static void bit_set(uint64_t *bits, uint32_t at)
{
    bits[at / WORD_BITS] |= UINT64_C(1) << at % WORD_BITS;
}

/* Returns 1 if `slot` was not yet in the list. */
static uint32_t choose(struct interest_scratch *s, uint32_t slot)
{
    if (bit_is_set(s->chosen, slot)) return 0;
    bit_set(s->chosen, slot);
    bit_set(s->chosen_words, slot / WORD_BITS);
    return 1;
}

static void mark_seen(const struct frame *f, const struct interest_member *previous, uint32_t count,
                      struct interest_scratch *s)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct entity *e = frame_entity(f, previous[i].slot);
        if (e != NULL && e->generation == previous[i].generation)
            bit_set(s->seen, previous[i].slot);
    }
}

static void forget_seen(const struct interest_member *previous, uint32_t count,
                        struct interest_scratch *s)
{
    for (uint32_t i = 0; i < count; i++) {
        if (previous[i].slot < s->slot_capacity) s->seen[previous[i].slot / WORD_BITS] = 0;
    }
}

/* Own body first, so that it is in even where `capacity` is 1. Returns how many were chosen. */
static uint32_t choose_fixed(const struct frame *f, const struct interest_view *view,
                             struct interest_scratch *s, uint32_t capacity)
{
    uint32_t count = 0;
    if (view->own_slot != SLOT_NONE && frame_entity(f, view->own_slot) != NULL)
        count += choose(s, view->own_slot);
    for (uint32_t i = 0; i < f->grid.everywhere_count && count < capacity; i++)
        count += choose(s, f->grid.everywhere[i]);
    return count;
}

static uint32_t cell_of(int64_t position, int32_t cell_sim, uint32_t cell_count)
{
    if (position < 0) return 0;
    int64_t cell = position / cell_sim;
    return cell < cell_count ? (uint32_t)cell : cell_count - 1;
}

static int64_t distance(int32_t a, int32_t b, int32_t wraps_at)
{
    int64_t d = (int64_t)a - b;
    if (d < 0) d = -d;
    return wraps_at > 0 && d > wraps_at / 2 ? wraps_at - d : d;
}

/* The half extents within which an entity comes in. */
struct reach {
    int64_t x, y;
};

static void consider(const struct frame *f, const struct interest_view *view, struct reach reach,
                     uint16_t slot, struct interest_scratch *s, uint32_t *count)
{
    const struct entity *e = &f->state->entities[slot];
    const struct entity_kind *kind = &f->schema->table->kinds[e->kind - 1];
    int64_t dx = distance(e->words[kind->x_word], view->x, view->wraps_at);
    int64_t dy = distance(e->words[kind->y_word], view->y, view->wraps_at);
    if (bit_is_set(s->seen, slot) && !view->is_circle) {
        dx = dx * 10 / 11;
        dy = dy * 10 / 11;
    }
    if (dx > reach.x || dy > reach.y || bit_is_set(s->chosen, slot)) return;
    uint64_t squared = (uint64_t)dx * (uint64_t)dx + (uint64_t)dy * (uint64_t)dy;
    if (view->is_circle && squared >= (uint64_t)reach.x * (uint64_t)reach.x) return;
    if (squared > DISTANCE_MAX) squared = DISTANCE_MAX;
    s->candidates[(*count)++] = squared << SLOT_BITS | slot;
}

/* Cells first..last of a row or a column. */
struct span {
    uint32_t first, last;
};

/* Fills spans[] with the cells that from..to falls into, each once. Returns how many spans: two
 * where the world comes round in between. */
static uint32_t find_spans(int64_t from, int64_t to, int32_t wraps_at, int32_t cell_sim,
                           uint32_t cell_count, struct span spans[2])
{
    if (wraps_at > 0 && (from < 0 || to >= wraps_at)) {
        uint32_t first = cell_of(from < 0 ? from + wraps_at : from, cell_sim, cell_count);
        uint32_t last = cell_of(to >= wraps_at ? to - wraps_at : to, cell_sim, cell_count);
        spans[0] = (struct span){0, cell_count - 1};
        if (to - from >= wraps_at || first <= last) return 1;
        spans[0].last = last;
        spans[1] = (struct span){first, cell_count - 1};
        return 2;
    }
    spans[0] =
        (struct span){cell_of(from, cell_sim, cell_count), cell_of(to, cell_sim, cell_count)};
    return 1;
}

/* The cells of one row lie one behind the other. */
static void collect_row(const struct frame *f, const struct interest_view *view, struct reach reach,
                        uint32_t row, struct span columns, struct interest_scratch *s,
                        uint32_t *count)
{
    const struct frame_grid *grid = &f->grid;
    uint32_t from = grid->cell_start[row * grid->columns + columns.first];
    uint32_t to = grid->cell_start[row * grid->columns + columns.last + 1];
    for (uint32_t i = from; i < to; i++)
        consider(f, view, reach, grid->slots[i], s, count);
}

/* Collects who is in reach from the cells under the widest view. Returns how many. */
static uint32_t collect(const struct frame *f, const struct interest_view *view,
                        struct interest_scratch *s)
{
    const struct frame_grid *grid = &f->grid;
    struct reach reach = {(int64_t)view->half_x + view->half_x / 16,
                          (int64_t)view->half_y + view->half_y / 16};
    if (view->is_circle) reach = (struct reach){view->half_x, view->half_x};
    int64_t wide_x = reach.x * 11 / 10 + 2, wide_y = reach.y * 11 / 10 + 2;
    struct span columns[2], rows[2];
    uint32_t column_spans = find_spans(view->x - wide_x, view->x + wide_x, view->wraps_at,
                                       grid->cell_sim, grid->columns, columns);
    uint32_t row_spans = find_spans(view->y - wide_y, view->y + wide_y, view->wraps_at,
                                    grid->cell_sim, grid->rows, rows);
    uint32_t count = 0;

    for (uint32_t i = 0; i < row_spans; i++) {
        for (uint32_t row = rows[i].first; row <= rows[i].last; row++) {
            for (uint32_t j = 0; j < column_spans; j++)
                collect_row(f, view, reach, row, columns[j], s, &count);
        }
    }
    return count;
}

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

/* Writes the chosen slots ascending and leaves both bitsets zero. Returns how many. */
static uint32_t take_chosen(struct interest_scratch *s, uint16_t *slots)
{
    uint32_t count = 0;
    size_t summary_words = words_for(words_for(s->slot_capacity));
    for (size_t i = 0; i < summary_words; i++) {
        for (; s->chosen_words[i] != 0; s->chosen_words[i] &= s->chosen_words[i] - 1) {
            size_t word = i * WORD_BITS + (size_t)__builtin_ctzll(s->chosen_words[i]);
            for (; s->chosen[word] != 0; s->chosen[word] &= s->chosen[word] - 1) {
                unsigned bit = (unsigned)__builtin_ctzll(s->chosen[word]);
                slots[count++] = (uint16_t)(word * WORD_BITS + bit);
            }
        }
    }
    return count;
}

uint32_t interest_query(const struct frame *f, const struct interest_view *view,
                        const struct interest_member *previous, uint32_t previous_count,
                        struct interest_scratch *s, uint16_t *slots, uint32_t capacity)
{
    ASSERT(capacity >= 1);
    ASSERT(view->half_x >= 0 && view->half_y >= 0);
    ASSERT(f->state->slot_count <= s->slot_capacity);

    mark_seen(f, previous, previous_count, s);
    uint32_t places = capacity - choose_fixed(f, view, s, capacity);
    uint32_t count = collect(f, view, s);
    forget_seen(previous, previous_count, s);

    if (count > places) {
        select_smallest(s->candidates, count, places);
        count = places;
    }
    for (uint32_t i = 0; i < count; i++)
        choose(s, (uint32_t)(s->candidates[i] & UINT16_MAX));
    return take_chosen(s, slots);
}
