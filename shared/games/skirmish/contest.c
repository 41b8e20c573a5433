#include "shared/games/skirmish/contest.h"

#include "shared/fixed.h"
#include "shared/tick.h"

#define LEADERS_TICKS     10 /* how often the list is made anew */
#define FINAL_TICKS       200
#define END_TICK_BITS     24
#define SCORE_MAX         65535
#define MATCH_SLOT        0
#define FIRST_LEADER_SLOT 1

/* Made first in an empty world, so the slots are known; a world too small goes without. */
static struct entity *entity_of_kind(const struct world *w, uint32_t slot, uint8_t kind)
{
    struct entity *e = world_entity(w, slot);
    return e != NULL && e->kind == kind ? e : NULL;
}

void contest_init(struct world *w)
{
    int32_t *globals = w->state->globals;
    uint32_t end_tick = w->state->tick + (uint32_t)globals[GLOBAL_MATCH_TICKS];
    globals[GLOBAL_END_TICK] = (int32_t)end_tick;
    globals[GLOBAL_PHASE] = globals[GLOBAL_MATCH_TICKS] > 0 ? MATCH_IS_TIMED : MATCH_IS_OPEN;

    struct entity *match = world_entity(w, world_spawn(w, KIND_MATCH, SEAT_NONE));
    if (match == NULL) return;
    match->words[MATCH_PHASE] = globals[GLOBAL_PHASE];
    match->words[MATCH_END_TICK] = (int32_t)(end_tick & ((1u << END_TICK_BITS) - 1));
    match->words[MATCH_WINNER] = SEAT_NONE;

    for (int32_t rank = 0; rank < LEADER_COUNT; rank++) {
        struct entity *leader = world_entity(w, world_spawn(w, KIND_LEADER, SEAT_NONE));
        if (leader == NULL) return;
        leader->words[LEADER_RANK] = rank;
        leader->words[LEADER_SEAT] = SEAT_NONE;
    }
}

/* Puts `craft` where its score belongs; of equal scores the lower seat's comes first. */
static void rank_craft(const struct entity *best[LEADER_COUNT], const struct entity *craft)
{
    for (size_t rank = 0; rank < LEADER_COUNT; rank++) {
        const struct entity *other = best[rank];
        if (other != NULL && other->words[CRAFT_SCORE] >= craft->words[CRAFT_SCORE]) continue;
        best[rank] = craft;
        if (other == NULL) return;
        craft = other;
    }
}

/* Who is the best, having scored at all; else SEAT_NONE. */
static int32_t leading_seat(const struct world *w)
{
    const struct entity *leader = entity_of_kind(w, FIRST_LEADER_SLOT, KIND_LEADER);
    bool leads = leader != NULL && leader->words[LEADER_SCORE] > 0;
    return leads ? leader->words[LEADER_SEAT] : SEAT_NONE;
}

static void tell_lead(struct world *w, int32_t before)
{
    const struct entity *leader = entity_of_kind(w, FIRST_LEADER_SLOT, KIND_LEADER);
    int32_t seat = leading_seat(w);
    if (seat == SEAT_NONE || seat == before) return;
    world_emit(w, &(struct event){.kind = EVENT_LEAD,
                                  .seat = SEAT_NONE,
                                  .words = {seat, leader->words[LEADER_SCORE]}});
}

static void update_leaders(struct world *w)
{
    const struct entity *best[LEADER_COUNT] = {NULL};
    uint32_t seat = world_next_embodied(w, 0);
    for (; seat != MARKS_NONE; seat = world_next_embodied(w, seat + 1)) {
        const struct entity *craft = world_entity(w, world_body(w, (uint16_t)seat));
        if (craft != NULL) rank_craft(best, craft);
    }
    for (uint32_t rank = 0; rank < LEADER_COUNT; rank++) {
        struct entity *leader = entity_of_kind(w, FIRST_LEADER_SLOT + rank, KIND_LEADER);
        if (leader == NULL) return;
        const struct entity *craft = best[rank];
        bool exists = craft != NULL;
        leader->words[LEADER_SEAT] = exists ? craft->owner : SEAT_NONE;
        leader->words[LEADER_SCORE] =
            exists ? fixed_clamp(craft->words[CRAFT_SCORE], 0, SCORE_MAX) : 0;
        leader->words[LEADER_KILLS] = exists ? craft->words[CRAFT_KILLS] : 0;
        leader->words[LEADER_DEATHS] = exists ? craft->words[CRAFT_DEATHS] : 0;
    }
}

static void disarm_all(struct world *w)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        struct entity *e = &w->state->entities[slot];
        if (e->kind == KIND_CRAFT) e->words[CRAFT_FLAGS] |= CRAFT_IS_DISARMED;
    }
}

static void end_match(struct world *w)
{
    w->state->globals[GLOBAL_PHASE] = MATCH_IS_OVER;
    update_leaders(w);
    disarm_all(w);

    const struct entity *leader = entity_of_kind(w, FIRST_LEADER_SLOT, KIND_LEADER);
    int32_t winner = leader != NULL ? leader->words[LEADER_SEAT] : SEAT_NONE;
    int32_t score = leader != NULL ? leader->words[LEADER_SCORE] : 0;
    struct entity *match = entity_of_kind(w, MATCH_SLOT, KIND_MATCH);
    if (match != NULL) {
        match->words[MATCH_PHASE] = MATCH_IS_OVER;
        match->words[MATCH_WINNER] = winner;
    }
    world_emit(
        w, &(struct event){.kind = EVENT_MATCH_OVER, .seat = SEAT_NONE, .words = {winner, score}});
}

/* Ticks since the match's end, negative before it. */
static int32_t ticks_after_end(const struct world *w)
{
    return tick_difference(w->state->tick, (uint32_t)w->state->globals[GLOBAL_END_TICK]);
}

void contest_step(struct world *w)
{
    if (w->state->globals[GLOBAL_PHASE] == MATCH_IS_OVER) return;
    if (w->state->globals[GLOBAL_PHASE] == MATCH_IS_TIMED && ticks_after_end(w) >= 0) {
        end_match(w);
    } else if (w->state->tick % LEADERS_TICKS == 0) {
        int32_t before = leading_seat(w);
        update_leaders(w);
        tell_lead(w, before);
    }
}

bool contest_is_over(const struct world *w)
{
    return w->state->globals[GLOBAL_PHASE] == MATCH_IS_OVER && ticks_after_end(w) >= FINAL_TICKS;
}
