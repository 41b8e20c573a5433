#include <stdio.h>
#include <string.h>

#include "shared/host/error.h"
#include "tools/replay/commands.h"
#include "tools/replay/range.h"
#include "tools/replay/show.h"

static enum exit_code visit_json(void *context, struct reader *r)
{
    struct error error;
    (void)r;
    return show_json(context, &error) == RESULT_OK ? EXIT_FINE : complain(&error);
}

static const struct field *position_in(const struct entity_kind *kind, uint8_t word)
{
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        if (f->word == word && f->kind == FIELD_POSITION) return f;
    }
    return NULL;
}

/* One line an entity: where it is. What has no place is left out. */
static void print_position(uint32_t tick, uint32_t slot, const struct entity *e,
                           const struct entity_kind *kind)
{
    const struct field *x = position_in(kind, kind->x_word), *y = position_in(kind, kind->y_word);
    char text[64];
    struct json_writer w;
    if (kind->flags & KIND_EVERYWHERE || x == NULL || y == NULL) return;
    json_writer_init(&w, text, sizeof text);
    show_put_value(&w, x, e->words[kind->x_word]);
    show_put_value(&w, y, e->words[kind->y_word]); /* the writer puts the comma */
    printf("%u,%u,%u,%s,", tick, slot, e->generation, kind->name);
    if (e->owner != SEAT_NONE) printf("%u", e->owner);
    printf(",%.*s\n", (int)json_finish(&w), text);
}

static enum exit_code visit_csv(void *context, struct reader *r)
{
    const struct world_state *state = reader_state(r);
    const struct field_table *table = reader_schema(r)->table;
    (void)context;
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        const struct entity *e = &state->entities[slot];
        if (e->kind != 0) print_position(state->tick, slot, e, &table->kinds[e->kind - 1]);
    }
    return EXIT_FINE;
}

enum exit_code export_ticks(struct reader *r, const struct options *o)
{
    struct show show;
    enum exit_code code;
    show_init(&show, r);
    if (o->format == EXPORT_CSV) {
        printf("tick,slot,generation,kind,seat,x,y\n");
        code = range_walk(r, o, visit_csv, NULL);
    } else {
        reader_want_inputs(r, true);
        code = range_walk(r, o, visit_json, &show);
    }
    show_deinit(&show);
    return code;
}
