/* craft.h - what players steer: flight, weapons' timing, damage, death and return.
 *
 * Place:   craft_fly() is the whole of what a usercmd does to a craft by itself, so it is also the
 *          client's prediction; the rest happens on the server alone.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_CRAFT_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_CRAFT_H

#include <stdbool.h>

#include "shared/games/skirmish/ground.h"
#include "shared/game.h"
#include "shared/usercmd.h"
#include "shared/world.h"

#define CRAFT_RADIUS     (12 * 256) /* to shots; to walls it is a slightly smaller square */
#define CRAFT_SPEED      3328       /* about the fastest, per tick: 260 units a second */
#define CRAFT_HP_MAX     100
#define CRAFT_SHIELD_MAX 50

/* What a craft fired in one usercmd. */
enum craft_fired { CRAFT_FIRED_SHOT = 1, CRAFT_FIRED_BEAM = 2 };

struct damage {
    uint16_t by; /* seat */
    uint8_t weapon;
    int32_t amount;
    struct point place;
};

/* Moves `craft` by one usercmd. Returns what it fired, a set of enum craft_fired. */
unsigned craft_fly(const struct map *map, struct entity *craft, const struct usercmd *cmd);

/* Before anyone moves in this tick; then after each move, which began at `from`. */
void crafts_start_tick(struct world *w);
void craft_note_move(const struct world *w, struct entity *craft, struct point from);

/* Gives `seat` a craft, if the world has room for it. */
void craft_join(struct world *w, uint16_t seat);

/* Puts the craft on a spawn place, whole, and protected for a while. */
void craft_spawn(struct world *w, struct entity *craft);

/* Ends what has run out by this tick: protection, rapid fire, death. */
void craft_age(struct world *w, struct entity *craft);

/* Hurts the craft, unless it is dead or protected. */
void craft_damage(struct world *w, struct entity *craft, const struct damage *damage);

/* Whom the view's player aims at: the nearest craft close to the line of fire, or SLOT_NONE. */
uint16_t craft_aimed_at(const struct game_view *view);

bool craft_is_target(const struct entity *craft);
struct point craft_place(const struct entity *craft);

/* Returns where it was `lag` before the end of `tick`, the one that is being stepped; 0: where it
 * stands now. */
struct point craft_past_place(const struct entity *craft, uint32_t tick, int32_t lag);

#endif
