#include "shared/games/skirmish/skirmish.h"

#include "shared/games/skirmish/beam.h"
#include "shared/games/skirmish/codes.h"
#include "shared/games/skirmish/contest.h"
#include "shared/games/skirmish/craft.h"
#include "shared/games/skirmish/pickup.h"
#include "shared/games/skirmish/pilot.h"
#include "shared/games/skirmish/shot.h"

#define POSITION(field_name, field_word, how)                                                     \
    {                                                                                             \
        .name = field_name, .kind = FIELD_POSITION, .audience = AUDIENCE_ALL, .extrapolate = how, \
        .word = field_word, .shift = QUANTUM_SHIFT, .bits = POSITION_BITS,                        \
        .max = (1 << POSITION_BITS) - 1, .unit_numerator = 1,                                     \
        .unit_denominator = SKIRMISH_UNIT >> QUANTUM_SHIFT                                        \
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

/* Words that only the owner needs: what craft_fly() reads, and what the screen's edge shows. */
static const struct field craft_fields[] = {
    POSITION("x", CRAFT_X, EXTRAPOLATE_VELOCITY),
    POSITION("y", CRAFT_Y, EXTRAPOLATE_VELOCITY),
    {.name = "aim",
     .kind = FIELD_ANGLE,
     .audience = AUDIENCE_ALL,
     .word = CRAFT_AIM,
     .shift = 2,
     .bits = 8,
     .wraps = true,
     .max = 255,
     .unit_numerator = 45,
     .unit_denominator = 32},
    SHOWN("thrust", FIELD_ENUM, CRAFT_THRUST, 4, 8),
    SHOWN("hp", FIELD_UNSIGNED, CRAFT_HP, 7, CRAFT_HP_MAX),
    SHOWN("shield", FIELD_UNSIGNED, CRAFT_SHIELD, 6, CRAFT_SHIELD_MAX),
    SHOWN("flags", FIELD_ENUM, CRAFT_FLAGS, 4, 15),
    SHOWN("warp", FIELD_WARP, CRAFT_WARP, 4, 15),
    NUMBER("vx", AUDIENCE_OWNER, CRAFT_VX),
    NUMBER("vy", AUDIENCE_OWNER, CRAFT_VY),
    NUMBER("shot_wait", AUDIENCE_OWNER, CRAFT_SHOT_WAIT),
    NUMBER("beam_wait", AUDIENCE_OWNER, CRAFT_BEAM_WAIT),
    NUMBER("score", AUDIENCE_OWNER, CRAFT_SCORE),
    NUMBER("kills", AUDIENCE_OWNER, CRAFT_KILLS),
    NUMBER("deaths", AUDIENCE_OWNER, CRAFT_DEATHS),
    NUMBER("rapid_tick", AUDIENCE_OWNER, CRAFT_RAPID_TICK),
    NUMBER("return_tick", AUDIENCE_OWNER, CRAFT_RETURN_TICK),
    NUMBER("safe_tick", AUDIENCE_NONE, CRAFT_SAFE_TICK),
    NUMBER("trail_0", AUDIENCE_NONE, CRAFT_TRAIL),
    NUMBER("trail_1", AUDIENCE_NONE, CRAFT_TRAIL + 1),
    NUMBER("trail_2", AUDIENCE_NONE, CRAFT_TRAIL + 2),
    NUMBER("trail_3", AUDIENCE_NONE, CRAFT_TRAIL + 3),
    NUMBER("trail_4", AUDIENCE_NONE, CRAFT_TRAIL + 4),
};

static const struct field shot_fields[] = {
    POSITION("x", SHOT_X, EXTRAPOLATE_VELOCITY),
    POSITION("y", SHOT_Y, EXTRAPOLATE_VELOCITY),
    NUMBER("vx", AUDIENCE_NONE, SHOT_VX),
    NUMBER("vy", AUDIENCE_NONE, SHOT_VY),
    NUMBER("ticks_left", AUDIENCE_NONE, SHOT_TICKS_LEFT),
};

static const struct field pickup_fields[] = {
    POSITION("x", PICKUP_X, EXTRAPOLATE_HOLD),
    POSITION("y", PICKUP_Y, EXTRAPOLATE_HOLD),
    SHOWN("type", FIELD_ENUM, PICKUP_TYPE, 2, PICKUP_TYPES - 1),
    SHOWN("ready", FIELD_ENUM, PICKUP_IS_READY, 1, 1),
    NUMBER("return_tick", AUDIENCE_NONE, PICKUP_RETURN_TICK),
};

static const struct field leader_fields[] = {
    SHOWN("rank", FIELD_UNSIGNED, LEADER_RANK, 3, LEADER_COUNT - 1),
    SHOWN("seat", FIELD_SEAT, LEADER_SEAT, 16, SEAT_NONE),
    SHOWN("score", FIELD_UNSIGNED, LEADER_SCORE, 16, 65535),
    SHOWN("kills", FIELD_UNSIGNED, LEADER_KILLS, 16, 65535),
    SHOWN("deaths", FIELD_UNSIGNED, LEADER_DEATHS, 16, 65535),
};

static const struct field match_fields[] = {
    SHOWN("phase", FIELD_ENUM, MATCH_PHASE, 2, MATCH_IS_OVER),
    SHOWN("end_tick", FIELD_UNSIGNED, MATCH_END_TICK, 24, (1 << 24) - 1),
    SHOWN("winner", FIELD_SEAT, MATCH_WINNER, 16, SEAT_NONE),
};

#define COUNT(array)   (sizeof(array) / sizeof(array)[0])
#define FIELDS(fields) COUNT(fields), fields

_Static_assert(COUNT(craft_fields) == CRAFT_WORDS, "a field for each word");
_Static_assert(COUNT(shot_fields) == SHOT_WORDS, "a field for each word");
_Static_assert(COUNT(pickup_fields) == PICKUP_WORDS, "a field for each word");
_Static_assert(COUNT(leader_fields) == LEADER_WORDS, "a field for each word");
_Static_assert(COUNT(match_fields) == MATCH_WORDS, "a field for each word");

static const struct entity_kind kinds[] = {
    {"craft", KIND_BODY, CRAFT_X, CRAFT_Y, FIELDS(craft_fields)},
    {"shot", 0, SHOT_X, SHOT_Y, FIELDS(shot_fields)},
    {"pickup", 0, PICKUP_X, PICKUP_Y, FIELDS(pickup_fields)},
    {"leader", KIND_EVERYWHERE, 0, 0, FIELDS(leader_fields)},
    {"match", KIND_EVERYWHERE, 0, 0, FIELDS(match_fields)},
};

static const char *const global_names[] = {"match_ticks", "end_tick", "phase"};

static const struct usercmd_field usercmd_fields[] = {
    {.name = "buttons",
     .kind = USERCMD_BUTTONS,
     .bits = 6,
     .max = BUTTONS_ALL,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "aim",
     .kind = USERCMD_ANGLE,
     .bits = 10,
     .max = 1023,
     .unit_numerator = 45,
     .unit_denominator = 128},
};

static const struct event_kind event_kinds[] = {
    [EVENT_KILL] = {"kill",
                    EVENT_RELIABLE,
                    5,
                    {{"by", EVENT_SEAT},
                     {"victim", EVENT_SEAT},
                     {"weapon", EVENT_NUMBER},
                     {"x", EVENT_POSITION},
                     {"y", EVENT_POSITION}}},
    [EVENT_HIT] = {"hit",
                   EVENT_DROPPABLE,
                   5,
                   {{"by", EVENT_SEAT},
                    {"victim", EVENT_SEAT},
                    {"damage", EVENT_NUMBER},
                    {"x", EVENT_POSITION},
                    {"y", EVENT_POSITION}}},
    [EVENT_BEAM] = {"beam",
                    EVENT_DROPPABLE,
                    5,
                    {{"by", EVENT_SEAT},
                     {"from_x", EVENT_POSITION},
                     {"from_y", EVENT_POSITION},
                     {"to_x", EVENT_POSITION},
                     {"to_y", EVENT_POSITION}}},
    [EVENT_PICKUP] = {"pickup",
                      EVENT_DROPPABLE,
                      4,
                      {{"by", EVENT_SEAT},
                       {"type", EVENT_NUMBER},
                       {"x", EVENT_POSITION},
                       {"y", EVENT_POSITION}}},
    [EVENT_MATCH_OVER] = {"match_over",
                          EVENT_RELIABLE,
                          2,
                          {{"winner", EVENT_SEAT}, {"score", EVENT_NUMBER}}},
    [EVENT_LEAD] = {"lead", EVENT_RELIABLE, 2, {{"by", EVENT_SEAT}, {"score", EVENT_NUMBER}}},
};

_Static_assert(COUNT(kinds) == KIND_MATCH, "a kind for each of enum skirmish_kind");
_Static_assert(COUNT(global_names) == SKIRMISH_GLOBALS, "a name for each global");
_Static_assert(COUNT(usercmd_fields) == CMD_WORDS, "a field for each word");
_Static_assert(COUNT(event_kinds) == SKIRMISH_EVENTS, "a kind for each event");

static const struct field_table table = {
    .game = "skirmish",
    .step_version = 2,
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

static void skirmish_init(struct world *w)
{
    contest_init(w);
    pickups_init(w);
}

static void skirmish_leave(struct world *w, uint16_t seat)
{
    shots_forget(w, seat);
    uint16_t slot = world_body(w, seat);
    if (slot != SLOT_NONE) world_free(w, slot);
}

static void step_seat(struct world *w, const struct crowd *crowd, const struct seat_input *input)
{
    struct entity *craft = world_entity(w, world_body(w, input->seat));
    if (craft == NULL) {
        craft_join(w, input->seat);
        return;
    }
    craft_age(w, craft);
    for (uint16_t i = 0; i < input->count; i++) {
        struct point from = craft_place(craft);
        unsigned fired = craft_fly(w->map, craft, &input->cmds[i]);
        craft_note_move(w, craft, from);
        int32_t lag = usercmd_lag(&input->cmds[i], w->state->tick);
        if (fired & CRAFT_FIRED_SHOT) shot_fire(w, crowd, craft, lag);
        if (fired & CRAFT_FIRED_BEAM) beam_fire(w, crowd, craft, lag);
    }
}

static void skirmish_step(struct world *w, const struct seat_input *inputs, size_t input_count)
{
    struct crowd crowd;
    crowd_build(&crowd, w);

    crafts_start_tick(w);
    contest_step(w);
    for (size_t i = 0; i < input_count; i++)
        step_seat(w, &crowd, &inputs[i]);
    shots_step(w, &crowd);
    pickups_step(w, &crowd);
}

static void skirmish_predict(const struct map *map, struct entity *body, const struct usercmd *cmd)
{
    craft_fly(map, body, cmd);
}

static bool skirmish_fire(const struct map *map, const struct entity *body,
                          const struct usercmd *cmd, struct entity *fired)
{
    struct entity craft = *body;
    if (!(craft_fly(map, &craft, cmd) & CRAFT_FIRED_SHOT)) return false;
    *fired = shot_foresee(map, &craft);
    return true;
}

static bool skirmish_strike(const struct map *map, const struct entity *body,
                            const struct usercmd *cmd, struct event *event)
{
    struct entity craft = *body;
    if (!(craft_fly(map, &craft, cmd) & CRAFT_FIRED_BEAM)) return false;
    *event = beam_foresee(map, &craft);
    return true;
}

const struct game game_skirmish = {
    .name = "skirmish",
    .table = &table,
    .map = "arena",
    .unit = SKIRMISH_UNIT,
    .tile_units = TILE_UNITS,
    .view_half_x = 640,
    .view_half_y = 400,
    .slot_capacity = 4096,
    .seat_capacity = 1024,
    .init = skirmish_init,
    .join = craft_join,
    .leave = skirmish_leave,
    .step = skirmish_step,
    .predict = skirmish_predict,
    .fire = skirmish_fire,
    .fly = shot_foresee_flight,
    .strike = skirmish_strike,
    .meet = beam_foresee_meeting,
    .bot = pilot_think,
    .target = craft_aimed_at,
    .is_over = contest_is_over,
    .match_ticks = 12000,
};
