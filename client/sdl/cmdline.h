/* cmdline.h - what the player typed after `tickwire-client`.
 *
 * Place:   main reads it once; the app is made from it.
 * Memory:  texts are borrowed from argv.
 * Errors:  RESULT_INVALID with one sentence that names the flag; main then exits with 2.
 */
#ifndef TICKWIRE_CLIENT_SDL_CMDLINE_H
#define TICKWIRE_CLIENT_SDL_CMDLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "client/sdl/url.h"
#include "shared/result.h"

#define CMDLINE_DEFAULT_URL    "ws://localhost:8080/ws/updates"
#define CMDLINE_PATH_CHARS_MAX 1023
#define CMDLINE_HOLDS_MAX      8

struct cmdline {
    struct url url;
    bool has_url;         /* else a player without a recording is asked */
    const char *ca_file;  /* NULL: the system's authorities */
    const char *name;     /* "": the server chooses; NULL: as the settings say */
    bool has_colour;      /* else as the settings say */
    uint8_t colour;       /* 0..COLOURS_MAX */
    const char *assets;   /* folder; NULL: looked for */
    const char *settings; /* file; NULL: the user's own */

    bool has_replay;
    char replay_file[CMDLINE_PATH_CHARS_MAX + 1];
    uint32_t replay_tick; /* 0: the start */

    bool is_headless;
    uint32_t headless_ms;
    const char *screenshot;               /* NULL: none */
    const char *holds[CMDLINE_HOLDS_MAX]; /* names of keys held down all the time */
    unsigned hold_count;
    const char *say;     /* said once after the join; NULL: nothing */
    const char *capture; /* file for the last seconds' messages, at the end; NULL: none */

    bool is_fullscreen;
    bool wants_help, wants_version;
};

/* Reads argv[1..argc). */
enum result cmdline_parse(struct cmdline *options, int argc, char *const *argv,
                          struct error *error);

void cmdline_print_help(FILE *out);

#endif
