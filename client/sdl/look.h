/* look.h - how a game looks and is steered: its look.json, bound to its field table.
 *
 * Place:   look_file reads it; scene, effects, hud and input draw and steer by it. client/README.md
 *          describes the file.
 * Units:   lengths are units of the game; colours are straight red, green, blue, alpha.
 * Memory:  plain data without pointers, a few 100 KB: one of it is allocated per game.
 */
#ifndef TICKWIRE_CLIENT_SDL_LOOK_H
#define TICKWIRE_CLIENT_SDL_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/outline.h"
#include "client/sdl/rgba.h"
#include "shared/fields.h"

#define LOOK_CONDITIONS_MAX 4
#define LOOK_LAYERS_MAX     24
#define LOOK_BARS_MAX       4
#define LOOK_VALUES_MAX     8
#define LOOK_NOTICES_MAX    4
#define LOOK_EFFECTS_MAX    8
#define LOOK_COLOURS_MAX    16
#define LOOK_KEYS_MAX       96
#define LOOK_PIECES_MAX     8
#define LOOK_WORDS_MAX      8
#define LOOK_COLUMNS_MAX    4
#define LOOK_DEGREES_MAX    16
#define LOOK_SOUNDS_MAX     2
#define LOOK_CAPTIONS_MAX   24
#define LOOK_ACTIONS_MAX    12
#define LOOK_SOUND_BYTES    16
#define LOOK_TEXT_BYTES     48
#define LOOK_LINE_BYTES     160
#define LOOK_CODE_BYTES     16
#define LOOK_TILES          128
#define LOOK_NO_WORD        (-1)

enum look_colour_source {
    LOOK_COLOUR_NONE,  /* nothing is drawn */
    LOOK_COLOUR_FIXED, /* rgba */
    LOOK_COLOUR_OWNER, /* the palette's for the entity's owner */
    LOOK_COLOUR_SEAT   /* the palette's for the seat in the event's word */
};

struct look_colour {
    uint8_t source; /* enum look_colour_source */
    int8_t word;    /* LOOK_COLOUR_SEAT */
    struct rgba rgba;
};

enum look_condition_kind { LOOK_IF_MASKED, LOOK_IF_WITHIN, LOOK_IF_OWN, LOOK_IF_NEVER };

struct look_condition {
    uint8_t kind;     /* enum look_condition_kind */
    int8_t word;      /* of the entity */
    int32_t mask, is; /* LOOK_IF_MASKED; LOOK_IF_OWN: `is` 1 or 0 */
    int32_t min, max; /* LOOK_IF_WITHIN */
};

/* Holds when each condition does. */
struct look_if {
    uint8_t count;
    struct look_condition conditions[LOOK_CONDITIONS_MAX];
};

enum look_shape { LOOK_POLYGON, LOOK_CIRCLE, LOOK_GLOW };
enum look_turn_kind { LOOK_TURN_NONE, LOOK_TURN_ANGLE, LOOK_TURN_STEPS, LOOK_TURN_DEGREES };

struct look_turn {
    uint8_t kind; /* enum look_turn_kind */
    int8_t word;
    float span; /* ANGLE, STEPS: the value that makes a full turn */
    float offset;
    uint8_t degree_count; /* DEGREES */
    float degrees[LOOK_DEGREES_MAX];
};

struct look_layer {
    uint8_t shape; /* enum look_shape */
    struct look_if when;
    struct look_colour fill, stroke;
    float width, alpha, pulse, flicker;
    float radius;
    struct point at; /* before turning */
    struct look_turn turn;
    uint8_t point_count; /* LOOK_POLYGON */
    uint8_t index_count;
    struct point points[OUTLINE_POINTS_MAX];
    uint8_t indices[OUTLINE_INDICES_MAX];
};

/* Over an entity, or in the HUD. */
struct look_bar {
    int8_t word;
    char label[LOOK_TEXT_BYTES];
    float max;
    bool is_inverted; /* full at 0 */
    float offset, width;
    struct look_colour colour, low, back;
};

struct look_trail {
    struct look_colour colour; /* NONE: there is no trail */
    float width, seconds, alpha;
};

/* -- sounds -- */

struct look_sound {
    char name[LOOK_SOUND_BYTES]; /* of assets/sounds/<name>.wav; "": none */
    float volume;
    int8_t x_word, y_word; /* of an event; LOOK_NO_WORD: heard everywhere */
    int8_t for_word;       /* only by that seat's player; LOOK_NO_WORD: by all */
    struct look_if when;   /* of a kind's loop */
};

struct look_caption {
    char name[LOOK_SOUND_BYTES];
    char text[LOOK_TEXT_BYTES];
};

struct look_kind {
    bool is_drawn;
    struct look_if when;
    struct look_trail trail;
    bool has_name;
    float name_offset;
    uint8_t bar_count, layer_count;
    struct look_bar bars[LOOK_BARS_MAX];
    struct look_layer layers[LOOK_LAYERS_MAX];
    struct look_sound appear, loop;
};

struct look_tile {
    bool is_raised; /* or sunk; else it is floor */
    struct rgba fill, edge, side;
    float height;
};

/* -- texts -- */

enum look_piece_kind {
    LOOK_PIECE_TEXT,
    LOOK_PIECE_NUMBER,
    LOOK_PIECE_SECONDS, /* until the tick in the word */
    LOOK_PIECE_SEAT,    /* the player's name */
    LOOK_PIECE_WORDS    /* a word for 0, 1, … */
};

struct look_piece {
    uint8_t kind; /* enum look_piece_kind */
    int8_t word;
    uint8_t word_count;
    char text[LOOK_TEXT_BYTES];
    char words[LOOK_WORDS_MAX][LOOK_TEXT_BYTES];
};

struct look_text {
    uint8_t count; /* 0: no text */
    struct look_piece pieces[LOOK_PIECES_MAX];
};

/* -- what happens -- */

enum look_effect_kind { LOOK_BURST, LOOK_RING, LOOK_FLASH, LOOK_LINE, LOOK_RISING };

struct look_effect {
    uint8_t kind; /* enum look_effect_kind */
    int8_t x_word, y_word, to_x_word, to_y_word;
    struct look_colour colour;
    float seconds, radius, width, speed, size;
    uint16_t count;
    struct look_text text;
};

struct look_event {
    uint8_t effect_count;
    struct look_effect effects[LOOK_EFFECTS_MAX];
    struct look_text feed, announce;
    uint8_t sound_count;
    struct look_sound sounds[LOOK_SOUNDS_MAX];
};

/* -- the frame around it -- */

struct look_value {
    int8_t word;
    char label[LOOK_TEXT_BYTES];
};

struct look_notice {
    struct look_if when;
    struct look_text text;
};

struct look_leaderboard {
    uint8_t kind;     /* 1 + index into table->kinds; 0: there is none */
    int8_t seat_word; /* LOOK_NO_WORD: the owner */
    int8_t order_word;
    bool is_ascending;
    uint8_t column_count;
    int8_t columns[LOOK_COLUMNS_MAX];
};

struct look_clock {
    uint8_t kind; /* as above */
    int8_t word;  /* a tick: the time until it is shown */
    int64_t span; /* the word holds the tick modulo this */
    struct look_if when;
};

/* -- steering -- */

struct look_key {
    char code[LOOK_CODE_BYTES]; /* as KeyboardEvent.code calls it */
    int32_t bits;
};

/* What keys are laid on, by its name in the settings. */
struct look_action {
    char name[LOOK_TEXT_BYTES];
    int32_t bits;
};

struct look_control {
    uint8_t key_count;
    struct look_key keys[LOOK_KEYS_MAX];
    bool is_pointer_angle; /* the field follows the pointer's direction from the own body */
    int32_t primary_bits, secondary_bits;
    uint8_t action_count;
    struct look_action actions[LOOK_ACTIONS_MAX];
};

/* -- colours of players -- */

enum look_palette_choice { LOOK_STANDARD, LOOK_SAFE, LOOK_PALETTES };

struct look_palette {
    struct rgba own, nobody;
    uint8_t other_count; /* at least 1 */
    struct rgba others[LOOK_COLOURS_MAX];
};

struct look {
    struct rgba background;
    struct rgba stars; /* alpha 0: none */
    struct look_palette palettes[LOOK_PALETTES];
    enum look_palette_choice palette; /* which one is shown */
    struct rgba floor_fill, floor_line, floor_accent;
    int accent_every; /* 0: no accents */
    struct look_tile tiles[LOOK_TILES];

    struct look_kind kinds[KINDS_MAX]; /* by index into table->kinds */
    uint8_t order[KINDS_MAX];          /* kinds (1 + index), first drawn first */
    uint8_t order_count;
    struct look_event events[EVENT_KINDS_MAX];

    uint8_t bar_count, value_count, notice_count;
    struct look_bar bars[LOOK_BARS_MAX];
    struct look_value values[LOOK_VALUES_MAX];
    struct look_notice notices[LOOK_NOTICES_MAX];
    struct look_leaderboard leaderboard;
    struct look_clock clock;
    struct look_control controls[USERCMD_WORDS];
    char help[LOOK_LINE_BYTES];
    struct look_sound join;
    uint8_t caption_count;
    struct look_caption captions[LOOK_CAPTIONS_MAX];
};

/* Whose colours and conditions these are. */
struct look_subject {
    const int32_t *words; /* of an entity or an event */
    uint16_t owner;
    bool is_own;
};

/* Whether all conditions hold. */
bool look_holds(const struct look_if *when, const struct look_subject *subject);

/* What colours and texts need to know beside their subject. */
struct look_facts {
    uint32_t tick;     /* now */
    uint16_t own_seat; /* whose colours are one's own, or SEAT_NONE */
    const char *(*name)(const void *source, uint16_t seat);
    uint8_t (*colour)(const void *source, uint16_t seat); /* as chosen, from 1 on; 0: none */
    const void *source;
};

/* The palette's colour of a player: as chosen, else one's own or by the seat. */
struct rgba look_seat_colour(const struct look *look, const struct look_facts *facts,
                             uint16_t seat);

/* Returns the colour; alpha 0 for LOOK_COLOUR_NONE. */
struct rgba look_colour(const struct look *look, const struct look_colour *colour,
                        const struct look_subject *subject, const struct look_facts *facts);

/* The name to show for a seat: its player's, or a stand-in. Borrowed from facts or
 * `stand_in`. */
const char *look_name(const struct look_facts *facts, uint16_t seat,
                      char stand_in[LOOK_TEXT_BYTES]);

/* Writes the text and returns whether there is any. */
bool look_print(const struct look_text *text, const struct look_subject *subject,
                const struct look_facts *facts, char *out, size_t capacity_bytes);

#endif
