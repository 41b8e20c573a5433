#include "tests/bench/feel/player.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/check.h"
#include "shared/fixed.h"
#include "shared/games/skirmish/craft.h"
#include "shared/games/skirmish/skirmish.h"
#include "shared/host/clock.h"

#define UNIT           ((double)SKIRMISH_UNIT)
#define SPEED_MOST     (CRAFT_SPEED / UNIT * 20) /* units a second */
#define JUMP_UNITS     1.0                       /* less beyond the most is not seen */
#define JUMP_FACTOR    1.1
#define SHOT_REACH     15 /* of a shot's centre from the craft's that it hits */
#define BEAM_REACH     12
#define BEAM_DAMAGE    55
#define AIM_UNITS      15 /* it aims beside its target, up to so much */
#define TURN_US_LEAST  200000
#define TURN_US_SPREAD 600000
#define BEAM_US_LEAST  2050000 /* when it is ready again, and up to a second more */
#define BEAM_US_SPREAD 1000000
#define FIRE_US        1700000 /* a shot has ended long before the next */
#define ATTEMPT_US     1600000 /* the server has told by then */
#define GONE_US        600000  /* by then the loss of a target is drawn */
#define NOBODY         (-1)

static const int32_t pushes[] = {0,
                                 BUTTON_UP,
                                 BUTTON_DOWN,
                                 BUTTON_LEFT,
                                 BUTTON_RIGHT,
                                 BUTTON_UP | BUTTON_LEFT,
                                 BUTTON_UP | BUTTON_RIGHT,
                                 BUTTON_DOWN | BUTTON_LEFT,
                                 BUTTON_DOWN | BUTTON_RIGHT};

/* -- the socket -- */

static void opened(void *context)
{
    struct player *p = context;
    view_connect(p->view);
}

static bool takes_notes(const struct player *p, uint64_t now_us)
{
    return now_us >= p->begin_us && view_map(p->view) != NULL;
}

/* Where the server's word put the own craft, for each of its snapshots. */
static void note_error(struct player *p, uint64_t now_us)
{
    struct view_stats stats;
    view_read_stats(p->view, now_us, &stats);
    bool is_corrected = stats.corrections != p->corrections;
    p->corrections = stats.corrections;
    if (!takes_notes(p, now_us)) return;
    tally_add(&p->notes->errors, is_corrected ? stats.corrected_by / UNIT : 0);
    p->notes->corrections += is_corrected;
}

static void message(void *context, uint8_t *bytes, size_t length_bytes)
{
    struct player *p = context;
    uint64_t now_us = clock_monotonic_us();
    enum result r = view_receive(p->view, bytes, length_bytes, now_us);
    ASSERT(r == RESULT_OK);
    if (message_type(bytes) == MESSAGE_SNAPSHOT) note_error(p, now_us);
}

const struct client_handler player_handler = {.opened = opened, .message = message};

void player_start(struct player *p, struct client_shared *shared, struct feel_notes *notes,
                  const struct player_machine *machine, uint32_t number, uint64_t begin_us)
{
    const struct view_config config = {.entities_max = 512,
                                       .pasts_max = 32,
                                       .seats_max = 1024,
                                       .map_tiles_max = 65536,
                                       .half_x = 4096,
                                       .half_y = 4096};
    *p = (struct player){.shared = shared,
                         .notes = notes,
                         .machine = *machine,
                         .memory = aligned_alloc(16, (view_memory_bytes(&config) + 15) / 16 * 16),
                         .begin_us = begin_us};
    ASSERT(p->memory != NULL);
    p->view = view_init(p->memory, &config);
    rng_init(&p->rng, number);
    client_start(&p->client, shared, p, 0, 0);
}

void player_deinit(struct player *p)
{
    client_deinit(&p->client);
    free(p->memory);
    p->memory = NULL;
}

/* -- the machine -- */

bool player_is_stalled(const struct player *p, uint64_t now_us)
{
    const struct player_machine *m = &p->machine;
    return m->stall_every_us != 0 && now_us >= p->begin_us &&
           (now_us - p->begin_us) % m->stall_every_us < m->stall_us;
}

/* -- looking at the screen -- */

static double word_units(const struct drawn *d, unsigned word)
{
    return d->words[word] / UNIT;
}

static bool is_alive(const struct drawn *d)
{
    return d->kind == KIND_CRAFT && !(d->words[CRAFT_FLAGS] & CRAFT_IS_DEAD);
}

static bool may_be_hit(const struct drawn *d)
{
    return is_alive(d) && !(d->flags & DRAWN_MINE) && !(d->words[CRAFT_FLAGS] & CRAFT_IS_SAFE);
}

/* -- hands -- */

static const struct drawn *nearest_target(const struct view_frame *frame, const struct drawn *own)
{
    const struct drawn *best = NULL;
    double best_distance = 0;
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct drawn *d = &frame->drawn[i];
        if (!may_be_hit(d)) continue;
        double distance = hypot(word_units(d, CRAFT_X) - word_units(own, CRAFT_X),
                                word_units(d, CRAFT_Y) - word_units(own, CRAFT_Y));
        if (best != NULL && distance >= best_distance) continue;
        best = d;
        best_distance = distance;
    }
    return best;
}

static void choose_way(struct player *p, uint64_t now_us)
{
    if (now_us < p->turn_us) return;
    p->turn_us = now_us + TURN_US_LEAST + rng_below(&p->rng, TURN_US_SPREAD);
    p->buttons = pushes[rng_below(&p->rng, sizeof pushes / sizeof pushes[0])];
    p->aim_error = (int32_t)rng_below(&p->rng, 2 * AIM_UNITS + 1) - AIM_UNITS;
}

static void choose_aim(struct player *p, const struct view_frame *frame)
{
    if (frame->own_index < 0) return;
    const struct drawn *own = &frame->drawn[frame->own_index];
    const struct drawn *target = nearest_target(frame, own);
    if (target == NULL) return;

    double dx = word_units(target, CRAFT_X) - word_units(own, CRAFT_X);
    double dy = word_units(target, CRAFT_Y) - word_units(own, CRAFT_Y);
    double distance = fmax(1, hypot(dx, dy));
    double angle = atan2(dy, dx) + p->aim_error / distance;
    p->aim = (int32_t)lround(angle / (2 * M_PI) * FIXED_TURN) & (FIXED_TURN - 1);
}

static void close_attempt(struct attempt *a, struct feel_weapon *weapon, uint64_t now_us)
{
    if (!a->is_open || now_us < a->at_us + ATTEMPT_US) return;
    a->is_open = false;
    if (a->is_gone && a->told == NOBODY) {
        weapon->gone++;
        return;
    }
    weapon->used++;
    weapon->agreed += a->seen == a->told;
    weapon->seen += a->seen != NOBODY;
    weapon->seen_hit += a->seen != NOBODY && a->seen == a->told;
}

static void steer(struct player *p, const struct view_frame *frame, uint64_t now_us)
{
    int32_t words[USERCMD_WORDS] = {0};
    choose_way(p, now_us);
    choose_aim(p, frame);
    words[CMD_BUTTONS] = p->buttons;
    words[CMD_AIM] = p->aim;
    bool may_fire = frame->own_index >= 0 && is_alive(&frame->drawn[frame->own_index]);
    if (may_fire && now_us >= p->beam_us) {
        p->beam_us = now_us + BEAM_US_LEAST + rng_below(&p->rng, BEAM_US_SPREAD);
        words[CMD_BUTTONS] |= BUTTON_BEAM;
    }
    if (may_fire && now_us >= p->fire_us) {
        p->fire_us = now_us + FIRE_US;
        words[CMD_BUTTONS] |= BUTTON_FIRE;
        p->shot = (struct attempt){
            .is_open = takes_notes(p, now_us), .at_us = now_us, .seen = NOBODY, .told = NOBODY};
        p->shot_is_drawn = false;
    }
    view_set_input(p->view, words);
}

/* -- notes -- */

static void note_motion(struct player *p, const struct drawn *d, double seconds)
{
    struct feel_notes *n = p->notes;
    struct player_seen *last = &p->last[d->slot % PLAYER_SLOTS];
    struct player_seen now = {.is_there = true,
                              .generation = d->generation,
                              .warp = d->words[CRAFT_WARP],
                              .x = word_units(d, CRAFT_X),
                              .y = word_units(d, CRAFT_Y)};
    bool is_own = d->flags & DRAWN_OWN;
    if (last->is_there && last->generation == now.generation && last->warp == now.warp) {
        double moved = hypot(now.x - last->x, now.y - last->y);
        /* Two usercmds in a tick, after a stall of its player's link, are twice as fast. */
        double factor = is_own ? JUMP_FACTOR : USERCMDS_PER_TICK_MAX * JUMP_FACTOR;
        double beyond = moved - SPEED_MOST * factor * seconds;
        now.has_speed = true;
        now.vx = (now.x - last->x) / seconds;
        now.vy = (now.y - last->y) / seconds;
        if (last->has_speed) {
            tally_add(is_own ? &n->own_speed : &n->others_speed,
                      hypot(now.vx - last->vx, now.vy - last->vy));
        }
        if (beyond > JUMP_UNITS) tally_add(is_own ? &n->own_jumps : &n->others_jumps, beyond);
    }
    *last = now;
}

static void note_craft(struct player *p, const struct view_frame *frame, double seconds)
{
    static bool is_there[PLAYER_SLOTS];
    for (unsigned i = 0; i < PLAYER_SLOTS; i++)
        is_there[i] = false;
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct drawn *d = &frame->drawn[i];
        if (!is_alive(d)) continue;
        is_there[d->slot % PLAYER_SLOTS] = true;
        note_motion(p, d, seconds);
        if (d->flags & DRAWN_OWN) continue;
        p->notes->craft_frames++;
        p->notes->guessed_frames += (d->flags & DRAWN_EXTRAPOLATED) != 0;
        p->notes->held_frames += (d->flags & DRAWN_HELD) != 0;
    }
    for (unsigned i = 0; i < PLAYER_SLOTS; i++)
        p->last[i].is_there &= is_there[i];
}

/* The craft that stands within `reach` of the way from (x0, y0) to (x1, y1). */
static int32_t met_on_way(const struct view_frame *frame, const double way[4], double reach)
{
    double dx = way[2] - way[0], dy = way[3] - way[1], squared = fmax(1e-9, dx * dx + dy * dy);
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct drawn *d = &frame->drawn[i];
        if (!may_be_hit(d)) continue;
        double x = word_units(d, CRAFT_X) - way[0], y = word_units(d, CRAFT_Y) - way[1];
        double along = fmin(1, fmax(0, (x * dx + y * dy) / squared));
        if (hypot(x - along * dx, y - along * dy) <= reach) return d->owner;
    }
    return NOBODY;
}

static void note_shot(struct player *p, const struct view_frame *frame)
{
    for (uint32_t i = 0; i < frame->count; i++) {
        const struct drawn *d = &frame->drawn[i];
        if (d->kind != KIND_SHOT || !(d->flags & DRAWN_MINE)) continue;
        double x = word_units(d, SHOT_X), y = word_units(d, SHOT_Y);
        double way[4] = {x, y, x, y};
        if (p->shot_is_drawn) {
            way[0] = p->shot_x;
            way[1] = p->shot_y;
        }
        if (p->shot.is_open && p->shot.seen == NOBODY) {
            p->shot.seen = met_on_way(frame, way, SHOT_REACH);
        }
        p->shot_x = x;
        p->shot_y = y;
        p->shot_is_drawn = true;
        return;
    }
}

static void take_beam(struct player *p, const struct view_frame *frame,
                      const struct view_line *line, uint64_t now_us)
{
    const int32_t *words = line->line.event.words;
    double x = words[3] / UNIT, y = words[4] / UNIT;
    p->beam = (struct attempt){.is_open = takes_notes(p, now_us),
                               .at_us = now_us,
                               .foreseen = line->foreseen,
                               .seen = met_on_way(frame, (double[4]){x, y, x, y}, BEAM_REACH + 0.2),
                               .told = NOBODY};
}

/* Something else has destroyed `victim`: what the player has just fired at it met nobody. */
static void note_loss(struct attempt *a, int32_t victim, uint64_t now_us)
{
    if (a->seen == victim && now_us < a->at_us + GONE_US) a->is_gone = true;
}

static void take_lines(struct player *p, const struct view_frame *frame, uint64_t now_us)
{
    struct view_line line;
    uint16_t seat = view_welcome(p->view) == NULL ? SEAT_NONE : view_welcome(p->view)->seat;
    while (view_take_line(p->view, &line)) {
        const struct event *e = &line.line.event;
        if (line.line.line_kind != LINE_EVENT) continue;
        if (e->kind == EVENT_BEAM && line.foreseen != 0) take_beam(p, frame, &line, now_us);
        if (e->kind == EVENT_KILL && e->words[1] == seat && takes_notes(p, now_us)) {
            p->notes->losses++;
        }
        if (e->kind == EVENT_KILL) {
            int32_t own_weapon = e->words[0] == seat ? e->words[2] : NOBODY;
            if (own_weapon != WEAPON_BEAM) note_loss(&p->beam, e->words[1], now_us);
            if (own_weapon != WEAPON_SHOT) note_loss(&p->shot, e->words[1], now_us);
        }
        if (e->kind != EVENT_HIT || e->words[0] != seat) continue;
        struct attempt *a = e->words[2] == BEAM_DAMAGE ? &p->beam : &p->shot;
        a->told = e->words[1];
    }
    for (uint32_t number; (number = view_take_withdrawn(p->view)) != 0;) {
        if (!p->beam.is_open || p->beam.foreseen != number) continue;
        p->beam.is_open = false;
        p->notes->beams.refused++;
    }
}

static void note_frame(struct player *p, const struct view_frame *frame, uint64_t now_us)
{
    struct feel_notes *n = p->notes;
    struct view_stats stats;
    double seconds = (double)(now_us - p->last_frame_us) / 1e6;
    view_read_stats(p->view, now_us, &stats);
    note_craft(p, frame, seconds);
    n->frames++;
    n->seconds += seconds;
    tally_add(&n->ages, (double)stats.state_age_us / 1000);
    tally_add(&n->delays, (double)stats.delay_us / 1000);
    tally_add(&n->rtts, (double)stats.rtt_us / 1000);
}

static void send_due(struct player *p, uint64_t now_us)
{
    uint8_t bytes[MESSAGE_UP_BYTES_MAX];
    size_t length;
    while ((length = view_poll_outgoing(p->view, now_us, client_unsent_bytes(&p->client), bytes,
                                        sizeof bytes)) > 0) {
        if (client_send(&p->client, WS_BINARY, bytes, length) != RESULT_OK) return;
    }
}

void player_frame(struct player *p, uint64_t now_us)
{
    if (p->client.state != CLIENT_OPEN) return;
    steer(p, view_frame(p->view, now_us), now_us);
    send_due(p, now_us);
    const struct view_frame *frame = view_frame(p->view, now_us);
    if (frame->phase == VIEW_PLAYING) {
        note_shot(p, frame);
        take_lines(p, frame, now_us);
        if (takes_notes(p, now_us) && p->last_frame_us != 0) note_frame(p, frame, now_us);
        close_attempt(&p->beam, &p->notes->beams, now_us);
        close_attempt(&p->shot, &p->notes->shots, now_us);
    }
    p->last_frame_us = now_us;
}
