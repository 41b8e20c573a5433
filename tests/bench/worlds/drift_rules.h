/* drift_rules.h - the world that servers are compared on: half of its entities drift, few change
 * otherwise.
 *
 * Place:   included once by a bench world's own file, which says how large it is:
 *            DRIFT_GAME, DRIFT_NAME   the variable and the name
 *            DRIFT_SIZE               the edge of its square in units; 20 000 square units for each
 *                                     entity
 *            DRIFT_BITS               the width of (DRIFT_SIZE * 32 - 1)
 * Rules:   edges wrap. The first half of the entities turn by up to 0.15 rad a tick and go on at a
 *          speed of their own, 4 to 12 units a tick; one in forty, at random, changes hp. Whoever
 *          joins rides the entity of the seat's number and steers: a usercmd says by how much it
 *          turns, as much as it would by itself; a tick without one, it does turn by itself. What
 *          stands is steered too, which changes nothing.
 *          One sees what is within 437 units, exactly: about 30 entities.
 */
#include "shared/fixed.h"
#include "shared/game.h"
#include "tests/bench/worlds/drift_codes.h"

#define UNIT      256 /* simulation units to one unit of length */
#define SIZE      (DRIFT_SIZE * UNIT)
#define QUANTUM   3 /* simulation bits below 1/32 unit */
#define COUNT     (DRIFT_SIZE / 100 * (DRIFT_SIZE / 100) / 2)
#define MOVERS    (COUNT / 2)
#define HITS      (COUNT / 40)
#define VIEW      437
#define TURN_MAX  1564 /* 0.15 rad, in 1/65536 of a turn */
#define SPEED_MIN (4 * UNIT)
#define SPEED_MAX (12 * UNIT)
#define HP_MAX    100
#define HP_LOW    5 /* the next hit restores it */
#define SORTS     8

enum { MOTE = 1 };
enum { X, Y, ANGLE, HP, SORT, SPEED, TURN, WORDS };

#define COORDINATE(field_name, field_word)                                                  \
    {                                                                                       \
        .name = field_name, .kind = FIELD_POSITION, .audience = AUDIENCE_ALL,               \
        .extrapolate = EXTRAPOLATE_HEADING, .word = field_word, .shift = QUANTUM,          \
        .bits = DRIFT_BITS, .wraps = true, .max = DRIFT_SIZE * 32 - 1, .unit_numerator = 1, \
        .unit_denominator = 32                                                              \
    }
#define HIDDEN(field_name, field_word)                                                           \
    {                                                                                            \
        .name = field_name, .kind = FIELD_NUMBER, .audience = AUDIENCE_NONE, .word = field_word, \
        .unit_numerator = 1, .unit_denominator = 1                                               \
    }

static const struct field mote_fields[] = {
    COORDINATE("x", X),
    COORDINATE("y", Y),
    {.name = "angle",
     .kind = FIELD_ANGLE,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_HEADING,
     .word = ANGLE,
     .bits = 16,
     .wraps = true,
     .max = 65535,
     .unit_numerator = 45,
     .unit_denominator = 8192},
    {.name = "hp",
     .kind = FIELD_UNSIGNED,
     .audience = AUDIENCE_ALL,
     .word = HP,
     .bits = 8,
     .max = 255,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "sort",
     .kind = FIELD_ENUM,
     .audience = AUDIENCE_ALL,
     .word = SORT,
     .bits = 3,
     .max = SORTS - 1,
     .unit_numerator = 1,
     .unit_denominator = 1},
    HIDDEN("speed", SPEED),
    HIDDEN("turn", TURN),
};
_Static_assert(sizeof mote_fields / sizeof mote_fields[0] == WORDS, "a field for each word");

static const struct entity_kind kinds[] = {
    {"mote", KIND_BODY | KIND_NAMELESS, X, Y, WORDS, mote_fields}};
static const char *const global_names[] = {"match_ticks"};
static const struct usercmd_field usercmd_fields[] = {{.name = "turn",
                                                       .kind = USERCMD_SIGNED,
                                                       .bits = 12,
                                                       .min = -TURN_MAX,
                                                       .max = TURN_MAX,
                                                       .unit_numerator = 1,
                                                       .unit_denominator = 1}};

static const struct field_table table = {.game = DRIFT_NAME,
                                         .step_version = 1,
                                         .kinds = kinds,
                                         .kind_count = 1,
                                         .global_names = global_names,
                                         .global_count = 1,
                                         .usercmd_fields = usercmd_fields,
                                         .usercmd_field_count = 1,
                                         .codes = &codes};

static int32_t random_turn(struct rng *rng)
{
    return (int32_t)rng_below(rng, 2 * TURN_MAX + 1) - TURN_MAX;
}

static void drift_init(struct world *w)
{
    struct rng *rng = &w->state->rng;
    for (int32_t id = 0; id < COUNT; id++) {
        struct entity *e = world_entity(w, world_spawn(w, MOTE, SEAT_NONE));
        if (e == NULL) return; /* the room's config says fewer slots */
        e->words[X] = (int32_t)rng_below(rng, SIZE);
        e->words[Y] = (int32_t)rng_below(rng, SIZE);
        e->words[ANGLE] = (int32_t)rng_below(rng, FIXED_FINE_TURN);
        e->words[HP] = HP_MAX;
        e->words[SORT] = id % SORTS;
        e->words[SPEED] = SPEED_MIN + (int32_t)rng_below(rng, SPEED_MAX - SPEED_MIN + 1);
    }
}

/* Another rider is another identity, as whoever sees the entity is told its owner but once. */
static void seat_rider(struct world *w, uint16_t seat, uint16_t owner)
{
    struct entity *e = world_entity(w, seat);
    if (e == NULL) return;
    e->owner = owner;
    e->generation++;
    world_derive(w);
}

static void drift_join(struct world *w, uint16_t seat)
{
    seat_rider(w, seat, seat);
}

static void drift_leave(struct world *w, uint16_t seat)
{
    seat_rider(w, seat, SEAT_NONE);
}

/* A usercmd says how to turn; the world itself goes on. */
static void drift_predict(const struct map *map, struct entity *body, const struct usercmd *cmd)
{
    (void)map;
    body->words[TURN] = cmd->words[0];
}

static int32_t wrap(int32_t position)
{
    return position < 0 ? position + SIZE : position >= SIZE ? position - SIZE : position;
}

static void move(struct entity *e)
{
    int32_t *words = e->words;
    words[ANGLE] = (int32_t)((uint32_t)(words[ANGLE] + words[TURN]) % FIXED_FINE_TURN);
    words[X] = wrap(words[X] + fixed_fine_along_x((uint32_t)words[ANGLE], words[SPEED]));
    words[Y] = wrap(words[Y] + fixed_fine_along_y((uint32_t)words[ANGLE], words[SPEED]));
}

static void hit(struct entity *e, struct rng *rng)
{
    int32_t damage = 1 + (int32_t)rng_below(rng, 5);
    e->words[HP] = e->words[HP] > HP_LOW ? e->words[HP] - damage : HP_MAX;
}

static void drift_step(struct world *w, const struct seat_input *inputs, size_t input_count)
{
    struct entity *entities = w->state->entities;
    uint32_t count = w->state->slot_count, movers = count < MOVERS ? count : MOVERS;
    for (uint32_t id = 0; id < movers; id++)
        entities[id].words[TURN] = random_turn(&w->state->rng);
    for (size_t i = 0; i < input_count; i++) {
        struct entity *body = world_entity(w, world_body(w, inputs[i].seat));
        if (body == NULL || inputs[i].count == 0) continue;
        drift_predict(w->map, body, &inputs[i].cmds[inputs[i].count - 1]);
    }
    for (uint32_t id = 0; id < movers; id++)
        move(&entities[id]);
    for (uint32_t i = 0; i < HITS && count > 0; i++)
        hit(&entities[rng_below(&w->state->rng, count)], &w->state->rng);
}

static void drift_bot(const struct game_view *view, struct rng *rng, struct usercmd *cmd)
{
    (void)view;
    cmd->words[0] = random_turn(rng);
}

const struct game DRIFT_GAME = {.name = DRIFT_NAME,
                                .table = &table,
                                .map = DRIFT_NAME,
                                .unit = UNIT,
                                .tile_units = DRIFT_SIZE / 40,
                                .view_half_x = VIEW,
                                .view_half_y = VIEW,
                                .view_is_circle = true,
                                .wraps_at = SIZE,
                                .slot_capacity = COUNT,
                                .seat_capacity = COUNT,
                                .init = drift_init,
                                .join = drift_join,
                                .leave = drift_leave,
                                .step = drift_step,
                                .predict = drift_predict,
                                .bot = drift_bot};
