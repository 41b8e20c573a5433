#include "server/room/bots.h"

#include <stdlib.h>

#include "shared/check.h"

enum result bots_init(struct bots *b, const struct game *game, const struct map *map,
                      uint32_t slot_capacity)
{
    *b = (struct bots){.game = game, .map = map};
    b->scratch_memory = malloc(interest_scratch_bytes(slot_capacity));
    if (b->scratch_memory == NULL) return RESULT_IO;
    interest_scratch_init(&b->scratch, b->scratch_memory, slot_capacity);
    return RESULT_OK;
}

void bots_deinit(struct bots *b)
{
    free(b->scratch_memory);
    b->scratch_memory = NULL;
}

/* Fills `view` with what the body in `seat` sees; without a body there is nothing to see. */
static void look(struct bots *b, const struct frame *f, uint16_t seat, struct game_view *view)
{
    uint16_t slot = f->seats[seat].body_slot;
    *view = (struct game_view){.tick = f->tick,
                               .seat = seat,
                               .map = b->map,
                               .own = frame_entity(f, slot),
                               .entities = b->entities,
                               .slots = b->slots};
    if (view->own == NULL) return;

    const struct entity_kind *kind = &f->schema->table->kinds[view->own->kind - 1];
    struct interest_view from = {.x = view->own->words[kind->x_word],
                                 .y = view->own->words[kind->y_word],
                                 .half_x = b->game->view_half_x * b->game->unit,
                                 .half_y = b->game->view_half_y * b->game->unit,
                                 .own_slot = slot,
                                 .is_circle = b->game->view_is_circle,
                                 .wraps_at = b->game->wraps_at};
    struct interest_seen seen = {.slots = b->slots, .is_new = b->is_new};
    interest_query(f, &from, &(struct interest_list){0}, &b->scratch, &seen, VIEW_ENTITIES_MAX);
    view->count = seen.count;
    for (size_t i = 0; i < view->count; i++)
        b->entities[i] = frame_entity(f, b->slots[i]);
}

static void think(struct bots *b, struct seats *seats, const struct frame *newest, uint16_t seat,
                  uint32_t tick)
{
    struct seat *bot = &seats->items[seat];
    struct usercmd cmd = {.seq = bot->inputs.pushed_seq + 1, .view_tick = newest->tick};
    struct game_view view;
    look(b, newest, seat, &view);
    b->game->bot(&view, &bot->rng, &cmd);
    bool is_taken_in = inputs_push(&bot->inputs, b->game->table, &cmd, tick);
    ASSERT(is_taken_in);
}

bool bots_look_at(uint32_t tick)
{
    return (tick + 1) % BOT_ALONE_THINK_TICKS == 0;
}

static bool is_turn_of(uint32_t seat, uint32_t tick, bool alone)
{
    return alone ? tick % BOT_ALONE_THINK_TICKS == 0 : (tick + seat) % BOT_THINK_TICKS == 0;
}

void bots_think(struct bots *b, struct seats *seats, const struct frame *newest, uint32_t tick,
                bool alone)
{
    if (b->game->bot == NULL || seats->bot_count == 0) return;
    for (uint32_t i = seats_next(seats, 0); i < newest->seat_count; i = seats_next(seats, i + 1)) {
        if (seats->items[i].state != SEAT_BOT || !is_turn_of(i, tick, alone)) continue;
        think(b, seats, newest, (uint16_t)i, tick);
    }
}
