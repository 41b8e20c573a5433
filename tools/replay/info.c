#include <stdio.h>
#include <string.h>

#include "tools/replay/commands.h"
#include "tools/replay/show.h"

static uint32_t tick_count(const struct reader_info *i)
{
    return i->last_tick - i->first_tick + 1 - i->lost_ticks;
}

static void print_text_line(const char *key, const char *value)
{
    printf("%-10s ", key);
    show_text(value, strlen(value));
    putchar('\n');
}

static void print_size_line(const struct reader_info *i, const char *what, uint64_t bytes)
{
    char size[24], rate[24];
    show_bytes(size, bytes);
    show_bytes(rate, bytes * i->head.tick_hz / tick_count(i));
    printf("%-10s %s, %s a second\n", what, size, rate);
}

static void print_sizes(struct reader *r)
{
    const struct reader_info *i = reader_info(r);
    struct reader_sizes sizes;
    reader_sizes(r, &sizes);
    print_size_line(i, "file", i->file_bytes);
    print_size_line(i, "states", sizes.state_bytes);
    print_size_line(i, "keyframes", sizes.keyframe_bytes);
    print_size_line(i, "usercmds", sizes.inputs_bytes);
    printf("%-10s %u; chunks: %u, keyframes: %u, events: %u\n", "ticks", tick_count(i),
           sizes.chunk_count, sizes.keyframe_count, sizes.event_count);
}

static void print_players(struct reader *r)
{
    size_t count;
    const struct recording_player *players = reader_players(r, &count);
    for (size_t p = 0; p < count; p++) {
        char from[24], to[24] = "the end";
        show_time(from, reader_info(r), players[p].from_tick);
        if (players[p].has_left) show_time(to, reader_info(r), players[p].to_tick);
        printf("%-10s seat %u ", players[p].is_bot ? "bot" : "player", players[p].seat);
        show_text(players[p].name, players[p].name_bytes);
        printf(", %s to %s\n", from, to);
    }
}

static void print_info(struct reader *r)
{
    const struct reader_info *i = reader_info(r);
    char length[24], started[32];
    show_time(length, i, i->last_tick);
    show_date(started, i->head.started_ms);
    print_text_line("id", i->head.id);
    printf("%-10s %s, step version %u\n", "game", i->game, i->step_version);
    print_text_line("room", i->head.room);
    print_text_line("map", i->head.map_name);
    print_text_line("build", i->head.build);
    print_text_line("started", started);
    printf("%-10s %s, ticks %u to %u at %u Hz\n", "length", length, i->first_tick, i->last_tick,
           i->head.tick_hz);
    print_text_line("status", recording_status_name(i->status));
    if (i->reason[0] != '\0') print_text_line("because", i->reason);
    if (i->gap_count > 0) {
        printf("%-10s %u, %u ticks are missing\n", "gaps", i->gap_count, i->lost_ticks);
    }
    print_sizes(r);
    print_players(r);
}

static void print_json(struct reader *r)
{
    const struct reader_info *i = reader_info(r);
    struct reader_sizes sizes;
    reader_sizes(r, &sizes);
    const struct show_fact facts[] = {
        {"id", i->head.id, 0},
        {"game", i->game, 0},
        {"room", i->head.room, 0},
        {"map", i->head.map_name, 0},
        {"build", i->head.build, 0},
        {"status", recording_status_name(i->status), 0},
        {"reason", i->reason, 0},
        {"step_version", NULL, i->step_version},
        {"started_ms", NULL, i->head.started_ms},
        {"ended_ms", NULL, i->ended_ms},
        {"tick_hz", NULL, i->head.tick_hz},
        {"first_tick", NULL, i->first_tick},
        {"last_tick", NULL, i->last_tick},
        {"ticks", NULL, tick_count(i)},
        {"gaps", NULL, i->gap_count},
        {"lost_ticks", NULL, i->lost_ticks},
        {"file_bytes", NULL, i->file_bytes},
        {"state_bytes", NULL, sizes.state_bytes},
        {"keyframe_bytes", NULL, sizes.keyframe_bytes},
        {"usercmd_bytes", NULL, sizes.inputs_bytes},
        {"events", NULL, sizes.event_count},
    };
    show_facts(facts, sizeof facts / sizeof facts[0]);
}

enum exit_code info(struct reader *r, const struct options *o)
{
    if (o->json) {
        print_json(r);
    } else {
        print_info(r);
    }
    return EXIT_FINE;
}
