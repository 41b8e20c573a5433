/* drift.h - a tiny game for tests of the view: one body that drifts where its owner pushes it.
 *
 * Place:   test_interpolate and test_predict. It is in no registry: only its table and predict().
 */
#ifndef TICKWIRE_TESTS_UNIT_DRIFT_H
#define TICKWIRE_TESTS_UNIT_DRIFT_H

#include "shared/game.h"

#define DRIFT_UNIT 16   /* simulation units; 4 to a wire quantum */
#define DRIFT_SPAN 1024 /* quanta until x wraps */

enum drift_word {
    DRIFT_X,
    DRIFT_Y,
    DRIFT_HEADING,
    DRIFT_HEALTH,
    DRIFT_WARP,
    DRIFT_VX,
    DRIFT_WORDS
};

static const struct field drift_fields[] = {
    {"x", FIELD_POSITION, AUDIENCE_ALL, EXTRAPOLATE_VELOCITY, DRIFT_X, 2, 10, true, 0,
     DRIFT_SPAN - 1, 1, 4},
    {"y", FIELD_POSITION, AUDIENCE_ALL, EXTRAPOLATE_VELOCITY, DRIFT_Y, 2, 12, false, 0, 4095, 1, 4},
    {"heading", FIELD_ANGLE, AUDIENCE_ALL, EXTRAPOLATE_HOLD, DRIFT_HEADING, 0, 8, true, 0, 255, 45,
     32},
    {"health", FIELD_UNSIGNED, AUDIENCE_ALL, EXTRAPOLATE_HOLD, DRIFT_HEALTH, 0, 7, false, 0, 100, 1,
     1},
    {"warp", FIELD_WARP, AUDIENCE_ALL, EXTRAPOLATE_HOLD, DRIFT_WARP, 0, 4, true, 0, 15, 1, 1},
    {"vx", FIELD_NUMBER, AUDIENCE_OWNER, EXTRAPOLATE_HOLD, DRIFT_VX, 0, 0, false, 0, 0, 1, 1},
};

static const struct entity_kind drift_kinds[] = {
    {"body", KIND_BODY, DRIFT_X, DRIFT_Y, DRIFT_WORDS, drift_fields},
};

static const struct usercmd_field drift_usercmd_fields[] = {
    {"buttons", USERCMD_BUTTONS, 4, 0, 15, 1, 1},
    {"push", USERCMD_SIGNED, 8, -100, 100, 1, 1},
};

static const struct field_table drift_table = {
    .game = "drift",
    .step_version = 1,
    .kinds = drift_kinds,
    .kind_count = 1,
    .usercmd_fields = drift_usercmd_fields,
    .usercmd_field_count = 2,
};

static void drift_predict(const struct map *map, struct entity *body, const struct usercmd *cmd)
{
    (void)map;
    int32_t span_sim = DRIFT_SPAN << 2;
    body->words[DRIFT_VX] += cmd->words[1];
    body->words[DRIFT_X] = (body->words[DRIFT_X] + body->words[DRIFT_VX] + span_sim) % span_sim;
}

static const struct game game_drift = {
    .name = "drift",
    .table = &drift_table,
    .unit = DRIFT_UNIT,
    .tile_units = 32,
    .predict = drift_predict,
};

#endif
