/* settings.h - what a player has chosen: who to be, how it sounds and looks, which keys.
 *
 * Place:   app loads them at the start and saves what the menu changed; the page keeps the same
 *          object in its own place.
 * Layout:  one JSON object: name, colour, volume, muted, captions, reduced_motion, palette,
 *          text_scale, keys (usercmd field → KeyboardEvent.code → bits, only what differs from the
 *          look's), and of this client alone full_screen, vsync, recent (addresses, newest first).
 *          Unknown keys are ignored, missing ones have their defaults.
 * Memory:  plain data.
 */
#ifndef TICKWIRE_CLIENT_SDL_SETTINGS_H
#define TICKWIRE_CLIENT_SDL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/look.h"
#include "shared/limits.h"
#include "shared/result.h"

#define SETTINGS_FILE_BYTES_MAX 65536
#define SETTINGS_RECENT_MAX     6
#define SETTINGS_URL_CHARS_MAX  255
#define SETTINGS_KEYS_MAX       64
#define SETTINGS_FIELD_BYTES    32
#define SETTINGS_SCALE_MIN      80
#define SETTINGS_SCALE_MAX      200

/* A key that does something else than the look says; bits 0: nothing. */
struct settings_key {
    char field[SETTINGS_FIELD_BYTES]; /* of the usercmd */
    char code[LOOK_CODE_BYTES];
    int32_t bits;
};

struct settings {
    char name[NAME_BYTES_MAX + 1]; /* "": the server chooses */
    uint8_t colour;                /* 1..COLOURS_MAX; 0: by the seat */
    uint8_t volume;                /* percent */
    bool is_muted, has_captions, has_reduced_motion;
    bool is_safe;       /* the palette for eyes that confuse red and green */
    uint8_t text_scale; /* percent */
    bool is_full_screen, has_vsync;
    uint8_t recent_count, key_count;
    char recent[SETTINGS_RECENT_MAX][SETTINGS_URL_CHARS_MAX + 1];
    struct settings_key keys[SETTINGS_KEYS_MAX];
};

void settings_default(struct settings *s);

/* Reads the text of a settings file. RESULT_INVALID: `error` names the key and what was expected,
 * and the settings are the defaults. */
enum result settings_parse(struct settings *s, const char *text, size_t length_bytes,
                           struct error *error);

/* Returns them as JSON, to be freed by the caller, or NULL for want of memory. */
char *settings_print(const struct settings *s);

/* Reads `path`; where there is no file yet, the defaults. A file that is none of ours is kept beside
 * as `path`.bad, and `error` says in a sentence why. */
enum result settings_load(struct settings *s, const char *path, struct error *error);

/* Writes a new file and puts it in the place of the old one, so that none is ever half written. */
enum result settings_save(const struct settings *s, const char *path, struct error *error);

/* Puts an address first among the recent ones; one that is too long is not kept. */
void settings_note_url(struct settings *s, const char *url);

/* Lays a key on `bits`, or with 0 on nothing. False: too many differ already. */
bool settings_set_key(struct settings *s, const char *field, const char *code, int32_t bits);

/* Returns the choice for that key, or NULL where the look's holds. */
const struct settings_key *settings_find_key(const struct settings *s, const char *field,
                                             const char *code);

/* From now on the look's holds. */
void settings_forget_key(struct settings *s, const char *field, const char *code);

#endif
