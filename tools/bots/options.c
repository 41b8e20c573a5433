#include "tools/bots/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/limits.h"

#define PREFIX_BYTES_MAX (NAME_BYTES_MAX - 6) /* then a number of five digits */

const char options_usage[] =
    "usage: tickwire-bots --url URL --count N --seconds S [options]\n"
    "  --url URL          ws://HOST:PORT/ws/updates?room=NAME, or wss://\n"
    "  --count N          bots\n"
    "  --seconds S        how long to measure once all have joined\n"
    "  --rate-hz N        input messages a second and bot (20)\n"
    "  --rooms N          they take turns: {room} in the URL becomes 0 to N - 1 (1)\n"
    "  --slow P:B         P percent of them read only B bytes a second\n"
    "  --name PREFIX      names are PREFIX and a number (Bot)\n"
    "  --cafile FILE      certificates to trust with wss:// (the system's)\n"
    "  --seed N           of what they do by chance (1)\n"
    "  --json             print the line of figures alone\n"
    "The last line is one JSON object. Exit: 0, 1 if nothing could connect, 2 wrong usage.\n";

enum option_kind { OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG, OPTION_SLOW };

struct option_row {
    const char *flag;
    enum option_kind kind;
    size_t offset; /* in struct options */
    uint32_t min, max;
};

static const struct option_row rows[] = {
    {"--url", OPTION_TEXT, offsetof(struct options, url), 0, 0},
    {"--name", OPTION_TEXT, offsetof(struct options, name), 0, 0},
    {"--cafile", OPTION_TEXT, offsetof(struct options, ca_file), 0, 0},
    {"--count", OPTION_NUMBER, offsetof(struct options, count), 1, BOTS_COUNT_MAX},
    {"--seconds", OPTION_NUMBER, offsetof(struct options, seconds), 1, 86400},
    {"--rooms", OPTION_NUMBER, offsetof(struct options, rooms), 1, BOTS_COUNT_MAX},
    {"--rate-hz", OPTION_NUMBER, offsetof(struct options, rate_hz), 1, BOTS_RATE_HZ_MAX},
    {"--seed", OPTION_NUMBER, offsetof(struct options, seed), 0, UINT32_MAX},
    {"--slow", OPTION_SLOW, 0, 0, 0},
    {"--json", OPTION_FLAG, offsetof(struct options, json), 0, 0},
    {"--help", OPTION_FLAG, offsetof(struct options, help), 0, 0},
};

__attribute__((format(printf, 2, 3))) static enum result refuse(struct error *error,
                                                                const char *format, ...)
{
    __builtin_va_list arguments;
    error->code = RESULT_INVALID;
    __builtin_va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    __builtin_va_end(arguments);
    return error->code;
}

/* A decimal number within the limits that ends at *end, or at the text's end if `end` is NULL. */
static bool parse_number(uint32_t *value, const char *text, char **end, uint32_t min, uint32_t max)
{
    char *stop;
    errno = 0;
    unsigned long long number = strtoull(text, &stop, 10);
    bool is_number = *text >= '0' && *text <= '9' && errno == 0 && (end != NULL || *stop == '\0');
    if (!is_number || number < min || number > max) return false;
    *value = (uint32_t)number;
    if (end != NULL) *end = stop;
    return true;
}

static enum result parse_slow(struct options *o, const char *text, struct error *error)
{
    char *rest;
    bool ok = parse_number(&o->slow_percent, text, &rest, 0, 100) && *rest == ':' &&
              parse_number(&o->slow_bytes_per_s, rest + 1, NULL, 100, 1000000000);
    if (ok) return RESULT_OK;
    return refuse(error, "--slow %.60s: expected PERCENT:BYTES_PER_S, as in 10:2000", text);
}

static const struct option_row *find_row(const char *flag)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].flag, flag) == 0) return &rows[i];
    }
    return NULL;
}

static enum result parse_value(struct options *o, const struct option_row *row, const char *text,
                               struct error *error)
{
    void *place = (char *)o + row->offset;
    if (row->kind == OPTION_SLOW) return parse_slow(o, text, error);
    if (row->kind == OPTION_TEXT) {
        *(const char **)place = text;
        return RESULT_OK;
    }
    if (parse_number(place, text, NULL, row->min, row->max)) return RESULT_OK;
    return refuse(error, "%s %.60s: expected a number from %u to %u", row->flag, text, row->min,
                  row->max);
}

static enum result check(const struct options *o, struct error *error)
{
    if (o->help) return RESULT_OK;
    if (o->url == NULL) return refuse(error, "--url is missing");
    if (o->count == 0) return refuse(error, "--count is missing");
    if (o->seconds == 0) return refuse(error, "--seconds is missing");
    if (strlen(o->name) > PREFIX_BYTES_MAX) {
        return refuse(error, "--name %.60s: at most %d bytes", o->name, PREFIX_BYTES_MAX);
    }
    return RESULT_OK;
}

enum result options_parse(struct options *o, int argc, char **argv, struct error *error)
{
    *o = (struct options){.name = "Bot", .rate_hz = TICK_HZ, .rooms = 1, .seed = 1};
    for (int i = 1; i < argc; i++) {
        const struct option_row *row = find_row(argv[i]);
        if (row == NULL) return refuse(error, "%.60s: no such option", argv[i]);
        if (row->kind == OPTION_FLAG) {
            *(bool *)((char *)o + row->offset) = true;
            continue;
        }
        if (i + 1 == argc) return refuse(error, "%s: a value is missing", row->flag);
        enum result r = parse_value(o, row, argv[++i], error);
        if (r != RESULT_OK) return r;
    }
    return check(o, error);
}
