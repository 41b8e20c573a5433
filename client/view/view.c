#include "client/view/view.h"

#include "client/view/capture.h"
#include "client/view/delay.h"
#include "client/view/fired.h"
#include "client/view/foreseen.h"
#include "client/view/interpolate.h"
#include "client/view/mend.h"
#include "client/view/news.h"
#include "client/view/outbox.h"
#include "client/view/playhead.h"
#include "client/view/predict.h"
#include "client/view/rates.h"
#include "client/view/verdict.h"
#include "client/view/words.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"
#include "shared/ws_close.h"

#define CHATS_MAX          4
#define CONTROLS_MAX       16
#define RESYNC_INTERVAL_US 5000000
#define MEMORY_ALIGNMENT   16
#define FRAME_US           17000 /* between two at 60 Hz */

struct view {
    struct view_config config;
    enum view_phase phase;

    /* Who one is: outlives connections. */
    char name[NAME_BYTES_MAX + 1];
    bool has_colour;
    uint8_t colour;
    bool has_token;
    uint16_t token_seat;
    uint8_t token[TOKEN_BYTES];
    bool is_hidden;

    /* What waits to be said. */
    bool wants_hello, wants_view, wants_resync;
    uint64_t resync_us; /* when the last one was asked for; 0: never */
    struct message_chat chats[CHATS_MAX];
    uint32_t chat_count;
    struct message_control controls[CONTROLS_MAX];
    uint32_t control_count;
    bool wants_camera;
    struct message_camera camera;
    uint32_t acked_tick;
    bool has_acked;
    uint64_t acked_us;

    /* Of this connection. */
    const struct game *game;
    bool has_map, is_bye;
    bool has_playback, is_playback; /* told of one; the state drawn is one's */
    struct message_playback playback;
    struct playhead playhead; /* if is_playback, in place of clock and delay */
    struct map map;
    struct message_welcome welcome;
    struct message_bye bye;
    struct schema schema;
    struct seen seen;
    struct tickclock clock;
    struct delay delay;
    struct interpolate interpolate;
    struct mend mend;
    bool has_news_of_others; /* since the last frame */
    uint64_t framed_us;      /* when that was; 0: none yet */
    struct predict predict;
    struct fired fired;
    struct foreseen foreseen;
    struct outbox outbox;
    struct rates rates;
    struct verdict verdict;
    uint32_t held;
    uint32_t hash_errors, decode_errors;
    uint32_t corrections; /* before this connection */
    uint8_t cadence, queued;
    struct news news;
    struct view_frame frame;
    struct capture capture;

    /* In the block behind this struct. */
    struct wire_entity *seen_lists;
    struct wire_entity *pasts;
    struct drawn *drawn;
    struct mend_one *mended;
    struct news_name *names;
    uint8_t *tiles;
};

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

static enum result end(struct view *v, uint16_t code, const char *reason)
{
    v->phase = VIEW_ENDED;
    v->is_bye = true;
    v->bye = (struct message_bye){.code = code};
    bytes_copy(v->bye.reason, reason, text_length(reason));
    return RESULT_CLOSED;
}

/* -- messages that come in -- */

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

/* -- messages that go out -- */

void view_set_input(struct view *v, const int32_t words[USERCMD_WORDS])
{
    if (v->game != NULL) outbox_set_input(&v->outbox, words);
}

bool view_say(struct view *v, const char *text)
{
    size_t length = text_length(text);
    if (length == 0 || length > CHAT_BYTES_MAX || !text_is_showable(text, length)) return false;
    if (v->chat_count == CHATS_MAX) return false;
    bytes_copy(v->chats[v->chat_count++].text, text, length + 1);
    return true;
}

bool view_control(struct view *v, const struct message_control *control)
{
    bool is_seek = control->kind == CONTROL_SEEK && v->control_count > 0 &&
                   v->controls[v->control_count - 1].kind == CONTROL_SEEK;
    if (!control_is_valid(control)) return false;
    if (is_seek) v->control_count--;
    if (v->control_count == CONTROLS_MAX) return false;
    v->controls[v->control_count++] = *control;
    return true;
}

void view_set_camera(struct view *v, const struct message_camera *camera)
{
    v->camera = *camera;
    v->wants_camera = true;
}

void view_set_hidden(struct view *v, bool is_hidden)
{
    if (v->is_hidden == is_hidden) return;
    v->is_hidden = is_hidden;
    v->wants_view = true;
    verdict_pause(&v->verdict);
}

static void advance(struct view *v, uint64_t now_us)
{
    tickclock_advance(&v->clock, now_us);
    delay_advance(&v->delay, now_us);
    if (v->is_playback) playhead_advance(&v->playhead, now_us);
}

static struct moment moment_now(const struct view *v, uint64_t now_us)
{
    if (v->is_playback) return playhead_moment(&v->playhead);
    return tickclock_moment(&v->clock, now_us, v->delay.shown_us);
}

static bool makes_usercmds(const struct view *v)
{
    return v->phase == VIEW_PLAYING && v->has_map && !v->is_hidden && v->welcome.seat != SEAT_NONE;
}

/* What `cmd` causes at once, among the others as they stand at the moment `seen`. */
static void foresee(struct view *v, const struct entity *body, const struct usercmd *cmd,
                    struct moment seen)
{
    struct event *event = foreseen_note(&v->foreseen, body, cmd);
    if (event == NULL || v->game->meet == NULL) return;

    uint32_t count = interpolate_draw(&v->interpolate, seen, v->drawn, v->config.entities_max);
    for (uint32_t i = 0; i < count; i++) {
        const struct drawn *d = &v->drawn[i];
        struct entity other = {.kind = d->kind, .generation = d->generation, .owner = d->owner};
        bytes_copy(other.words, d->words, sizeof other.words);
        v->game->meet(&other, event);
    }
}

static void make_usercmds(struct view *v, uint64_t now_us)
{
    struct usercmd made;
    bool merged;
    if (!makes_usercmds(v)) return;
    struct moment seen = moment_now(v, now_us);
    while (!predict_is_full(&v->predict) && outbox_make(&v->outbox, now_us, seen, &made, &merged)) {
        if (merged) predict_merge(&v->predict, &v->outbox.unsent[0]);
        const struct entity *body = predict_body(&v->predict);
        if (body != NULL) {
            fired_note(&v->fired, body, &made, seen);
            foresee(v, body, &made, seen);
        }
        predict_push(&v->predict, &made);
    }
}

static size_t encode_hello(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    struct message_hello hello = {.view_half_x = v->config.half_x,
                                  .view_half_y = v->config.half_y,
                                  .entities_max = v->config.entities_max,
                                  .has_token = v->has_token,
                                  .token_seat = v->token_seat,
                                  .has_colour = v->has_colour,
                                  .colour = v->colour};
    bytes_copy(hello.token, v->token, TOKEN_BYTES);
    bytes_copy(hello.name, v->name, sizeof hello.name);
    for (size_t i = 0; i < games_count() && hello.schema_count < SCHEMAS_MAX; i++) {
        if (schema_init(&v->schema, games_get(i)->table) != RESULT_OK) continue;
        hello.schemas[hello.schema_count++] = v->schema.hash;
    }
    v->wants_hello = false;
    return message_encode_hello(bytes, capacity_bytes, &hello);
}

static size_t encode_view(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    struct message_view m = {.is_hidden = v->is_hidden,
                             .view_half_x = v->config.half_x,
                             .view_half_y = v->config.half_y};
    v->wants_view = false;
    return message_encode_view(bytes, capacity_bytes, &m);
}

static size_t encode_resync(struct view *v, uint64_t now_us, uint8_t *bytes)
{
    v->wants_resync = false;
    v->resync_us = now_us;
    bytes[0] = MESSAGE_RESYNC;
    return 1;
}

static size_t encode_chat(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    size_t length = message_encode_chat(bytes, capacity_bytes, &v->chats[0]);
    v->chat_count--;
    bytes_move(&v->chats[0], &v->chats[1], v->chat_count * sizeof v->chats[0]);
    return length;
}

static size_t encode_control(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    size_t length = message_encode_control(bytes, capacity_bytes, &v->controls[0]);
    v->control_count--;
    bytes_move(&v->controls[0], &v->controls[1], v->control_count * sizeof v->controls[0]);
    return length;
}

static size_t encode_camera(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    v->wants_camera = false;
    return message_encode_camera(bytes, capacity_bytes, &v->camera);
}

static bool owes_ack(const struct view *v, uint64_t now_us)
{
    if (!v->seen.has_base) return false;
    return !v->has_acked || (v->seen.tick != v->acked_tick && now_us >= v->acked_us + TICK_US);
}

static size_t encode_input(struct view *v, uint64_t now_us, uint8_t *bytes, size_t capacity_bytes)
{
    struct message_input m = {.has_ack = v->seen.has_base,
                              .ack_tick = v->seen.tick,
                              .stamp_ms = (uint16_t)(now_us / 1000)};
    outbox_take(&v->outbox, &m);
    v->has_acked = m.has_ack;
    v->acked_tick = m.ack_tick;
    v->acked_us = now_us;
    return message_encode_input(bytes, capacity_bytes, v->game->table, &m);
}

/* Encodes what is due after the hello. */
static size_t encode_next(struct view *v, uint64_t now_us, uint8_t *bytes, size_t capacity_bytes)
{
    if (v->wants_view) return encode_view(v, bytes, capacity_bytes);
    bool may_resync = v->resync_us == 0 || now_us >= v->resync_us + RESYNC_INTERVAL_US;
    if (v->wants_resync && may_resync) return encode_resync(v, now_us, bytes);
    if (v->wants_camera) return encode_camera(v, bytes, capacity_bytes);
    if (v->control_count > 0) return encode_control(v, bytes, capacity_bytes);
    if (v->chat_count > 0) return encode_chat(v, bytes, capacity_bytes);
    if (v->outbox.unsent_count > 0 || owes_ack(v, now_us)) {
        return encode_input(v, now_us, bytes, capacity_bytes);
    }
    return 0;
}

size_t view_poll_outgoing(struct view *v, uint64_t now_us, size_t unsent_bytes, uint8_t *bytes,
                          size_t capacity_bytes)
{
    if (v->phase != VIEW_JOINING && v->phase != VIEW_PLAYING) return 0;
    advance(v, now_us);
    make_usercmds(v, now_us);
    verdict_note_unsent(&v->verdict, unsent_bytes, now_us);

    if (unsent_bytes != 0 || capacity_bytes < MESSAGE_UP_BYTES_MAX) return 0;
    if (v->wants_hello) return encode_hello(v, bytes, capacity_bytes);
    if (v->game == NULL) return 0;
    size_t length_bytes = encode_next(v, now_us, bytes, capacity_bytes);
    if (length_bytes > 0) {
        capture_note(&v->capture, CAPTURE_UP, bytes, length_bytes, now_us, &v->seen);
    }
    return length_bytes;
}

struct capture *view_capture(struct view *v)
{
    return &v->capture;
}

/* -- what to draw -- */

/* Makes place for the own body at its slot and returns its index. */
static uint32_t place_own(struct view *v, uint16_t slot)
{
    uint32_t index = 0;
    while (index < v->frame.count && v->drawn[index].slot < slot)
        index++;
    if (index < v->frame.count && v->drawn[index].slot == slot) return index;

    bytes_move(&v->drawn[index + 1], &v->drawn[index],
               (v->frame.count - index) * sizeof v->drawn[0]);
    v->frame.count++;
    return index;
}

static void draw_own(struct view *v, uint64_t now_us)
{
    if (!v->has_map) return;
    struct usercmd next = outbox_next(&v->outbox, v->frame.moment);
    uint32_t part = makes_usercmds(v) ? outbox_part(&v->outbox, now_us) : 0;
    struct drawn own;
    if (!predict_draw(&v->predict, &next, part, now_us, &own)) return;

    uint32_t index = place_own(v, own.slot);
    v->drawn[index] = own;
    v->frame.own_index = (int32_t)index;
}

static void mark_mine(struct view *v)
{
    if (v->welcome.seat == SEAT_NONE) return;
    for (uint32_t i = 0; i < v->frame.count; i++) {
        if (v->drawn[i].owner == v->welcome.seat) v->drawn[i].flags |= DRAWN_MINE;
    }
}

/* Behind all others: their slots are the highest. */
static void draw_fired(struct view *v)
{
    if (!v->has_map || v->is_playback) return;
    v->frame.count += fired_draw(&v->fired, v->frame.moment, &v->drawn[v->frame.count], FIRED_MAX);
}

static void draw_others(struct view *v, uint64_t now_us)
{
    if (v->has_news_of_others && v->mend.has_guesses) {
        /* When the server has dropped time, now may be earlier than what was shown. */
        bool is_back = tick_is_newer(v->mend.moment.tick, v->frame.moment.tick);
        struct moment shown = is_back ? v->frame.moment : v->mend.moment;
        uint32_t count = interpolate_draw(&v->interpolate, shown, v->drawn, v->config.entities_max);
        mend_absorb(&v->mend, v->drawn, count);
    }
    v->has_news_of_others = false;
    v->frame.count =
        interpolate_draw(&v->interpolate, v->frame.moment, v->drawn, v->config.entities_max);
    mend_draw(&v->mend, v->frame.moment, now_us, v->drawn, v->frame.count);
}

/* A recording has no link to blame. */
static void judge(struct view *v, uint64_t now_us)
{
    if (v->is_playback || v->is_hidden || !v->seen.has_base) return;
    int64_t ticks = tick_difference(v->frame.moment.tick, v->seen.tick);
    verdict_note_frame(&v->verdict, ticks * TICK_US + v->frame.moment.after_us, now_us);
}

const struct view_frame *view_frame(struct view *v, uint64_t now_us)
{
    v->frame = (struct view_frame){.phase = v->phase, .drawn = v->drawn, .own_index = -1};
    if (v->game == NULL || !(v->is_playback || v->clock.has_origin)) return &v->frame;

    advance(v, now_us);
    v->frame.moment = moment_now(v, now_us);
    draw_others(v, now_us);
    judge(v, now_us);
    v->framed_us = now_us;
    draw_own(v, now_us);
    mark_mine(v);
    draw_fired(v);
    return &v->frame;
}

bool view_take_line(struct view *v, struct view_line *line)
{
    if (v->has_map && foreseen_take(&v->foreseen, v->frame.moment.tick, line)) return true;
    return news_pop(&v->news, v->frame.moment.tick, line);
}

uint32_t view_take_withdrawn(struct view *v)
{
    return v->has_map ? foreseen_take_withdrawn(&v->foreseen) : 0;
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
