#include "shared/delta.h"

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

START_TEST(a_steady_course_costs_one_bit)
{
    struct wire_entity e = start_of(TEST_CRAFT);
    int32_t now[WIRE_FIELDS_MAX];
    memcpy(now, e.wire, sizeof now);
    now[0] += 9, now[1] -= 4;
    ck_assert_uint_gt(round_trip(&e, now, 1), 1);
    for (unsigned age_ticks = 1; age_ticks < 5; age_ticks++) {
        now[0] += 9 * (int32_t)age_ticks;
        now[1] -= 4 * (int32_t)age_ticks;
        ck_assert_uint_eq(round_trip(&e, now, age_ticks), 1);
    }
}
END_TEST

/* Residue 0 takes 1 bit, ±1 3, ±2..3 5, and so on; from 256 on 9 bits and the value itself. */
START_TEST(a_residue_costs_what_its_size_says)
{
    for (int32_t residue = 0; residue < 600; residue++) {
        struct wire_entity e = start_of(TEST_CRAFT);
        int32_t now[WIRE_FIELDS_MAX];
        memcpy(now, e.wire, sizeof now);
        now[0] += residue;
        unsigned size_bits = residue == 0 ? 0 : 32 - (unsigned)__builtin_clz((unsigned)residue);
        size_t expected = residue == 0 ? 1
                                       : 2 /* moving alone */ + 1 /* y as expected */ +
                                             (size_bits < 9 ? 2 * size_bits + 1 : 9 + 15);
        ck_assert_uint_eq(round_trip(&e, now, 1), expected);
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
    ck_assert_uint_eq(round_trip(&e, now, 1), 1);
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
    ck_assert_uint_eq(round_trip(&e, now, 63), 1);
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
    bits_writer_init(&w, bytes, sizeof bytes);
    bits_put(&w, 7, 3);   /* a mask follows: */
    bits_put(&w, 0, 2);   /* neither moving nor turning, */
    bits_put(&w, 1, 1);   /* but health, */
    bits_put(&w, 101, 7); /* which ends at 100 */
    bits_put(&w, 0, 3);
    bits_reader_init(&r, bytes, bits_finish(&w));
    ck_assert_int_eq(delta_decode_update(&r, &schema, &e, 1), RESULT_INVALID);

    e.wire[0] = 0;
    bits_writer_init(&w, bytes, sizeof bytes);
    bits_put(&w, 1, 2);     /* moving alone: */
    bits_put(&w, 1, 2);     /* x by one quantum */
    bits_put(&w, 1, 1);     /* down, below 0 */
    bits_put(&w, 0, 1 + 8); /* y as expected */
    bits_reader_init(&r, bytes, bits_finish(&w));
    ck_assert_int_eq(delta_decode_update(&r, &schema, &e, 1), RESULT_INVALID);
}
END_TEST

START_TEST(noise_never_crashes)
{
    for (unsigned round = 0; round < 100000; round++) {
        struct wire_entity e = start_of((enum test_kind)(1 + rng_below(&rng, TEST_KIND_COUNT)));
        struct entity body = {.kind = e.kind};
        uint8_t noise[24];
        struct bits_reader r;
        for (unsigned i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)rng_next(&rng);
        bits_reader_init(&r, noise, rng_below(&rng, sizeof noise + 1));
        struct bits_reader again = r;
        (void)delta_decode_add(&r, &schema, &e);
        r = again;
        (void)delta_decode_self(&r, &schema, &body);
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
    for (unsigned kind = 0; kind < 8; kind += 6) {
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
        got = base;
        for (unsigned i = 0; i < ENTITY_WORDS; i++) {
            if (rng_below(&rng, 3) == 0) now.words[i] = model_any_word(&rng);
            if (rng_below(&rng, 30) == 0) now.words[i] = INT32_MIN;
            if (rng_below(&rng, 30) == 0) now.words[i] = INT32_MAX;
        }
        bits_writer_init(&w, bytes, sizeof bytes);
        delta_encode_self(&w, &schema, &now, &base);
        size_t used_bits = bits_used(&w);
        bits_reader_init(&r, bytes, bits_finish(&w));
        ck_assert_int_eq(delta_decode_self(&r, &schema, &got), RESULT_OK);
        ck_assert_uint_eq(r.used_bits, used_bits);
        for (unsigned i = TEST_X; i <= TEST_AMMO; i++)
            ck_assert_int_eq(got.words[i], now.words[i]);
        ck_assert_int_eq(got.words[TEST_SECRET], 0);
        base = got;
    }
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
    tcase_add_test(tests, a_steady_course_costs_one_bit);
    tcase_add_test(tests, a_residue_costs_what_its_size_says);
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
    tcase_add_test(tests, the_hash_sees_every_value);
    tcase_add_test(tests, the_low_edge_of_a_quantum_is_that_quantum);
    return suite_run("delta", tests);
}
