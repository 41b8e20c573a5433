#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/catalog.h"
#include "shared/limits.h"
#include "tools/replay/commands.h"
#include "tools/replay/show.h"

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
    const struct show_fact facts[] = {
        {"id", e->id, 0},
        {"game", e->game, 0},
        {"room", e->room, 0},
        {"status", recording_status_name(e->status), 0},
        {"reason", e->reason, 0},
        {"started_ms", NULL, e->started_ms},
        {"ended_ms", NULL, e->ended_ms},
        {"ticks", NULL, e->tick_count},
        {"players", NULL, e->player_count},
        {"bytes", NULL, e->file_bytes},
    };
    show_facts(facts, sizeof facts / sizeof facts[0]);
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
