#include "client/sdl/between.h"

#include <stdbool.h>

#include "client/view/words.h"
#include "shared/bytes.h"

/* Whether the two are one entity that has moved, rather than been put elsewhere. */
static bool is_same(const struct entity_kind *kind, const struct entity *a, const struct entity *b)
{
    if (a->kind != b->kind || a->generation != b->generation) return false;
    for (uint8_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field->kind == FIELD_WARP && a->words[field->word] != b->words[field->word])
            return false;
    }
    return true;
}

static void move(const struct entity_kind *kind, const struct entity *to, int32_t part,
                 int32_t words[ENTITY_WORDS])
{
    for (uint8_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (!words_is_smooth(field)) continue;
        int64_t way = words_difference(field, to->words[field->word], words[field->word]);
        words[field->word] = words_confine(field, words[field->word] + words_scale(way, part));
    }
}

uint32_t between_draw(const struct between *b, struct drawn *out)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < b->before->slot_count; slot++) {
        const struct entity *entity = &b->before->entities[slot];
        if (entity->kind == 0 || entity->kind > b->table->kind_count) continue;

        const struct entity_kind *kind = &b->table->kinds[entity->kind - 1];
        struct drawn *drawn = &out[count++];
        *drawn = (struct drawn){.slot = (uint16_t)slot,
                                .generation = entity->generation,
                                .kind = entity->kind,
                                .owner = entity->owner};
        bytes_copy(drawn->words, entity->words, sizeof drawn->words);
        if (slot < b->after->slot_count && is_same(kind, entity, &b->after->entities[slot]))
            move(kind, &b->after->entities[slot], b->part, drawn->words);
    }
    return count;
}
