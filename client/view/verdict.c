#include "client/view/verdict.h"

#define FRAME_LONG_US   100000 /* and three times as long as usual */
#define FRAME_LONG_PART 3
#define FRAME_SLOW_US   40000 /* 25 frames a second are few */
#define FRAME_WEIGHT    16
#define SETTLE_US       300000 /* after a long frame: what was missing till then is not the link's */
#define SAID_FOR_US     10000000
#define UNSENT_US       200000
#define JITTER_LARGE_US 20000
#define RTT_LONG_US     150000

void verdict_init(struct verdict *v)
{
    *v = (struct verdict){0};
}

static void note_stutter(struct verdict *v, enum verdict_cause cause, uint64_t length_us,
                         uint64_t now_us)
{
    v->last = (struct verdict_stutter){.cause = cause,
                                       .at_us = now_us,
                                       .length_ms = (uint32_t)(length_us / 1000),
                                       .held_ticks = v->held_ticks};
    v->counts[cause]++;
}

void verdict_note_news(struct verdict *v, const struct verdict_news *news, uint64_t now_us)
{
    uint64_t gap_us = v->news_us == 0 ? 0 : now_us - v->news_us;
    if (gap_us > v->gap_us) v->gap_us = gap_us;
    v->is_server_late |= news->is_server_late;
    v->held_ticks += news->held_ticks;
    v->news_us = now_us;
}

void verdict_note_unsent(struct verdict *v, size_t unsent_bytes, uint64_t now_us)
{
    if (unsent_bytes == 0) v->unsent_us = 0;
    if (unsent_bytes > 0 && v->unsent_us == 0) v->unsent_us = now_us;
}

static void forget_news(struct verdict *v)
{
    v->is_starved = v->is_server_late = false;
    v->beyond_us = 0;
    v->gap_us = 0;
    v->held_ticks = 0;
}

/* The time between two frames. Returns whether it was the stutter. */
static bool note_pace(struct verdict *v, uint64_t now_us)
{
    int64_t took_us = (int64_t)(now_us - v->framed_us);
    if (v->frame_us == 0) v->frame_us = took_us;
    bool is_long = took_us >= FRAME_LONG_US && took_us >= FRAME_LONG_PART * v->frame_us;
    v->frame_us += (took_us - v->frame_us) / FRAME_WEIGHT;
    if (!is_long) return false;
    forget_news(v);
    v->slept_us = now_us;
    note_stutter(v, VERDICT_MACHINE, (uint64_t)took_us, now_us);
    return true;
}

static void end_starving(struct verdict *v, uint64_t now_us)
{
    bool is_stutter = v->is_starved && v->beyond_us >= VERDICT_GUESS_US;
    bool has_slept = v->slept_us != 0 && now_us < v->slept_us + SETTLE_US;
    if (is_stutter && !has_slept) {
        note_stutter(v, v->is_server_late ? VERDICT_SERVER : VERDICT_LINK, v->gap_us, now_us);
    }
    forget_news(v);
}

void verdict_note_frame(struct verdict *v, int64_t beyond_us, uint64_t now_us)
{
    bool is_first = v->framed_us == 0;
    bool was_long = !is_first && note_pace(v, now_us);
    v->framed_us = now_us;
    if (is_first || was_long) return;
    if (beyond_us <= 0) {
        end_starving(v, now_us);
        return;
    }
    v->is_starved = true;
    if (beyond_us > v->beyond_us) v->beyond_us = beyond_us;
}

void verdict_pause(struct verdict *v)
{
    v->framed_us = v->news_us = v->unsent_us = 0;
    forget_news(v);
}

/* -- words -- */

struct words {
    char *text;
    size_t length;
};

static void put(struct words *w, const char *text)
{
    for (; *text != '\0' && w->length + 1 < VERDICT_TEXT_BYTES; text++)
        w->text[w->length++] = *text;
    w->text[w->length] = '\0';
}

static void put_number(struct words *w, uint64_t number)
{
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(w, &digits[at]);
}

static void put_three(struct words *w, const char *before, uint64_t number, const char *after)
{
    put(w, before);
    put_number(w, number);
    put(w, after);
}

static void put_stutter(struct words *w, const struct verdict_stutter *s, uint64_t now_us)
{
    static const char *const before[VERDICT_CAUSES] = {
        [VERDICT_LINK] = "Your link: nothing came for ",
        [VERDICT_SERVER] = "The server: its ticks came late, no news for ",
        [VERDICT_MACHINE] = "Your machine: a frame took "};
    if (s->cause == VERDICT_LINK && s->held_ticks > 0) {
        put_three(w, "Your link: the server held ", s->held_ticks, " updates back for it, ");
        put_three(w, "", s->length_ms, " ms");
    } else {
        put_three(w, before[s->cause], s->length_ms, " ms");
    }
    put_three(w, " (", now_us > s->at_us ? (now_us - s->at_us) / 1000000 : 0, " s ago).");
}

/* How things are while nothing stutters. */
static enum verdict_cause put_state(struct words *w, const struct verdict *v,
                                    const struct verdict_link *link, uint64_t now_us)
{
    if (v->frame_us > FRAME_SLOW_US) {
        put_three(w, "Your machine draws ", 1000000 / (uint64_t)v->frame_us, " frames a second.");
        return VERDICT_MACHINE;
    }
    if (v->unsent_us != 0 && now_us >= v->unsent_us + UNSENT_US) {
        put(w, "Your link is full: what you do waits to leave.");
        return VERDICT_LINK;
    }
    if (link->cadence > 1) {
        put_three(w, "Your link is narrow: one update of ", link->cadence, " is sent.");
        return VERDICT_LINK;
    }
    if (link->jitter_us > JITTER_LARGE_US) {
        put_three(w, "Your link is uneven: updates come ", (uint64_t)link->jitter_us / 1000,
                  " ms early or late.");
        return VERDICT_LINK;
    }
    if (link->rtt_us > RTT_LONG_US) {
        put_three(w, "Your link is long: ", (uint64_t)link->rtt_us / 1000, " ms there and back.");
        return VERDICT_LINK;
    }
    put(w, "All is well.");
    return VERDICT_FINE;
}

enum verdict_cause verdict_print(const struct verdict *v, const struct verdict_link *link,
                                 uint64_t now_us, char text[VERDICT_TEXT_BYTES])
{
    struct words w = {.text = text};
    text[0] = '\0';
    if (v->is_starved && v->beyond_us >= VERDICT_GUESS_US && v->news_us != 0) {
        put_three(&w, "Nothing has come for ", (now_us - v->news_us) / 1000, " ms.");
        return VERDICT_UNKNOWN;
    }
    if (v->last.cause != VERDICT_FINE && now_us < v->last.at_us + SAID_FOR_US) {
        put_stutter(&w, &v->last, now_us);
        return v->last.cause;
    }
    return put_state(&w, v, link, now_us);
}
