#include "server/room/seats.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/room/bot_names.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"

enum result seats_init(struct seats *s, const struct seats_settings *settings)
{
    *s = (struct seats){.settings = *settings, .roster_is_stale = true};
    s->items = calloc(settings->capacity, sizeof *s->items);
    s->used = calloc(MARKS_WORDS(settings->capacity), sizeof *s->used);
    return s->items == NULL || s->used == NULL ? RESULT_IO : RESULT_OK;
}

void seats_deinit(struct seats *s)
{
    free(s->items);
    free(s->used);
    s->items = NULL;
    s->used = NULL;
}

static uint32_t *count_of(struct seats *s, uint8_t state)
{
    switch (state) {
    case SEAT_PLAYER:
        return &s->player_count;
    case SEAT_LOST:
        return &s->lost_count;
    case SEAT_BOT:
        return &s->bot_count;
    default:
        return NULL;
    }
}

static void set_state(struct seats *s, struct seat *seat, uint8_t state)
{
    if (seat->state != SEAT_FREE) (*count_of(s, seat->state))--;
    if (state != SEAT_FREE) (*count_of(s, state))++;
    if (state != SEAT_FREE) marks_put(s->used, (uint32_t)(seat - s->items));
    seat->state = state;
}

static void set_name(struct seats *s, struct seat *seat, const char *name, uint32_t tick)
{
    size_t length_bytes = text_length(name);
    ASSERT(length_bytes <= NAME_BYTES_MAX);

    bytes_copy(seat->name, name, length_bytes);
    seat->name_length_bytes = (uint8_t)length_bytes;
    seat->guise_tick = tick;
    s->roster_is_stale = true;
}

static void set_colour(struct seats *s, struct seat *seat, uint8_t colour, uint32_t tick)
{
    ASSERT(colour <= COLOURS_MAX);

    seat->colour = colour;
    seat->guise_tick = tick;
    s->roster_is_stale = true;
}

/* What is said of a player who is there already. */
static void change_guise(struct seats *s, struct seat *seat, const struct room_guise *guise,
                         uint32_t tick)
{
    if (guise->name[0] != '\0') set_name(s, seat, guise->name, tick);
    if (guise->has_colour) set_colour(s, seat, guise->colour, tick);
}

/* Names of players: their own, or one that tells the nameless apart. */
static void set_player_name(struct seats *s, struct seat *seat, const char *name, uint32_t tick)
{
    char made_up[NAME_BYTES_MAX + 1];
    if (name[0] == '\0') {
        snprintf(made_up, sizeof made_up, "Guest %u", (unsigned)(seat - s->items) + 1);
        name = made_up;
    }
    set_name(s, seat, name, tick);
}

static bool bot_name_is_used(const struct seats *s, const char *name)
{
    size_t length_bytes = text_length(name);
    for (uint32_t i = 0; i < s->settings.capacity; i++) {
        const struct seat *seat = &s->items[i];
        if (seat->state != SEAT_BOT || seat->name_length_bytes != length_bytes) continue;
        if (bytes_equal(seat->name, name, length_bytes)) return true;
    }
    return false;
}

static void set_bot_name(struct seats *s, struct seat *seat, uint32_t tick)
{
    for (uint32_t i = 0; i < BOT_NAMES_COUNT; i++) {
        const char *name = bot_name(s->bots_made + i);
        if (bot_name_is_used(s, name)) continue;
        set_name(s, seat, name, tick);
        return;
    }
    char numbered[NAME_BYTES_MAX + 1];
    unsigned number = (unsigned)(seat - s->items) + 1;
    snprintf(numbered, sizeof numbered, "%s %u", bot_name(s->bots_made), number);
    set_name(s, seat, numbered, tick);
}

/* Gives `seat`, whoever had it, to a new holder. */
static void take_seat(struct seats *s, struct seat *seat, uint8_t state, uint8_t mode,
                      uint32_t tick)
{
    seat->is_handed_on = seat->is_in_world;
    set_colour(s, seat, 0, tick);
    seat->generation++;
    seat->chat_lines = CHAT_BURST;
    seat->chat_tick = tick;
    inputs_init(&seat->inputs, mode, tick);
    set_state(s, seat, state);
}

static void free_seat(struct seats *s, struct seat *seat, uint32_t tick)
{
    set_state(s, seat, SEAT_FREE);
    set_name(s, seat, "", tick);
}

/* The lowest free seat, else the highest bot's, else NULL. */
static struct seat *find_seat(struct seats *s)
{
    struct seat *bot = NULL;
    for (uint32_t i = 0; i < s->settings.capacity; i++) {
        if (s->items[i].state == SEAT_FREE) return &s->items[i];
        if (s->items[i].state == SEAT_BOT) bot = &s->items[i];
    }
    return bot;
}

/* Takes the same time wherever the two differ: a token cannot be found byte by byte. */
static bool hash_is_equal(const uint8_t *a, const uint8_t *b)
{
    uint8_t difference = 0;
    for (unsigned i = 0; i < TOKEN_HASH_BYTES; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

static struct seat *find_resumed(struct seats *s, const struct room_command *command)
{
    if (!command->join.has_resume || command->join.resume_seat >= s->settings.capacity) return NULL;
    struct seat *seat = &s->items[command->join.resume_seat];
    if (seat->state != SEAT_PLAYER && seat->state != SEAT_LOST) return NULL;
    return hash_is_equal(seat->token_hash, command->join.resume_hash) ? seat : NULL;
}

static void resume(struct seats *s, struct seat *seat, const struct room_command *command,
                   uint32_t tick, struct seats_joined *joined)
{
    joined->is_resumed = true;
    joined->takes_over = seat->state == SEAT_PLAYER;
    joined->old_session = seat->session;
    joined->old_generation = seat->generation;
    set_state(s, seat, SEAT_PLAYER);
    seat->generation++;
    inputs_init(&seat->inputs, command->join.input_mode, tick);
    change_guise(s, seat, &command->join.guise, tick);
}

enum result seats_join(struct seats *s, const struct room_command *command, uint32_t tick,
                       struct seats_joined *joined)
{
    *joined = (struct seats_joined){.seat = SEAT_NONE};
    struct seat *seat = find_resumed(s, command);
    if (seat != NULL) {
        resume(s, seat, command, tick, joined);
    } else {
        seat = find_seat(s);
        if (seat == NULL) return RESULT_FULL;
        take_seat(s, seat, SEAT_PLAYER, command->join.input_mode, tick);
        set_player_name(s, seat, command->join.guise.name, tick);
        if (command->join.guise.has_colour) set_colour(s, seat, command->join.guise.colour, tick);
    }
    seat->session = command->session;
    bytes_copy(seat->token_hash, command->join.token_hash, TOKEN_HASH_BYTES);
    joined->seat = (uint16_t)(seat - s->items);
    joined->generation = seat->generation;
    return RESULT_OK;
}

static struct seat *find_player(const struct seats *s, uint16_t seat, uint32_t generation)
{
    if (seat >= s->settings.capacity) return NULL;
    struct seat *found = &s->items[seat];
    return found->state == SEAT_PLAYER && found->generation == generation ? found : NULL;
}

const struct seat *seats_find(const struct seats *s, uint16_t seat, uint32_t generation)
{
    return find_player(s, seat, generation);
}

bool seats_leave(struct seats *s, uint16_t seat, uint32_t generation, bool keep_seat, uint32_t tick)
{
    struct seat *found = find_player(s, seat, generation);
    if (found == NULL) return false;
    if (keep_seat && s->settings.keep_ticks > 0) {
        set_state(s, found, SEAT_LOST);
        found->lost_tick = tick;
    } else {
        free_seat(s, found, tick);
    }
    return true;
}

bool seats_rename(struct seats *s, uint16_t seat, uint32_t generation,
                  const struct room_guise *guise, uint32_t tick)
{
    struct seat *found = find_player(s, seat, generation);
    if (found == NULL) return false;
    change_guise(s, found, guise, tick);
    return true;
}

bool seats_push_usercmd(struct seats *s, uint16_t seat, uint32_t generation,
                        const struct usercmd *cmd, uint32_t tick)
{
    struct seat *found = find_player(s, seat, generation);
    return found != NULL && inputs_push(&found->inputs, s->settings.table, cmd, tick);
}

bool seats_take_chat_line(struct seats *s, uint16_t seat, uint32_t generation, uint32_t tick)
{
    struct seat *found = find_player(s, seat, generation);
    if (found == NULL) return false;
    uint32_t earned = (tick - found->chat_tick) / CHAT_TICKS_A_LINE;
    if (earned > 0) {
        uint32_t lines = found->chat_lines + earned;
        found->chat_lines =
            (uint8_t)(lines < CHAT_BURST && earned < CHAT_BURST ? lines : CHAT_BURST);
        found->chat_tick += earned * CHAT_TICKS_A_LINE;
    }
    if (found->chat_lines == 0) return false;
    found->chat_lines--;
    return true;
}

static void expire_lost(struct seats *s, uint32_t tick)
{
    uint32_t i = s->lost_count > 0 ? seats_next(s, 0) : MARKS_NONE;
    for (; i != MARKS_NONE; i = seats_next(s, i + 1)) {
        struct seat *seat = &s->items[i];
        if (seat->state != SEAT_LOST) continue;
        int32_t lost_ticks = tick_difference(tick, seat->lost_tick);
        if (lost_ticks >= (int32_t)s->settings.keep_ticks) free_seat(s, seat, tick);
    }
}

/* Returns the highest seat in that state, or NULL. */
static struct seat *find_highest(struct seats *s, uint8_t state)
{
    for (uint32_t i = s->settings.capacity; i > 0; i--) {
        if (s->items[i - 1].state == state) return &s->items[i - 1];
    }
    return NULL;
}

static bool add_bot(struct seats *s, uint32_t tick)
{
    struct seat *seat = find_highest(s, SEAT_FREE);
    if (seat == NULL) return false;
    set_bot_name(s, seat, tick);
    take_seat(s, seat, SEAT_BOT, INPUT_HELD, tick);
    rng_init(&seat->rng, s->settings.seed + s->bots_made);
    s->bots_made++;
    return true;
}

void seats_step(struct seats *s, uint32_t tick)
{
    expire_lost(s, tick);
    uint32_t humans = s->player_count + s->lost_count;
    uint32_t wanted = humans < s->settings.bots ? s->settings.bots - humans : 0;
    while (s->bot_count > wanted)
        free_seat(s, find_highest(s, SEAT_BOT), tick);
    while (s->bot_count < wanted && add_bot(s, tick))
        continue;
}

void seats_leave_world(struct seats *s)
{
    for (uint32_t i = seats_next(s, 0); i != MARKS_NONE; i = seats_next(s, i + 1)) {
        s->items[i].is_in_world = false;
        s->items[i].is_handed_on = false;
    }
}

uint32_t seats_collect_changes(struct seats *s, struct seat_change *changes)
{
    uint32_t count = 0;
    for (uint32_t i = seats_next(s, 0); i != MARKS_NONE; i = seats_next(s, i + 1)) {
        struct seat *seat = &s->items[i];
        bool is_taken = seat->state != SEAT_FREE;
        if (seat->is_in_world && (!is_taken || seat->is_handed_on)) {
            changes[count++] = (struct seat_change){.seat = (uint16_t)i, .is_join = false};
            seat->is_in_world = false;
        }
        if (is_taken && !seat->is_in_world) {
            changes[count++] = (struct seat_change){.seat = (uint16_t)i, .is_join = true};
            seat->is_in_world = true;
        }
        seat->is_handed_on = false;
        if (!is_taken) marks_take(s->used, i);
    }
    return count;
}

uint32_t seats_take_inputs(struct seats *s, uint32_t tick, struct seat_input *inputs)
{
    uint32_t count = 0;
    for (uint32_t i = seats_next(s, 0); i != MARKS_NONE; i = seats_next(s, i + 1)) {
        if (s->items[i].state == SEAT_FREE) continue;
        struct seat_input *input = &inputs[count++];
        input->seat = (uint16_t)i;
        inputs_take(&s->items[i].inputs, s->settings.table, tick, input);
    }
    return count;
}

void seats_fill_roster(const struct seats *s, struct roster *roster)
{
    for (uint32_t i = 0; i < s->settings.capacity; i++) {
        const struct seat *seat = &s->items[i];
        struct roster_entry *entry = &roster->entries[i];
        *entry = (struct roster_entry){.since_tick = seat->guise_tick,
                                       .is_taken = seat->state != SEAT_FREE,
                                       .is_bot = seat->state == SEAT_BOT,
                                       .colour = seat->colour,
                                       .length_bytes = seat->name_length_bytes};
        bytes_copy(entry->name, seat->name, NAME_BYTES_MAX);
    }
}
