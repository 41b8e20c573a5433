/* fuzz_snapshot.c - a client survives any messages, and its list stays sound.
 *
 * Layout:  messages one after the other, each behind two bytes of length, lowest first; the type
 *          byte says whether it is a snapshot or names and lines alone.
 */
#include "shared/check.h"
#include "shared/message.h"
#include "shared/snapshot.h"
#include "tests/unit/test_game.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CAPACITY 64

/* What every client relies on: slots ascend, kinds exist, values lie in their ranges. */
static void check_list(const struct seen *s)
{
    ASSERT(s->count <= CAPACITY);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct wire_entity *e = &s->list[i];
        ASSERT(i == 0 || e->slot > s->list[i - 1].slot);
        ASSERT(e->kind >= 1 && e->kind <= TEST_KIND_COUNT);
        const struct schema_kind *kind = &s->schema->kinds[e->kind - 1];
        for (unsigned j = 0; j < kind->wire_count; j++) {
            const struct field *f = &test_kinds[e->kind - 1].fields[kind->wire[j]];
            ASSERT(e->wire[j] >= f->min && e->wire[j] <= f->max);
        }
    }
}

static void check_texts(const struct seen *s)
{
    ASSERT(s->name_count <= SNAPSHOT_NAMES_MAX && s->line_count <= SNAPSHOT_EVENTS_MAX);
    for (uint32_t i = 0; i < s->name_count; i++) {
        ASSERT(s->names[i].length_bytes <= NAME_BYTES_MAX);
        ASSERT(s->names[i].colour <= COLOURS_MAX);
        ASSERT(s->names[i].length_bytes == 0 ||
               text_is_showable(s->names[i].text, s->names[i].length_bytes));
    }
    for (uint32_t i = 0; i < s->line_count; i++) {
        const struct snapshot_line *line = &s->lines[i];
        if (line->line_kind == LINE_EVENT) {
            ASSERT(line->event.kind < TEST_COUNT(test_events));
        } else {
            ASSERT(text_is_showable(line->chat_text, line->chat_length_bytes));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wire_entity lists[2][CAPACITY];
    static struct schema schema;
    static struct seen seen;
    enum result result = schema.table != NULL ? RESULT_OK : schema_init(&schema, &test_table);
    ASSERT(result == RESULT_OK);

    seen_init(&seen, &schema, lists[0], lists[1], CAPACITY);
    while (size >= 2) {
        size_t length = data[0] | (size_t)data[1] << 8;
        data += 2, size -= 2;
        if (length > size) length = size;
        uint32_t hash = delta_hash(&schema, seen.list, seen.count);
        if (length > 0 && data[0] == MESSAGE_LINES) {
            result = snapshot_decode_lines(&seen, data, length);
            ASSERT(delta_hash(&schema, seen.list, seen.count) == hash);
        } else {
            result = snapshot_decode(&seen, data, length);
        }
        if (result != RESULT_OK) {
            ASSERT(delta_hash(&schema, seen.list, seen.count) == hash);
            ASSERT(seen.name_count == 0 && seen.line_count == 0);
        }
        check_list(&seen);
        check_texts(&seen);
        data += length, size -= length;
    }
    return 0;
}
