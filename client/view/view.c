#include "client/view/view_parts.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"

#define MEMORY_ALIGNMENT 16

/* -- memory -- */

static size_t aligned(size_t size_bytes)
{
    return (size_bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

static size_t lists_bytes(const struct view_config *c, size_t list_count)
{
    return aligned(list_count * c->entities_max * sizeof(struct wire_entity));
}

/* More than may be seen: the own body, when it is not among them yet, and what one fired. */
static size_t drawn_bytes(const struct view_config *c)
{
    return aligned((c->entities_max + 1u + FIRED_MAX) * sizeof(struct drawn));
}

static size_t mended_bytes(const struct view_config *c)
{
    return aligned((size_t)2 * c->entities_max * sizeof(struct mend_one));
}

static size_t names_bytes(const struct view_config *c)
{
    return aligned(c->seats_max * sizeof(struct news_name));
}

size_t view_memory_bytes(const struct view_config *config)
{
    return aligned(sizeof(struct view)) + lists_bytes(config, 2) +
           lists_bytes(config, config->pasts_max) + drawn_bytes(config) + mended_bytes(config) +
           names_bytes(config) + aligned(config->map_tiles_max) + aligned(config->capture_bytes);
}

struct view *view_init(void *memory, const struct view_config *config)
{
    ASSERT((uintptr_t)memory % MEMORY_ALIGNMENT == 0);
    ASSERT(config->entities_max >= 16 && config->entities_max <= VIEW_ENTITIES_MAX);

    struct view *v = memory;
    uint8_t *rest = (uint8_t *)memory + aligned(sizeof *v);
    *v = (struct view){.config = *config};
    v->seen_lists = (struct wire_entity *)(void *)rest;
    rest += lists_bytes(config, 2);
    v->pasts = (struct wire_entity *)(void *)rest;
    rest += lists_bytes(config, config->pasts_max);
    v->drawn = (struct drawn *)(void *)rest;
    rest += drawn_bytes(config);
    v->mended = (struct mend_one *)(void *)rest;
    rest += mended_bytes(config);
    v->names = (struct news_name *)(void *)rest;
    rest += names_bytes(config);
    v->tiles = rest;
    rest += aligned(config->map_tiles_max);
    capture_init(&v->capture, rest, config->capture_bytes);
    v->frame.own_index = -1;
    news_init(&v->news, v->names, config->seats_max);
    return v;
}

/* -- who one is -- */

void view_set_name(struct view *v, const char *name)
{
    size_t length = text_length(name);
    if (length > NAME_BYTES_MAX || !text_is_showable(name, length)) length = 0;
    bytes_copy(v->name, name, length);
    v->name[length] = '\0';
}

void view_set_colour(struct view *v, uint32_t colour)
{
    v->has_colour = true;
    v->colour = colour_known(colour);
}

void view_set_seat(struct view *v, uint16_t seat, const uint8_t token[TOKEN_BYTES])
{
    v->has_token = true;
    v->token_seat = seat;
    bytes_copy(v->token, token, TOKEN_BYTES);
}

void view_forget_seat(struct view *v)
{
    v->has_token = false;
}

void view_connect(struct view *v)
{
    v->phase = VIEW_JOINING;
    v->wants_hello = true;
    v->wants_view = v->is_hidden;
    v->wants_resync = v->has_acked = v->is_bye = v->has_map = false;
    v->chat_count = v->control_count = 0;
    v->wants_camera = v->has_playback = v->is_playback = false;
    v->game = NULL;
    v->frame = (struct view_frame){.own_index = -1};
    news_init(&v->news, v->names, v->config.seats_max);
    rates_init(&v->rates);
    verdict_pause(&v->verdict);
    delay_init(&v->delay);
    v->cadence = 1;
    v->framed_us = 0;
    v->has_news_of_others = false;
    tickclock_init(&v->clock, v->config.shares_clock);
}

/* -- what is known -- */

void view_read_stats(struct view *v, uint64_t now_us, struct view_stats *stats)
{
    *stats = (struct view_stats){.state_age_us = -1,
                                 .rtt_us = v->clock.rtt_us,
                                 .rtt_min_us = tickclock_rtt_min_us(&v->clock),
                                 .jitter_us = v->clock.jitter_us,
                                 .delay_us = v->delay.shown_us,
                                 .updates_per_s = rates_updates_per_s(&v->rates, now_us),
                                 .bytes_per_s = rates_bytes_per_s(&v->rates, now_us),
                                 .corrections = v->corrections + v->predict.corrections,
                                 .corrected_by = v->predict.corrected_by,
                                 .hash_errors = v->hash_errors,
                                 .decode_errors = v->decode_errors,
                                 .pending = v->predict.count,
                                 .cadence = v->cadence,
                                 .queued = v->queued,
                                 .held = v->held};
    if (v->clock.has_origin && !v->is_playback) {
        stats->state_age_us = (int64_t)now_us - tickclock_due_us(&v->clock, v->seen.tick);
    }
}

void view_read_verdict(const struct view *v, uint64_t now_us, struct view_verdict *verdict)
{
    struct verdict_link link = {
        .rtt_us = v->clock.rtt_us, .jitter_us = v->clock.jitter_us, .cadence = v->cadence};
    verdict->cause = verdict_print(&v->verdict, &link, now_us, verdict->text);
    bytes_copy(verdict->stutters, v->verdict.counts, sizeof verdict->stutters);
}

const struct game *view_game(const struct view *v)
{
    return v->game;
}

const struct map *view_map(const struct view *v)
{
    return v->has_map ? &v->map : NULL;
}

const struct message_welcome *view_welcome(const struct view *v)
{
    return v->game != NULL ? &v->welcome : NULL;
}

const struct message_bye *view_bye(const struct view *v)
{
    return v->is_bye ? &v->bye : NULL;
}

const struct message_playback *view_playback(const struct view *v)
{
    return v->has_playback ? &v->playback : NULL;
}

const char *view_name(const struct view *v, uint16_t seat)
{
    return news_name(&v->news, seat);
}

uint8_t view_colour(const struct view *v, uint16_t seat)
{
    return news_colour(&v->news, seat);
}

const struct seen *view_seen(const struct view *v)
{
    return v->game != NULL ? &v->seen : NULL;
}

bool view_server_due_us(const struct view *v, uint32_t tick, uint64_t *due_us)
{
    if (!v->clock.has_due) return false;
    int64_t ahead_us = (int64_t)tick_difference(tick, v->clock.due_tick) * TICK_US;
    *due_us = v->clock.due_us + (uint64_t)ahead_us;
    return true;
}

struct capture *view_capture(struct view *v)
{
    return &v->capture;
}
