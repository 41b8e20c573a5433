#include "shared/delta.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/wire_model.h"

static struct schema schema;
static struct rng rng;
static uint8_t bytes[256];

static void set_up(void)
{
    ck_assert_int_eq(schema_init(&schema, &test_table), RESULT_OK);
    rng_init(&rng, 1);
}

static const struct field *field_of(const struct wire_entity *e, unsigned wire_index)
{
    const struct entity_kind *kind = &test_kinds[e->kind - 1];
    return &kind->fields[schema.kinds[e->kind - 1].wire[wire_index]];
}

static unsigned wire_count(const struct wire_entity *e)
{
    return schema.kinds[e->kind - 1].wire_count;
}

static struct wire_entity start_of(enum test_kind kind)
{
    struct entity body = {.kind = (uint8_t)kind, .owner = SEAT_NONE};
    struct wire_entity e;
    body.words[TEST_X] = 1000 << 5;
    body.words[TEST_Y] = 1000 << 5;
    delta_start(&schema, &e, 7, &body);
    return e;
}

/* Encodes the update from `base` to `now`, decodes it onto a copy, and returns its bits. */
static size_t round_trip(struct wire_entity *base, const int32_t now[WIRE_FIELDS_MAX],
                         uint32_t age_ticks)
{
    struct bits_writer w;
    struct bits_reader r;
    struct wire_entity client = *base;
    bits_writer_init(&w, bytes, sizeof bytes);
    delta_encode_update(&w, &schema, base, now, age_ticks);
    size_t used_bits = bits_used(&w);
    ck_assert_uint_le(used_bits, FRAGMENT_BITS_MAX);
    size_t length = bits_finish(&w);

    bits_reader_init(&r, bytes, length);
    ck_assert_int_eq(delta_decode_update(&r, &schema, &client, age_ticks), RESULT_OK);
    ck_assert_uint_eq(r.used_bits, used_bits);
    delta_advance(&schema, base, now, age_ticks);
    ck_assert_mem_eq(client.wire, base->wire, wire_count(base) * sizeof client.wire[0]);
    ck_assert_mem_eq(client.velocity16, base->velocity16, sizeof client.velocity16);
    return used_bits;
}

/* Any values of the kind's ranges, near and far from each other. */
static void random_wire(const struct wire_entity *e, int32_t now[WIRE_FIELDS_MAX])
{
    for (unsigned i = 0; i < wire_count(e); i++) {
        const struct field *f = field_of(e, i);
        int64_t near = (int64_t)e->wire[i] + (int64_t)rng_below(&rng, 40) - 20;
        int64_t any = (int64_t)f->min + rng_below(&rng, (uint32_t)((int64_t)f->max - f->min + 1));
        unsigned choice = rng_below(&rng, 4);
        now[i] = choice == 0   ? e->wire[i]
                 : choice == 1 ? (int32_t)any
                 : choice == 2 ? field_confine(f, near)
                               : (rng_below(&rng, 2) == 0 ? f->min : f->max);
    }
}

START_TEST(an_update_brings_the_base_to_now)
{
    struct wire_entity e = start_of((enum test_kind)_i);
    for (unsigned round = 0; round < 20000; round++) {
        int32_t now[WIRE_FIELDS_MAX];
        random_wire(&e, now);
        round_trip(&e, now, 1 + rng_below(&rng, 63));
    }
}
END_TEST

START_TEST(rest_costs_one_bit)
{
    struct wire_entity e = start_of((enum test_kind)_i);
    int32_t now[WIRE_FIELDS_MAX];
    memcpy(now, e.wire, sizeof now);
    ck_assert_uint_eq(round_trip(&e, now, 1), 1);
    ck_assert_uint_eq(round_trip(&e, now, 63), 1);
}
END_TEST

START_TEST(a_steady_course_costs_two_bits_at_most)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    int32_t now[WIRE_FIELDS_MAX];
    memcpy(now, e.wire, sizeof now);
    now[0] += 9, now[1] -= 4;
    ck_assert_uint_gt(round_trip(&e, now, 1), 1);
    for (unsigned age_ticks = 1; age_ticks < 5; age_ticks++) {
        now[0] += 9 * (int32_t)age_ticks;
        now[1] -= 4 * (int32_t)age_ticks;
        ck_assert_uint_le(round_trip(&e, now, age_ticks), 2);
    }
}
END_TEST

static unsigned shape_bits(const struct wire_entity *base, unsigned shape)
{
    const struct schema_kind *kind = &schema.kinds[base->kind - 1];
    return code_length(&schema.codes[kind->shapes[delta_has_moved(&schema, base)]], shape);
}

static size_t residue_bits(const struct wire_field *f, int32_t residue)
{
    const struct code *code = &schema.codes[f->code];
    unsigned extra_bits, symbol = delta_residue_symbol(residue, &extra_bits);
    size_t raw_bits = code_length(code, RESIDUE_RAW) + f->bits;
    size_t bits = code_length(code, symbol) + extra_bits;
    return symbol == RESIDUE_RAW || raw_bits < bits ? raw_bits : bits;
}

/* Two that move and miss by little are in the shape; else each has a symbol of its own. */
START_TEST(a_residue_costs_what_its_code_says)
{
    const struct wire_field *fields = schema.kinds[TEST_CRAFT - 1].fields;
    for (int32_t residue = -600; residue < 6000; residue++) {
        struct wire_entity e = start_of(TEST_CRAFT);
        int32_t now[WIRE_FIELDS_MAX];
        memcpy(now, e.wire, sizeof now);
        now[0] += residue;
        bool is_near = residue >= -NEAR_MAX && residue <= NEAR_MAX;
        unsigned place = (unsigned)(residue + NEAR_MAX) * NEAR_WIDTH + NEAR_MAX;
        unsigned near = residue == 0 ? 0 : residue < 0 ? place + 1 : place;
        size_t expected = is_near ? shape_bits(&e, near)
                                  : shape_bits(&e, MISS_FAR) + residue_bits(&fields[0], residue) +
                                        residue_bits(&fields[1], 0);
        ck_assert_uint_eq(round_trip(&e, now, 1), expected);
    }
}
END_TEST

/* The guide's table (PROTOCOL.md): which sizes share a symbol, and how many bits follow. */
START_TEST(residues_of_a_size_share_a_symbol)
{
    static const struct {
        int32_t value;
        unsigned symbol, extra_bits;
    } cases[] = {{0, 0, 0},      {1, 1, 0},       {-1, 2, 0},    {7, 13, 0},
                 {-7, 14, 0},    {8, 15, 2},      {-11, 16, 2},  {12, 17, 2},
                 {15, 17, 2},    {16, 19, 3},     {2047, 45, 9}, {2048, 47, 10},
                 {3071, 47, 10}, {-4095, 50, 10}, {4096, 51, 0}, {INT32_MIN, RESIDUE_RAW, 0}};
    for (unsigned i = 0; i < TEST_COUNT(cases); i++) {
        unsigned extra_bits;
        ck_assert_uint_eq(delta_residue_symbol(cases[i].value, &extra_bits), cases[i].symbol);
        ck_assert_uint_eq(extra_bits, cases[i].extra_bits);
    }
}
END_TEST

/* A rover that turns evenly from state to state, at a speed of its own, seen each `age_ticks`. */
static void drive(int32_t speed, int32_t turn, uint32_t age_ticks, int32_t miss_max)
{
    struct wire_entity e = start_of(TEST_ROVER);
    double x = 30000, y = 30000, heading = 100;
    for (unsigned step = 0; step < 200; step++) {
        int32_t now[WIRE_FIELDS_MAX];
        for (uint32_t tick = 0; tick < age_ticks; tick++) {
            heading += turn;
            x += speed * cos(heading * 3.14159265358979 / 2048);
            y += speed * sin(heading * 3.14159265358979 / 2048);
        }
        now[0] = (int32_t)((int64_t)(heading + 4096000) % 4096);
        now[1] = (int32_t)((int64_t)floor(x + 50000000) % 50000);
        now[2] = (int32_t)fmin(fmax(floor(y), 0), 65535);
        now[3] = 0;
        struct delta_difference d;
        delta_compare(&schema, &e, now, age_ticks, &d);
        bool is_on_course = step > 1 && y > 0 && y < 65535;
        if (is_on_course && (abs(d.residues[1]) > miss_max || abs(d.residues[2]) > miss_max))
            ck_abort_msg("step %u misses by %d, %d", step, d.residues[1], d.residues[2]);
        round_trip(&e, now, age_ticks);
    }
}

START_TEST(what_follows_its_heading_hardly_misses)
{
    drive(100, 0, 1, 2);
    drive(100, 40, 1, 2);
    drive(-100, 40, 1, 2); /* backwards */
    drive(300, -250, 1, 2);
    drive(100, 40, 2, 3);
    drive(100, -20, 4, 6);
    drive(60, 3, 63, 70);
    drive(0, 100, 1, 0);
}
END_TEST

START_TEST(a_warp_ends_a_heading_s_course_too)
{
    struct wire_entity e = start_of(TEST_ROVER);
    int32_t now[WIRE_FIELDS_MAX];
    memcpy(now, e.wire, sizeof now);
    now[0] = 1024; /* down */
    now[2] += 100;
    round_trip(&e, now, 1);
    ck_assert_int_eq(e.velocity16[0], 1600);
    ck_assert_int_eq(delta_velocity16(&schema, &e, 0), 0);
    ck_assert_int_eq(delta_velocity16(&schema, &e, 1), 1600);
    now[1] += 5000;
    now[3] = 1;
    round_trip(&e, now, 1);
    ck_assert_int_eq(e.velocity16[0], 0);
}
END_TEST

/* It spun round between two states: nothing says how fast it went. */
START_TEST(a_course_that_leads_nowhere_has_no_speed)
{
    struct wire_entity e = start_of(TEST_ROVER);
    int32_t now[WIRE_FIELDS_MAX];
    memcpy(now, e.wire, sizeof now);
    now[0] = (e.wire[0] + 2048) % 4096;
    now[1] += 3;
    round_trip(&e, now, 2);
    ck_assert_int_ge(abs(e.velocity16[0]), 0);
    now[0] = e.wire[0];
    for (uint32_t age_ticks = 3; age_ticks <= 63; age_ticks += 4) {
        now[0] = (now[0] + 2047) % 4096;
        now[1] = (now[1] + 40000) % 50000;
        round_trip(&e, now, age_ticks);
        ck_assert_int_lt(abs(e.velocity16[0]), 1 << 28);
    }
}
END_TEST

START_TEST(a_torus_is_crossed_by_the_short_way)
{
    struct wire_entity e = start_of(TEST_ORB);
    int32_t now[WIRE_FIELDS_MAX] = {3999, -2000};
    round_trip(&e, now, 1);
    now[0] = 1, now[1] = 1999;
    round_trip(&e, now, 1);
    ck_assert_int_eq(e.velocity16[0], 32);
    ck_assert_int_eq(e.velocity16[1], -16);
    now[0] = 3, now[1] = 1998;
    ck_assert_uint_le(round_trip(&e, now, 1), 2);
}
END_TEST

START_TEST(an_expectation_stays_in_its_range)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    int32_t now[WIRE_FIELDS_MAX], expected[WIRE_FIELDS_MAX];
    e.wire[0] = 32760, e.wire[1] = 3;
    e.velocity16[0] = 1 << 28, e.velocity16[1] = -(1 << 28);
    delta_predict(&schema, &e, 63, expected);
    ck_assert_int_eq(expected[0], 32767);
    ck_assert_int_eq(expected[1], 0);
    memcpy(now, expected, sizeof now);
    ck_assert_uint_le(round_trip(&e, now, 63), 2);
}
END_TEST

START_TEST(a_warp_ends_the_course)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    int32_t now[WIRE_FIELDS_MAX];
    memcpy(now, e.wire, sizeof now);
    now[0] += 100;
    round_trip(&e, now, 1);
    ck_assert_int_eq(e.velocity16[0], 1600);
    now[0] += 5000;
    now[5] = 1; /* warp */
    round_trip(&e, now, 1);
    ck_assert_int_eq(e.velocity16[0], 0);
    ck_assert_uint_eq(round_trip(&e, now, 1), 1);
}
END_TEST

static const struct {
    int32_t displacement;
    uint32_t ticks;
    int32_t velocity16;
} courses[] = {
    {1, 1, 16},   {-1, 1, -16}, {1, 3, 5},   {-1, 3, -5}, {1, 32, 1}, /* a half goes away from 0 */
    {-1, 32, -1}, {1, 33, 0},   {-1, 33, 0}, {5, 2, 40},  {0, 63, 0}, {7, 63, 2},
};

START_TEST(velocity_is_rounded_alike_both_ways)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    int32_t now[WIRE_FIELDS_MAX];
    memcpy(now, e.wire, sizeof now);
    now[0] += courses[_i].displacement;
    round_trip(&e, now, courses[_i].ticks);
    ck_assert_int_eq(e.velocity16[0], courses[_i].velocity16);
}
END_TEST

START_TEST(a_base_of_the_same_tick_is_a_bug)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    delta_advance(&schema, &e, e.wire, 0);
}
END_TEST

START_TEST(cut_updates_are_refused)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    for (unsigned round = 0; round < 300; round++) {
        int32_t now[WIRE_FIELDS_MAX];
        struct wire_entity base = e;
        random_wire(&e, now);
        size_t used_bits = round_trip(&e, now, 1);
        for (size_t cut_bytes = 0; cut_bytes * 8 < used_bits; cut_bytes++) {
            struct wire_entity client = base;
            struct bits_reader r;
            uint8_t *prefix = malloc(cut_bytes > 0 ? cut_bytes : 1);
            memcpy(prefix, bytes, cut_bytes);
            bits_reader_init(&r, prefix, cut_bytes);
            ck_assert_int_eq(delta_decode_update(&r, &schema, &client, 1), RESULT_INVALID);
            free(prefix);
        }
    }
}
END_TEST

START_TEST(values_out_of_range_are_refused)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    struct bits_writer w;
    struct bits_reader r;
    const struct schema_kind *kind = &schema.kinds[TEST_CRAFT - 1];
    const struct code *shapes = &schema.codes[kind->shapes[0]];
    bits_writer_init(&w, bytes, sizeof bytes);
    code_put(&w, shapes, SHAPE_RARE);
    code_put(&w, &schema.codes[kind->mask], 0); /* health alone, */
    code_put(&w, &schema.codes[kind->fields[3].code], RESIDUE_RAW);
    bits_put(&w, 101, 7); /* which ends at 100 */
    bits_put(&w, 0, 3);
    bits_reader_init(&r, bytes, bits_finish(&w));
    ck_assert_int_eq(delta_decode_update(&r, &schema, &e, 1), RESULT_INVALID);

    for (unsigned shape = 1; shape < 3; shape++) {
        e = start_of(TEST_CRAFT);
        e.wire[0] = shape == 1 ? 1 : 0;
        bits_writer_init(&w, bytes, sizeof bytes);
        code_put(&w, shapes, shape); /* x two quanta lower, below 0 */
        bits_put(&w, 0, 8);
        bits_reader_init(&r, bytes, bits_finish(&w));
        ck_assert_int_eq(delta_decode_update(&r, &schema, &e, 1), RESULT_INVALID);
    }
}
END_TEST

START_TEST(noise_never_crashes)
{
    for (unsigned round = 0; round < 100000; round++) {
        struct wire_entity e = start_of((enum test_kind)(1 + rng_below(&rng, TEST_KIND_COUNT)));
        struct entity body = {.kind = e.kind};
        struct wire_entity any = e;
        uint8_t noise[24];
        struct bits_reader r;
        for (unsigned i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)rng_next(&rng);
        bits_reader_init(&r, noise, rng_below(&rng, sizeof noise + 1));
        struct bits_reader again = r;
        (void)delta_decode_add(&r, &schema, &any);
        r = again;
        (void)delta_decode_self(&r, &schema, &body, round % 2 == 0 ? NULL : e.wire);
        e = start_of((enum test_kind)(1 + rng_below(&rng, TEST_KIND_COUNT)));
        if (delta_decode_update(&again, &schema, &e, 1 + rng_below(&rng, 63)) != RESULT_OK)
            continue;
        for (unsigned i = 0; i < wire_count(&e); i++) {
            ck_assert_int_ge(e.wire[i], field_of(&e, i)->min);
            ck_assert_int_le(e.wire[i], field_of(&e, i)->max);
        }
    }
}
END_TEST

START_TEST(an_add_brings_all)
{
    static struct wire_model model;
    model_init(&model, &schema, 3, 1);
    for (unsigned round = 0; round < 5000; round++) {
        struct wire_entity sent, got = {.slot = 0};
        struct bits_writer w;
        struct bits_reader r;
        model_spawn(&model, 0);
        model_start(&model, &sent, 0);
        if (round % 7 == 0) sent.velocity16[0] = round % 2 == 0 ? 1 << 28 : -(1 << 28);
        if (schema.kinds[sent.kind - 1].moving_count == 0) sent.velocity16[0] = 0;
        bits_writer_init(&w, bytes, sizeof bytes);
        delta_encode_add(&w, &schema, &sent);
        size_t used_bits = bits_used(&w);
        bits_reader_init(&r, bytes, bits_finish(&w));
        ck_assert_int_eq(delta_decode_add(&r, &schema, &got), RESULT_OK);
        ck_assert_uint_eq(r.used_bits, used_bits);
        ck_assert_uint_eq(delta_hash(&schema, &got, 1), delta_hash(&schema, &sent, 1));
        ck_assert_uint_eq(got.owner, sent.owner);
        ck_assert_mem_eq(got.wire, sent.wire, wire_count(&got) * sizeof got.wire[0]);
    }
}
END_TEST

START_TEST(an_add_of_no_kind_is_refused)
{
    for (unsigned kind = 0; kind < 8; kind += 7) {
        struct wire_entity e = {.slot = 0};
        struct bits_writer w;
        struct bits_reader r;
        bits_writer_init(&w, bytes, sizeof bytes);
        bits_put(&w, kind, schema.kind_bits);
        bits_put(&w, 0, 64);
        bits_put(&w, 0, 64);
        bits_reader_init(&r, bytes, bits_finish(&w));
        ck_assert_int_eq(delta_decode_add(&r, &schema, &e), RESULT_INVALID);
    }
}
END_TEST

START_TEST(the_owner_gets_its_words_exactly)
{
    struct entity now = {.kind = TEST_CRAFT}, base = now, got;
    for (unsigned round = 0; round < 5000; round++) {
        struct bits_writer w;
        struct bits_reader r;
        int32_t wire[WIRE_FIELDS_MAX];
        const int32_t *own_wire = round % 2 == 0 ? NULL : wire;
        got = base;
        for (unsigned i = 0; i < ENTITY_WORDS; i++) {
            if (rng_below(&rng, 3) == 0) now.words[i] = model_any_word(&rng);
            if (rng_below(&rng, 30) == 0) now.words[i] = INT32_MIN;
            if (rng_below(&rng, 30) == 0) now.words[i] = INT32_MAX;
        }
        bits_writer_init(&w, bytes, sizeof bytes);
        delta_quantize(&schema, &now, wire);
        delta_encode_self(&w, &schema, &now, &base, own_wire);
        size_t used_bits = bits_used(&w);
        bits_reader_init(&r, bytes, bits_finish(&w));
        ck_assert_int_eq(delta_decode_self(&r, &schema, &got, own_wire), RESULT_OK);
        ck_assert_uint_eq(r.used_bits, used_bits);
        for (unsigned i = TEST_X; i <= TEST_AMMO; i++)
            ck_assert_int_eq(got.words[i], now.words[i]);
        ck_assert_int_eq(got.words[TEST_SECRET], 0);
        base = got;
    }
}
END_TEST

/* What everybody sees is not said again: a few bits below the quantum are left. */
START_TEST(a_body_that_flies_costs_its_owner_little)
{
    struct entity now = {.kind = TEST_CRAFT, .words = {5000, 5000}}, base = now;
    int32_t wire[WIRE_FIELDS_MAX];
    struct bits_writer w;
    now.words[TEST_X] += 777, now.words[TEST_Y] -= 555;
    delta_quantize(&schema, &now, wire);
    bits_writer_init(&w, bytes, sizeof bytes);
    delta_encode_self(&w, &schema, &now, &base, wire);
    ck_assert_uint_eq(bits_used(&w), 1 + 2 * (1 + 5) + 8);
    bits_writer_init(&w, bytes, sizeof bytes);
    delta_encode_self(&w, &schema, &now, &now, wire);
    ck_assert_uint_eq(bits_used(&w), 1);
}
END_TEST

START_TEST(the_hash_sees_every_value)
{
    struct wire_entity list[2] = {start_of(TEST_CRAFT), start_of(TEST_DIAL)};
    uint32_t hash = delta_hash(&schema, list, 2);
    ck_assert_uint_ne(delta_hash(&schema, list, 1), hash);
    for (unsigned i = 0; i < wire_count(&list[0]); i++) {
        list[0].wire[i] ^= 1;
        ck_assert_uint_ne(delta_hash(&schema, list, 2), hash);
        list[0].wire[i] ^= 1;
    }
    list[1].velocity16[3]++;
    ck_assert_uint_ne(delta_hash(&schema, list, 2), hash);
    list[1].velocity16[3]--;
    list[1].generation++;
    ck_assert_uint_ne(delta_hash(&schema, list, 2), hash);
}
END_TEST

START_TEST(the_low_edge_of_a_quantum_is_that_quantum)
{
    static struct wire_model model;
    model_init(&model, &schema, 4, 1);
    for (unsigned round = 0; round < 2000; round++) {
        struct wire_entity e, again;
        struct entity body;
        model_spawn(&model, 0);
        delta_start(&schema, &e, 0, &model.world[0]);
        delta_dequantize(&schema, &e, &body);
        delta_start(&schema, &again, 0, &body);
        ck_assert_uint_eq(delta_hash(&schema, &again, 1), delta_hash(&schema, &e, 1));
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("delta");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, an_update_brings_the_base_to_now, 1, TEST_KIND_COUNT + 1);
    tcase_add_loop_test(tests, rest_costs_one_bit, 1, TEST_KIND_COUNT + 1);
    tcase_add_test(tests, a_steady_course_costs_two_bits_at_most);
    tcase_add_test(tests, a_residue_costs_what_its_code_says);
    tcase_add_test(tests, residues_of_a_size_share_a_symbol);
    tcase_add_test(tests, what_follows_its_heading_hardly_misses);
    tcase_add_test(tests, a_warp_ends_a_heading_s_course_too);
    tcase_add_test(tests, a_course_that_leads_nowhere_has_no_speed);
    tcase_add_test(tests, a_torus_is_crossed_by_the_short_way);
    tcase_add_test(tests, an_expectation_stays_in_its_range);
    tcase_add_test(tests, a_warp_ends_the_course);
    tcase_add_loop_test(tests, velocity_is_rounded_alike_both_ways, 0, (int)TEST_COUNT(courses));
    tcase_add_test_raise_signal(tests, a_base_of_the_same_tick_is_a_bug, SIGABRT);
    tcase_add_test(tests, cut_updates_are_refused);
    tcase_add_test(tests, values_out_of_range_are_refused);
    tcase_add_test(tests, noise_never_crashes);
    tcase_add_test(tests, an_add_brings_all);
    tcase_add_test(tests, an_add_of_no_kind_is_refused);
    tcase_add_test(tests, the_owner_gets_its_words_exactly);
    tcase_add_test(tests, a_body_that_flies_costs_its_owner_little);
    tcase_add_test(tests, the_hash_sees_every_value);
    tcase_add_test(tests, the_low_edge_of_a_quantum_is_that_quantum);
    return suite_run("delta", tests);
}
