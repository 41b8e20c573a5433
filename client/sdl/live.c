#include "client/sdl/live.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/host/error.h"
#include "shared/ws_close.h"

#define ENTITIES_MAX 512
#define PASTS_MAX    16
#define SEATS_MAX    16384
#define VIEW_ALIGN   16
#define INVALID_MAX  8
#define CAPTURED     (2u * 1024 * 1024) /* bytes of the last seconds' messages */

/* More than any game shows; the server keeps to the game's own limit. */
#define HALF_MAX 4096

static struct view *create_view(const struct live_plan *plan)
{
    struct view_config config = {.entities_max = ENTITIES_MAX,
                                 .pasts_max = PASTS_MAX,
                                 .seats_max = SEATS_MAX,
                                 .map_tiles_max = MAP_TILES_MAX,
                                 .capture_bytes = CAPTURED,
                                 .half_x = HALF_MAX,
                                 .half_y = HALF_MAX};
    size_t size_bytes = (view_memory_bytes(&config) + VIEW_ALIGN - 1) / VIEW_ALIGN * VIEW_ALIGN;
    void *memory = aligned_alloc(VIEW_ALIGN, size_bytes);
    if (memory == NULL) return NULL;

    struct view *view = view_init(memory, &config);
    view_set_name(view, plan->name);
    view_set_colour(view, plan->colour);
    return view;
}

enum result live_init(struct live *l, const struct live_plan *plan, struct error *error)
{
    *l = (struct live){.phase = LIVE_CONNECTING, .is_spectating = url_is_spectating(plan->url)};
    l->view = create_view(plan);
    if (l->view == NULL) {
        (void)error_set(error, RESULT_IO, "no memory for the view");
        return error->code;
    }
    return link_create(&l->link, plan->url, plan->ca_file, error);
}

void live_deinit(struct live *l)
{
    link_destroy(l->link);
    free(l->view);
    *l = (struct live){0};
}

/* The view's time may not go back: a message from before the last frame counts as come then. */
static uint64_t forward(struct live *l, uint64_t at_us)
{
    if (at_us > l->last_us) l->last_us = at_us;
    return l->last_us;
}

static void take_message(struct live *l, const struct link_event *event)
{
    uint64_t at_us = forward(l, event->at_us);
    enum result r = view_receive(l->view, event->bytes, event->length_bytes, at_us);

    l->invalid_count = r == RESULT_INVALID ? l->invalid_count + 1 : 0;
    if (l->invalid_count >= INVALID_MAX)
        link_refuse(l->link, WS_CLOSE_PROTOCOL_ERROR, "its messages are not understood");
    if (r == RESULT_CLOSED) {
        const struct message_bye *bye = view_bye(l->view);
        link_refuse(l->link, bye->code, bye->reason);
    }
}

static void take_ending(struct live *l, const struct link_event *event)
{
    (void)snprintf(l->notice, sizeof l->notice, "%s", event->sentence);
    l->code = event->close_code;
    l->retry_us = event->at_us + (uint64_t)event->wait_ms * 1000;
    l->phase = event->is_passing ? LIVE_WAITING : LIVE_ENDED;
}

static void take_event(struct live *l, const struct link_event *event)
{
    switch (event->kind) {
    case LINK_CONNECTING:
        /* While the player waits for a lost match, the notice stays. */
        if (l->phase != LIVE_WAITING) l->phase = LIVE_CONNECTING;
        return;
    case LINK_OPENED:
        l->invalid_count = 0;
        view_connect(l->view);
        l->connections++;
        l->phase = LIVE_JOINING;
        return;
    case LINK_MESSAGE:
        take_message(l, event);
        return;
    case LINK_ENDED:
        take_ending(l, event);
        return;
    }
}

static void send_due(struct live *l, uint64_t now_us)
{
    uint8_t bytes[MESSAGE_UP_BYTES_MAX];
    size_t length_bytes;

    while ((length_bytes = view_poll_outgoing(l->view, now_us, link_unsent_bytes(l->link), bytes,
                                              sizeof bytes)) > 0) {
        if (!link_send(l->link, bytes, length_bytes)) return;
    }
}

const struct view_frame *live_step(struct live *l, uint64_t now_us)
{
    const struct link_event *event;

    while ((event = link_poll(l->link)) != NULL)
        take_event(l, event);
    now_us = forward(l, now_us);
    if (l->phase == LIVE_JOINING || l->phase == LIVE_PLAYING) send_due(l, now_us);

    const struct view_frame *frame = view_frame(l->view, now_us);
    bool has_match = frame->phase == VIEW_PLAYING && view_map(l->view) != NULL;
    if (l->phase == LIVE_JOINING && has_match) {
        l->phase = LIVE_PLAYING;
        l->was_playing = true;
        l->notice[0] = '\0';
    }
    return frame;
}

/* ---- the scene ---- */

static const char *name_of(const void *source, uint16_t seat)
{
    return view_name(source, seat);
}

static uint8_t colour_of(const void *source, uint16_t seat)
{
    return view_colour(source, seat);
}

/* Whoever has no body watches somebody. */
static int32_t followed(const struct view *view, const struct view_frame *frame)
{
    const struct field_table *table = view_game(view)->table;

    if (frame->own_index >= 0 || view_welcome(view)->seat != SEAT_NONE) return frame->own_index;
    for (uint32_t i = 0; i < frame->count; i++) {
        if (table->kinds[frame->drawn[i].kind - 1].flags & KIND_BODY) return (int32_t)i;
    }
    return -1;
}

void live_fill_scene(const struct live *l, const struct view_frame *frame, struct scene *scene)
{
    const struct game *game = view_game(l->view);

    *scene = (struct scene){.table = game->table,
                            .map = view_map(l->view),
                            .unit = game->unit,
                            .tile_units = game->tile_units,
                            .half_x = game->view_half_x,
                            .half_y = game->view_half_y,
                            .drawn = frame->drawn,
                            .count = frame->count,
                            .own_index = followed(l->view, frame),
                            .facts = {.tick = frame->moment.tick,
                                      .own_seat = view_welcome(l->view)->seat,
                                      .name = name_of,
                                      .colour = colour_of,
                                      .source = l->view}};
}

void live_retry(struct live *l)
{
    if (l->phase == LIVE_WAITING || l->phase == LIVE_ENDED) {
        l->phase = LIVE_CONNECTING;
        link_retry(l->link);
    }
}
