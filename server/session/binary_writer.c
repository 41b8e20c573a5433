#include "server/session/binary_writer.h"

#include "shared/message.h"

static void put_adds(struct bits_writer *w, const struct viewer *v, const struct viewer_plan *p)
{
    uint32_t next_slot = 0;
    snapshot_put_add_count(w, p->new_count);
    if (p->new_count == 0) return;
    for (uint32_t i = 0; i < p->count; i++) {
        if (!p->is_new[i]) continue;
        struct wire_entity known;
        cohort_known(v->view->schema, p->now, p->before, p->slots[i], &known);
        snapshot_put_add(w, v->view->schema, &known, next_slot);
        next_slot = p->slots[i] + 1u;
    }
}

/* To one that knows each entity from ticks of its own, or is to be sent less than all. */
static void put_uneven_updates(struct bits_writer *w, const struct viewer *v,
                               const struct viewer_plan *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        const struct frame *base, *before;
        if (p->is_new[i]) continue;
        if (p->is_partial) bits_put(w, !p->is_left_out[i], 1);
        if (viewer_leaves_out(p, i)) continue;
        viewer_known_by(v, p, i, &base, &before);
        cohorts_append_alone(&v->view->cohorts, base, before, p->slots[i], w);
    }
}

static void put_updates(struct bits_writer *w, const struct viewer *v, const struct viewer_plan *p)
{
    if (p->base == NULL) return;
    if (v->mosaic != NULL) {
        put_uneven_updates(w, v, p);
        return;
    }
    const struct frame *before = v->has_before ? room_view_find(v->view, v->before_tick) : NULL;
    struct cohort *cohort = cohorts_get(&v->view->cohorts, p->base, before);
    cohort_append_list(&v->view->cohorts, cohort, p->slots, p->is_new, p->count, w);
}

/* What the client knows of number `i` once it has this message. */
static void know(const struct viewer *v, const struct viewer_plan *p, uint32_t i,
                 struct wire_entity *e)
{
    const struct frame *frame = p->now, *before = p->before;
    if (!p->is_new[i] && v->mosaic != NULL) {
        const struct frame *base, *first;
        viewer_known_by(v, p, i, &base, &first);
        frame = viewer_leaves_out(p, i) ? base : p->now;
        before = viewer_leaves_out(p, i) ? first : base;
    }
    cohort_known(v->view->schema, frame, before, p->slots[i], e);
}

/* What the client is told of its own body by the update, which is never left out, to which the self
 * block adds. */
static void put_self(struct bits_writer *w, const struct viewer *v, const struct viewer_plan *p)
{
    const int32_t *own_wire = p->self.is_known ? frame_wire(p->now, p->self.slot) : NULL;
    snapshot_put_self(w, v->view->schema, &p->self, &p->base_self, own_wire);
}

static uint32_t hash_list(const struct viewer *v, const struct viewer_plan *p)
{
    uint32_t hash = delta_hash_start(p->count);
    for (uint32_t i = 0; i < p->count; i++) {
        struct wire_entity known;
        know(v, p, i, &known);
        hash = delta_hash_add(hash, v->view->schema, &known);
    }
    return hash;
}

size_t binary_write_snapshot(const struct viewer *v, const struct viewer_plan *p,
                             const struct snapshot_echo *echo, uint8_t *bytes,
                             size_t capacity_bytes)
{
    const struct schema *schema = v->view->schema;
    struct snapshot_header header = p->header;
    struct bits_writer w;

    header.has_echo = echo != NULL;
    header.is_partial = p->is_partial;
    bits_writer_init(&w, bytes, capacity_bytes);
    snapshot_put_header(&w, &header, header.is_full ? 0 : v->input_seq + header.age_ticks);
    if (header.has_clock) snapshot_put_clock(&w, &p->clock);
    if (header.has_echo) snapshot_put_echo(&w, echo);
    snapshot_put_removes(&w, p->removed, p->removed_count);
    put_adds(&w, v, p);
    put_updates(&w, v, p);
    if (header.has_self) put_self(&w, v, p);
    if (header.has_names) snapshot_put_names(&w, p->names, p->name_count);
    if (header.has_events) snapshot_put_lines(&w, schema, p->lines, p->line_count);
    if (header.has_hash) snapshot_put_hash(&w, hash_list(v, p));
    return bits_finish(&w);
}

void binary_measure_updates(const struct viewer *v, struct viewer_plan *p)
{
    uint8_t bytes[FRAGMENT_BITS_MAX / 8 + 8];
    for (uint32_t i = 0; i < p->count; i++) {
        const struct frame *base, *before;
        struct bits_writer w;
        if (p->is_new[i]) continue;
        bits_writer_init(&w, bytes, sizeof bytes);
        viewer_known_by(v, p, i, &base, &before);
        cohorts_append_alone(&v->view->cohorts, base, before, p->slots[i], &w);
        p->cost_bits[i] = (uint32_t)bits_used(&w);
    }
}

size_t binary_write_lines(const struct viewer *v, const struct viewer_plan *p, uint8_t *bytes,
                          size_t capacity_bytes)
{
    struct bits_writer w;
    bits_writer_init(&w, bytes, capacity_bytes);
    snapshot_put_lines_header(&w, p->now->tick);
    snapshot_put_names(&w, p->names, p->name_count);
    snapshot_put_lines(&w, v->view->schema, p->lines, p->line_count);
    return bits_finish(&w);
}
