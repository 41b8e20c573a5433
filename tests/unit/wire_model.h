/* wire_model.h - a server's end of one client in small: a random world, and what the client knows.
 *
 * Place:   tests of the snapshot, its fuzzer, its benchmark and the golden vectors make messages
 *          with it. It encodes as plainly as possible, one entity at a time, shares nothing.
 * Memory:  plain data, some 200 KB: keep it static. Nothing is allocated.
 */
#ifndef TICKWIRE_TESTS_UNIT_WIRE_MODEL_H
#define TICKWIRE_TESTS_UNIT_WIRE_MODEL_H

#include "shared/rng.h"
#include "shared/snapshot.h"
#include "tests/unit/test_game.h"

#define MODEL_SLOTS      1024
#define MODEL_BEHIND_MAX 20 /* ticks that partial messages leave an entity out */
#define MODEL_AGE_MAX    (BASE_AGE_TICKS_MAX - MODEL_BEHIND_MAX)

struct wire_model {
    const struct schema *schema;
    struct rng rng;
    uint32_t slot_count;
    struct entity world[MODEL_SLOTS];
    bool is_visible[MODEL_SLOTS];
    /* What the client knows. */
    struct wire_entity list[MODEL_SLOTS], next[MODEL_SLOTS];
    uint32_t count;
    uint32_t tick;
    uint32_t input_seq;
    struct snapshot_self self;
};

/* What a message holds besides the entities. */
struct wire_extras {
    struct snapshot_header header; /* tick, is_full, input_seq and the sections' flags */
    struct snapshot_clock clock;
    struct snapshot_echo echo;
    struct snapshot_self self;
    struct snapshot_name names[SNAPSHOT_NAMES_MAX];
    uint32_t name_count;
    struct snapshot_line lines[SNAPSHOT_EVENTS_MAX];
    uint32_t line_count;
};

static inline void model_init(struct wire_model *m, const struct schema *schema, uint64_t seed,
                              uint32_t slot_count)
{
    *m = (struct wire_model){.schema = schema, .slot_count = slot_count};
    rng_init(&m->rng, seed);
}

/* One draw a statement, here and below: C leaves open in which order an expression's parts are
 * evaluated, and the vectors must come out the same from every compiler. */
static inline int32_t model_any_word(struct rng *rng)
{
    uint32_t word = rng_next(rng);
    return (int32_t)(word >> rng_below(rng, 32));
}

static inline uint16_t model_any_seat(struct rng *rng, uint32_t one_in)
{
    uint32_t seat = rng_below(rng, SEAT_NONE);
    return rng_below(rng, one_in) == 0 ? SEAT_NONE : (uint16_t)seat;
}

/* Adds as the machine does: the words are random, so they also overflow. */
static inline void model_add(int32_t *word, int32_t more)
{
    *word = (int32_t)((uint32_t)*word + (uint32_t)more);
}

/* Puts a new entity into `slot`: another generation, any words. */
static inline void model_spawn(struct wire_model *m, uint32_t slot)
{
    struct entity *e = &m->world[slot];
    *e = (struct entity){.generation = (uint8_t)(e->generation + 1)};
    e->kind = (uint8_t)(1 + rng_below(&m->rng, TEST_KIND_COUNT));
    e->owner = model_any_seat(&m->rng, 2);
    for (unsigned i = 0; i < ENTITY_WORDS; i++)
        e->words[i] = model_any_word(&m->rng);
    /* Half a map in, so that most of them have way to go before they clamp or wrap. */
    e->words[TEST_X] = (int32_t)rng_below(&m->rng, 1 << 20);
    e->words[TEST_Y] = (int32_t)rng_below(&m->rng, 1 << 20);
    e->words[TEST_VX] = (int32_t)rng_below(&m->rng, 4000) - 2000;
    e->words[TEST_VY] = (int32_t)rng_below(&m->rng, 4000) - 2000;
}

/* One tick of one entity: on by its velocity, now and then something else. */
static inline void model_move(struct wire_model *m, struct entity *e)
{
    model_add(&e->words[TEST_X], e->words[TEST_VX]);
    model_add(&e->words[TEST_Y], e->words[TEST_VY]);
    if (rng_below(&m->rng, 4) == 0) {
        model_add(&e->words[TEST_VX], (int32_t)rng_below(&m->rng, 400) - 200);
        model_add(&e->words[TEST_HEADING], (int32_t)rng_below(&m->rng, 2000) - 1000);
    }
    if (rng_below(&m->rng, 10) == 0) e->words[TEST_HEALTH] = model_any_word(&m->rng);
    if (rng_below(&m->rng, 20) == 0) e->words[TEST_MODE] = (int32_t)rng_below(&m->rng, 5);
    if (rng_below(&m->rng, 30) == 0) e->words[TEST_TARGET] = (int32_t)rng_below(&m->rng, 65536);
    if (rng_below(&m->rng, 50) == 0) {
        model_add(&e->words[TEST_WARP], 1);
        e->words[TEST_X] = model_any_word(&m->rng);
        e->words[TEST_Y] = ~model_any_word(&m->rng);
    }
}

/* One tick of the world; one in `churn` entities comes, goes, is replaced, or enters or leaves the
 * view (0: none does). */
static inline void model_step(struct wire_model *m, uint32_t churn)
{
    for (uint32_t slot = 0; slot < m->slot_count; slot++) {
        if (m->world[slot].kind != 0) model_move(m, &m->world[slot]);
        if (churn == 0 || rng_below(&m->rng, churn) != 0) continue;
        switch (rng_below(&m->rng, 3)) {
        case 0:
            m->world[slot].kind = 0;
            break;
        case 1:
            model_spawn(m, slot);
            break;
        default:
            m->is_visible[slot] = !m->is_visible[slot];
        }
    }
}

static inline bool model_is_shown(const struct wire_model *m, uint32_t slot)
{
    return m->is_visible[slot] && m->world[slot].kind != 0;
}

/* Whether the client's entity is still there and shown. */
static inline bool model_survives(const struct wire_model *m, const struct wire_entity *e)
{
    return model_is_shown(m, e->slot) && m->world[e->slot].generation == e->generation;
}

static inline void model_put_removes(struct wire_model *m, struct bits_writer *w)
{
    static uint16_t removed[MODEL_SLOTS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        if (!model_survives(m, &m->list[i])) removed[count++] = (uint16_t)i;
    }
    snapshot_put_removes(w, removed, count);
}

/* A newcomer, sometimes with the velocity that others know of it. */
static inline void model_start(struct wire_model *m, struct wire_entity *e, uint32_t slot)
{
    delta_start(m->schema, e, (uint16_t)slot, &m->world[slot]);
    const struct schema_kind *kind = &m->schema->kinds[e->kind - 1];
    bool is_moving = rng_below(&m->rng, 2) == 0;
    unsigned velocity_count = kind->heading >= 0 ? 1 : kind->moving_count;
    for (unsigned i = 0; is_moving && i < velocity_count; i++) {
        e->velocity16[i] = (int32_t)rng_below(&m->rng, 2048) - 1024;
    }
}

/* Fills next[] with the new list, newcomers ready, survivors as they were. Returns how many are
 * new; is_new[] says which. */
static inline uint32_t model_merge(struct wire_model *m, uint32_t *next_count,
                                   bool is_new[MODEL_SLOTS])
{
    uint32_t add_count = 0, count = 0, at = 0;
    for (uint32_t slot = 0; slot < m->slot_count; slot++) {
        while (at < m->count && m->list[at].slot < slot)
            at++;
        if (!model_is_shown(m, slot)) continue;
        bool stays = at < m->count && m->list[at].slot == slot && model_survives(m, &m->list[at]);
        is_new[count] = !stays;
        if (stays) {
            m->next[count++] = m->list[at];
        } else {
            model_start(m, &m->next[count++], slot);
            add_count++;
        }
    }
    *next_count = count;
    return add_count;
}

/* Writes the update of a survivor; of a partial message, or that there is none. */
static inline void model_put_update(struct wire_model *m, struct bits_writer *w,
                                    struct wire_entity *e, uint32_t age_ticks, bool is_partial)
{
    int32_t now[WIRE_FIELDS_MAX];
    bool may_wait = is_partial && e->behind_ticks + age_ticks <= MODEL_BEHIND_MAX;
    bool is_told = !may_wait || rng_below(&m->rng, 3) == 0;
    age_ticks += e->behind_ticks;
    if (is_partial) bits_put(w, is_told, 1);
    e->behind_ticks = is_told ? 0 : (uint16_t)age_ticks;
    if (!is_told) return;
    delta_quantize(m->schema, &m->world[e->slot], now);
    delta_encode_update(w, m->schema, e, now, age_ticks);
    delta_advance(m->schema, e, now, age_ticks);
}

static inline void model_put_entities(struct wire_model *m, struct bits_writer *w,
                                      const struct snapshot_header *h)
{
    static bool is_new[MODEL_SLOTS];
    uint32_t count, previous_slot_plus_1 = 0;
    model_put_removes(m, w);
    snapshot_put_add_count(w, model_merge(m, &count, is_new));
    for (uint32_t i = 0; i < count; i++) {
        if (!is_new[i]) continue;
        snapshot_put_add(w, m->schema, &m->next[i], previous_slot_plus_1);
        previous_slot_plus_1 = m->next[i].slot + 1u;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!is_new[i]) model_put_update(m, w, &m->next[i], h->age_ticks, h->is_partial);
    }
    for (uint32_t i = 0; i < count; i++)
        m->list[i] = m->next[i];
    m->count = count;
}

/* What the new list says of one's own body, NULL if it is not in it. */
static inline const int32_t *model_own_wire(const struct wire_model *m,
                                            const struct snapshot_self *self)
{
    for (uint32_t i = 0; self->is_known && i < m->count; i++) {
        const struct wire_entity *e = &m->list[i];
        if (e->slot == self->slot && e->generation == self->body.generation &&
            e->kind == self->body.kind) {
            return e->wire;
        }
    }
    return NULL;
}

/* Encodes a snapshot of the world as it is and moves the model of the client on. The age follows
 * from the tick before. Returns the length, 0 if it did not fit. */
static inline size_t model_encode(struct wire_model *m, struct wire_extras *x, uint8_t *bytes,
                                  size_t capacity_bytes)
{
    static const struct snapshot_self unknown;
    struct snapshot_header *h = &x->header;
    struct bits_writer w;
    bits_writer_init(&w, bytes, capacity_bytes);
    h->age_ticks = h->is_full ? 0 : h->tick - m->tick;
    if (h->is_full) m->count = 0;

    snapshot_put_header(&w, h, h->is_full ? 0 : m->input_seq + h->age_ticks);
    if (h->has_clock) snapshot_put_clock(&w, &x->clock);
    if (h->has_echo) snapshot_put_echo(&w, &x->echo);
    model_put_entities(m, &w, h);
    if (h->has_self) {
        snapshot_put_self(&w, m->schema, &x->self, h->is_full ? &unknown : &m->self,
                          model_own_wire(m, &x->self));
    }
    if (h->has_self || h->is_full) m->self = h->has_self ? x->self : unknown;
    if (h->has_names) snapshot_put_names(&w, x->names, x->name_count);
    if (h->has_events) snapshot_put_lines(&w, m->schema, x->lines, x->line_count);
    if (h->has_hash) snapshot_put_hash(&w, delta_hash(m->schema, m->list, m->count));
    m->tick = h->tick;
    m->input_seq = h->input_seq;
    return bits_finish(&w);
}

/* Fills `x` with sections that are there or not by chance; tick and is_full are the caller's. */
static inline void model_random_extras(struct wire_model *m, struct wire_extras *x, uint32_t tick,
                                       bool is_full)
{
    struct rng *rng = &m->rng;
    *x = (struct wire_extras){.header = {.tick = tick, .is_full = is_full}};
    struct snapshot_header *h = &x->header;
    h->input_seq = m->input_seq + (is_full ? 0 : tick - m->tick);
    if (rng_below(rng, 3) == 0) h->input_seq = rng_next(rng);
    h->has_clock = rng_below(rng, 4) == 0;
    h->has_echo = rng_below(rng, 4) == 0;
    h->has_self = rng_below(rng, 4) != 0;
    h->has_names = rng_below(rng, 4) == 0;
    h->has_events = rng_below(rng, 4) == 0;
    h->has_hash = rng_below(rng, 2) == 0;
    h->is_partial = rng_below(rng, 2) == 0 && !is_full;
    x->clock.due_us = (uint64_t)rng_next(rng) << 32;
    x->clock.due_us |= rng_next(rng);
    x->echo.stamp_ms = (uint16_t)rng_next(rng);
    x->echo.hold_ms = (uint32_t)model_any_word(rng);
    x->echo.late_100us = rng_below(rng, 100);
    x->echo.cadence = (uint8_t)(1u << rng_below(rng, 3));
    x->echo.queued = (uint8_t)rng_below(rng, 256);
    uint32_t body = rng_below(rng, m->slot_count);
    x->self.is_known = m->world[body].kind != 0;
    if (x->self.is_known) x->self.slot = (uint16_t)body;
    if (x->self.is_known) x->self.body = m->world[body];
    x->name_count = rng_below(rng, SNAPSHOT_NAMES_MAX + 1);
    for (uint32_t i = 0; i < x->name_count; i++) {
        x->names[i].seat = (uint16_t)rng_below(rng, 65535);
        x->names[i].length_bytes = (uint8_t)rng_below(rng, NAME_BYTES_MAX + 1);
        x->names[i].colour = (uint8_t)rng_below(rng, COLOURS_MAX + 1);
        for (unsigned j = 0; j < x->names[i].length_bytes; j++) {
            x->names[i].text[j] = (char)('!' + rng_below(rng, 94));
        }
    }
    x->line_count = rng_below(rng, SNAPSHOT_EVENTS_MAX + 1);
    for (uint32_t i = 0; i < x->line_count; i++) {
        struct snapshot_line *line = &x->lines[i];
        line->line_kind = rng_below(rng, 2) == 0 ? LINE_CHAT : LINE_EVENT;
        line->age_ticks = (uint8_t)rng_below(rng, 256);
        if (line->line_kind == LINE_CHAT) {
            line->chat_seat = model_any_seat(rng, 5);
            line->chat_length_bytes = (uint8_t)(1 + rng_below(rng, CHAT_BYTES_MAX));
            for (unsigned j = 0; j < line->chat_length_bytes; j++) {
                line->chat_text[j] = (char)('!' + rng_below(rng, 94));
            }
            continue;
        }
        line->event.kind = (uint8_t)rng_below(rng, TEST_COUNT(test_events));
        line->event.seat = model_any_seat(rng, 2);
        for (unsigned j = 0; j < test_events[line->event.kind].field_count; j++) {
            line->event.words[j] = model_any_word(rng);
        }
    }
}

#endif
