#include "tests/unit/pebbles.h"

#define POSITION(name_, word_)                                                              \
    {                                                                                       \
        .name = (name_), .kind = FIELD_POSITION, .audience = AUDIENCE_ALL, .word = (word_), \
        .extrapolate = EXTRAPOLATE_VELOCITY, .shift = 5, .bits = 14, .max = (1 << 14) - 1,  \
        .unit_numerator = 1, .unit_denominator = 8                                          \
    }
#define COUNT(name_, word_)                                                                 \
    {                                                                                       \
        .name = (name_), .kind = FIELD_UNSIGNED, .audience = AUDIENCE_ALL, .word = (word_), \
        .bits = 16, .max = 65535, .unit_numerator = 1, .unit_denominator = 1                \
    }
#define PUSH(name_, kind_, bits_, min_, max_)                                            \
    {                                                                                    \
        .name = (name_), .kind = (kind_), .bits = (bits_), .min = (min_), .max = (max_), \
        .unit_numerator = 1, .unit_denominator = 1                                       \
    }

static const struct field pebble_fields[] = {POSITION("x", PEBBLE_X), POSITION("y", PEBBLE_Y),
                                             COUNT("jumps", PEBBLE_JUMPS),
                                             COUNT("cmds", PEBBLE_CMDS)};
static const struct field clock_fields[] = {COUNT("ticks", 0)};
static const struct entity_kind kinds[] = {
    {"pebble", KIND_BODY, PEBBLE_X, PEBBLE_Y, 4, pebble_fields},
    {"clock", KIND_EVERYWHERE, 0, 0, 1, clock_fields}};
static const char *const global_names[] = {"match_ticks", "begin_tick"};
static const struct usercmd_field usercmd_fields[] = {
    PUSH("buttons", USERCMD_BUTTONS, 2, 0, 3), PUSH("aim", USERCMD_ANGLE, 8, 0, 255),
    PUSH("x", USERCMD_SIGNED, 11, -1000, 1000), PUSH("y", USERCMD_SIGNED, 11, -1000, 1000)};
static const struct event_kind event_kinds[] = {
    {"jump", EVENT_RELIABLE, 1, {{"player", EVENT_SEAT}}}};

static const struct field_table table = {.game = "pebbles",
                                         .step_version = 1,
                                         .kinds = kinds,
                                         .kind_count = 2,
                                         .global_names = global_names,
                                         .global_count = 2,
                                         .usercmd_fields = usercmd_fields,
                                         .usercmd_field_count = PUSH_WORDS,
                                         .event_kinds = event_kinds,
                                         .event_kind_count = 1};

static void pebbles_init(struct world *w)
{
    w->state->globals[1] = (int32_t)w->state->tick;
    world_spawn(w, PEBBLES_CLOCK, SEAT_NONE);
}

static void pebbles_join(struct world *w, uint16_t seat)
{
    uint16_t slot = world_spawn(w, PEBBLE, seat);
    if (slot == SLOT_NONE) return;
    world_entity(w, slot)->words[PEBBLE_X] = PEBBLES_EDGE / 2;
    world_entity(w, slot)->words[PEBBLE_Y] = PEBBLES_EDGE / 2;
}

static void pebbles_leave(struct world *w, uint16_t seat)
{
    uint16_t slot = world_body(w, seat);
    if (slot != SLOT_NONE) world_free(w, slot);
}

static void pebbles_predict(const struct map *map, struct entity *body, const struct usercmd *cmd)
{
    (void)map;
    body->words[PEBBLE_X] += cmd->words[PUSH_X];
    body->words[PEBBLE_Y] += cmd->words[PUSH_Y];
    body->words[PEBBLE_JUMPS] += cmd->words[PUSH_BUTTONS] & PEBBLES_JUMP;
    body->words[PEBBLE_CMDS]++;
}

static void pebbles_step(struct world *w, const struct seat_input *inputs, size_t input_count)
{
    world_entity(w, 0)->words[0] = (int32_t)(w->state->tick & 0xFFFF);
    for (size_t i = 0; i < input_count; i++) {
        struct entity *body = world_entity(w, world_body(w, inputs[i].seat));
        for (uint16_t c = 0; body != NULL && c < inputs[i].count; c++) {
            pebbles_predict(w->map, body, &inputs[i].cmds[c]);
            if (inputs[i].cmds[c].words[PUSH_BUTTONS] & PEBBLES_JUMP)
                world_emit(w, &(struct event){.seat = SEAT_NONE, .words = {inputs[i].seat}});
        }
    }
}

static void pebbles_bot(const struct game_view *view, struct rng *rng, struct usercmd *cmd)
{
    (void)rng;
    cmd->words[PUSH_X] = view->own != NULL ? 7 : 0;
}

static bool pebbles_is_over(const struct world *w)
{
    int32_t length = w->state->globals[0];
    return length > 0 && (int32_t)w->state->tick - w->state->globals[1] >= length;
}

const struct game game_pebbles = {.name = "pebbles",
                                  .table = &table,
                                  .map = "field",
                                  .unit = PEBBLES_UNIT,
                                  .tile_units = PEBBLES_TILE_UNITS,
                                  .view_half_x = 600,
                                  .view_half_y = 400,
                                  .slot_capacity = 64,
                                  .seat_capacity = 8,
                                  .init = pebbles_init,
                                  .join = pebbles_join,
                                  .leave = pebbles_leave,
                                  .step = pebbles_step,
                                  .predict = pebbles_predict,
                                  .bot = pebbles_bot,
                                  .is_over = pebbles_is_over};

/* An open field: PEBBLES_TILES rows of as many tiles. */
#define ROW  "................................"
#define ROWS ROW ROW ROW ROW ROW ROW ROW ROW
static const char tiles[] = ROWS ROWS ROWS ROWS;
_Static_assert(sizeof tiles == PEBBLES_TILES * PEBBLES_TILES + 1, "a square");

const struct map pebbles_field = {PEBBLES_TILES, PEBBLES_TILES, (const uint8_t *)tiles, "field"};
