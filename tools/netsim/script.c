#include "tools/netsim/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES_MAX 256
#define SECONDS_MAX    86400.0
#define BLANKS         " \t\r"

struct row {
    const char *name;
    size_t offset; /* in struct narrow_settings */
    uint64_t scale, max;
};

static const struct row rows[] = {
    {"delay-ms", offsetof(struct narrow_settings, delay_us), 1000, 60000},
    {"jitter-ms", offsetof(struct narrow_settings, jitter_us), 1000, 60000},
    {"loss-percent", offsetof(struct narrow_settings, loss_percent), 1, 100},
    {"rate", offsetof(struct narrow_settings, rate_bytes_per_s), 1, 1000000000},
    {"buffer", offsetof(struct narrow_settings, buffer_bytes), 1, 1u << 28},
    {"stall-every-ms", offsetof(struct narrow_settings, stall_every_us), 1000, 3600000},
    {"stall-ms", offsetof(struct narrow_settings, stall_us), 1000, 3600000},
};

__attribute__((format(printf, 2, 3))) static enum result refuse(struct error *error,
                                                                const char *format, ...)
{
    __builtin_va_list arguments;
    error->code = RESULT_INVALID;
    __builtin_va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    __builtin_va_end(arguments);
    return RESULT_INVALID;
}

static bool parse_number(uint64_t *value, const char *text, uint64_t max)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    *value = number;
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && number <= max;
}

enum result script_parse_setting(struct script_change *change, const char *name, const char *text,
                                 struct error *error)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value;
        if (strcmp(name, rows[i].name) != 0) continue;
        if (!parse_number(&value, text, rows[i].max)) {
            return refuse(error, "%s %.60s: expected a number from 0 to %llu", name, text,
                          (unsigned long long)rows[i].max);
        }
        *change = (struct script_change){.offset = rows[i].offset, .value = value * rows[i].scale};
        return RESULT_OK;
    }
    return refuse(error, "%.60s: no such setting", name);
}

void script_set(struct narrow_settings *settings, const struct script_change *change)
{
    *(uint64_t *)((char *)settings + change->offset) = change->value;
}

void script_apply(const struct script_step *step, struct narrow_settings *settings, uint64_t now_us)
{
    for (size_t i = 0; i < step->change_count; i++)
        script_set(settings, &step->changes[i]);
    if (step->stop_us > 0) settings->stop_until_us = now_us + step->stop_us;
}

enum result script_check(const struct narrow_settings *s, struct error *error)
{
    if (s->buffer_bytes == 0) return refuse(error, "buffer 0: expected at least 1");
    if (s->stall_us > 0 && s->stall_us >= s->stall_every_us) {
        return refuse(error, "stall-ms: must be less than stall-every-ms");
    }
    return RESULT_OK;
}

static enum result parse_change(struct script_step *step, const char *name, const char *text,
                                struct error *error)
{
    uint64_t stop_ms;
    if (strcmp(name, "stop-ms") == 0) {
        if (!parse_number(&stop_ms, text, 3600000)) {
            return refuse(error, "stop-ms %.60s: expected a number from 0 to 3600000", text);
        }
        step->stop_us = stop_ms * 1000;
        return RESULT_OK;
    }
    if (step->change_count == SCRIPT_CHANGES_MAX) return refuse(error, "too many settings");
    return script_parse_setting(&step->changes[step->change_count++], name, text, error);
}

/* A line of a step; its words are cut apart in place. */
static enum result parse_step(struct script_step *step, char *line, struct error *error)
{
    char *rest, *end;
    const char *seconds_text = strtok_r(line, BLANKS, &rest);
    errno = 0;
    double seconds = strtod(seconds_text, &end);
    bool ok = *end == '\0' && errno == 0 && seconds >= 0 && seconds <= SECONDS_MAX;
    if (!ok) return refuse(error, "%.60s: expected seconds from 0 to 86400", seconds_text);
    *step = (struct script_step){.at_us = (uint64_t)(seconds * 1e6)};
    const char *name;
    while ((name = strtok_r(NULL, BLANKS, &rest)) != NULL) {
        const char *text = strtok_r(NULL, BLANKS, &rest);
        if (text == NULL) return refuse(error, "%.60s: a value is missing", name);
        if (parse_change(step, name, text, error) != RESULT_OK) return error->code;
    }
    return RESULT_OK;
}

/* Adds the step of a line, if it has one, and says what the link is from then on. */
static enum result add_line(struct script *s, char *line, struct narrow_settings *link,
                            struct error *error)
{
    line[strcspn(line, "#")] = '\0';
    if (line[strspn(line, BLANKS)] == '\0') return RESULT_OK;
    if (s->count == SCRIPT_STEPS_MAX) return refuse(error, "at most %d steps", SCRIPT_STEPS_MAX);
    struct script_step *step = &s->steps[s->count];
    if (parse_step(step, line, error) != RESULT_OK) return error->code;
    if (s->count > 0 && step->at_us < step[-1].at_us) {
        return refuse(error, "its time is before that of the step above");
    }
    s->count++;
    script_apply(step, link, 0);
    return script_check(link, error);
}

enum result script_parse(struct script *s, const char *text, const struct narrow_settings *link,
                         struct error *error)
{
    struct narrow_settings now = *link;
    s->count = 0;
    for (unsigned number = 1; *text != '\0'; number++) {
        char line[LINE_BYTES_MAX];
        struct error why;
        size_t length = strcspn(text, "\n");
        if (length >= sizeof line) return refuse(error, "line %u: too long", number);
        memcpy(line, text, length);
        line[length] = '\0';
        if (add_line(s, line, &now, &why) != RESULT_OK) {
            return refuse(error, "line %u: %.180s", number, why.message);
        }
        text += length + (text[length] == '\n');
    }
    return RESULT_OK;
}

size_t script_capacity_bytes(const struct script *s, const struct narrow_settings *link)
{
    struct narrow_settings now = *link;
    size_t largest = 0;
    for (size_t i = 0; i <= s->count; i++) {
        struct narrow_settings lifted = now;
        lifted.rate_bytes_per_s = 0;
        size_t bytes = narrow_capacity_bytes(&now), lifted_bytes = narrow_capacity_bytes(&lifted);
        if (bytes > largest) largest = bytes;
        if (lifted_bytes > largest) largest = lifted_bytes;
        if (i < s->count) script_apply(&s->steps[i], &now, 0);
    }
    return largest;
}
