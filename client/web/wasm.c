/* wasm.c - the view as a WebAssembly module without imports: what tickwire.js calls while it plays.
 *
 * Place:   linked with shared/, the games and client/view/ into tickwire.wasm. Numbers go in and
 *          out as arguments, everything else through the areas whose addresses the *_at functions
 *          tell; JavaScript reads them as typed arrays on the module's memory.
 * Memory:  one page, one view: the static areas below are all there is, and memory never grows.
 * Errors:  a failed ASSERT traps; the page sees a WebAssembly.RuntimeError.
 */
#include "client/web/wasm.h"

#include "client/view/view.h"
#include "shared/bytes.h"
#include "shared/check.h"

#define VIEW_BYTES (9u * 1024 * 1024)
#define CAPTURED   (1024u * 1024) /* bytes of the last seconds' messages */
#define TEXT_BYTES 256

_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    (void)condition, (void)file, (void)line;
    __builtin_trap();
}

/* What view_read_stats() tells, as 32-bit words in the order of tickwire.js's STATS. */
enum stats_word {
    STATS_STATE_AGE_US,
    STATS_RTT_US,
    STATS_RTT_MIN_US,
    STATS_JITTER_US,
    STATS_DELAY_US,
    STATS_UPDATES_PER_S,
    STATS_BYTES_PER_S,
    STATS_CORRECTIONS,
    STATS_HASH_ERRORS,
    STATS_DECODE_ERRORS,
    STATS_PENDING,
    STATS_CADENCE,
    STATS_QUEUED,
    STATS_HELD,
    STATS_CORRECTED_BY,
    STATS_WORDS
};

/* The one object of the module: the page has no caller who could hold it. */
static struct {
    _Alignas(16) uint8_t memory[VIEW_BYTES];
    struct view *view;
    const struct view_frame *frame;
    struct view_line line;
    uint8_t in[MESSAGE_DOWN_BYTES_MAX];
    uint8_t out[MESSAGE_UP_BYTES_MAX];
    char text[TEXT_BYTES];
    int32_t words[USERCMD_WORDS];
    int32_t stats[STATS_WORDS];
    struct view_verdict verdict;
    int32_t playback[8];
} page;

/* Times are doubles: a JavaScript number holds µs exactly for 285 years. */
static uint64_t time_us(double now_us)
{
    return now_us > 0 ? (uint64_t)now_us : 0;
}

struct view *wasm_view(void)
{
    return page.view;
}

/* -- areas -- */

EXPORT(uint8_t *, in_at, (void))
{
    return page.in;
}

EXPORT(uint32_t, in_bytes, (void))
{
    return sizeof page.in;
}

EXPORT(uint8_t *, out_at, (void))
{
    return page.out;
}

/* Where texts are put for set_name() and say(): UTF-8, NUL-terminated; and tokens for set_seat().
 */
EXPORT(char *, text_at, (void))
{
    return page.text;
}

EXPORT(uint32_t, text_bytes, (void))
{
    return sizeof page.text;
}

EXPORT(int32_t *, input_at, (void))
{
    return page.words;
}

EXPORT(int32_t *, stats_at, (void))
{
    return page.stats;
}

/* -- driving the view -- */

/* Returns whether a view of this size fits. */
EXPORT(bool, init,
       (uint32_t entities_max, uint32_t pasts_max, uint32_t seats_max, uint32_t map_tiles_max,
        uint32_t half_x, uint32_t half_y))
{
    struct view_config config = {.entities_max = (uint16_t)entities_max,
                                 .pasts_max = (uint8_t)pasts_max,
                                 .seats_max = (uint16_t)seats_max,
                                 .map_tiles_max = map_tiles_max,
                                 .capture_bytes = CAPTURED,
                                 .half_x = (uint16_t)half_x,
                                 .half_y = (uint16_t)half_y};
    if (view_memory_bytes(&config) > sizeof page.memory) return false;
    page.view = view_init(page.memory, &config);
    page.frame = view_frame(page.view, 0);
    return true;
}

EXPORT(void, set_name, (void))
{
    page.text[sizeof page.text - 1] = '\0';
    view_set_name(page.view, page.text);
}

EXPORT(void, set_colour, (uint32_t colour))
{
    view_set_colour(page.view, colour);
}

EXPORT(void, set_seat, (uint32_t seat))
{
    view_set_seat(page.view, (uint16_t)seat, (const uint8_t *)page.text);
}

EXPORT(void, forget_seat, (void))
{
    view_forget_seat(page.view);
}

EXPORT(void, connect, (void))
{
    view_connect(page.view);
}

/* Takes the message in in[0..length). Returns an enum result. */
EXPORT(uint32_t, receive, (uint32_t length_bytes, double now_us))
{
    ASSERT(length_bytes <= sizeof page.in);
    return (uint32_t)view_receive(page.view, page.in, length_bytes, time_us(now_us));
}

/* Takes the words at input_at(). */
EXPORT(void, set_input, (void))
{
    view_set_input(page.view, page.words);
}

EXPORT(bool, say, (void))
{
    page.text[sizeof page.text - 1] = '\0';
    return view_say(page.view, page.text);
}

EXPORT(void, set_hidden, (bool is_hidden))
{
    view_set_hidden(page.view, is_hidden);
}

/* Asks a playback for something: an enum control_kind and its tick or amount. */
EXPORT(bool, control, (uint32_t kind, double value))
{
    struct message_control control = {.kind = (uint8_t)kind};
    if (kind == CONTROL_SEEK) {
        control.tick = value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
    } else {
        control.amount = (int32_t)value;
    }
    return view_control(page.view, &control);
}

/* Looks from another place: an enum camera_kind; `a` is the seat, slot or x, `b` generation or y. */
EXPORT(void, camera, (uint32_t kind, double a, double b))
{
    struct message_camera camera = {.kind = (uint8_t)kind};
    ASSERT(kind < CAMERA_COUNT);
    if (kind == CAMERA_SEAT) camera.seat = (uint16_t)a;
    if (kind == CAMERA_ENTITY) {
        camera.slot = (uint16_t)a;
        camera.generation = (uint8_t)b;
    }
    if (kind == CAMERA_PLACE) {
        camera.x = (int32_t)a;
        camera.y = (int32_t)b;
    }
    view_set_camera(page.view, &camera);
}

/* What view_playback() tells, as 32-bit words in the order of tickwire.js's PLAYBACK; NULL: none. */
EXPORT(const int32_t *, read_playback, (void))
{
    const struct message_playback *p = view_playback(page.view);
    if (p == NULL) return NULL;
    const int32_t words[] = {
        (int32_t)p->first_tick, (int32_t)p->last_tick, (int32_t)p->tick, p->speed,
        p->is_paused,           p->is_at_end,          p->is_running,    p->is_live};
    _Static_assert(sizeof words == sizeof page.playback, "one word for each member");
    bytes_copy(page.playback, words, sizeof words);
    return page.playback;
}

/* Returns the length of the message in out[]; 0: nothing is to be sent. */
EXPORT(uint32_t, poll, (double now_us, uint32_t unsent_bytes))
{
    return (uint32_t)view_poll_outgoing(page.view, time_us(now_us), unsent_bytes, page.out,
                                        sizeof page.out);
}

/* Computes what to draw. Returns the enum view_phase. */
EXPORT(uint32_t, frame, (double now_us))
{
    page.frame = view_frame(page.view, time_us(now_us));
    return (uint32_t)page.frame->phase;
}

EXPORT(const struct drawn *, drawn_at, (void))
{
    return page.frame->drawn;
}

EXPORT(uint32_t, drawn_count, (void))
{
    return page.frame->count;
}

EXPORT(int32_t, own_index, (void))
{
    return page.frame->own_index;
}

EXPORT(uint32_t, moment_tick, (void))
{
    return page.frame->moment.tick;
}

/* Whose fault the last stutter was: returns an enum verdict_cause; the words are at verdict_at(). */
EXPORT(uint32_t, read_verdict, (double now_us))
{
    view_read_verdict(page.view, time_us(now_us), &page.verdict);
    return (uint32_t)page.verdict.cause;
}

/* NUL-terminated, as read last. */
EXPORT(const char *, verdict_at, (void))
{
    return page.verdict.text;
}

/* How often it was that enum verdict_cause, as read last. */
EXPORT(uint32_t, verdict_count, (uint32_t cause))
{
    ASSERT(cause < VERDICT_CAUSES);
    return page.verdict.stutters[cause];
}

EXPORT(void, read_stats, (double now_us))
{
    struct view_stats s;
    view_read_stats(page.view, time_us(now_us), &s);
    const int32_t words[STATS_WORDS] = {
        [STATS_STATE_AGE_US] = (int32_t)s.state_age_us,
        [STATS_RTT_US] = (int32_t)s.rtt_us,
        [STATS_RTT_MIN_US] = (int32_t)s.rtt_min_us,
        [STATS_JITTER_US] = (int32_t)s.jitter_us,
        [STATS_DELAY_US] = (int32_t)s.delay_us,
        [STATS_UPDATES_PER_S] = (int32_t)s.updates_per_s,
        [STATS_BYTES_PER_S] = (int32_t)s.bytes_per_s,
        [STATS_CORRECTIONS] = (int32_t)s.corrections,
        [STATS_HASH_ERRORS] = (int32_t)s.hash_errors,
        [STATS_DECODE_ERRORS] = (int32_t)s.decode_errors,
        [STATS_PENDING] = (int32_t)s.pending,
        [STATS_CADENCE] = s.cadence,
        [STATS_QUEUED] = s.queued,
        [STATS_HELD] = (int32_t)s.held,
        [STATS_CORRECTED_BY] = (int32_t)s.corrected_by,
    };
    bytes_copy(page.stats, words, sizeof words);
}

/* -- a capture: save it, then take its parts one after the other -- */

EXPORT(bool, capture_save, (double wall_ms, double now_us))
{
    return capture_finish(view_capture(page.view), time_us(wall_ms), time_us(now_us));
}

/* NULL behind the last part. */
EXPORT(const uint8_t *, capture_part_at, (uint32_t index))
{
    const uint8_t *bytes;
    if (index >= CAPTURE_PARTS) return NULL;
    (void)capture_part(view_capture(page.view), index, &bytes);
    return bytes;
}

EXPORT(uint32_t, capture_part_bytes, (uint32_t index))
{
    const uint8_t *bytes;
    return capture_part(view_capture(page.view), index, &bytes);
}

/* -- lines: take one, then ask what it is -- */

EXPORT(bool, take_line, (void))
{
    return view_take_line(page.view, &page.line);
}

/* The number of a line of one's own that the server has not told yet; 0: it has. */
EXPORT(uint32_t, line_foreseen, (void))
{
    return page.line.foreseen;
}

/* The number of the next such line that is not true; 0: there is none. */
EXPORT(uint32_t, take_withdrawn, (void))
{
    return view_take_withdrawn(page.view);
}

EXPORT(bool, line_is_chat, (void))
{
    return page.line.line.line_kind == LINE_CHAT;
}

EXPORT(uint32_t, line_tick, (void))
{
    return page.line.tick;
}

EXPORT(uint32_t, line_event_kind, (void))
{
    return page.line.line.event.kind;
}

EXPORT(const int32_t *, line_event_words, (void))
{
    return page.line.line.event.words;
}

EXPORT(uint32_t, line_chat_seat, (void))
{
    return page.line.line.chat_seat;
}

EXPORT(const char *, line_chat_at, (void))
{
    return page.line.line.chat_text;
}

EXPORT(uint32_t, line_chat_bytes, (void))
{
    return page.line.line.chat_length_bytes;
}

/* -- what is known: texts are NUL-terminated UTF-8 -- */

EXPORT(const char *, name_at, (uint32_t seat))
{
    return view_name(page.view, (uint16_t)seat);
}

EXPORT(uint32_t, colour, (uint32_t seat))
{
    return view_colour(page.view, (uint16_t)seat);
}

EXPORT(uint32_t, own_seat, (void))
{
    const struct message_welcome *welcome = view_welcome(page.view);
    return welcome == NULL ? SEAT_NONE : welcome->seat;
}

EXPORT(bool, is_resumed, (void))
{
    const struct message_welcome *welcome = view_welcome(page.view);
    return welcome != NULL && welcome->is_resumed;
}

/* The seat's token, TOKEN_BYTES long; NULL before the welcome. */
EXPORT(const uint8_t *, token_at, (void))
{
    const struct message_welcome *welcome = view_welcome(page.view);
    return welcome == NULL ? NULL : welcome->token;
}

EXPORT(const char *, room_at, (void))
{
    const struct message_welcome *welcome = view_welcome(page.view);
    return welcome == NULL ? NULL : welcome->room;
}

/* 0: none was said. */
EXPORT(uint32_t, bye_code, (void))
{
    const struct message_bye *bye = view_bye(page.view);
    return bye == NULL ? 0 : bye->code;
}

EXPORT(const char *, bye_reason_at, (void))
{
    const struct message_bye *bye = view_bye(page.view);
    return bye == NULL ? NULL : bye->reason;
}

/* NULL before the map has come. */
EXPORT(const uint8_t *, map_tiles_at, (void))
{
    const struct map *map = view_map(page.view);
    return map == NULL ? NULL : map->tiles;
}

EXPORT(uint32_t, map_width, (void))
{
    const struct map *map = view_map(page.view);
    return map == NULL ? 0 : map->width;
}

EXPORT(uint32_t, map_height, (void))
{
    const struct map *map = view_map(page.view);
    return map == NULL ? 0 : map->height;
}
