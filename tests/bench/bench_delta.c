/* bench_delta.c - what one entity costs: its fragment, its place in a message, its decoding; and
 * the bytes of a snapshot of 100 entities of which 59 change.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/snapshot.h"
#include "tests/unit/test_game.h"

#define ENTITIES 100
#define CHANGING 59
#define TICKS    2000
#define VIEWERS  50 /* clients that append the same fragments */

/* One tick's fragment of one entity, as it is shared. */
struct fragment {
    uint64_t words[FRAGMENT_BITS_MAX / 64];
    size_t length_bits;
};

static struct schema schema;
static struct rng rng;
static struct entity world[ENTITIES];
static struct wire_entity known[ENTITIES]; /* by the client */
static int32_t wires[3][ENTITIES]
                    [WIRE_FIELDS_MAX]; /* of the last three ticks, as frames have them */
static struct fragment fragments[ENTITIES];
static struct wire_entity lists[2][ENTITIES];
static struct seen seen;
static uint8_t message[MESSAGE_DOWN_BYTES_MAX];

/* Craft under way; the first CHANGING of them steer and turn now and then, as players do. */
static void start_world(void)
{
    for (uint32_t i = 0; i < ENTITIES; i++) {
        world[i] = (struct entity){.kind = TEST_CRAFT, .owner = SEAT_NONE};
        world[i].words[TEST_X] = (int32_t)(rng_below(&rng, 1 << 19) + (1 << 18));
        world[i].words[TEST_Y] = (int32_t)(rng_below(&rng, 1 << 19) + (1 << 18));
        delta_start(&schema, &known[i], (uint16_t)i, &world[i]);
    }
}

static int32_t steer(int32_t speed)
{
    if (rng_below(&rng, 4) != 0) return speed;
    speed += (int32_t)rng_below(&rng, 129) - 64;
    return speed > 800 ? 800 : speed < -800 ? -800 : speed;
}

static void step_world(void)
{
    for (uint32_t i = 0; i < CHANGING; i++) {
        int32_t *words = world[i].words;
        words[TEST_VX] = steer(words[TEST_VX]);
        words[TEST_VY] = steer(words[TEST_VY]);
        words[TEST_X] += words[TEST_VX];
        words[TEST_Y] += words[TEST_VY];
        if (rng_below(&rng, 5) < 2) words[TEST_HEADING] += (int32_t)rng_below(&rng, 2048) - 1024;
        if (rng_below(&rng, 100) == 0) words[TEST_HEALTH] = (int32_t)rng_below(&rng, 101);
    }
}

static void quantize(uint32_t tick)
{
    for (uint32_t i = 0; i < ENTITIES; i++)
        delta_quantize(&schema, &world[i], wires[tick % 3][i]);
}

/* As a cohort does it. */
static void build_fragment(uint32_t tick, uint32_t i)
{
    struct fragment *f = &fragments[i];
    struct bits_writer w;
    struct delta_step step = {.before = tick > 1 ? wires[(tick - 2) % 3][i] : NULL,
                              .base = wires[(tick - 1) % 3][i],
                              .now = wires[tick % 3][i],
                              .base_age_ticks = 1,
                              .age_ticks = 1};
    f->words[0] = f->words[1] = 0;
    bits_writer_init(&w, (uint8_t *)f->words, sizeof f->words);
    delta_encode_step(&w, &schema, world[i].kind, &step);
    f->length_bits = bits_used(&w);
    ASSERT(f->length_bits <= 128);
    size_t length = bits_finish(&w);
    ASSERT(length > 0);
}

static size_t append_message(uint32_t tick)
{
    struct snapshot_header h = {.tick = tick, .age_ticks = 1, .input_seq = tick};
    struct bits_writer w;
    bits_writer_init(&w, message, sizeof message);
    snapshot_put_header(&w, &h, tick);
    snapshot_put_removes(&w, NULL, 0);
    snapshot_put_add_count(&w, 0);
    for (uint32_t i = 0; i < ENTITIES; i++)
        bits_put_run(&w, fragments[i].words, fragments[i].length_bits);
    return bits_finish(&w);
}

static size_t full_message(uint32_t tick)
{
    struct snapshot_header h = {.tick = tick, .is_full = true, .input_seq = tick};
    struct bits_writer w;
    bits_writer_init(&w, message, sizeof message);
    snapshot_put_header(&w, &h, 0);
    snapshot_put_removes(&w, NULL, 0);
    snapshot_put_add_count(&w, ENTITIES);
    for (uint32_t i = 0; i < ENTITIES; i++)
        snapshot_put_add(&w, &schema, &known[i], i);
    return bits_finish(&w);
}

static void decode(size_t length)
{
    enum result result = snapshot_decode(&seen, message, length);
    ASSERT(result == RESULT_OK);
}

/* The fastest tick counts: the others measure whatever else the machine does. */
static void keep_least(uint64_t *least_ns, uint64_t ns)
{
    if (ns < *least_ns) *least_ns = ns;
}

static void report(const char *what, uint64_t ns, uint64_t count)
{
    printf("%-28s %8.1f ns/entity\n", what, (double)ns / (double)count);
}

int main(void)
{
    uint64_t quantize_ns = UINT64_MAX, build_ns = UINT64_MAX, append_ns = UINT64_MAX;
    uint64_t decode_ns = UINT64_MAX, bytes = 0;
    enum result result = schema_init(&schema, &test_table);
    ASSERT(result == RESULT_OK);
    rng_init(&rng, 1);
    start_world();
    seen_init(&seen, &schema, lists[0], lists[1], ENTITIES);
    size_t full_bytes = full_message(0);
    decode(full_bytes);
    quantize(0);

    for (uint32_t tick = 1; tick <= TICKS; tick++) {
        step_world();
        uint64_t stepped_ns = clock_monotonic_ns();
        quantize(tick);
        uint64_t start_ns = clock_monotonic_ns();
        for (uint32_t i = 0; i < ENTITIES; i++)
            build_fragment(tick, i);
        uint64_t built_ns = clock_monotonic_ns();
        size_t length = 0;
        for (unsigned viewer = 0; viewer < VIEWERS; viewer++)
            length = append_message(tick);
        uint64_t appended_ns = clock_monotonic_ns();
        decode(length);
        keep_least(&decode_ns, clock_monotonic_ns() - appended_ns);
        keep_least(&append_ns, appended_ns - built_ns);
        keep_least(&build_ns, built_ns - start_ns);
        keep_least(&quantize_ns, start_ns - stepped_ns);
        for (uint32_t i = 0; i < ENTITIES; i++)
            delta_advance(&schema, &known[i], wires[tick % 3][i], 1);
        bytes += length;
    }
    ASSERT(delta_hash(&schema, seen.list, ENTITIES) == delta_hash(&schema, known, ENTITIES));
    report("its wire values", quantize_ns, ENTITIES);
    report("build a fragment", build_ns, ENTITIES);
    report("append it", append_ns, (uint64_t)ENTITIES * VIEWERS);
    report("decode it", decode_ns, ENTITIES);
    printf("%-28s %8.1f B (full: %zu B)\n", "snapshot, 59 of 100 change", (double)bytes / TICKS,
           full_bytes);
    return 0;
}
