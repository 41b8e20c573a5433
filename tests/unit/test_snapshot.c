#include "shared/snapshot.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "shared/message.h"
#include "tests/unit/suite.h"
#include "tests/unit/wire_model.h"

static struct schema schema;
static struct wire_model model;
static struct wire_extras extras;
static struct wire_entity lists[2][MODEL_SLOTS];
static struct seen seen;
static uint8_t bytes[1 << 20];

static void set_up(uint64_t seed, uint32_t slot_count)
{
    ck_assert_int_eq(schema_init(&schema, &test_table), RESULT_OK);
    model_init(&model, &schema, seed, slot_count);
    seen_init(&seen, &schema, lists[0], lists[1], MODEL_SLOTS);
}

static void fill_world(void)
{
    for (uint32_t slot = 0; slot < model.slot_count; slot++) {
        model_spawn(&model, slot);
        model.is_visible[slot] = true;
    }
}

/* One message from the model as it is, its sections those of `extras`. */
static size_t encode(void)
{
    size_t length = model_encode(&model, &extras, bytes, sizeof bytes);
    ck_assert_uint_gt(length, 0);
    return length;
}

static size_t encode_plain(uint32_t tick, bool is_full)
{
    extras = (struct wire_extras){.header = {.tick = tick, .is_full = is_full}};
    return encode();
}

static void assert_same_entity(const struct wire_entity *a, const struct wire_entity *b)
{
    const struct schema_kind *kind = &schema.kinds[a->kind - 1];
    ck_assert_uint_eq(a->slot, b->slot);
    ck_assert_uint_eq(a->kind, b->kind);
    ck_assert_uint_eq(a->generation, b->generation);
    ck_assert_uint_eq(a->owner, b->owner);
    ck_assert_uint_eq(a->behind_ticks, b->behind_ticks);
    ck_assert_mem_eq(a->wire, b->wire, kind->wire_count * sizeof a->wire[0]);
    ck_assert_mem_eq(a->velocity16, b->velocity16, kind->moving_count * sizeof a->velocity16[0]);
}

static void assert_same_list(void)
{
    ck_assert_uint_eq(seen.count, model.count);
    for (uint32_t i = 0; i < seen.count; i++)
        assert_same_entity(&seen.list[i], &model.list[i]);
    ck_assert_uint_eq(delta_hash(&schema, seen.list, seen.count),
                      delta_hash(&schema, model.list, model.count));
}

/* What the self block carries: the words of the owner. */
static void assert_same_self(void)
{
    ck_assert_int_eq(seen.self.is_known, model.self.is_known);
    if (!seen.self.is_known) return;
    const struct entity *got = &seen.self.body, *sent = &model.self.body;
    ck_assert_uint_eq(seen.self.slot, model.self.slot);
    ck_assert_uint_eq(got->kind, sent->kind);
    ck_assert_uint_eq(got->generation, sent->generation);
    const struct schema_kind *kind = &schema.kinds[got->kind - 1];
    for (unsigned i = 0; i < kind->self_count; i++) {
        unsigned word = test_kinds[got->kind - 1].fields[kind->self[i]].word;
        ck_assert_int_eq(got->words[word], sent->words[word]);
    }
}

static void assert_same_lines(void)
{
    ck_assert_uint_eq(seen.line_count, extras.header.has_events ? extras.line_count : 0);
    for (uint32_t i = 0; i < seen.line_count; i++) {
        const struct snapshot_line *got = &seen.lines[i], *sent = &extras.lines[i];
        ck_assert_uint_eq(got->line_kind, sent->line_kind);
        ck_assert_uint_eq(got->age_ticks, sent->age_ticks);
        if (got->line_kind == LINE_CHAT) {
            ck_assert_uint_eq(got->chat_seat, sent->chat_seat);
            ck_assert_uint_eq(got->chat_length_bytes, sent->chat_length_bytes);
            ck_assert_mem_eq(got->chat_text, sent->chat_text, got->chat_length_bytes);
        } else {
            ck_assert_mem_eq(&got->event, &sent->event, sizeof got->event);
        }
    }
}

static void assert_same_extras(void)
{
    const struct snapshot_header *h = &extras.header;
    ck_assert_uint_eq(seen.tick, h->tick);
    ck_assert_uint_eq(seen.input_seq, h->input_seq);
    ck_assert_int_eq(seen.header.has_hash, h->has_hash);
    ck_assert(!seen.hash_differs);
    if (h->has_clock) ck_assert_uint_eq(seen.clock.due_us, extras.clock.due_us);
    if (h->has_echo) ck_assert_mem_eq(&seen.echo, &extras.echo, sizeof seen.echo);
    ck_assert_uint_eq(seen.name_count, h->has_names ? extras.name_count : 0);
    for (uint32_t i = 0; i < seen.name_count; i++) {
        ck_assert_uint_eq(seen.names[i].seat, extras.names[i].seat);
        ck_assert_uint_eq(seen.names[i].length_bytes, extras.names[i].length_bytes);
        ck_assert_mem_eq(seen.names[i].text, extras.names[i].text, seen.names[i].length_bytes);
        ck_assert_uint_eq(seen.names[i].colour,
                          seen.names[i].length_bytes == 0 ? 0 : extras.names[i].colour);
    }
    assert_same_lines();
}

/* Decodes the model's newest message and compares everything. */
static void assert_decodes(size_t length)
{
    ck_assert_int_eq(snapshot_decode(&seen, bytes, length), RESULT_OK);
    assert_same_list();
    assert_same_self();
    assert_same_extras();
}

static const uint32_t world_sizes[] = {0, 1, 2, 7, 60, 300, 1000};

/* Random worlds, skips and comings and goings: what is decoded is what the server believes. */
START_TEST(the_client_knows_what_the_server_believes)
{
    uint32_t slot_count = world_sizes[_i];
    set_up((uint64_t)_i + 1, slot_count > 0 ? slot_count : 1);
    uint32_t rounds = slot_count >= 300 ? 50 : 400, tick = UINT32_MAX - 500;
    if (slot_count > 0) fill_world();
    for (uint32_t round = 0; round < rounds; round++) {
        bool is_full = round == 0 || rng_below(&model.rng, 100) == 0;
        uint32_t age_ticks =
            rng_below(&model.rng, 3) > 0 ? 1 : 1 + rng_below(&model.rng, MODEL_AGE_MAX);
        for (uint32_t i = 0; i < age_ticks && slot_count > 0; i++)
            model_step(&model, 40);
        tick += age_ticks;
        model_random_extras(&model, &extras, tick, is_full);
        assert_decodes(encode());
    }
}
END_TEST

START_TEST(a_base_of_63_ticks_is_the_oldest)
{
    set_up(5, 100);
    fill_world();
    assert_decodes(encode_plain(1000, true));
    for (unsigned i = 0; i < BASE_AGE_TICKS_MAX; i++)
        model_step(&model, 0);
    assert_decodes(encode_plain(1000 + BASE_AGE_TICKS_MAX, false));
}
END_TEST

START_TEST(an_older_base_is_a_bug)
{
    set_up(5, 1);
    encode_plain(1000, true);
    encode_plain(1000 + BASE_AGE_TICKS_MAX + 1, false);
}
END_TEST

START_TEST(a_slot_goes_and_comes_in_one_message)
{
    set_up(6, 50);
    fill_world();
    assert_decodes(encode_plain(1, true));
    for (uint32_t slot = 0; slot < 50; slot++)
        model_spawn(&model, slot);
    assert_decodes(encode_plain(2, false));
}
END_TEST

START_TEST(everything_leaves_and_returns)
{
    set_up(7, 200);
    fill_world();
    assert_decodes(encode_plain(1, true));
    memset(model.is_visible, 0, sizeof model.is_visible);
    assert_decodes(encode_plain(2, false));
    ck_assert_uint_eq(seen.count, 0);
    memset(model.is_visible, 1, sizeof model.is_visible);
    assert_decodes(encode_plain(3, false));
    ck_assert_uint_eq(seen.count, 200);
}
END_TEST

START_TEST(nothing_new_costs_six_bytes)
{
    set_up(8, 1);
    assert_decodes(encode_plain(1, true));
    size_t length = encode_plain(2, false);
    ck_assert_uint_le(length, 6);
    assert_decodes(length);
}
END_TEST

/* Whatever was refused, list, tick and self are as before. */
static void assert_refused_and_unchanged(const uint8_t *message, size_t length)
{
    uint32_t hash = delta_hash(&schema, seen.list, seen.count);
    struct seen before = seen;
    ck_assert_int_eq(snapshot_decode(&seen, message, length), RESULT_INVALID);
    ck_assert_uint_eq(delta_hash(&schema, seen.list, seen.count), hash);
    ck_assert_uint_eq(seen.tick, before.tick);
    ck_assert_uint_eq(seen.input_seq, before.input_seq);
    ck_assert_mem_eq(&seen.self, &before.self, sizeof seen.self);
    ck_assert_uint_eq(seen.name_count, 0);
    ck_assert_uint_eq(seen.line_count, 0);
    ck_assert(!seen.has_base);
    seen.has_base = before.has_base;
}

/* A partial message leaves all of it out but says so: a bit for each. */
START_TEST(who_is_left_out_is_expected_to_go_on)
{
    set_up(5, 100);
    fill_world();
    assert_decodes(encode_plain(1000, true));
    model_step(&model, 0);
    assert_decodes(encode_plain(1001, false));
    for (uint32_t tick = 1002; tick <= 1001 + BASE_AGE_TICKS_MAX; tick++) {
        struct bits_writer w;
        struct snapshot_header h = {.tick = tick, .age_ticks = 1, .is_partial = true};
        bits_writer_init(&w, bytes, sizeof bytes);
        snapshot_put_header(&w, &h, 1);
        snapshot_put_removes(&w, NULL, 0);
        snapshot_put_add_count(&w, 0);
        for (uint32_t i = 0; i < seen.count; i++)
            bits_put(&w, 0, 1);
        size_t length = bits_finish(&w);
        ck_assert_int_eq(snapshot_decode(&seen, bytes, length), RESULT_OK);
        ck_assert_uint_le(length, 5 + 100 / 8 + 1);
    }
    for (uint32_t i = 0; i < seen.count; i++) {
        int32_t expected[WIRE_FIELDS_MAX];
        struct wire_entity e = seen.list[i];
        ck_assert_uint_eq(e.behind_ticks, BASE_AGE_TICKS_MAX);
        delta_predict(&schema, &model.list[i], BASE_AGE_TICKS_MAX, expected);
        delta_catch_up(&schema, &e);
        ck_assert_mem_eq(e.wire, expected, schema.kinds[e.kind - 1].wire_count * sizeof e.wire[0]);
        ck_assert_uint_eq(e.behind_ticks, 0);
    }
    /* Nobody may be left out for longer. */
    model.tick = seen.tick;
    extras = (struct wire_extras){
        .header = {.tick = seen.tick + 1, .is_partial = true, .input_seq = seen.input_seq}};
    assert_refused_and_unchanged(bytes, encode());
}
END_TEST

/* A first full message decoded, and a delta with every section encoded into bytes[]. */
static size_t prepare_delta(uint64_t seed, uint32_t slot_count)
{
    set_up(seed, slot_count);
    fill_world();
    model_random_extras(&model, &extras, 70000, true);
    assert_decodes(encode());
    model_step(&model, 10);
    model_step(&model, 10);
    model_random_extras(&model, &extras, 70002, false);
    struct snapshot_header *h = &extras.header;
    h->has_clock = h->has_echo = h->has_self = h->has_names = h->has_events = h->has_hash = true;
    if (extras.line_count > 8) extras.line_count = 8;
    return encode();
}

START_TEST(every_prefix_is_refused)
{
    size_t length = prepare_delta((uint64_t)_i, 40);
    for (size_t cut = 0; cut < length; cut++) {
        /* Exactly as long as the prefix, so that the sanitizer sees a read beyond it. */
        uint8_t *prefix = malloc(cut > 0 ? cut : 1);
        memcpy(prefix, bytes, cut);
        assert_refused_and_unchanged(prefix, cut);
        free(prefix);
    }
    assert_decodes(length);
}
END_TEST

START_TEST(trailing_bytes_are_refused)
{
    size_t length = prepare_delta(3, 40);
    bytes[length] = 0;
    assert_refused_and_unchanged(bytes, length + 1);
}
END_TEST

/* A flipped bit may still make a message; it never crashes, nor leaves a half-decoded list. */
START_TEST(flipped_bits_are_refused_or_make_a_sound_list)
{
    size_t length = prepare_delta((uint64_t)_i, 30);
    size_t list_bytes = seen.count * sizeof *seen.list;
    struct seen saved = seen;
    struct wire_entity *saved_list = malloc(list_bytes);
    memcpy(saved_list, seen.list, list_bytes);
    for (size_t bit = 0; bit < length * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum result result = snapshot_decode(&seen, bytes, length);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_mem_eq(saved.list, saved_list, list_bytes);
        ck_assert(result == RESULT_OK || seen.list == saved.list);
        for (uint32_t i = 1; i < seen.count; i++)
            ck_assert_uint_lt(seen.list[i - 1].slot, seen.list[i].slot);
        seen = saved;
    }
    free(saved_list);
    assert_decodes(length);
}
END_TEST

START_TEST(a_delta_before_the_first_full_one_waits)
{
    set_up(9, 10);
    fill_world();
    encode_plain(1, true);
    size_t length = encode_plain(2, false);
    ck_assert_int_eq(snapshot_decode(&seen, bytes, length), RESULT_AGAIN);
    ck_assert_uint_eq(seen.count, 0);
    assert_decodes(encode_plain(3, true));
}
END_TEST

START_TEST(a_delta_from_another_base_is_refused_and_waited_out)
{
    set_up(10, 10);
    fill_world();
    assert_decodes(encode_plain(1, true));
    encode_plain(2, false);
    size_t length = encode_plain(3, false);
    assert_refused_and_unchanged(bytes, length);
    seen.has_base = false;
    length = encode_plain(4, false);
    ck_assert_int_eq(snapshot_decode(&seen, bytes, length), RESULT_AGAIN);
    assert_decodes(encode_plain(5, true));
}
END_TEST

START_TEST(more_than_the_capacity_is_refused)
{
    set_up(11, 65);
    fill_world();
    seen_init(&seen, &schema, lists[0], lists[1], 64);
    size_t length = encode_plain(1, true);
    assert_refused_and_unchanged(bytes, length);
    model.is_visible[64] = false;
    assert_decodes(encode_plain(2, true));
    model.is_visible[64] = true;
    length = encode_plain(3, false);
    assert_refused_and_unchanged(bytes, length);
}
END_TEST

/* A full message of one header and entity sections that the test writes itself. */
static void start_raw(struct bits_writer *w, uint32_t tick, bool is_full)
{
    struct snapshot_header h = {.tick = tick, .is_full = is_full, .age_ticks = is_full ? 0 : 1};
    bits_writer_init(w, bytes, sizeof bytes);
    snapshot_put_header(w, &h, is_full ? 0 : 1);
}

START_TEST(an_add_of_a_slot_in_the_list_is_refused)
{
    struct bits_writer w;
    set_up(12, 1);
    fill_world();
    assert_decodes(encode_plain(1, true));
    start_raw(&w, 2, false);
    snapshot_put_removes(&w, NULL, 0);
    snapshot_put_add_count(&w, 1);
    snapshot_put_add(&w, &schema, &model.list[0], 0);
    bits_put(&w, 0, 1);
    assert_refused_and_unchanged(bytes, bits_finish(&w));
}
END_TEST

START_TEST(a_remove_beyond_the_list_is_refused)
{
    struct bits_writer w;
    const uint16_t removed[] = {1};
    set_up(13, 1);
    fill_world();
    assert_decodes(encode_plain(1, true));
    start_raw(&w, 2, false);
    snapshot_put_removes(&w, removed, 1);
    snapshot_put_add_count(&w, 0);
    assert_refused_and_unchanged(bytes, bits_finish(&w));
}
END_TEST

START_TEST(the_last_slot_is_65534)
{
    for (uint32_t gap = 65534; gap <= 65536; gap++) {
        struct bits_writer w;
        set_up(14, 1);
        fill_world();
        start_raw(&w, 1, true);
        snapshot_put_removes(&w, NULL, 0);
        snapshot_put_add_count(&w, 1);
        bits_put_golomb(&w, gap, 4);
        struct wire_entity e;
        delta_start(&schema, &e, 0, &model.world[0]);
        delta_encode_add(&w, &schema, &e);
        size_t length = bits_finish(&w);
        ck_assert_int_eq(snapshot_decode(&seen, bytes, length),
                         gap == 65534 ? RESULT_OK : RESULT_INVALID);
    }
}
END_TEST

START_TEST(another_list_shows_by_its_hash)
{
    set_up(15, 10);
    fill_world();
    assert_decodes(encode_plain(1, true));
    seen.list[3].wire[0] ^= 1;
    extras = (struct wire_extras){.header = {.tick = 2, .has_hash = true}};
    size_t length = encode();
    ck_assert_int_eq(snapshot_decode(&seen, bytes, length), RESULT_OK);
    ck_assert(seen.hash_differs);
}
END_TEST

START_TEST(resting_usercmds_cost_two_bits)
{
    struct bits_writer w;
    struct snapshot_header h = {.tick = 9, .age_ticks = 3, .input_seq = 13};
    bits_writer_init(&w, bytes, sizeof bytes);
    snapshot_put_header(&w, &h, 13);
    size_t expected_bits = bits_used(&w);
    h.input_seq = 10;
    bits_writer_init(&w, bytes, sizeof bytes);
    snapshot_put_header(&w, &h, 13);
    ck_assert_uint_eq(bits_used(&w), expected_bits + 1);
}
END_TEST

START_TEST(the_self_stays_without_its_section_and_goes_with_a_full_message)
{
    set_up(16, 3);
    fill_world();
    extras = (struct wire_extras){.header = {.tick = 1, .is_full = true, .has_self = true},
                                  .self = {.is_known = true, .slot = 2, .body = model.world[2]}};
    assert_decodes(encode());
    assert_decodes(encode_plain(2, false));
    ck_assert(seen.self.is_known);
    assert_decodes(encode_plain(3, true));
    ck_assert(!seen.self.is_known);
}
END_TEST

START_TEST(an_entity_is_found_by_its_slot)
{
    set_up(17, 30);
    fill_world();
    for (uint32_t slot = 0; slot < 30; slot += 2)
        model.is_visible[slot] = false;
    assert_decodes(encode_plain(1, true));
    for (uint16_t slot = 0; slot < 32; slot++) {
        const struct wire_entity *e = seen_find(&seen, slot);
        ck_assert_int_eq(e != NULL, slot % 2 == 1 && slot < 30);
        if (e != NULL) ck_assert_uint_eq(e->slot, slot);
    }
}
END_TEST

/* -- messages of lines alone -- */

static size_t encode_lines(uint32_t tick)
{
    struct bits_writer w;
    bits_writer_init(&w, bytes, sizeof bytes);
    snapshot_put_lines_header(&w, tick);
    snapshot_put_names(&w, extras.names, extras.name_count);
    snapshot_put_lines(&w, &schema, extras.lines, extras.line_count);
    return bits_finish(&w);
}

START_TEST(lines_alone_leave_the_state_as_it_is)
{
    set_up(18, 10);
    fill_world();
    assert_decodes(encode_plain(1, true));
    for (unsigned round = 0; round < 50; round++) {
        model_random_extras(&model, &extras, 2, false);
        extras.header.has_events = extras.header.has_names = true;
        size_t length = encode_lines(77);
        ck_assert_int_eq(snapshot_decode_lines(&seen, bytes, length), RESULT_OK);
        ck_assert_uint_eq(seen.header.tick, 77);
        ck_assert_uint_eq(seen.name_count, extras.name_count);
        assert_same_lines();
        assert_same_list();
        ck_assert_uint_eq(seen.tick, 1);
        ck_assert_int_eq(snapshot_decode_lines(&seen, bytes, length - 1), RESULT_INVALID);
        ck_assert_int_eq(snapshot_decode_lines(&seen, bytes, length + 1), RESULT_INVALID);
    }
}
END_TEST

START_TEST(a_text_with_controls_is_refused)
{
    set_up(19, 1);
    extras = (struct wire_extras){
        .line_count = 1,
        .lines = {{.line_kind = LINE_CHAT, .chat_length_bytes = 2, .chat_text = "a\n"}}};
    size_t length = encode_lines(1);
    ck_assert_int_eq(snapshot_decode_lines(&seen, bytes, length), RESULT_INVALID);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("snapshot");

    tcase_add_loop_test(tests, the_client_knows_what_the_server_believes, 0,
                        (int)TEST_COUNT(world_sizes));
    tcase_add_test(tests, a_base_of_63_ticks_is_the_oldest);
    tcase_add_test(tests, who_is_left_out_is_expected_to_go_on);
    tcase_add_test_raise_signal(tests, an_older_base_is_a_bug, SIGABRT);
    tcase_add_test(tests, a_slot_goes_and_comes_in_one_message);
    tcase_add_test(tests, everything_leaves_and_returns);
    tcase_add_test(tests, nothing_new_costs_six_bytes);
    tcase_add_loop_test(tests, every_prefix_is_refused, 1, 4);
    tcase_add_test(tests, trailing_bytes_are_refused);
    tcase_add_loop_test(tests, flipped_bits_are_refused_or_make_a_sound_list, 1, 4);
    tcase_add_test(tests, a_delta_before_the_first_full_one_waits);
    tcase_add_test(tests, a_delta_from_another_base_is_refused_and_waited_out);
    tcase_add_test(tests, more_than_the_capacity_is_refused);
    tcase_add_test(tests, an_add_of_a_slot_in_the_list_is_refused);
    tcase_add_test(tests, a_remove_beyond_the_list_is_refused);
    tcase_add_test(tests, the_last_slot_is_65534);
    tcase_add_test(tests, another_list_shows_by_its_hash);
    tcase_add_test(tests, resting_usercmds_cost_two_bits);
    tcase_add_test(tests, the_self_stays_without_its_section_and_goes_with_a_full_message);
    tcase_add_test(tests, an_entity_is_found_by_its_slot);
    tcase_add_test(tests, lines_alone_leave_the_state_as_it_is);
    tcase_add_test(tests, a_text_with_controls_is_refused);
    return suite_run("snapshot", tests);
}
