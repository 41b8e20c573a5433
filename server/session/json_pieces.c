#include "server/session/json_pieces.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"

void json_pieces_init(struct json_pieces *p, const struct schema *schema, uint32_t slot_capacity)
{
    *p = (struct json_pieces){.schema = schema,
                              .slot_capacity = slot_capacity,
                              .arena_bytes =
                                  slot_capacity * JSON_PAGE_SLOT_BYTES + JSON_PIECE_BYTES_MAX};
}

void json_pieces_deinit(struct json_pieces *p)
{
    for (unsigned i = 0; i < JSON_PAGES_MAX; i++) {
        free(p->pages[i].entries);
        free(p->pages[i].arena);
    }
    *p = (struct json_pieces){0};
}

void json_pieces_begin(struct json_pieces *p, const struct frame *now)
{
    p->now = now;
    p->used_count = 0;
}

/* Gives a page its memory when it is first used; without any, it keeps nothing. */
static void equip(const struct json_pieces *p, struct json_page *page)
{
    if (page->entries != NULL) return;
    page->entries = calloc(p->slot_capacity, sizeof *page->entries);
    page->arena = malloc(p->arena_bytes);
    if (page->entries != NULL && page->arena != NULL) return;
    free(page->entries);
    free(page->arena);
    page->entries = NULL;
    page->arena = NULL;
}

static struct json_page *find(struct json_pieces *p, const struct frame *base)
{
    uint32_t kept = p->used_count < JSON_PAGES_MAX ? p->used_count : JSON_PAGES_MAX;
    for (uint32_t i = 0; i < kept; i++) {
        if (p->pages[i].base == base) return &p->pages[i];
    }
    return NULL;
}

struct json_page *json_pieces_page(struct json_pieces *p, const struct frame *base)
{
    struct json_page *page = find(p, base);
    if (page != NULL) return page;
    page = &p->pages[p->used_count++ % JSON_PAGES_MAX];
    equip(p, page);
    page->base = base;
    page->stamp++;
    page->used_bytes = 0;
    return page;
}

static size_t write(struct json_pieces *p, const struct frame *base, uint16_t slot, char *text)
{
    uint16_t identity = frame_identity(p->now, slot);
    ASSERT(identity != 0);
    ASSERT(base == NULL || frame_identity(base, slot) == identity);

    const struct json_entity e = {.slot = slot,
                                  .kind = identity_kind(identity),
                                  .owner = p->now->state->entities[slot].owner,
                                  .wire = frame_wire(p->now, slot),
                                  .base = base != NULL ? frame_wire(base, slot) : NULL};
    p->written_count++;
    return json_piece_write(text, JSON_PIECE_BYTES_MAX, p->schema, &e);
}

static struct json_piece write_alone(struct json_pieces *p, const struct frame *base, uint16_t slot,
                                     char *spare)
{
    size_t length_bytes = write(p, base, slot, spare);
    return (struct json_piece){spare, length_bytes};
}

struct json_piece json_page_get(struct json_pieces *p, struct json_page *page, uint16_t slot,
                                char *spare)
{
    ASSERT(slot < p->slot_capacity);

    p->handed_count++;
    if (page->entries == NULL) return write_alone(p, page->base, slot, spare);
    struct json_page_entry *entry = &page->entries[slot];
    if (entry->stamp != page->stamp) {
        if (p->arena_bytes - page->used_bytes < JSON_PIECE_BYTES_MAX)
            return write_alone(p, page->base, slot, spare);
        char *text = page->arena + page->used_bytes;
        size_t length_bytes = write(p, page->base, slot, text);
        *entry = (struct json_page_entry){page->stamp, page->used_bytes, (uint32_t)length_bytes};
        page->used_bytes += (uint32_t)length_bytes;
    }
    return (struct json_piece){page->arena + entry->at, entry->length_bytes};
}

struct json_piece json_pieces_get_alone(struct json_pieces *p, const struct frame *base,
                                        uint16_t slot, char *spare)
{
    struct json_page *page = find(p, base);
    if (page != NULL) return json_page_get(p, page, slot, spare);
    p->handed_count++;
    return write_alone(p, base, slot, spare);
}
