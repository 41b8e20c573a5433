#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/catalog.h"
#include "shared/limits.h"
#include "tools/replay/commands.h"
#include "tools/replay/show.h"

#define ENTRY_JSON_MAX 2048

static void print_entry(const struct catalog_entry *e)
{
    char date[32], size[24];
    uint32_t seconds = e->tick_count / TICK_HZ;
    show_date(date, e->started_ms);
    show_bytes(size, e->file_bytes);
    show_text(e->id, strlen(e->id));
    printf("  %s  ", date);
    show_text(e->game, strlen(e->game));
    printf("  %u:%02u  %u player%s  %s  %s", seconds / 60, seconds % 60, e->player_count,
           e->player_count == 1 ? "" : "s", size, recording_status_name(e->status));
    if (e->reason[0] != '\0') {
        printf(" (");
        show_text(e->reason, strlen(e->reason));
        putchar(')');
    }
    putchar('\n');
}

static void print_json(const struct catalog_entry *e)
{
    char text[ENTRY_JSON_MAX];
    struct json_writer w;
    const struct {
        const char *key, *value;
    } texts[] = {{"id", e->id},
                 {"game", e->game},
                 {"room", e->room},
                 {"status", recording_status_name(e->status)},
                 {"reason", e->reason}};
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {{"started_ms", e->started_ms},
                   {"ended_ms", e->ended_ms},
                   {"ticks", e->tick_count},
                   {"players", e->player_count},
                   {"bytes", e->file_bytes}};

    json_writer_init(&w, text, sizeof text);
    json_open(&w, '{');
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_put_key(&w, texts[i].key);
        json_put_text(&w, texts[i].value, strlen(texts[i].value));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        json_put_key(&w, numbers[i].key);
        json_put_unsigned(&w, numbers[i].value);
    }
    json_close(&w, '}');
    printf("%.*s\n", (int)json_finish(&w), text);
}

enum exit_code list(const struct options *o)
{
    struct catalog_entry *entries;
    struct error error;
    size_t count;
    if (catalog_list(o->path, &entries, &count, &error) != RESULT_OK) return complain(&error);
    if (count == 0 && !o->json) printf("no recordings in %s\n", o->path);
    for (size_t i = 0; i < count; i++) {
        if (o->json) {
            print_json(&entries[i]);
        } else {
            print_entry(&entries[i]);
        }
    }
    free(entries);
    return EXIT_FINE;
}
