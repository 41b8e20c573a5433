#include "tools/replay/options.h"

#include <stdlib.h>
#include <string.h>

#include "shared/host/error.h"

const char options_usage[] =
    "usage: tickwire-replay COMMAND ...\n"
    "\n"
    "  list DIR                  the recordings of a folder\n"
    "  info FILE                 what a recording is and holds\n"
    "  play FILE                 its ticks as text: entities in units, events, who comes and goes\n"
    "  seek FILE MOMENT          one tick, and how long it took to get there\n"
    "  dump FILE MOMENT          every word of one tick, and the usercmds that led to it\n"
    "  verify FILE               simulates again from the inputs and compares every tick\n"
    "  export FILE               ticks, events or players' figures, as JSON lines or CSV\n"
    "  cut FILE NEW_FILE         copies a part of a recording into a new one\n"
    "\n"
    "  --from MOMENT, --to MOMENT  for play, export and cut: both included; default: all of it\n"
    "  --events                  for play: only what happens, no entities\n"
    "  --what ticks|events|players  for export; default: ticks (as CSV: positions)\n"
    "  --format json|csv         for export; default: json\n"
    "  --json                    print JSON: one object, or one a line\n"
    "\n"
    "A MOMENT is a tick (1234), or a time from the start (90s, 1:30, 1:30.5).\n"
    "info, play and dump also read what a client captured (F8), and compare it with the match: name\n"
    "its recording, or the folder of recordings, behind it.\n"
    "Exit: 0 fine, 1 differs or damaged, 2 wrong usage or not a recording.\n";

/* What each command takes after its FILE. */
static const struct command_form {
    const char *name;
    bool wants_moment, wants_target, has_range;
    bool has_against; /* where FILE is a capture */
} forms[] = {
    {"list", false, false, false, false},  {"info", false, false, false, true},
    {"play", false, false, true, true},    {"seek", true, false, false, false},
    {"dump", true, false, false, true},    {"verify", false, false, false, false},
    {"export", false, false, true, false}, {"cut", false, true, true, false},
};

static const struct command_form *find_form(const char *name)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i].name, name) == 0) return &forms[i];
    }
    return NULL;
}

/* Reads digits; returns whether there was at least one and the number fits. */
static bool read_number(const char **at, uint32_t max, uint32_t *number)
{
    const char *start = *at;
    uint64_t value = 0;
    while (**at >= '0' && **at <= '9' && value <= max)
        value = value * 10 + (uint64_t)(*(*at)++ - '0');
    *number = (uint32_t)value;
    return *at > start && value <= max;
}

/* ".5" is 500 ms; digits beyond the third are dropped. */
static bool read_fraction(const char **at, uint32_t *ms)
{
    uint32_t place = 100;
    *ms = 0;
    if (**at != '.') return true;
    if (*++*at < '0' || **at > '9') return false;
    for (; **at >= '0' && **at <= '9'; ++*at, place /= 10)
        *ms += (uint32_t)(**at - '0') * place;
    return true;
}

static bool parse_moment(struct moment *m, const char *text)
{
    const char *at = text;
    uint32_t first, second, ms;
    *m = (struct moment){.is_given = true};
    if (!read_number(&at, UINT32_MAX, &first)) return false;
    if (*at == '\0') {
        m->tick = first;
        return true;
    }
    m->is_time = true;
    if (first > 1000000) return false;
    if (*at == ':') {
        at++;
        if (!read_number(&at, 59, &second) || !read_fraction(&at, &ms)) return false;
        m->time_ms = (first * 60 + second) * 1000 + ms;
        return *at == '\0';
    }
    if (!read_fraction(&at, &ms)) return false;
    m->time_ms = first * 1000 + ms;
    return *at == 's' && at[1] == '\0';
}

static enum result want_moment(struct moment *m, const char *name, const char *text,
                               struct error *error)
{
    if (text != NULL && parse_moment(m, text)) return RESULT_OK;
    return error_set(error, RESULT_INVALID, "%s: expected a tick, or a time like 90s or 1:30%s%s",
                     name, text == NULL ? "" : ", not ", text == NULL ? "" : text);
}

static enum result parse_format(struct options *o, const char *text, struct error *error)
{
    bool is_csv = text != NULL && strcmp(text, "csv") == 0;
    if (!is_csv && (text == NULL || strcmp(text, "json") != 0)) {
        return error_set(error, RESULT_INVALID, "--format: expected json or csv");
    }
    o->format = is_csv ? EXPORT_CSV : EXPORT_JSON_LINES;
    return RESULT_OK;
}

static enum result parse_what(struct options *o, const char *text, struct error *error)
{
    static const char *const names[] = {
        [EXPORT_TICKS] = "ticks", [EXPORT_EVENTS] = "events", [EXPORT_PLAYERS] = "players"};
    for (unsigned i = 0; text != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        o->what = (enum export_what)i;
        return RESULT_OK;
    }
    return error_set(error, RESULT_INVALID, "--what: expected ticks, events or players");
}

/* Takes one option and its value; *used counts both. */
static enum result parse_option(struct options *o, const struct command_form *form, char **argv,
                                int *used, struct error *error)
{
    const char *name = argv[0];
    *used = 1;
    if (strcmp(name, "--json") == 0) {
        o->json = true;
        return RESULT_OK;
    }
    if (strcmp(name, "--events") == 0 && strcmp(form->name, "play") == 0) {
        o->events_only = true;
        return RESULT_OK;
    }
    *used = 2;
    if (strcmp(name, "--from") == 0 && form->has_range) {
        return want_moment(&o->from, name, argv[1], error);
    }
    if (strcmp(name, "--to") == 0 && form->has_range) {
        return want_moment(&o->to, name, argv[1], error);
    }
    bool is_export = strcmp(form->name, "export") == 0;
    if (strcmp(name, "--format") == 0 && is_export) return parse_format(o, argv[1], error);
    if (strcmp(name, "--what") == 0 && is_export) return parse_what(o, argv[1], error);
    return error_set(error, RESULT_INVALID, "%s: no such option of %s", name, form->name);
}

static enum result parse_operand(struct options *o, const struct command_form *form,
                                 const char *text, struct error *error)
{
    if (o->path == NULL) {
        o->path = text;
    } else if (form->wants_target && o->target == NULL) {
        o->target = text;
    } else if (form->wants_moment && !o->at.is_given) {
        return want_moment(&o->at, form->name, text, error);
    } else if (form->has_against && o->against == NULL) {
        o->against = text;
    } else {
        return error_set(error, RESULT_INVALID, "%s: one operand too many: %s", form->name, text);
    }
    return RESULT_OK;
}

enum result options_parse(struct options *o, int argc, char **argv, struct error *error)
{
    *o = (struct options){0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) o->help = true;
    }
    if (o->help) return RESULT_OK;
    if (argc < 2) return error_set(error, RESULT_INVALID, "which command? --help lists them");
    const struct command_form *form = find_form(argv[1]);
    if (form == NULL) {
        return error_set(error, RESULT_INVALID, "%s: no such command; --help lists them", argv[1]);
    }
    o->command = form->name;
    for (int i = 2, used; i < argc; i += used) {
        used = 1;
        enum result result = strncmp(argv[i], "--", 2) == 0
                                 ? parse_option(o, form, argv + i, &used, error)
                                 : parse_operand(o, form, argv[i], error);
        if (result != RESULT_OK) return result;
    }
    if (o->path == NULL) return error_set(error, RESULT_INVALID, "%s: of what?", form->name);
    if (form->wants_target && o->target == NULL) {
        return error_set(error, RESULT_INVALID, "%s: into which file?", form->name);
    }
    if (form->wants_moment && !o->at.is_given) {
        return want_moment(&o->at, form->name, NULL, error);
    }
    return RESULT_OK;
}

uint32_t moment_tick(const struct moment *moment, const struct reader_info *info,
                     uint32_t otherwise)
{
    if (!moment->is_given) return otherwise;
    if (!moment->is_time) return moment->tick;
    uint64_t ticks = (uint64_t)moment->time_ms * info->head.tick_hz / 1000;
    uint64_t tick = info->first_tick + ticks;
    return tick > UINT32_MAX ? UINT32_MAX : (uint32_t)tick;
}
