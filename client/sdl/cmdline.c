#include "client/sdl/cmdline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/host/error.h"
#include "shared/limits.h"
#include "shared/message.h"

#define HEADLESS_SECONDS_DEFAULT 5
#define HEADLESS_SECONDS_MIN     0.1
#define HEADLESS_SECONDS_MAX     86400.0
#define HELP_COLUMN              25

/* `value` is what followed the flag, or NULL where the flag takes none. */
typedef enum result take_flag(struct cmdline *options, const char *value, struct error *error);

struct flag {
    const char *name;
    const char *value; /* how help calls it; NULL: the flag stands alone */
    const char *help;
    take_flag *take;
};

static enum result refuse(struct error *error, const char *flag, const char *why)
{
    return error_set(error, RESULT_INVALID, "%s: %s", flag, why);
}

static enum result take_url(struct cmdline *options, const char *value, struct error *error)
{
    struct error why;
    options->has_url = true;
    if (url_parse(&options->url, value, &why) == RESULT_OK) return RESULT_OK;
    return refuse(error, "--url", why.message);
}

static enum result take_cafile(struct cmdline *options, const char *value, struct error *error)
{
    (void)error;
    options->ca_file = value;
    return RESULT_OK;
}

static enum result take_name(struct cmdline *options, const char *value, struct error *error)
{
    size_t length = strlen(value);
    if (length > NAME_BYTES_MAX) return refuse(error, "--name", "expected at most 24 bytes");
    if (!text_is_showable(value, length)) return refuse(error, "--name", "expected readable text");
    options->name = value;
    return RESULT_OK;
}

static enum result take_colour(struct cmdline *options, const char *value, struct error *error)
{
    char *end;
    long colour = strtol(value, &end, 10);
    if (end == value || *end != '\0' || colour < 0 || colour > COLOURS_MAX) {
        return refuse(error, "--colour", "expected 1 to 12, or 0: by the seat");
    }
    options->has_colour = true;
    options->colour = (uint8_t)colour;
    return RESULT_OK;
}

static enum result take_assets(struct cmdline *options, const char *value, struct error *error)
{
    (void)error;
    options->assets = value;
    return RESULT_OK;
}

static enum result take_settings(struct cmdline *options, const char *value, struct error *error)
{
    size_t length = strlen(value);
    if (length == 0 || length > CMDLINE_PATH_CHARS_MAX) {
        return refuse(error, "--settings", "expected a file of at most 1023 characters");
    }
    options->settings = value;
    return RESULT_OK;
}

/* FILE, or FILE@TICK where all after the last '@' is digits. */
static enum result take_replay(struct cmdline *options, const char *value, struct error *error)
{
    size_t file_chars = strlen(value);
    const char *at = strrchr(value, '@');

    if (at != NULL && at[1] != '\0' && strspn(at + 1, "0123456789") == strlen(at + 1)) {
        unsigned long tick = strtoul(at + 1, NULL, 10);
        if (tick > UINT32_MAX) return refuse(error, "--replay", "no match has that many ticks");
        options->replay_tick = (uint32_t)tick;
        file_chars = (size_t)(at - value);
    }
    if (file_chars == 0 || file_chars > CMDLINE_PATH_CHARS_MAX) {
        return refuse(error, "--replay", "expected FILE or FILE@TICK");
    }
    memcpy(options->replay_file, value, file_chars);
    options->replay_file[file_chars] = '\0';
    options->has_replay = true;
    return RESULT_OK;
}

static enum result take_headless(struct cmdline *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->is_headless = true;
    return RESULT_OK;
}

static enum result take_seconds(struct cmdline *options, const char *value, struct error *error)
{
    char *end;
    double seconds = strtod(value, &end);
    if (end == value || *end != '\0' ||
        !(seconds >= HEADLESS_SECONDS_MIN && seconds <= HEADLESS_SECONDS_MAX)) {
        return refuse(error, "--seconds", "expected 0.1 to 86400");
    }
    options->headless_ms = (uint32_t)(seconds * 1000);
    return RESULT_OK;
}

static enum result take_screenshot(struct cmdline *options, const char *value, struct error *error)
{
    (void)error;
    options->screenshot = value;
    return RESULT_OK;
}

static enum result take_hold(struct cmdline *options, const char *value, struct error *error)
{
    if (options->hold_count == CMDLINE_HOLDS_MAX) {
        return refuse(error, "--hold", "at most 8 keys can be held");
    }
    options->holds[options->hold_count++] = value;
    return RESULT_OK;
}

static enum result take_say(struct cmdline *options, const char *value, struct error *error)
{
    size_t length = strlen(value);
    if (length > CHAT_BYTES_MAX || !text_is_showable(value, length)) {
        return refuse(error, "--say", "expected readable text of at most 120 bytes");
    }
    options->say = value;
    return RESULT_OK;
}

static enum result take_capture(struct cmdline *options, const char *value, struct error *error)
{
    (void)error;
    options->capture = value;
    return RESULT_OK;
}

static enum result take_fullscreen(struct cmdline *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->is_fullscreen = true;
    return RESULT_OK;
}

static enum result take_help(struct cmdline *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->wants_help = true;
    return RESULT_OK;
}

static enum result take_version(struct cmdline *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->wants_version = true;
    return RESULT_OK;
}

static const struct flag flags[] = {
    {"--url", "URL",
     "where to play: wss://HOST/ws/updates, ws:// for an unencrypted link\n"
     "(without: a menu asks; with --headless " CMDLINE_DEFAULT_URL ")",
     take_url},
    {"--cafile", "FILE", "trust the certificate authorities in FILE instead of the system's",
     take_cafile},
    {"--name", "NAME", "who to be (default: as the settings say, or the server chooses)",
     take_name},
    {"--colour", "N", "one of the look's palette, 1 to 12; 0: by the seat", take_colour},
    {"--replay", "FILE[@TICK]", "play a recording instead, from TICK on; needs no server",
     take_replay},
    {"--fullscreen", NULL, "fill the screen (F11 toggles it)", take_fullscreen},
    {"--assets", "FOLDER", "the folder of looks and maps (default: looked for)", take_assets},
    {"--settings", "FILE", "the player's settings (default: in the user's own folder)",
     take_settings},
    {"--headless", NULL, "draw without a window and print one line of JSON at the end",
     take_headless},
    {"--seconds", "S", "with --headless: for how long (default: 5)", take_seconds},
    {"--screenshot", "FILE", "with --headless: save the last picture as a PNG", take_screenshot},
    {"--hold", "KEY", "with --headless: hold this key, 'W' or 'Mouse 1'; may stand several times",
     take_hold},
    {"--say", "TEXT", "with --headless: say this in the chat", take_say},
    {"--capture", "FILE", "with --headless: save what came and went in the last seconds (F8)",
     take_capture},
    {"--help", NULL, "print this", take_help},
    {"--version", NULL, "print the version", take_version},
};

#define FLAG_COUNT (sizeof flags / sizeof flags[0])

static const struct flag *find_flag(const char *name)
{
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (strcmp(flags[i].name, name) == 0) return &flags[i];
    }
    return NULL;
}

/* What only makes sense together. */
static enum result check_combination(const struct cmdline *options, bool has_seconds,
                                     struct error *error)
{
    if (options->is_headless) return RESULT_OK;
    if (has_seconds) return refuse(error, "--seconds", "needs --headless");
    if (options->screenshot != NULL) return refuse(error, "--screenshot", "needs --headless");
    if (options->hold_count > 0) return refuse(error, "--hold", "needs --headless");
    if (options->say != NULL) return refuse(error, "--say", "needs --headless");
    if (options->capture != NULL) return refuse(error, "--capture", "needs --headless");
    return RESULT_OK;
}

enum result cmdline_parse(struct cmdline *options, int argc, char *const *argv, struct error *error)
{
    *options = (struct cmdline){0};
    ASSERT(url_parse(&options->url, CMDLINE_DEFAULT_URL, error) == RESULT_OK);

    for (int i = 1; i < argc; i++) {
        const struct flag *flag = find_flag(argv[i]);
        if (flag == NULL) return refuse(error, argv[i], "no such flag; --help lists them");

        const char *value = NULL;
        if (flag->value != NULL && i + 1 == argc) {
            return refuse(error, flag->name, "a value must follow");
        }
        if (flag->value != NULL) value = argv[++i];
        if (flag->take(options, value, error) != RESULT_OK) return error->code;
    }

    bool has_seconds = options->headless_ms != 0;
    if (!has_seconds) options->headless_ms = HEADLESS_SECONDS_DEFAULT * 1000;
    return check_combination(options, has_seconds, error);
}

void cmdline_print_help(FILE *out)
{
    (void)fputs("tickwire-client - plays Tickwire in a window of its own.\n\n", out);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        const char *value = flags[i].value != NULL ? flags[i].value : "";
        const char *line = flags[i].help;
        int written = fprintf(out, "  %s %s", flags[i].name, value);
        (void)fprintf(out, "%*s", written < HELP_COLUMN ? HELP_COLUMN - written : 1, "");
        for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
            (void)fprintf(out, "%.*s\n%*s", (int)(end - line), line, HELP_COLUMN, "");
        (void)fprintf(out, "%s\n", line);
    }
}
