#include "client/view/view_parts.h"
#include "shared/bytes.h"
#include "shared/ws_close.h"

#define FRAME_US 17000 /* between two at 60 Hz */

static enum result end(struct view *v, uint16_t code, const char *reason)
{
    v->phase = VIEW_ENDED;
    v->is_bye = true;
    v->bye = (struct message_bye){.code = code};
    bytes_copy(v->bye.reason, reason, text_length(reason));
    return RESULT_CLOSED;
}

static enum result take_welcome(struct view *v, const uint8_t *bytes, size_t length_bytes)
{
    if (v->game != NULL) return RESULT_INVALID;
    if (message_decode_welcome(bytes, length_bytes, &v->welcome) != RESULT_OK) {
        return end(v, WS_CLOSE_PROTOCOL_ERROR, "the server's welcome is not understood");
    }
    const struct game *game = games_find(v->welcome.game);
    if (game == NULL || schema_init(&v->schema, game->table) != RESULT_OK ||
        v->schema.hash != v->welcome.schema_hash) {
        return end(v, WS_CLOSE_SCHEMA, "the server plays another version of this game");
    }
    v->game = game;
    if (v->welcome.seat != SEAT_NONE) view_set_seat(v, v->welcome.seat, v->welcome.token);

    seen_init(&v->seen, &v->schema, v->seen_lists, v->seen_lists + v->config.entities_max,
              v->config.entities_max);
    interpolate_init(&v->interpolate, &v->schema, v->pasts, v->config.pasts_max,
                     v->config.entities_max);
    mend_init(&v->mend, &v->schema, game->unit, v->mended, v->config.entities_max);
    outbox_init(&v->outbox, game->table);
    capture_begin(&v->capture, &v->welcome);
    return RESULT_OK;
}

static enum result take_map(struct view *v, const uint8_t *bytes, size_t length_bytes)
{
    if (v->game == NULL || v->has_map) return RESULT_INVALID;
    if (map_unpack(&v->map, bytes + 1, length_bytes - 1, v->tiles, v->config.map_tiles_max) !=
        RESULT_OK) {
        return end(v, WS_CLOSE_PROTOCOL_ERROR, "the server's map is not understood");
    }
    bytes_copy(v->map.name, v->welcome.map, sizeof v->map.name);
    v->has_map = true;
    v->corrections += v->predict.corrections;
    predict_init(&v->predict, v->game, &v->schema, &v->map, v->welcome.seat);
    fired_init(&v->fired, v->game, &v->schema, &v->map, v->welcome.seat);
    foreseen_init(&v->foreseen, v->game, &v->map, v->welcome.seat);
    return RESULT_OK;
}

static void set_cadence(struct view *v, uint8_t cadence)
{
    if (v->cadence != cadence) delay_set_cadence(&v->delay, cadence);
    v->cadence = cadence;
}

/* When a newer state was wanted last: at the last frame, or when the next one was due since. While the
 * machine stood still nobody looked, and what waited for it was not late. */
static uint64_t missed_since(const struct view *v, uint64_t now_us)
{
    bool has_slept = v->framed_us != 0 && now_us > v->framed_us + FRAME_US;
    return has_slept ? v->framed_us + FRAME_US : now_us;
}

/* How late a snapshot is counts from the one before: until this came, that was the newest. */
static void take_time(struct view *v, bool had_base, uint32_t base_tick, uint64_t now_us)
{
    tickclock_receive(&v->clock, &v->seen, now_us);
    if (v->seen.header.has_echo) {
        set_cadence(v, v->seen.echo.cadence);
        v->queued = v->seen.echo.queued;
        outbox_steer(&v->outbox, v->queued);
    }
    if (!had_base || v->seen.header.is_full) return;
    uint32_t age_ticks = v->seen.tick - base_tick;
    struct verdict_news news = {.is_server_late = v->seen.header.has_clock,
                                .held_ticks = age_ticks > v->cadence ? age_ticks - v->cadence : 0};
    if (news.is_server_late) news.held_ticks = 0;
    v->held += news.held_ticks;
    verdict_note_news(&v->verdict, &news, now_us);
    int64_t needed_us = (int64_t)missed_since(v, now_us) - tickclock_due_us(&v->clock, base_tick);
    delay_note(&v->delay, needed_us, v->cadence, now_us);
}

/* What a full snapshot begins: the running match again, or a stretch of a recording. */
static void begin_stretch(struct view *v)
{
    interpolate_clear(&v->interpolate);
    mend_clear(&v->mend);
    bool was_playback = v->is_playback;
    v->is_playback = v->has_playback && !v->playback.is_live;
    if (v->is_playback && !was_playback) {
        playhead_init(&v->playhead);
        playhead_set_speed(&v->playhead, v->playback.speed, v->playback.is_paused);
    }
    if (was_playback && !v->is_playback) {
        delay_init(&v->delay);
        tickclock_init(&v->clock, v->config.shares_clock);
    }
    if (v->is_playback || was_playback) news_drop_lines(&v->news);
}

/* The lines of the last message that tell what was foreseen, as news_receive_new() wants them. */
static uint64_t known_lines(struct view *v)
{
    uint64_t known = 0;
    if (!v->has_map || v->is_playback) return 0;
    for (uint32_t i = 0; i < v->seen.line_count; i++) {
        const struct snapshot_line *line = &v->seen.lines[i];
        uint32_t tick = v->seen.tick - line->age_ticks;
        if (line->line_kind != LINE_EVENT) continue;
        if (foreseen_is_known(&v->foreseen, &line->event, tick)) known |= (uint64_t)1 << i;
    }
    return known;
}

static enum result take_snapshot(struct view *v, const uint8_t *bytes, size_t length_bytes,
                                 uint64_t now_us)
{
    if (v->game == NULL) return RESULT_INVALID;
    bool had_base = v->seen.has_base;
    uint32_t base_tick = v->seen.tick;
    enum result result = snapshot_decode(&v->seen, bytes, length_bytes);
    if (result == RESULT_AGAIN) v->wants_resync = true;
    if (result != RESULT_OK) return result;

    bool is_full = v->seen.header.is_full;
    if (is_full) begin_stretch(v);
    if (v->is_playback) {
        playhead_receive(&v->playhead, v->seen.tick, is_full, now_us);
    } else {
        take_time(v, had_base, base_tick, now_us);
    }
    interpolate_push(&v->interpolate, v->seen.tick, v->seen.list, v->seen.count);
    v->has_news_of_others = true;
    if (v->has_map) {
        predict_reconcile(&v->predict, &v->seen.self, v->seen.input_seq);
        fired_confirm(&v->fired, v->seen.input_seq, v->seen.tick);
        foreseen_confirm(&v->foreseen, v->seen.input_seq, v->seen.tick);
    }
    if (v->seen.hash_differs) {
        v->hash_errors++;
        v->wants_resync = true;
    }
    news_receive_new(&v->news, &v->seen, v->seen.tick, known_lines(v));
    rates_note_update(&v->rates, now_us);
    v->phase = VIEW_PLAYING;
    return RESULT_OK;
}

static enum result take_lines_alone(struct view *v, const uint8_t *bytes, size_t length_bytes)
{
    if (v->game == NULL) return RESULT_INVALID;
    enum result result = snapshot_decode_lines(&v->seen, bytes, length_bytes);
    if (result != RESULT_OK) return result;
    news_receive(&v->news, &v->seen, v->seen.header.tick);
    return RESULT_OK;
}

static enum result take_pace(struct view *v, const uint8_t *bytes, size_t length_bytes)
{
    struct message_pace pace;
    if (message_decode_pace(bytes, length_bytes, &pace) != RESULT_OK) return RESULT_INVALID;
    set_cadence(v, pace.cadence);
    return RESULT_OK;
}

static enum result take_playback(struct view *v, const uint8_t *bytes, size_t length_bytes)
{
    struct message_playback playback;
    if (v->game == NULL) return RESULT_INVALID;
    if (message_decode_playback(bytes, length_bytes, &playback) != RESULT_OK) return RESULT_INVALID;
    v->playback = playback;
    v->has_playback = true;
    playhead_set_speed(&v->playhead, playback.speed, playback.is_paused);
    return RESULT_OK;
}

static enum result take_bye(struct view *v, const uint8_t *bytes, size_t length_bytes)
{
    struct message_bye bye;
    if (message_decode_bye(bytes, length_bytes, &bye) != RESULT_OK) return RESULT_INVALID;
    return end(v, bye.code, bye.reason);
}

static enum result take_message(struct view *v, const uint8_t *bytes, size_t length_bytes,
                                uint64_t now_us)
{
    if (length_bytes == 0) return RESULT_INVALID;
    switch (message_type(bytes)) {
    case MESSAGE_WELCOME:
        return take_welcome(v, bytes, length_bytes);
    case MESSAGE_MAP:
        return take_map(v, bytes, length_bytes);
    case MESSAGE_SNAPSHOT:
        return take_snapshot(v, bytes, length_bytes, now_us);
    case MESSAGE_LINES:
        return take_lines_alone(v, bytes, length_bytes);
    case MESSAGE_PACE:
        return take_pace(v, bytes, length_bytes);
    case MESSAGE_BYE:
        return take_bye(v, bytes, length_bytes);
    case MESSAGE_PLAYBACK:
        return take_playback(v, bytes, length_bytes);
    case MESSAGE_ABOUT:
        return RESULT_OK; /* for whoever shows a timeline */
    default:
        return RESULT_INVALID;
    }
}

enum result view_receive(struct view *v, const uint8_t *bytes, size_t length_bytes, uint64_t now_us)
{
    if (v->phase != VIEW_JOINING && v->phase != VIEW_PLAYING) return RESULT_OK;

    rates_note_bytes(&v->rates, length_bytes, now_us);
    if (v->game != NULL && length_bytes > 0 && message_type(bytes) != MESSAGE_MAP) {
        capture_note(&v->capture, CAPTURE_DOWN, bytes, length_bytes, now_us, &v->seen);
    }
    enum result result = take_message(v, bytes, length_bytes, now_us);
    if (result == RESULT_AGAIN) return RESULT_OK;
    if (result == RESULT_INVALID) {
        v->decode_errors++;
        v->wants_resync = v->game != NULL;
    }
    return result;
}
