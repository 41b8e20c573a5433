/* fuzz_capture: a capture from anywhere is read to its end, or to its first broken record. */
#include <stdint.h>

#include "client/view/capture.h"
#include "shared/check.h"
#include "shared/game.h"

static struct wire_entity lists[2][VIEW_ENTITIES_MAX];

/* What is restored can go on: its entities are of the table, slots ascending. */
static void check_seen(const struct seen *seen)
{
    for (uint32_t i = 0; i < seen->count; i++) {
        const struct wire_entity *e = &seen->list[i];
        struct entity entity;
        ASSERT(e->kind >= 1 && e->kind <= seen->schema->table->kind_count);
        ASSERT(i == 0 || seen->list[i - 1].slot < e->slot);
        delta_dequantize(seen->schema, e, &entity);
    }
}

static void read_all(struct capture_reader *reader, const struct schema *schema)
{
    struct capture_record record;
    struct seen seen;
    seen_init(&seen, schema, lists[0], lists[1], VIEW_ENTITIES_MAX);
    while (capture_next(reader, &record) == RESULT_OK) {
        if (record.kind == CAPTURE_START && capture_restore(&record, &seen) == RESULT_OK) {
            check_seen(&seen);
        }
        if (record.kind == CAPTURE_DOWN && record.length_bytes > 0 &&
            message_type(record.bytes) == MESSAGE_SNAPSHOT &&
            snapshot_decode(&seen, record.bytes, record.length_bytes) == RESULT_OK) {
            check_seen(&seen);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct schema schema; /* of the first game; zero before the first input */
    struct capture_reader reader;
    if (schema.table == NULL) ASSERT(schema_init(&schema, games_get(0)->table) == RESULT_OK);
    if (capture_open(&reader, data, size) == RESULT_OK) read_all(&reader, &schema);
    return 0;
}
