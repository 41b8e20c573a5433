#include "client/sdl/netgraph_sdl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client/sdl/hud_sdl.h"
#include "client/sdl/theme.h"

#define SAMPLE_US   50000
#define SHOW_US     250000
#define SCALE_MS    400 /* the curves' height */
#define WIDTH       262.0f
#define PLOT_HEIGHT 80.0f
#define ROW_HEIGHT  18.0f
#define ROW_BYTES   48
#define ROWS        11
#define WORDS_LINES 2 /* of the verdict */
#define WORDS_CHARS 40
#define PIECE       32 /* samples drawn as one line */

void netgraph_sample(struct netgraph *g, const struct view *view, const struct view_stats *stats,
                     size_t unsent_bytes, uint64_t now_us)
{
    g->latest = *stats;
    g->unsent_bytes = unsent_bytes;
    if (now_us - g->shown_us >= SHOW_US) {
        g->shown = *stats;
        g->shown_us = now_us;
        view_read_verdict(view, now_us, &g->verdict);
    }
    if (now_us - g->sampled_us < SAMPLE_US) return;
    g->sampled_us = now_us;
    if (g->count == NETGRAPH_SAMPLES)
        g->first = (g->first + 1) % NETGRAPH_SAMPLES;
    else
        g->count++;
    uint32_t at = (g->first + g->count - 1) % NETGRAPH_SAMPLES;
    g->ages_ms[at] = (int32_t)(stats->state_age_us / 1000);
    g->rtts_ms[at] = (int32_t)(stats->rtt_us / 1000);
}

static void draw_curve(const struct netgraph *g, struct screen *screen, SDL_FRect plot,
                       const int32_t *values_ms, struct rgba color)
{
    struct point points[PIECE];
    size_t count = 0;

    for (uint32_t i = 0; i < g->count; i++) {
        int32_t value_ms = values_ms[(g->first + i) % NETGRAPH_SAMPLES];
        float part = fmaxf(0, fminf(1, (float)value_ms / SCALE_MS));
        points[count++] = (struct point){plot.x + plot.w * (float)i / (NETGRAPH_SAMPLES - 1),
                                         plot.y + plot.h * (1 - part)};
        if (count < PIECE && i + 1 < g->count) continue;
        paint_line(screen->paint, &(struct line){points, count, false, 1.5f * screen->scale},
                   color);
        points[0] = points[count - 1];
        count = 1;
    }
}

static void draw_plot(const struct netgraph *g, struct screen *screen, SDL_FRect plot)
{
    for (int level = 0; level < SCALE_MS; level += 100) {
        float y = plot.y + plot.h * (1 - (float)level / SCALE_MS);
        paint_rect(screen->paint, (SDL_FRect){plot.x, floorf(y), plot.w, 1},
                   level == 0 ? THEME_LINE : THEME_GROOVE);
    }
    draw_curve(g, screen, plot, g->ages_ms, THEME_ACCENT);
    draw_curve(g, screen, plot, g->rtts_ms, THEME_AMBER);
}

struct row {
    const char *label;
    char value[ROW_BYTES];
};

static void print_ms(char out[ROW_BYTES], int64_t us)
{
    if (us < 0)
        (void)snprintf(out, ROW_BYTES, "-");
    else
        (void)snprintf(out, ROW_BYTES, "%d ms", (int)((us + 500) / 1000));
}

static void fill_rows(const struct netgraph *g, struct row rows[ROWS])
{
    static const char *const labels[ROWS] = {
        "state age", "round trip",     "drawn behind", "updates",     "received",
        "unsent up", "held back down", "unconfirmed",  "corrections", "hash / decode errors",
        "stutters"};
    const uint32_t *stutters = g->verdict.stutters;
    const struct view_stats *s = &g->shown;
    char rtt[ROW_BYTES];

    for (int i = 0; i < ROWS; i++)
        rows[i].label = labels[i];
    print_ms(rows[0].value, s->state_age_us);
    print_ms(rtt, s->rtt_us);
    (void)snprintf(rows[1].value, ROW_BYTES, "%.20s ± %d ms", rtt, (int)(s->jitter_us / 1000));
    print_ms(rows[2].value, s->delay_us);
    if (s->cadence > 1)
        (void)snprintf(rows[3].value, ROW_BYTES, "%u/s (1 of %u)", s->updates_per_s, s->cadence);
    else
        (void)snprintf(rows[3].value, ROW_BYTES, "%u/s", s->updates_per_s);
    (void)snprintf(rows[4].value, ROW_BYTES, "%.1f kB/s", s->bytes_per_s / 1000.0);
    (void)snprintf(rows[5].value, ROW_BYTES, "%zu B", g->unsent_bytes);
    (void)snprintf(rows[6].value, ROW_BYTES, "%u update%s", s->held, s->held == 1 ? "" : "s");
    (void)snprintf(rows[7].value, ROW_BYTES, "%u (%u queued)", s->pending, s->queued);
    (void)snprintf(rows[8].value, ROW_BYTES, "%u", s->corrections);
    (void)snprintf(rows[9].value, ROW_BYTES, "%u / %u", s->hash_errors, s->decode_errors);
    (void)snprintf(rows[10].value, ROW_BYTES, "link %u, server %u, machine %u",
                   stutters[VERDICT_LINK], stutters[VERDICT_SERVER], stutters[VERDICT_MACHINE]);
}

static void draw_legend(struct screen *screen, float x, float y)
{
    static const char *const words[3] = {"state age", "round trip", "lines: 100 ms"};
    const struct rgba colors[3] = {THEME_ACCENT, THEME_AMBER, THEME_FAINT};

    for (int i = 0; i < 3; i++) {
        struct text_style style = {.size = 11 * screen->scale, .color = colors[i]};
        text_draw(screen->text, (struct point){x, y}, words[i], &style);
        x += text_width(screen->text, words[i], &style) + 12 * screen->scale;
    }
}

/* How many characters of the text stand in a line: up to the last blank that leaves it short. */
static size_t line_chars(const char *text)
{
    size_t length = strlen(text), chars = length;
    for (size_t i = 0; length > WORDS_CHARS && i <= WORDS_CHARS; i++) {
        if (text[i] == ' ') chars = i;
    }
    return chars;
}

static void draw_verdict(const struct netgraph *g, struct screen *screen, float x, float y)
{
    struct text_style style = {.size = 12 * screen->scale,
                               .color =
                                   g->verdict.cause == VERDICT_FINE ? THEME_ACCENT : THEME_AMBER};
    const char *text = g->verdict.text;
    for (int i = 0; i < WORDS_LINES && *text != '\0'; i++, y += ROW_HEIGHT * screen->scale) {
        char line[VERDICT_TEXT_BYTES];
        size_t chars = i + 1 < WORDS_LINES ? line_chars(text) : strlen(text);
        (void)snprintf(line, sizeof line, "%.*s", (int)chars, text);
        text_draw(screen->text, (struct point){x, y}, line, &style);
        text += chars + (text[chars] == ' ');
    }
}

void netgraph_draw(const struct netgraph *g, struct screen *screen)
{
    float s = screen->scale, inset = THEME_INSET * s, row_height = ROW_HEIGHT * s;
    SDL_FRect panel = {THEME_EDGE * s, THEME_EDGE * s, WIDTH * s,
                       2 * inset + (PLOT_HEIGHT + 24) * s + (ROWS + WORDS_LINES) * row_height};
    SDL_FRect plot = {panel.x + inset, panel.y + inset, panel.w - 2 * inset, PLOT_HEIGHT * s};
    struct row rows[ROWS];
    float y = plot.y + plot.h + 4 * s;

    hud_panel(screen, panel);
    draw_plot(g, screen, plot);
    draw_legend(screen, plot.x, y);
    y += 20 * s;
    draw_verdict(g, screen, plot.x, y);
    y += WORDS_LINES * row_height;
    fill_rows(g, rows);
    for (int i = 0; i < ROWS; i++, y += row_height) {
        struct text_style style = {.size = 12 * s, .color = THEME_FAINT};
        text_draw(screen->text, (struct point){plot.x, y}, rows[i].label, &style);
        style.color = THEME_INK;
        style.align = TEXT_RIGHT;
        text_draw(screen->text, (struct point){plot.x + plot.w, y}, rows[i].value, &style);
    }
}
