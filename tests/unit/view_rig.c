#include "tests/unit/view_rig.h"

#include <check.h>
#include <string.h>

#define STEP_US  1000
#define START_US 10000000
#define SEED     20

static const char own_name[] = "Ada";

static uint64_t server_clock_us(const struct rig *r)
{
    return r->now_us + RIG_SERVER_US;
}

/* -- the link -- */

static void link_push(struct rig *r, struct rig_link *link, const uint8_t *bytes,
                      size_t length_bytes)
{
    uint64_t jitter_us = r->jitter_us == 0 ? 0 : rng_below(&r->rng, (uint32_t)r->jitter_us);
    uint64_t arrives_us = r->now_us + r->delay_us + jitter_us;
    if (arrives_us < link->last_us) arrives_us = link->last_us;
    link->last_us = arrives_us;

    ck_assert_uint_lt(link->count, RIG_MESSAGES);
    ck_assert_uint_le(length_bytes, RIG_MESSAGE_BYTES);
    struct rig_message *m = &link->messages[(link->first + link->count++) % RIG_MESSAGES];
    m->arrives_us = arrives_us;
    m->length_bytes = length_bytes;
    memcpy(m->bytes, bytes, length_bytes);
}

static const struct rig_message *link_pop(struct rig *r, struct rig_link *link)
{
    if (link->count == 0 || link->messages[link->first].arrives_us > r->now_us) return NULL;
    if (r->link_stops) return NULL;
    const struct rig_message *m = &link->messages[link->first];
    link->first = (link->first + 1) % RIG_MESSAGES;
    link->count--;
    return m;
}

void rig_send(struct rig *r, const uint8_t *bytes, size_t length_bytes)
{
    link_push(r, &r->down, bytes, length_bytes);
}

/* -- the server -- */

static void send_welcome(struct rig *r)
{
    uint8_t bytes[RIG_MESSAGE_BYTES];
    struct message_welcome welcome = {.tick = r->world.state->tick,
                                      .tick_hz = TICK_HZ,
                                      .seat = RIG_OWN_SEAT,
                                      .is_resumed = r->hello.has_token,
                                      .token = {1, 2, 3},
                                      .schema_hash = r->schema.hash,
                                      .room = "main",
                                      .map = "rig"};
    strcpy(welcome.game, r->game->name);
    rig_send(r, bytes, message_encode_welcome(bytes, sizeof bytes, &welcome));

    bytes[0] = MESSAGE_MAP;
    size_t length = map_pack(&r->map, bytes + 1, sizeof bytes - 1);
    ck_assert_uint_gt(length, 0);
    rig_send(r, bytes, 1 + length);
}

static void take_input(struct rig *r, const uint8_t *bytes, size_t length_bytes)
{
    struct message_input m;
    ck_assert_int_eq(
        message_decode_input(bytes, length_bytes, r->game->table, r->world.state->tick, &m),
        RESULT_OK);
    for (unsigned i = 0; i < m.count; i++) {
        ck_assert(usercmd_is_valid(r->game->table, &m.cmds[i]));
        ck_assert_uint_lt(r->queue_count, 64);
        r->queue[r->queue_count++] = m.cmds[i];
    }
    r->received_cmds += m.count;
    r->stamp_ms = m.stamp_ms;
    r->stamp_us = r->now_us;
    r->has_stamp = true;
}

static void server_take(struct rig *r, const struct rig_message *m)
{
    struct message_view view;
    switch (message_type(m->bytes)) {
    case MESSAGE_HELLO:
        ck_assert_int_eq(message_decode_hello(m->bytes, m->length_bytes, &r->hello), RESULT_OK);
        r->is_joined = true;
        if (world_body(&r->world, RIG_OWN_SEAT) == SLOT_NONE) {
            r->game->join(&r->world, RIG_OWN_SEAT);
        }
        send_welcome(r);
        break;
    case MESSAGE_INPUT:
        take_input(r, m->bytes, m->length_bytes);
        break;
    case MESSAGE_CHAT:
        ck_assert_int_eq(message_decode_chat(m->bytes, m->length_bytes, &r->chat), RESULT_OK);
        break;
    case MESSAGE_VIEW:
        ck_assert_int_eq(message_decode_view(m->bytes, m->length_bytes, &view), RESULT_OK);
        r->wants_full |= r->is_hidden && !view.is_hidden;
        r->is_hidden = view.is_hidden;
        break;
    case MESSAGE_RESYNC:
        r->resyncs++;
        r->wants_full = true;
        break;
    default:
        ck_abort_msg("unknown message %d", m->bytes[0]);
    }
}

static void take_own_usercmds(struct rig *r, struct seat_input *input)
{
    while (input->count < USERCMDS_PER_TICK_MAX && r->queue_count > 0) {
        /* One is enough unless they pile up. */
        if (input->count == 1 && r->queue_count < 3) break;
        input->cmds[input->count++] = r->queue[0];
        r->applied_seq = r->queue[0].seq;
        memmove(&r->queue[0], &r->queue[1], --r->queue_count * sizeof r->queue[0]);
    }
}

static void step_world(struct rig *r)
{
    struct seat_input inputs[RIG_SEATS] = {0};
    for (uint16_t seat = 0; seat < RIG_SEATS; seat++) {
        inputs[seat].seat = seat;
        if (seat == RIG_OWN_SEAT) continue;
        inputs[seat].count = 1;
        inputs[seat].cmds[0].words[0] = r->world.state->tick / 16 % 2 == 0 ? 1 + seat : 4;
        inputs[seat].cmds[0].words[1] = seat;
    }
    take_own_usercmds(r, &inputs[RIG_OWN_SEAT]);
    world_step(&r->world, &(struct tick_inputs){.inputs = inputs, .input_count = RIG_SEATS});
}

static struct snapshot_self self_now(const struct rig *r)
{
    uint16_t slot = world_body(&r->world, RIG_OWN_SEAT);
    struct snapshot_self self = {.is_known = slot != SLOT_NONE, .slot = slot};
    if (!self.is_known) return self;

    const struct entity *body = world_entity(&r->world, slot);
    const struct schema_kind *sorted = &r->schema.kinds[body->kind - 1];
    self.body =
        (struct entity){.kind = body->kind, .generation = body->generation, .owner = body->owner};
    for (unsigned i = 0; i < sorted->self_count; i++) {
        unsigned word = r->game->table->kinds[body->kind - 1].fields[sorted->self[i]].word;
        self.body.words[word] = body->words[word];
    }
    return self;
}

static bool is_listed(const struct rig *r, uint16_t slot, uint32_t *index)
{
    const struct entity *e = world_entity(&r->world, slot);
    for (*index = 0; *index < r->list_count; (*index)++) {
        const struct wire_entity *known = &r->list[*index];
        if (known->slot == slot) {
            return e != NULL && known->generation == e->generation && known->kind == e->kind &&
                   known->owner == e->owner;
        }
    }
    return false;
}

static void put_removes(struct rig *r, struct bits_writer *w)
{
    uint16_t removed[RIG_SLOTS];
    uint32_t count = 0, kept = 0, index;
    for (uint32_t i = 0; i < r->list_count; i++) {
        if (!is_listed(r, r->list[i].slot, &index)) removed[count++] = (uint16_t)i;
    }
    snapshot_put_removes(w, removed, count);
    for (uint32_t i = 0, next = 0; i < r->list_count; i++) {
        if (next < count && removed[next] == i) {
            next++;
        } else {
            r->list[kept++] = r->list[i];
        }
    }
    r->list_count = kept;
}

/* Adds what is new and updates the rest; leaves the list as the client will have it. */
static void put_entities(struct rig *r, struct bits_writer *w, uint32_t age_ticks)
{
    uint32_t added = 0, count = 0, index, previous = 0;
    for (uint32_t slot = 0; slot < r->world.state->slot_count; slot++) {
        if (world_entity(&r->world, slot) != NULL && !is_listed(r, (uint16_t)slot, &index)) added++;
    }
    snapshot_put_add_count(w, added);
    for (uint32_t slot = 0; slot < r->world.state->slot_count; slot++) {
        const struct entity *e = world_entity(&r->world, slot);
        if (e == NULL || is_listed(r, (uint16_t)slot, &index)) continue;
        struct wire_entity now;
        delta_start(&r->schema, &now, (uint16_t)slot, e);
        snapshot_put_add(w, &r->schema, &now, previous);
        previous = slot + 1;
    }
    for (uint32_t slot = 0; slot < r->world.state->slot_count; slot++) {
        const struct entity *e = world_entity(&r->world, slot);
        if (e == NULL) continue;
        struct wire_entity *now = &r->next_list[count++];
        if (!is_listed(r, (uint16_t)slot, &index)) {
            delta_start(&r->schema, now, (uint16_t)slot, e);
            continue;
        }
        int32_t wire[WIRE_FIELDS_MAX];
        *now = r->list[index];
        delta_quantize(&r->schema, e, wire);
        delta_encode_update(w, &r->schema, now, wire, age_ticks);
        delta_advance(&r->schema, now, wire, age_ticks);
    }
    memcpy(r->list, r->next_list, count * sizeof r->list[0]);
    r->list_count = count;
}

static void put_lines(struct rig *r, struct bits_writer *w)
{
    struct snapshot_line lines[SNAPSHOT_EVENTS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->world.event_count && count < SNAPSHOT_EVENTS_MAX; i++) {
        lines[count++] =
            (struct snapshot_line){.line_kind = LINE_EVENT, .event = r->world.events[i]};
    }
    snapshot_put_lines(w, &r->schema, lines, count);
}

static void send_snapshot(struct rig *r)
{
    uint8_t bytes[RIG_MESSAGE_BYTES];
    struct bits_writer w;
    uint32_t tick = r->world.state->tick;
    bool is_full = !r->has_base || r->wants_full;
    struct snapshot_self now = self_now(r);
    struct snapshot_header header = {
        .tick = tick,
        .is_full = is_full,
        .age_ticks = is_full ? 0 : tick - r->base_tick,
        .input_seq = r->applied_seq,
        .has_self = true,
        .has_names = !r->names_sent,
        .has_events = r->world.event_count > 0,
        .has_hash = true,
        .has_clock = is_full || r->has_shifted,
        .has_echo = r->has_stamp && (r->echo_tick == 0 || tick - r->echo_tick >= TICK_HZ)};
    if (is_full) {
        r->list_count = 0;
        r->self.is_known = false;
        r->full_sent++;
    }
    bits_writer_init(&w, bytes, sizeof bytes);
    snapshot_put_header(&w, &header, is_full ? 0 : r->base_seq + header.age_ticks);
    if (header.has_clock) {
        struct snapshot_clock due = {.due_us = server_clock_us(r)};
        snapshot_put_clock(&w, &due);
    }
    if (header.has_echo) {
        struct snapshot_echo echo = {.stamp_ms = r->stamp_ms,
                                     .hold_ms = (uint32_t)((r->now_us - r->stamp_us) / 1000),
                                     .cadence = 1,
                                     .queued = (uint8_t)r->queue_count};
        snapshot_put_echo(&w, &echo);
        r->echo_tick = tick;
    }
    put_removes(r, &w);
    put_entities(r, &w, header.age_ticks);
    uint32_t own = 0;
    bool sees_itself = now.is_known && is_listed(r, now.slot, &own);
    snapshot_put_self(&w, &r->schema, &now, &r->self, sees_itself ? r->list[own].wire : NULL);
    if (header.has_names) {
        struct snapshot_name name = {
            .seat = RIG_OWN_SEAT, .length_bytes = sizeof own_name - 1, .colour = r->hello.colour};
        memcpy(name.text, own_name, sizeof own_name - 1);
        snapshot_put_names(&w, &name, 1);
    }
    if (header.has_events) put_lines(r, &w);
    snapshot_put_hash(&w, delta_hash(&r->schema, r->list, r->list_count));

    size_t length = bits_finish(&w);
    ck_assert_uint_gt(length, 0);
    rig_send(r, bytes, length);
    r->base_tick = tick;
    r->base_seq = header.input_seq;
    r->self = now;
    r->has_base = r->names_sent = true;
    r->wants_full = r->has_shifted = false;
}

static void server_run(struct rig *r)
{
    const struct rig_message *m;
    while ((m = link_pop(r, &r->up)) != NULL)
        server_take(r, m);
    if (r->now_us < r->next_tick_us) return;
    if (r->server_stops) {
        r->next_tick_us += STEP_US;
        r->has_shifted = true;
        return;
    }

    r->next_tick_us += TICK_US;
    step_world(r);
    if (r->is_joined && !r->is_hidden && !r->server_is_silent) send_snapshot(r);
}

/* -- the client -- */

static void client_receive(struct rig *r)
{
    const struct rig_message *m;
    while ((m = link_pop(r, &r->down)) != NULL) {
        if (r->listener.received != NULL) {
            r->listener.received(r->listener.context, r->now_us, m->bytes, m->length_bytes);
        }
        view_receive(r->view, m->bytes, m->length_bytes, r->now_us);
    }
}

static void client_frame(struct rig *r)
{
    uint8_t bytes[MESSAGE_UP_BYTES_MAX];
    size_t length;

    view_set_input(r->view, r->input);
    if (r->listener.steered != NULL) r->listener.steered(r->listener.context, r->input);
    do {
        size_t unsent_bytes = r->link_is_stuck ? 100 : 0;
        length = view_poll_outgoing(r->view, r->now_us, unsent_bytes, bytes, sizeof bytes);
        if (r->listener.polled != NULL) {
            r->listener.polled(r->listener.context, r->now_us, bytes, length);
        }
        if (length > 0) link_push(r, &r->up, bytes, length);
    } while (length > 0);
    r->frame = view_frame(r->view, r->now_us);
    if (r->listener.drawn != NULL) r->listener.drawn(r->listener.context, r->now_us, r->frame);
}

static void client_run(struct rig *r)
{
    if (r->client_sleeps) {
        r->next_frame_us = r->now_us; /* frames that were missed are not made up for */
        return;
    }
    client_receive(r);
    if (r->now_us < r->next_frame_us) return;
    r->next_frame_us += r->frame_us;
    client_frame(r);
}

/* -- both -- */

static void make_map(struct rig *r)
{
    for (int y = 0; y < RIG_MAP_EDGE; y++) {
        for (int x = 0; x < RIG_MAP_EDGE; x++) {
            bool edge = x == 0 || y == 0 || x == RIG_MAP_EDGE - 1 || y == RIG_MAP_EDGE - 1;
            bool spawn = x % 8 == 4 && y % 8 == 4;
            r->tiles[y * RIG_MAP_EDGE + x] = edge ? '#' : spawn ? 'S' : '.';
        }
    }
    r->map = (struct map){.width = RIG_MAP_EDGE, .height = RIG_MAP_EDGE, .tiles = r->tiles};
}

void rig_init(struct rig *r, uint64_t delay_us, uint64_t jitter_us)
{
    memset(r, 0, sizeof *r);
    r->delay_us = delay_us;
    r->jitter_us = jitter_us;
    r->frame_us = RIG_FRAME_US;
    r->now_us = r->next_frame_us = r->next_tick_us = START_US;
    rng_init(&r->rng, SEED);
    make_map(r);
    r->game = games_get(0);
    ck_assert_int_eq(schema_init(&r->schema, r->game->table), RESULT_OK);
    ck_assert_uint_le(world_memory_bytes(RIG_SLOTS, RIG_SEATS), sizeof r->world_memory);
    world_init(&r->world, r->game, &r->map, r->world_memory, RIG_SLOTS, RIG_SEATS);
    world_start(&r->world, 1000, SEED, 0);
    for (uint16_t seat = 0; seat < RIG_SEATS; seat++) {
        if (seat != RIG_OWN_SEAT) r->game->join(&r->world, seat);
    }

    struct view_config config = {.entities_max = RIG_SLOTS,
                                 .capture_bytes = CAPTURE_BYTES_MIN,
                                 .pasts_max = 32,
                                 .seats_max = 64,
                                 .map_tiles_max = RIG_MAP_EDGE * RIG_MAP_EDGE,
                                 .half_x = 640,
                                 .half_y = 400};
    ck_assert_uint_le(view_memory_bytes(&config), sizeof r->view_memory);
    r->view = view_init(r->view_memory, &config);
    view_set_name(r->view, own_name);
    view_connect(r->view);
    if (r->listener.connected != NULL) r->listener.connected(r->listener.context);
}

void rig_run(struct rig *r, uint64_t duration_us)
{
    for (uint64_t end_us = r->now_us + duration_us; r->now_us < end_us; r->now_us += STEP_US) {
        server_run(r);
        client_run(r);
    }
}

const struct entity *rig_body(const struct rig *r)
{
    return world_entity(&r->world, world_body(&r->world, RIG_OWN_SEAT));
}

void rig_reconnect(struct rig *r)
{
    r->up.count = r->down.count = 0;
    r->is_joined = r->has_base = r->names_sent = r->has_stamp = false;
    r->queue_count = r->applied_seq = 0;
    view_connect(r->view);
}
