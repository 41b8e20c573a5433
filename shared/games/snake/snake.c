#include "shared/games/snake/snake.h"

#include "shared/games/snake/codes.h"
#include "shared/games/snake/hunger.h"
#include "shared/games/snake/lawn.h"
#include "shared/tick.h"

#define UNITS_MAX      4095 /* maps of up to 256 tiles square */
#define FOOD_FOR_ALL   6
#define FOOD_PER_SNAKE 2
#define GROWTH         2 /* segments for each piece of food */
#define FOOD_ATTEMPTS  16
#define START_ATTEMPTS 64
#define BUTTONS_ALL    15

#define COORDINATE(field_name, field_word, how)                                                   \
    {                                                                                             \
        .name = field_name, .kind = FIELD_POSITION, .audience = AUDIENCE_ALL, .extrapolate = how, \
        .word = field_word, .bits = 12, .max = UNITS_MAX, .unit_numerator = 1,                    \
        .unit_denominator = 1                                                                     \
    }
#define SHOWN(field_name, field_kind, field_word, field_bits, field_max)                      \
    {                                                                                         \
        .name = field_name, .kind = field_kind, .audience = AUDIENCE_ALL, .word = field_word, \
        .bits = field_bits, .max = field_max, .unit_numerator = 1, .unit_denominator = 1      \
    }
#define NUMBER(field_name, who, field_word)                                            \
    {                                                                                  \
        .name = field_name, .kind = FIELD_NUMBER, .audience = who, .word = field_word, \
        .unit_numerator = 1, .unit_denominator = 1                                     \
    }
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct field head_fields[] = {
    COORDINATE("x", HEAD_X, EXTRAPOLATE_VELOCITY),
    COORDINATE("y", HEAD_Y, EXTRAPOLATE_VELOCITY),
    SHOWN("heading", FIELD_ENUM, HEAD_HEADING, 2, HEADINGS - 1),
    SHOWN("dead", FIELD_ENUM, HEAD_IS_DEAD, 1, 1),
    SHOWN("warp", FIELD_WARP, HEAD_WARP, 3, 7),
    SHOWN("score", FIELD_UNSIGNED, HEAD_SCORE, 12, 4095),
    SHOWN("best", FIELD_UNSIGNED, HEAD_BEST, 12, 4095),
    NUMBER("turn", AUDIENCE_OWNER, HEAD_TURN),
    NUMBER("return_tick", AUDIENCE_OWNER, HEAD_RETURN_TICK),
};

static const struct field place_fields[] = {
    COORDINATE("x", PLACE_X, EXTRAPOLATE_HOLD),
    COORDINATE("y", PLACE_Y, EXTRAPOLATE_HOLD),
    NUMBER("laid_tick", AUDIENCE_NONE, PLACE_LAID_TICK),
};

_Static_assert(COUNT(head_fields) == HEAD_WORDS, "a field for each word");
_Static_assert(COUNT(place_fields) == PLACE_WORDS, "a field for each word");

static const struct entity_kind kinds[] = {
    {"head", KIND_BODY, HEAD_X, HEAD_Y, COUNT(head_fields), head_fields},
    {"segment", 0, PLACE_X, PLACE_Y, COUNT(place_fields), place_fields},
    {"food", 0, PLACE_X, PLACE_Y, COUNT(place_fields), place_fields},
};

static const struct usercmd_field usercmd_fields[] = {
    {.name = "buttons",
     .kind = USERCMD_BUTTONS,
     .bits = 4,
     .max = BUTTONS_ALL,
     .unit_numerator = 1,
     .unit_denominator = 1},
};

static const struct event_kind event_kinds[] = {
    [SNAKE_EVENT_EAT] = {"eat", EVENT_DROPPABLE, 2, {{"by", EVENT_SEAT}, {"score", EVENT_NUMBER}}},
    [SNAKE_EVENT_DEATH] = {"death",
                           EVENT_RELIABLE,
                           2,
                           {{"victim", EVENT_SEAT}, {"score", EVENT_NUMBER}}},
};

static const char *const global_names[] = {"match_ticks"};

static const struct field_table table = {
    .game = "snake",
    .step_version = 1,
    .kinds = kinds,
    .kind_count = COUNT(kinds),
    .global_names = global_names,
    .global_count = COUNT(global_names),
    .usercmd_fields = usercmd_fields,
    .usercmd_field_count = COUNT(usercmd_fields),
    .event_kinds = event_kinds,
    .event_kind_count = COUNT(event_kinds),
    .codes = &codes,
};

/* Moves a head by one usercmd; at a wall it stays where it is, and step() makes it die. */
static void snake_predict(const struct map *map, struct entity *head, const struct usercmd *cmd)
{
    int32_t *words = head->words;
    if (words[HEAD_IS_DEAD]) return;
    for (int32_t heading = 0; heading < HEADINGS; heading++) {
        bool is_pressed = cmd->words[0] >> heading & 1;
        if (is_pressed && heading != lawn_reverse(words[HEAD_HEADING])) words[HEAD_TURN] = heading;
    }
    struct tile here = lawn_tile(head);
    if (lawn_is_centred(head)) {
        words[HEAD_HEADING] = words[HEAD_TURN];
        if (lawn_is_wall(map, lawn_next(here, words[HEAD_HEADING]))) return;
    }
    struct tile step = lawn_next((struct tile){0, 0}, words[HEAD_HEADING]);
    words[HEAD_X] += step.x * SNAKE_SPEED;
    words[HEAD_Y] += step.y * SNAKE_SPEED;
}

static void place_at(struct entity *e, struct tile tile)
{
    e->words[PLACE_X] = tile.x * SNAKE_TILE + SNAKE_TILE / 2;
    e->words[PLACE_Y] = tile.y * SNAKE_TILE + SNAKE_TILE / 2;
}

/* Returns some tile that nothing is on, or after many attempts any. */
static struct tile random_tile(struct world *w, int attempts)
{
    struct tile tile = {0, 0};
    for (int i = 0; i < attempts; i++) {
        tile.x = (int32_t)rng_below(&w->state->rng, w->map->width);
        tile.y = (int32_t)rng_below(&w->state->rng, w->map->height);
        if (!lawn_is_wall(w->map, tile) && lawn_occupant(w, tile, SLOT_NONE) == NULL) break;
    }
    return tile;
}

static void be_born(struct world *w, struct entity *head)
{
    int32_t *words = head->words;
    struct tile tile = random_tile(w, START_ATTEMPTS);
    place_at(head, tile);
    words[HEAD_HEADING] = lawn_widest_heading(w->map, tile);
    words[HEAD_TURN] = words[HEAD_HEADING];
    words[HEAD_WARP] = (words[HEAD_WARP] + 1) % 8;
    words[HEAD_IS_DEAD] = 0;
    words[HEAD_SCORE] = 0;
}

static void free_segments(struct world *w, uint16_t seat)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        const struct entity *e = world_entity(w, slot);
        if (e != NULL && e->kind == SNAKE_SEGMENT && e->owner == seat) {
            world_free(w, (uint16_t)slot);
        }
    }
}

static void die(struct world *w, struct entity *head)
{
    world_emit(w, &(struct event){.kind = SNAKE_EVENT_DEATH,
                                  .seat = SEAT_NONE,
                                  .words = {head->owner, head->words[HEAD_SCORE]}});
    head->words[HEAD_IS_DEAD] = 1;
    head->words[HEAD_RETURN_TICK] = (int32_t)(w->state->tick + SNAKE_DEAD_TICKS);
    free_segments(w, head->owner);
}

/* Lays a segment on the tile that the head leaves, and takes up the oldest if it has enough. */
static void drag_tail(struct world *w, const struct entity *head, struct tile left)
{
    uint16_t oldest = SLOT_NONE;
    int32_t count = 0;
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        const struct entity *e = world_entity(w, slot);
        if (e == NULL || e->kind != SNAKE_SEGMENT || e->owner != head->owner) continue;
        count++;
        if (oldest == SLOT_NONE ||
            tick_is_newer((uint32_t)world_entity(w, oldest)->words[PLACE_LAID_TICK],
                          (uint32_t)e->words[PLACE_LAID_TICK])) {
            oldest = (uint16_t)slot;
        }
    }
    if (count >= SNAKE_LENGTH_MIN + head->words[HEAD_SCORE] * GROWTH) world_free(w, oldest);

    struct entity *segment = world_entity(w, world_spawn(w, SNAKE_SEGMENT, head->owner));
    if (segment == NULL) return;
    place_at(segment, left);
    segment->words[PLACE_LAID_TICK] = (int32_t)w->state->tick;
}

static void eat(struct world *w, struct entity *head, const struct entity *food)
{
    int32_t *words = head->words;
    if (words[HEAD_SCORE] < 4095) words[HEAD_SCORE]++;
    if (words[HEAD_SCORE] > words[HEAD_BEST]) words[HEAD_BEST] = words[HEAD_SCORE];
    world_emit(w, &(struct event){.kind = SNAKE_EVENT_EAT,
                                  .seat = SEAT_NONE,
                                  .words = {head->owner, words[HEAD_SCORE]}});
    world_free(w, (uint16_t)(food - w->state->entities));
}

static void obey(struct world *w, struct entity *head, const struct usercmd *cmd)
{
    bool was_centred = lawn_is_centred(head);
    struct tile left = lawn_tile(head);
    snake_predict(w->map, head, cmd);

    if (was_centred && lawn_is_centred(head)) {
        die(w, head); /* a wall */
        return;
    }
    if (was_centred) drag_tail(w, head, left);
    if (!lawn_is_centred(head)) return;

    uint16_t slot = (uint16_t)(head - w->state->entities);
    const struct entity *met = lawn_occupant(w, lawn_tile(head), slot);
    if (met == NULL) return;
    if (met->kind == SNAKE_FOOD)
        eat(w, head, met);
    else
        die(w, head);
}

static void snake_join(struct world *w, uint16_t seat)
{
    struct entity *head = world_entity(w, world_spawn(w, SNAKE_HEAD, seat));
    if (head != NULL) be_born(w, head);
}

static void snake_leave(struct world *w, uint16_t seat)
{
    free_segments(w, seat);
    uint16_t slot = world_body(w, seat);
    if (slot != SLOT_NONE) world_free(w, slot);
}

static void step_seat(struct world *w, const struct seat_input *input)
{
    struct entity *head = world_entity(w, world_body(w, input->seat));
    if (head == NULL) {
        snake_join(w, input->seat);
        return;
    }
    bool may_return = !tick_is_newer((uint32_t)head->words[HEAD_RETURN_TICK], w->state->tick);
    if (head->words[HEAD_IS_DEAD] && may_return) be_born(w, head);
    for (uint16_t i = 0; i < input->count && !head->words[HEAD_IS_DEAD]; i++)
        obey(w, head, &input->cmds[i]);
}

/* Lays one piece of food a tick, until there is enough for all. */
static void grow_food(struct world *w, size_t snake_count)
{
    size_t food_count = 0;
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++)
        food_count += w->state->entities[slot].kind == SNAKE_FOOD;
    if (food_count >= FOOD_FOR_ALL + snake_count * FOOD_PER_SNAKE) return;

    struct tile tile = random_tile(w, FOOD_ATTEMPTS);
    if (lawn_is_wall(w->map, tile) || lawn_occupant(w, tile, SLOT_NONE) != NULL) return;
    struct entity *food = world_entity(w, world_spawn(w, SNAKE_FOOD, SEAT_NONE));
    if (food != NULL) place_at(food, tile);
}

static void snake_step(struct world *w, const struct seat_input *inputs, size_t input_count)
{
    for (size_t i = 0; i < input_count; i++)
        step_seat(w, &inputs[i]);
    grow_food(w, input_count);
}

static void snake_init(struct world *w)
{
    grow_food(w, 0);
}

const struct game game_snake = {
    .name = "snake",
    .table = &table,
    .map = "garden",
    .unit = 1,
    .tile_units = SNAKE_TILE,
    .view_half_x = 400,
    .view_half_y = 240,
    .slot_capacity = 4096,
    .seat_capacity = 64,
    .init = snake_init,
    .join = snake_join,
    .leave = snake_leave,
    .step = snake_step,
    .predict = snake_predict,
    .bot = hunger_think,
};
