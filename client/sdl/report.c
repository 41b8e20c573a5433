#include "client/sdl/report.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static void add_number(cJSON *object, const char *key, double value)
{
    (void)cJSON_AddNumberToObject(object, key, value);
}

static void add_text(cJSON *object, const char *key, const char *text)
{
    (void)cJSON_AddStringToObject(object, key, text);
}

static void add_stats(cJSON *object, const struct view_stats *s)
{
    add_number(object, "state_age_ms", (double)s->state_age_us / 1000);
    add_number(object, "rtt_ms", (double)s->rtt_us / 1000);
    add_number(object, "jitter_ms", (double)s->jitter_us / 1000);
    add_number(object, "delay_ms", (double)s->delay_us / 1000);
    add_number(object, "updates_per_s", s->updates_per_s);
    add_number(object, "bytes_per_s", s->bytes_per_s);
    add_number(object, "corrections", s->corrections);
    add_number(object, "hash_errors", s->hash_errors);
    add_number(object, "decode_errors", s->decode_errors);
}

static cJSON *build(const struct report *r)
{
    cJSON *object = cJSON_CreateObject();

    add_text(object, "phase", r->phase);
    add_text(object, "notice", r->notice);
    add_text(object, "game", r->game);
    add_text(object, "room", r->room);
    add_text(object, "map", r->map);
    add_text(object, "name", r->name);
    add_number(object, "seat", r->seat);
    (void)cJSON_AddBoolToObject(object, "resumed", r->is_resumed);
    add_number(object, "seconds", r->seconds);
    add_number(object, "frames", r->frames);
    add_number(object, "connections", r->connections);
    add_number(object, "entities", r->entities);
    add_number(object, "unsent_bytes", (double)r->unsent_bytes);
    add_stats(object, &r->stats);
    if (r->has_place) {
        add_number(object, "start_x", r->start_x);
        add_number(object, "start_y", r->start_y);
        add_number(object, "x", r->x);
        add_number(object, "y", r->y);
    }
    return object;
}

static cJSON *build_replay(const struct report_replay *r)
{
    cJSON *object = cJSON_CreateObject();

    add_text(object, "phase", "replaying");
    add_text(object, "notice", r->problem);
    add_text(object, "game", r->game);
    add_text(object, "room", r->room);
    add_text(object, "follows", r->followed);
    add_number(object, "first_tick", r->first_tick);
    add_number(object, "last_tick", r->last_tick);
    add_number(object, "tick", r->tick);
    add_number(object, "frames", r->frames);
    add_number(object, "entities", r->entities);
    add_number(object, "markers", r->markers);
    add_number(object, "speed", r->speed);
    cJSON_AddBoolToObject(object, "paused", r->is_paused);
    cJSON_AddBoolToObject(object, "free", r->is_free);
    if (r->has_place) {
        add_number(object, "x", r->x);
        add_number(object, "y", r->y);
    }
    return object;
}

/* Takes the object over. */
static bool print(cJSON *object)
{
    char *line = cJSON_PrintUnformatted(object);
    bool is_printed = line != NULL && printf("%s\n", line) > 0 && fflush(stdout) == 0;

    free(line);
    cJSON_Delete(object);
    return is_printed;
}

bool report_print(const struct report *report)
{
    return print(build(report));
}

bool report_print_replay(const struct report_replay *report)
{
    return print(build_replay(report));
}
