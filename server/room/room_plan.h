/* room_plan.h - turns what the config says of rooms into settings: its game, its map, its numbers.
 *
 * Place:   main() makes it before rooms_create(), and instead of it with --check-config.
 * Rules:   without a game, the first one built in; without a map, the game's. A map is a path if it
 *          has a slash or ends in ".json", else a name: <web_root>/assets/maps/<name>.json. Without
 *          any room configured there is one, ROOM_DEFAULT_NAME. A room with players=N has entities
 *          for so many.
 * Memory:  owns the maps, which settings[] borrow, until room_plan_deinit(), after the rooms' end.
 * Errors:  one sentence; the program then ends with 2.
 */
#ifndef TICKWIRE_SERVER_ROOM_ROOM_PLAN_H
#define TICKWIRE_SERVER_ROOM_ROOM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"
#include "server/room/map_file.h"
#include "server/room/room.h"
#include "shared/result.h"

#define ROOM_DEFAULT_NAME "arena"
#define ROOM_DEFAULT_BOTS 8

struct room_plan {
    struct room_settings *settings; /* owned: `count`, as rooms_create() wants them */
    size_t count;
    struct map_file *maps; /* owned: by room */
    uint32_t capacity;     /* rooms at once: `count`, or more if there is a template */
    bool has_template;
    struct room_settings template; /* of rooms made on demand, without name and seed */
    struct map_file template_map;
    uint64_t seed; /* whence rooms' seeds come, by room_seed() */
};

/* `config` is borrowed as long as the plan; `seed` is the first match's of the first room. */
enum result room_plan_init(struct room_plan *p, const struct config *config, uint64_t seed,
                           struct error *error);
void room_plan_deinit(struct room_plan *p);

#endif
