/* main.c - how it feels to play over a link: players with the clients' own view and restless hands,
 * several to each link, all links side by side in real time.
 *
 *     build/bench/feel --seconds S --players N --link NAME URL FRAME_MS STALL_EVERY_MS STALL_MS ...
 *
 * Prints a line of JSON for each link. FRAME_MS of 50 or more is a slow machine: it reads its socket
 * between frames only. `make bench-client` starts the server and the links (tests/bench/client.mjs).
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/host/clock.h"
#include "tests/bench/feel/player.h"

#define LINKS_MAX       16
#define PLAYERS_MAX     16
#define LINK_WORDS      5
#define SETTLE_US       6000000 /* joined, the clock and the delay have settled */
#define SLOW_FRAME_US   50000
#define EXIT_USAGE      2
#define READ_BYTES_MOST SIZE_MAX

struct link {
    const char *name;
    struct target target;
    struct client_shared shared;
    struct player_machine machine;
    struct feel_notes notes;
    struct player players[PLAYERS_MAX];
};

struct bench {
    uint32_t seconds, player_count, link_count;
    struct link *links; /* owned */
};

static int complain(const char *what)
{
    fprintf(stderr, "feel: %s\n", what);
    return EXIT_USAGE;
}

/* NAME URL FRAME_MS STALL_EVERY_MS STALL_MS. */
static bool parse_link(struct bench *b, char **words, struct error *error)
{
    struct link *link = &b->links[b->link_count++];
    link->name = words[0];
    link->machine.frame_us = strtoul(words[2], NULL, 10) * 1000;
    if (link->machine.frame_us == 16000) link->machine.frame_us = 16667;
    link->machine.stall_every_us = strtoul(words[3], NULL, 10) * 1000;
    link->machine.stall_us = strtoul(words[4], NULL, 10) * 1000;
    link->machine.is_slow = link->machine.frame_us >= SLOW_FRAME_US;
    return link->machine.frame_us > 0 &&
           target_parse(&link->target, words[1], error) == RESULT_OK &&
           target_find(&link->target, error) == RESULT_OK &&
           client_shared_init(&link->shared, &link->target, &player_handler, NULL, error) ==
               RESULT_OK;
}

static int parse(struct bench *b, int argc, char **argv)
{
    struct error error = {.message = "--link: NAME URL FRAME_MS STALL_EVERY_MS STALL_MS"};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
            b->seconds = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--players") == 0 && i + 1 < argc) {
            b->player_count = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--link") == 0 && i + LINK_WORDS < argc &&
                   b->link_count < LINKS_MAX) {
            if (!parse_link(b, &argv[i + 1], &error)) return complain(error.message);
            i += LINK_WORDS;
        } else {
            return complain("usage: --seconds S --players N --link NAME URL FRAME_MS "
                            "STALL_EVERY_MS STALL_MS ...");
        }
    }
    if (b->seconds == 0 || b->player_count == 0 || b->player_count > PLAYERS_MAX) {
        return complain("--seconds and --players are needed, at most 16 players to a link");
    }
    return 0;
}

/* -- running -- */

static void start(struct bench *b, uint64_t now_us)
{
    for (uint32_t i = 0; i < b->link_count; i++) {
        struct link *link = &b->links[i];
        for (uint32_t j = 0; j < b->player_count; j++) {
            struct player *p = &link->players[j];
            player_start(p, &link->shared, &link->notes, &link->machine, i * PLAYERS_MAX + j + 1,
                         now_us + SETTLE_US);
            p->next_frame_us = now_us + link->machine.frame_us * j / b->player_count;
        }
    }
}

static void read_socket(struct player *p)
{
    while (p->client.state != CLIENT_ENDED && p->client.state != CLIENT_CONNECTING &&
           client_read(&p->client, READ_BYTES_MOST) > 0) {
    }
}

static void run_player(struct player *p, uint64_t now_us, bool is_readable, bool is_writable)
{
    if (player_is_stalled(p, now_us)) return;
    if (is_writable) client_write(&p->client);
    bool is_due = now_us >= p->next_frame_us;
    if (is_readable && (is_due || !p->machine.is_slow || p->client.state != CLIENT_OPEN)) {
        read_socket(p);
    }
    if (!is_due) return;
    player_frame(p, now_us);
    uint64_t behind = (now_us - p->next_frame_us) / p->machine.frame_us;
    p->next_frame_us += (behind + 1) * p->machine.frame_us;
}

static void run(struct bench *b, uint64_t end_us)
{
    struct pollfd polled[LINKS_MAX * PLAYERS_MAX];
    uint64_t now_us;
    while ((now_us = clock_monotonic_us()) < end_us) {
        nfds_t count = 0;
        for (uint32_t i = 0; i < b->link_count; i++) {
            for (uint32_t j = 0; j < b->player_count; j++) {
                const struct client *c = &b->links[i].players[j].client;
                short wanted = client_wants_write(c) ? POLLIN | POLLOUT : POLLIN;
                polled[count++] = (struct pollfd){.fd = c->fd, .events = wanted};
            }
        }
        (void)poll(polled, count, 0);
        now_us = clock_monotonic_us();
        for (nfds_t i = 0; i < count; i++) {
            struct player *p = &b->links[i / b->player_count].players[i % b->player_count];
            run_player(p, now_us, polled[i].revents & POLLIN, polled[i].revents & POLLOUT);
        }
        clock_sleep_until_ns(clock_monotonic_ns() + 500000);
    }
}

/* -- the end -- */

static double percent(uint32_t part, uint32_t whole)
{
    return whole == 0 ? 0 : 100.0 * part / whole;
}

static void print_weapon(const char *name, const struct feel_weapon *w)
{
    printf("\"%s\":{\"used\":%u,\"agreed_percent\":%.1f,\"seen\":%u,\"seen_hit_percent\":%.1f,"
           "\"gone\":%u,\"refused\":%u},",
           name, w->used, percent(w->agreed, w->used), w->seen, percent(w->seen_hit, w->seen),
           w->gone, w->refused);
}

static void print(struct link *link)
{
    struct feel_notes *n = &link->notes;
    double minutes = n->seconds / 60;
    printf("{\"name\":\"%s\",\"rtt_ms\":%.0f,\"age_ms\":%.0f,\"delay_ms\":%.0f,", link->name,
           tally_quantile(&n->rtts, 0.5), tally_quantile(&n->ages, 0.5),
           tally_quantile(&n->delays, 0.5));
    printf("\"error_p50\":%.2f,\"error_p95\":%.2f,\"error_max\":%.2f,\"corrections_per_min\":%.1f,"
           "\"losses_per_min\":%.1f,",
           tally_quantile(&n->errors, 0.5), tally_quantile(&n->errors, 0.95),
           tally_quantile(&n->errors, 1), n->corrections / minutes, n->losses / minutes);
    printf("\"own_p50\":%.0f,\"own_p99\":%.0f,\"own_jumps_per_min\":%.1f,\"own_jump_max\":%.1f,",
           tally_quantile(&n->own_speed, 0.5), tally_quantile(&n->own_speed, 0.99),
           (double)n->own_jumps.count / minutes, tally_quantile(&n->own_jumps, 1));
    printf("\"others_p50\":%.0f,\"others_p99\":%.0f,\"others_jumps_per_min\":%.1f,"
           "\"others_jump_max\":%.1f,",
           tally_quantile(&n->others_speed, 0.5), tally_quantile(&n->others_speed, 0.99),
           (double)n->others_jumps.count / minutes, tally_quantile(&n->others_jumps, 1));
    printf("\"guessed_percent\":%.2f,\"held_percent\":%.2f,",
           percent(n->guessed_frames, n->craft_frames), percent(n->held_frames, n->craft_frames));
    print_weapon("beams", &n->beams);
    print_weapon("shots", &n->shots);
    printf("\"frames\":%u}\n", n->frames);
}

static bool was_played(struct bench *b)
{
    bool all = true;
    for (uint32_t i = 0; i < b->link_count; i++) {
        for (uint32_t j = 0; j < b->player_count; j++) {
            struct player *p = &b->links[i].players[j];
            if (p->client.state == CLIENT_OPEN) continue;
            fprintf(stderr, "feel: %s: player %u: %s\n", b->links[i].name, j, p->client.reason);
            all = false;
        }
    }
    return all;
}

int main(int argc, char **argv)
{
    struct bench bench = {.links = calloc(LINKS_MAX, sizeof *bench.links)};
    ASSERT(bench.links != NULL);
    int refused = parse(&bench, argc, argv);
    if (refused != 0) return refused;

    uint64_t now_us = clock_monotonic_us();
    start(&bench, now_us);
    run(&bench, now_us + SETTLE_US + bench.seconds * 1000000ull);
    bool is_fine = was_played(&bench);
    for (uint32_t i = 0; i < bench.link_count; i++)
        print(&bench.links[i]);
    return is_fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
