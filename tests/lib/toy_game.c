#include "tests/lib/toy_game.h"

#include "shared/bytes.h"

#define EDGE      (64 * 256) /* the field's half-extent in simulation units */
#define SPARKS    8
#define SPARK_AGE 40

static const struct field craft_fields[] = {
    {"x", FIELD_POSITION, AUDIENCE_ALL, EXTRAPOLATE_VELOCITY, TOY_X, 4, 12, false, -1024, 1023, 1,
     16},
    {"y", FIELD_POSITION, AUDIENCE_ALL, EXTRAPOLATE_VELOCITY, TOY_Y, 4, 12, false, -1024, 1023, 1,
     16},
    {"speed_x", FIELD_NUMBER, AUDIENCE_OWNER, EXTRAPOLATE_HOLD, TOY_SPEED_X, 0, 0, false, 0, 0, 1,
     1},
    {"speed_y", FIELD_NUMBER, AUDIENCE_OWNER, EXTRAPOLATE_HOLD, TOY_SPEED_Y, 0, 0, false, 0, 0, 1,
     1},
    {"heading", FIELD_ANGLE, AUDIENCE_ALL, EXTRAPOLATE_HOLD, TOY_HEADING, 0, 8, true, 0, 255, 360,
     256},
    {"mode", FIELD_ENUM, AUDIENCE_ALL, EXTRAPOLATE_HOLD, TOY_MODE, 0, 2, false, 0, 3, 1, 1},
    {"secret", FIELD_NUMBER, AUDIENCE_NONE, EXTRAPOLATE_HOLD, TOY_SECRET, 0, 0, false, 0, 0, 1, 1},
};

static const struct entity_kind kinds[] = {
    {"craft", KIND_BODY, TOY_X, TOY_Y, 7, craft_fields},
    {"spark", 0, TOY_X, TOY_Y, 4, craft_fields},
};

static const char *const global_names[] = {"match_ticks", "bounces", "bursts"};

static const struct usercmd_field usercmd_fields[] = {
    {"push", USERCMD_BUTTONS, 2, 0, 3, 1, 1},
    {"turn", USERCMD_SIGNED, 5, -16, 15, 1, 1},
};

static const struct event_kind event_kinds[] = {
    {"bounced", EVENT_DROPPABLE, 2, {{"slot", EVENT_NUMBER}, {"x", EVENT_POSITION}}},
    {"burst", EVENT_RELIABLE, 1, {{"who", EVENT_SEAT}}},
};

static const struct field_table table = {.game = "toy",
                                         .step_version = 3,
                                         .kinds = kinds,
                                         .kind_count = 2,
                                         .global_names = global_names,
                                         .global_count = 3,
                                         .usercmd_fields = usercmd_fields,
                                         .usercmd_field_count = 2,
                                         .event_kinds = event_kinds,
                                         .event_kind_count = 2};

static void spawn_spark(struct world *w)
{
    uint16_t slot = world_spawn(w, TOY_SPARK, SEAT_NONE);
    struct entity *e = world_entity(w, slot);
    if (e == NULL) return;
    e->words[TOY_X] = (int32_t)rng_below(&w->state->rng, 2 * EDGE) - EDGE;
    e->words[TOY_Y] = (int32_t)rng_below(&w->state->rng, 2 * EDGE) - EDGE;
    e->words[TOY_SPEED_X] = (int32_t)rng_below(&w->state->rng, 401) - 200;
    e->words[TOY_SPEED_Y] = (int32_t)rng_below(&w->state->rng, 401) - 200;
}

static void init(struct world *w)
{
    for (int i = 0; i < SPARKS; i++)
        spawn_spark(w);
}

static void join(struct world *w, uint16_t seat)
{
    uint16_t slot = world_spawn(w, TOY_CRAFT, seat);
    struct entity *e = world_entity(w, slot);
    if (e != NULL) e->words[TOY_SECRET] = (int32_t)rng_next(&w->state->rng);
}

static void leave(struct world *w, uint16_t seat)
{
    uint16_t slot = world_body(w, seat);
    if (slot != SLOT_NONE) world_free(w, slot);
}

static void predict(const struct map *map, struct entity *body, const struct usercmd *cmd)
{
    (void)map;
    body->words[TOY_HEADING] = (body->words[TOY_HEADING] + cmd->words[TOY_TURN]) & 255;
    if (cmd->words[TOY_PUSH] & 1) body->words[TOY_SPEED_X] += body->words[TOY_HEADING] - 128;
    if (cmd->words[TOY_PUSH] & 2) body->words[TOY_SPEED_Y] += body->words[TOY_HEADING] - 128;
}

/* Turns round at the edge. */
static void bounce(struct world *w, uint32_t slot, struct entity *e, unsigned axis)
{
    int32_t *at = &e->words[TOY_X + axis], *speed = &e->words[TOY_SPEED_X + axis];
    if (*speed > 900) *speed = 900;
    if (*speed < -900) *speed = -900;
    *at += *speed;
    if (*at > -EDGE && *at < EDGE - 1) return;
    *at = *at < 0 ? -EDGE : EDGE - 1;
    *speed = -*speed;
    w->state->globals[1]++;
    struct event event = {.kind = TOY_BOUNCED, .seat = SEAT_NONE, .words = {(int32_t)slot, *at}};
    world_emit(w, &event);
}

static void burst(struct world *w, uint16_t slot)
{
    struct event event = {
        .kind = TOY_BURST, .seat = SEAT_NONE, .words = {w->state->entities[slot].owner}};
    world_emit(w, &event);
    world_free(w, slot);
    w->state->globals[2]++;
    spawn_spark(w);
}

static void step(struct world *w, const struct seat_input *inputs, size_t input_count)
{
    for (size_t i = 0; i < input_count; i++) {
        struct entity *body = world_entity(w, world_body(w, inputs[i].seat));
        for (uint32_t j = 0; body != NULL && j < inputs[i].count; j++)
            predict(w->map, body, &inputs[i].cmds[j]);
    }
    uint32_t slot_count = w->state->slot_count;
    for (uint32_t slot = 0; slot < slot_count; slot++) {
        struct entity *e = world_entity(w, slot);
        if (e == NULL) continue;
        bounce(w, slot, e, 0);
        bounce(w, slot, e, 1);
        if (e->kind == TOY_SPARK && w->state->tick - e->since_tick > SPARK_AGE &&
            rng_below(&w->state->rng, 16) == 0) {
            burst(w, (uint16_t)slot);
        }
    }
}

const struct game toy_game = {.name = "toy",
                              .table = &table,
                              .map = "toy",
                              .unit = 256,
                              .tile_units = 1,
                              .view_half_x = 32,
                              .view_half_y = 32,
                              .slot_capacity = 64,
                              .seat_capacity = 16,
                              .init = init,
                              .join = join,
                              .leave = leave,
                              .step = step,
                              .predict = predict};
