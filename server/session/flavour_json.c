/* The JSON flavour: the field table's JSON of shared/json_update.h down, json_input.h up. */
#include "server/session/flavour.h"
#include "server/session/hub.h"
#include "server/session/json_input.h"
#include "server/session/session.h"
#include "server/session/session_in.h"
#include "shared/bytes.h"
#include "shared/json_update.h"

#define ENTITIES_MAX     256 /* a full update stays well below what a connection may have unsent */
#define BREACHES_MAX     3
#define UPDATE_BYTES_MAX 16384 /* a twentieth of it says as much in binary: flavour_binary.c */
#define UPDATE_BYTES_MIN 2000

_Static_assert(ENTITIES_MAX *JSON_PIECE_BYTES_MAX < HUB_MESSAGE_BYTES * 7 / 8,
               "whatever the table, a full update fits, with names and lines");

static size_t write_welcome(const struct session *s, const struct message_welcome *m,
                            uint8_t *bytes, size_t capacity_bytes)
{
    const struct game *game = room_settings(s->room)->game;
    struct json_welcome welcome = {.welcome = m,
                                   .tile_units = game->tile_units,
                                   .view_half_x = s->viewer.half_x / game->unit,
                                   .view_half_y = s->viewer.half_y / game->unit};
    return json_welcome_write((char *)bytes, capacity_bytes, &welcome);
}

static size_t write_pace(const struct message_pace *m, uint8_t *bytes, size_t capacity_bytes)
{
    return json_pace_write((char *)bytes, capacity_bytes, m);
}

static size_t write_bye(const struct message_bye *m, uint8_t *bytes, size_t capacity_bytes)
{
    return json_bye_write((char *)bytes, capacity_bytes, m);
}

static size_t write_playback(const struct message_playback *m, uint8_t *bytes,
                             size_t capacity_bytes)
{
    return json_playback_write((char *)bytes, capacity_bytes, m);
}

static size_t write_error(const char *reason, uint8_t *bytes, size_t capacity_bytes)
{
    return json_error_write((char *)bytes, capacity_bytes, reason);
}

/* Returns what is to be said of number `i` of a viewer that knows each entity from a tick of its own. */
static struct json_piece piece_of(const struct viewer *v, const struct viewer_plan *p, uint32_t i,
                                  char *spare)
{
    const struct frame *base = NULL, *before;
    if (!p->is_new[i]) viewer_known_by(v, p, i, &base, &before);
    return json_pieces_get_alone(&v->view->json, base, p->slots[i], spare);
}

static void put_piece(struct json_update *u, struct json_piece piece)
{
    json_update_put_piece(u, piece.text, piece.length_bytes);
}

static void put_mosaic(struct json_update *u, const struct viewer *v, const struct viewer_plan *p)
{
    char spare[JSON_PIECE_BYTES_MAX];
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->is_new[i] || !viewer_leaves_out(p, i)) put_piece(u, piece_of(v, p, i, spare));
    }
}

static void put_entities(struct json_update *u, const struct viewer *v, const struct viewer_plan *p)
{
    char spare[JSON_PIECE_BYTES_MAX];
    struct json_pieces *pieces = &v->view->json;
    if (v->mosaic != NULL || p->is_partial) {
        put_mosaic(u, v, p);
        return;
    }
    struct json_page *known = json_pieces_page(pieces, p->base);
    struct json_page *unknown = p->new_count > 0 ? json_pieces_page(pieces, NULL) : NULL;
    for (uint32_t i = 0; i < p->count; i++) {
        put_piece(u, json_page_get(pieces, p->is_new[i] ? unknown : known, p->slots[i], spare));
    }
}

static void measure_updates(const struct viewer *v, struct viewer_plan *p)
{
    char spare[JSON_PIECE_BYTES_MAX];
    for (uint32_t i = 0; i < p->count; i++) {
        if (!p->is_new[i]) p->cost_bits[i] = 8 * (uint32_t)piece_of(v, p, i, spare).length_bytes;
    }
}

/* One that another took the place of is put, not deleted. */
static void put_deletions(struct json_update *u, const struct viewer *v,
                          const struct viewer_plan *p)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < p->removed_count; i++) {
        uint16_t slot = v->members[p->removed[i]].slot;
        while (at < p->count && p->slots[at] < slot)
            at++;
        if (at == p->count || p->slots[at] != slot) json_update_del(u, slot);
    }
}

static int32_t unit_of(const struct viewer *v)
{
    return room_settings(v->view->room)->game->unit;
}

/* A client of JSON keeps no clock, so that an echo would tell it nothing. */
static size_t write_update(const struct viewer *v, const struct viewer_plan *p, bool has_lines,
                           uint8_t *bytes, size_t capacity_bytes)
{
    const struct schema *schema = v->view->schema;
    struct json_update_header header = {.tick = p->now->tick,
                                        .has_ack = p->header.input_seq != v->input_seq,
                                        .ack_seq = p->header.input_seq,
                                        .is_full = p->base == NULL};
    struct json_update u;
    json_update_begin(&u, (char *)bytes, capacity_bytes, &header);
    put_entities(&u, v, p);
    put_deletions(&u, v, p);
    if (v->seat != SEAT_NONE) json_update_you(&u, schema, v->seat, &p->self, &p->base_self);
    json_update_names(&u, p->names, p->name_count);
    json_update_lines(&u, schema, unit_of(v), p->lines, has_lines ? p->line_count : 0);
    return json_update_end(&u);
}

static size_t write_snapshot(const struct viewer *v, const struct viewer_plan *p,
                             const struct snapshot_echo *echo, uint8_t *bytes,
                             size_t capacity_bytes)
{
    (void)echo;
    return write_update(v, p, true, bytes, capacity_bytes);
}

static size_t write_state(const struct viewer *v, const struct viewer_plan *p,
                          const struct snapshot_echo *echo, uint8_t *bytes, size_t capacity_bytes)
{
    (void)echo;
    return write_update(v, p, false, bytes, capacity_bytes);
}

static size_t write_line(const struct viewer *v, const struct viewer_plan *p, uint32_t index,
                         uint8_t *bytes, size_t capacity_bytes)
{
    return json_line_write((char *)bytes, capacity_bytes, v->view->schema, unit_of(v),
                           &p->lines[index], p->now->tick);
}

static size_t write_names(const struct viewer *v, const struct viewer_plan *p, uint8_t *bytes,
                          size_t capacity_bytes)
{
    struct json_update_header header = {.tick = p->now->tick, .is_lines = true};
    struct json_update u;
    (void)v;
    json_update_begin(&u, (char *)bytes, capacity_bytes, &header);
    json_update_names(&u, p->names, p->name_count);
    return json_update_end(&u);
}

static size_t write_lines(const struct viewer *v, const struct viewer_plan *p, uint8_t *bytes,
                          size_t capacity_bytes)
{
    struct json_update_header header = {.tick = p->now->tick, .is_lines = true};
    struct json_update u;
    json_update_begin(&u, (char *)bytes, capacity_bytes, &header);
    json_update_names(&u, p->names, p->name_count);
    json_update_lines(&u, v->view->schema, unit_of(v), p->lines, p->line_count);
    return json_update_end(&u);
}

static enum result read_hello(struct session *s, const struct json_input *in, struct error *error)
{
    struct message_hello m = {.has_token = in->has_token,
                              .token_seat = in->token_seat,
                              .has_colour = in->has_colour,
                              .colour = in->colour};
    if (in->has_view) {
        m.view_half_x = in->view_half_x;
        m.view_half_y = in->view_half_y;
    }
    bytes_copy(m.token, in->token, sizeof m.token);
    bytes_copy(m.name, in->name, sizeof m.name);
    return session_on_hello(s, &m, error);
}

static enum result read_usercmd(struct session *s, const struct json_input *in, struct error *error)
{
    struct message_input m = {
        .has_ack = in->has_ack, .ack_tick = in->ack_tick, .count = 1, .cmds = {in->cmd}};
    if (!in->has_seq) m.cmds[0].seq = s->last_cmd.seq + 1;
    s->last_cmd = m.cmds[0];
    return session_on_input(s, &m, error);
}

static enum result read_chat(struct session *s, const struct json_input *in, struct error *error)
{
    struct message_chat m;
    bytes_copy(m.text, in->text, sizeof m.text);
    return session_on_chat(s, &m, error);
}

static enum result read_view(struct session *s, const struct json_input *in, struct error *error)
{
    struct message_view m = {.is_hidden = in->is_hidden};
    if (in->has_view) {
        m.view_half_x = in->view_half_x;
        m.view_half_y = in->view_half_y;
    }
    return session_on_view(s, &m, error);
}

static enum result read_ping(struct session *s, const struct json_input *in, struct error *error)
{
    (void)error;
    uint32_t tick = s->viewer.has_base ? s->viewer.base_tick : 0;
    size_t length =
        json_pong_write((char *)hub_payload(s->hub), HUB_MESSAGE_BYTES, in->t_10000, tick);
    (void)session_send(s, length); /* a full queue: no pong says so */
    return RESULT_OK;
}

static enum result read_control(struct session *s, const struct json_input *in, struct error *error)
{
    return session_on_control(s, &in->control, error);
}

/* A JSON id is the slot; who stands there now is meant. */
static enum result read_camera(struct session *s, const struct json_input *in, struct error *error)
{
    struct message_camera camera = in->camera;
    const struct frame *newest = s->state == SESSION_PLAYING ? s->viewer.view->newest : NULL;
    const struct entity *e = newest == NULL ? NULL : frame_entity(newest, camera.slot);
    if (camera.kind == CAMERA_ENTITY && e != NULL) camera.generation = e->generation;
    return session_on_camera(s, &camera, error);
}

typedef enum result reader(struct session *, const struct json_input *, struct error *);

static reader *const readers[] = {
    [JSON_INPUT_HELLO] = read_hello,  [JSON_INPUT_USERCMD] = read_usercmd,
    [JSON_INPUT_CHAT] = read_chat,    [JSON_INPUT_VIEW] = read_view,
    [JSON_INPUT_PING] = read_ping,    [JSON_INPUT_CONTROL] = read_control,
    [JSON_INPUT_CAMERA] = read_camera};

static enum result read(struct session *s, uint8_t *bytes, size_t length_bytes, struct error *error)
{
    struct json_input in;
    const struct config *config = s->hub->worker->net.config;
    const struct json_input_terms terms = {
        .table = session_table(s),
        .previous = &s->last_cmd,
        .limits = {config->json_depth_max, config->json_tokens_max}};
    enum result r = json_input_read(&in, (const char *)bytes, length_bytes, &terms, error);
    return r != RESULT_OK ? r : readers[in.kind](s, &in, error);
}

const struct flavour flavour_json = {.is_text = true,
                                     .needs_hello = false,
                                     .input_mode = INPUT_HELD,
                                     .entities_max = ENTITIES_MAX,
                                     .update_bytes = {UPDATE_BYTES_MAX, UPDATE_BYTES_MIN},
                                     .breaches_max = BREACHES_MAX,
                                     .write_welcome = write_welcome,
                                     .write_snapshot = write_snapshot,
                                     .measure_updates = measure_updates,
                                     .write_lines = write_lines,
                                     .write_pace = write_pace,
                                     .write_playback = write_playback,
                                     .write_bye = write_bye,
                                     .read = read,
                                     .write_error = write_error};

const struct flavour flavour_json_events = {.is_text = true,
                                            .needs_hello = false,
                                            .input_mode = INPUT_HELD,
                                            .entities_max = ENTITIES_MAX,
                                            .update_bytes = {UPDATE_BYTES_MAX, UPDATE_BYTES_MIN},
                                            .breaches_max = BREACHES_MAX,
                                            .write_welcome = write_welcome,
                                            .write_snapshot = write_state,
                                            .measure_updates = measure_updates,
                                            .write_lines = write_names,
                                            .write_line = write_line,
                                            .write_pace = write_pace,
                                            .write_bye = write_bye,
                                            .read = read,
                                            .write_error = write_error};
