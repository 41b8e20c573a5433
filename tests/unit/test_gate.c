#include "server/session/gate.h"
#include "server/session/squeeze.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

/* A server, a link and a client in virtual time, a millisecond a step. The link has one queue
 * downwards, which drains at its rate; then, and upwards, only the way's length counts. */

#define FRAME_MS    50
#define UNDERWAY    4096
#define AGES_MAX    120000
#define INPUT_PHASE 17 /* the client's clock and the server's are not in step */

enum answers {
    ANSWERS_ACKS = 1,  /* input messages with an ack every 50 ms */
    ANSWERS_PONGS = 2, /* a PONG to each PING, at once */
};

struct parcel {
    uint32_t tick;
    uint32_t bytes;
    uint32_t arrive_ms;
    bool has_ping;
    bool is_pong;
};

struct channel {
    struct parcel parcels[UNDERWAY];
    uint32_t first, end;
};

struct rig {
    /* the link; may change while it runs */
    uint32_t delay_ms;         /* each way */
    uint32_t rate_bytes_per_s; /* 0: unlimited */
    uint32_t snapshot_bytes;
    uint32_t full_bytes; /* of the first snapshot, if it is a full one */
    bool grows_with_gap; /* by an eighth for each tick left out, up to twice as much */
    unsigned answers;    /* enum answers */
    bool is_stalled;     /* nothing arrives at the client any more */
    bool is_direct;      /* the kernel's count is the client's */
    bool is_relayed;     /* the kernel's count is a relay's, which takes all at once */
    bool is_busy;        /* the server looks at frames and answers seldom, and when it can */

    struct gate gate;
    struct squeeze squeeze;
    uint32_t now_ms;
    uint32_t frame_tick; /* the newest there is; tick n is due at n * 50 ms */
    uint32_t look_ms;    /* of a busy server: when it looks next, */
    uint32_t chance;
    uint32_t sent_tick;
    uint64_t free_at_us; /* when the link's queue is empty */
    struct channel down, up;
    uint32_t applied_tick;

    uint32_t sent_count, held_count, ping_count;
    uint32_t ages_ms[AGES_MAX]; /* of the client's state, since measure() */
    uint32_t age_count;
    bool is_measuring;
};

static struct rig rig;

static void start(uint32_t delay_ms, unsigned answers)
{
    memset(&rig, 0, sizeof rig);
    rig.delay_ms = delay_ms;
    rig.answers = answers;
    rig.snapshot_bytes = 100;
    rig.now_ms = 1000;
    rig.free_at_us = 0;
    gate_init(&rig.gate, rig.now_ms);
    squeeze_init(&rig.squeeze, rig.now_ms);
}

static struct parcel *put(struct channel *c)
{
    if (c->end - c->first == UNDERWAY) ck_abort_msg("too much is under way");
    return &c->parcels[c->end++ % UNDERWAY];
}

static const struct parcel *peek(const struct channel *c)
{
    return c->first == c->end ? NULL : &c->parcels[c->first % UNDERWAY];
}

static uint32_t underway_bytes(void)
{
    uint32_t bytes = 0;
    for (uint32_t i = rig.down.first; i != rig.down.end; i++)
        bytes += rig.down.parcels[i % UNDERWAY].bytes;
    return bytes;
}

static uint32_t leave_link_ms(uint32_t bytes)
{
    uint64_t now_us = (uint64_t)rig.now_ms * 1000;
    if (rig.free_at_us < now_us) rig.free_at_us = now_us;
    if (rig.rate_bytes_per_s > 0)
        rig.free_at_us += (uint64_t)bytes * 1000000 / rig.rate_bytes_per_s;
    return (uint32_t)((rig.free_at_us + 999) / 1000);
}

/* Of what a snapshot may have: as in the binary flavour. */
static const struct squeeze_bytes limits = {.max = 1380, .min = 120};

static void send_snapshot(void)
{
    uint32_t bytes = rig.snapshot_bytes, gap_ticks = rig.frame_tick - rig.sent_tick;
    bool is_full = rig.sent_tick == 0 && rig.full_bytes > 0;
    if (rig.grows_with_gap) bytes += (gap_ticks < 9 ? gap_ticks - 1 : 8) * bytes / 8;
    uint32_t budget = squeeze_budget_bytes(&rig.squeeze, &limits);
    if (bytes > budget) {
        bytes = budget; /* it leaves some out */
    } else if (!is_full) {
        squeeze_note_bytes(&rig.squeeze, bytes, gap_ticks);
    }
    if (is_full) bytes = rig.full_bytes;
    *put(&rig.down) = (struct parcel){
        .tick = rig.frame_tick, .bytes = bytes, .arrive_ms = leave_link_ms(bytes) + rig.delay_ms};
    gate_sent(&rig.gate, rig.frame_tick, rig.now_ms);
    if (is_full) gate_drain(&rig.gate);
    rig.sent_tick = rig.frame_tick;
    rig.sent_count++;
}

/* As a session does on a frame, and on an answer that may open the gate. */
static void update(void)
{
    if (rig.sent_tick == rig.frame_tick) return;
    bool is_due = rig.gate.state != GATE_OPEN || rig.sent_tick == 0 ||
                  squeeze_is_due(&rig.squeeze, rig.frame_tick);
    if (!is_due) return;
    uint32_t unsent_bytes = rig.is_relayed ? 0 : underway_bytes();
    bool is_late = gate_age_ms(&rig.gate, rig.now_ms) > gate_limit_ms(&rig.gate) ||
                   rig.gate.count == GATE_FLIGHTS_MAX;
    bool is_told = rig.is_direct || rig.is_relayed;
    if (is_late && is_told && unsent_bytes == 0) gate_drained(&rig.gate, rig.now_ms);
    enum gate_state state = gate_step(&rig.gate, rig.now_ms, 0, unsent_bytes);
    bool is_held = state != GATE_OPEN;
    if (gate_tells_width(&rig.gate) &&
        squeeze_note_tick(&rig.squeeze, rig.frame_tick, is_held, &limits, rig.now_ms)) {
        gate_relearn(&rig.gate);
    }
    if (state == GATE_OPEN) {
        send_snapshot();
    } else {
        rig.held_count++;
    }
    if (state == GATE_CLOSING || !gate_wants_ping(&rig.gate, rig.now_ms)) return;
    *put(&rig.down) = (struct parcel){.tick = rig.sent_tick,
                                      .bytes = 7,
                                      .has_ping = true,
                                      .arrive_ms = leave_link_ms(7) + rig.delay_ms};
    gate_pinged(&rig.gate, rig.now_ms);
    rig.ping_count++;
}

static void answer(uint32_t tick, bool is_pong)
{
    *put(&rig.up) =
        (struct parcel){.tick = tick, .is_pong = is_pong, .arrive_ms = rig.now_ms + rig.delay_ms};
}

static void run_client(void)
{
    const struct parcel *p;
    while (!rig.is_stalled && (p = peek(&rig.down)) != NULL && p->arrive_ms <= rig.now_ms) {
        rig.down.first++;
        if (!p->has_ping) rig.applied_tick = p->tick;
        if (p->has_ping && rig.answers & ANSWERS_PONGS) answer(p->tick, true);
    }
    bool is_input_due = rig.now_ms % FRAME_MS == INPUT_PHASE && rig.applied_tick > 0;
    if (is_input_due && rig.answers & ANSWERS_ACKS) answer(rig.applied_tick, false);
}

static void take_answers(void)
{
    const struct parcel *p;
    while ((p = peek(&rig.up)) != NULL && p->arrive_ms <= rig.now_ms) {
        rig.up.first++;
        if (p->is_pong) {
            gate_answered(&rig.gate, p->tick, rig.now_ms);
        } else {
            gate_acked(&rig.gate, p->tick, rig.now_ms);
        }
        if (rig.gate.state != GATE_OPEN) update();
    }
}

/* Frames first, then what has come, then not for up to 350 ms; how many ticks it passed over is what
 * a room_view tells. */
static void look_when_it_can(void)
{
    uint32_t tick = rig.now_ms / FRAME_MS;
    if (rig.now_ms < rig.look_ms || tick == rig.frame_tick) return;
    gate_note_lag(&rig.gate, (tick - rig.frame_tick - 1) * FRAME_MS);
    rig.frame_tick = tick;
    update();
    take_answers();
    rig.chance = rig.chance * 1664525u + 1013904223u;
    rig.look_ms = rig.now_ms + 10 + (rig.chance >> 16) % 340;
}

static void look(void)
{
    take_answers();
    if (rig.now_ms % FRAME_MS != 0) return;
    rig.frame_tick = rig.now_ms / FRAME_MS;
    update();
}

static void run_ms(uint32_t duration_ms)
{
    for (uint32_t i = 0; i < duration_ms; i++, rig.now_ms++) {
        run_client();
        if (rig.is_busy) {
            look_when_it_can();
        } else {
            look();
        }
        if (!rig.is_measuring || rig.age_count == AGES_MAX) continue;
        rig.ages_ms[rig.age_count++] = rig.now_ms - rig.applied_tick * FRAME_MS;
    }
}

static void measure(void)
{
    rig.is_measuring = true;
    rig.age_count = rig.sent_count = rig.held_count = 0;
}

static int compare_ages(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static uint32_t age_mean_ms(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < rig.age_count; i++)
        sum += rig.ages_ms[i];
    return (uint32_t)(sum / rig.age_count);
}

static uint32_t age_quantile_ms(uint32_t percent)
{
    qsort(rig.ages_ms, rig.age_count, sizeof rig.ages_ms[0], compare_ages);
    return rig.ages_ms[(uint64_t)(rig.age_count - 1) * percent / 100];
}

static const uint32_t delays_ms[] = {0, 10, 30, 100, 250, 700};

START_TEST(a_link_that_carries_all_is_never_held)
{
    start(delays_ms[_i], ANSWERS_ACKS | ANSWERS_PONGS);
    run_ms(5000); /* until the round trip is known */
    measure();
    run_ms(30000);
    ck_assert_uint_eq(rig.held_count, 0);
    ck_assert_uint_eq(rig.sent_count, 600);
    ck_assert_uint_le(age_quantile_ms(100), delays_ms[_i] + FRAME_MS);
}
END_TEST

/* What was late to be read was not late to arrive: nobody is held for it, and where the link is
 * narrow besides, the state is as recent as the machine lets it be. */
START_TEST(a_busy_machine_holds_few_and_squeezes_none)
{
    start(delays_ms[_i], ANSWERS_ACKS | ANSWERS_PONGS);
    rig.is_busy = true;
    run_ms(10000);
    measure();
    run_ms(60000);
    ck_assert_uint_le(rig.held_count * 20, rig.sent_count);
    ck_assert_uint_eq(rig.squeeze.transitions[SQUEEZE_BYTES], 0);
    ck_assert_uint_le(age_quantile_ms(100), delays_ms[_i] + 2 * (350 + FRAME_MS));
}
END_TEST

START_TEST(pongs_alone_hold_a_good_link_no_more_than_acks)
{
    start(delays_ms[_i], ANSWERS_PONGS);
    run_ms(5000);
    measure();
    run_ms(30000);
    ck_assert_uint_eq(rig.held_count, 0);
    ck_assert_uint_eq(rig.sent_count, 600);
}
END_TEST

START_TEST(with_acks_there_is_no_ping)
{
    start(30, ANSWERS_ACKS | ANSWERS_PONGS);
    run_ms(2000);
    uint32_t before = rig.ping_count;
    run_ms(20000);
    ck_assert_uint_eq(rig.ping_count, before);
}
END_TEST

START_TEST(without_acks_pings_come_five_times_a_second)
{
    start(30, ANSWERS_PONGS);
    run_ms(20000);
    ck_assert_uint_le(rig.ping_count, 20 * 5 + 1);
    ck_assert_uint_ge(rig.ping_count, 20 * 5 - 5);
}
END_TEST

/* 950 bytes at 20 Hz are 152 kbit/s; the link takes 96. One snapshot alone takes the link 79 ms, so
 * the smallest round trip is some 150, and an age of 0.2 s is the least there can be. */
static void offer_too_much(unsigned answers)
{
    start(30, answers);
    rig.snapshot_bytes = 950;
    rig.rate_bytes_per_s = 12000;
    run_ms(2000);
    measure();
    run_ms(60000);
    printf("96 kbit/s, RTT 60 ms, 152 kbit/s offered, %s: age mean %u ms, p95 %u ms, %.1f Hz\n",
           answers & ANSWERS_ACKS ? "acks" : "pongs", age_mean_ms(), age_quantile_ms(95),
           rig.sent_count / 60.0);
    (void)fflush(stdout);
}

START_TEST(a_narrow_link_stays_recent_by_acks)
{
    offer_too_much(ANSWERS_ACKS | ANSWERS_PONGS);
    ck_assert_uint_le(age_mean_ms(), 250);
    ck_assert_uint_le(age_quantile_ms(95), 450);
    ck_assert_uint_ge(rig.sent_count, 60 * 10);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 0);
}
END_TEST

START_TEST(a_narrow_link_stays_recent_by_pongs)
{
    offer_too_much(ANSWERS_PONGS);
    ck_assert_uint_le(age_mean_ms(), 250);
    ck_assert_uint_le(age_quantile_ms(95), 450);
    ck_assert_uint_ge(rig.sent_count, 60 * 10);
}
END_TEST

/* A reader that takes half of what it would be sent, on a link without length: all of the round trip
 * is what we have put into the queue ourselves. A delta that spans a gap is larger. */
static void offer_twice_too_much(unsigned answers)
{
    start(1, answers);
    rig.snapshot_bytes = 76;
    rig.grows_with_gap = true;
    rig.rate_bytes_per_s = 760;
    run_ms(15000);
    measure();
    run_ms(60000);
    printf("half of what is offered, %s: age median %u ms, p95 %u ms, %.1f Hz\n",
           answers & ANSWERS_ACKS ? "acks" : "pongs", age_quantile_ms(50), age_quantile_ms(95),
           rig.sent_count / 60.0);
    (void)fflush(stdout);
    ck_assert_uint_le(age_quantile_ms(50), 450);
    ck_assert_uint_le(age_quantile_ms(95), 700);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 0);
}

START_TEST(a_reader_of_half_of_it_stays_recent_by_acks)
{
    offer_twice_too_much(ANSWERS_ACKS | ANSWERS_PONGS);
}
END_TEST

START_TEST(a_reader_of_half_of_it_stays_recent_by_pongs)
{
    offer_twice_too_much(ANSWERS_PONGS);
}
END_TEST

/* The first snapshot takes the link 600 ms: it was none to measure a round trip by, nor one to queue
 * behind, or the state would be seconds old until a smaller sample comes. */
START_TEST(a_full_snapshot_is_followed_by_recent_ones)
{
    start(20, (unsigned)_i);
    rig.full_bytes = 6000;
    rig.snapshot_bytes = 700;
    rig.grows_with_gap = true;
    rig.rate_bytes_per_s = 10000;
    run_ms(1500);
    measure();
    run_ms(5000);
    ck_assert_uint_le(age_quantile_ms(95), 500);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 0);
}
END_TEST

/* A page in the background sends no input for a while, its browser still answers PINGs. */
START_TEST(who_stops_acking_goes_on_by_pongs)
{
    start(30, ANSWERS_ACKS | ANSWERS_PONGS);
    run_ms(5000);
    rig.answers = ANSWERS_PONGS;
    measure();
    run_ms(30000);
    ck_assert_uint_ge(rig.sent_count, 30 * 10);
    ck_assert_uint_le(age_quantile_ms(95), 300);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 0);

    rig.answers = ANSWERS_ACKS | ANSWERS_PONGS;
    run_ms(2000);
    measure();
    run_ms(5000);
    ck_assert_uint_eq(rig.held_count, 0);
}
END_TEST

/* Nobody answers, but no proxy stands in between: the kernel's count opens the gate. */
START_TEST(the_kernels_count_serves_who_answers_nothing)
{
    start(30, 0);
    rig.is_direct = true;
    run_ms(2000);
    measure();
    run_ms(30000);
    ck_assert_uint_ge(rig.sent_count, 30 * 10);
    ck_assert_uint_eq(rig.gate.transitions[GATE_CLOSING], 0);
}
END_TEST

START_TEST(a_link_that_recovers_is_back_at_20_hz)
{
    offer_too_much((unsigned)_i);
    rig.rate_bytes_per_s = 0;
    run_ms(10000);
    ck_assert_uint_eq(squeeze_cadence(&rig.squeeze), 1);
    uint32_t pings = rig.ping_count;
    measure();
    run_ms(10000);
    ck_assert_uint_eq(rig.held_count, 0);
    ck_assert_uint_eq(rig.sent_count, 200);
    ck_assert_uint_le(rig.ping_count - pings, 60);
}
END_TEST

/* The kernel's count is a relay's, which has taken everything; no answer has come yet. */
START_TEST(what_a_relay_has_taken_has_not_arrived)
{
    start(30, (unsigned)_i);
    rig.is_relayed = true;
    rig.full_bytes = 9000;
    rig.snapshot_bytes = 950;
    rig.rate_bytes_per_s = 12000;
    run_ms(1000);
    measure();
    run_ms(10000);
    printf("from the start behind a relay, %s: age mean %u ms, p95 %u ms, at most %u ms\n",
           _i & ANSWERS_ACKS ? "acks" : "pongs", age_mean_ms(), age_quantile_ms(95),
           age_quantile_ms(100));
    (void)fflush(stdout);
    ck_assert_uint_le(age_quantile_ms(95), 500);
    ck_assert_uint_le(age_quantile_ms(100), 1000);
}
END_TEST

/* 20 ms become 120: held at first, then believed, and nothing is left of it. */
START_TEST(who_moves_farther_away_is_not_squeezed_for_ever)
{
    start(10, (unsigned)_i);
    run_ms(20000);
    rig.delay_ms = 60;
    run_ms(10500 + 10000);
    ck_assert_int_eq(rig.squeeze.step, SQUEEZE_ALL);
    measure();
    run_ms(20000);
    ck_assert_uint_eq(rig.held_count, 0);
    ck_assert_uint_eq(rig.sent_count, 400);
}
END_TEST

/* Nothing was sent for a minute, as to a hidden page; meanwhile the way has become longer. */
START_TEST(round_trips_of_long_ago_count_no_more)
{
    start(10, ANSWERS_ACKS);
    run_ms(20000);
    gate_forget(&rig.gate, rig.now_ms);
    rig.now_ms += 60000;
    rig.up.first = rig.up.end;
    rig.delay_ms = 150;
    gate_forget(&rig.gate, rig.now_ms);
    run_ms(1000);
    ck_assert_uint_ge(gate_rtt_ms(&rig.gate), 300);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 0);
}
END_TEST

START_TEST(a_longer_way_is_believed_within_10_s)
{
    start(10, ANSWERS_ACKS);
    run_ms(20000);
    rig.delay_ms = 60;
    run_ms(10500);
    measure();
    run_ms(20000);
    ck_assert_uint_eq(rig.held_count, 0);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 0);
}
END_TEST

START_TEST(a_stall_ends_with_a_fresh_state)
{
    start(30, ANSWERS_ACKS | ANSWERS_PONGS);
    run_ms(5000);
    rig.is_stalled = true;
    run_ms(1500);
    ck_assert_int_eq(rig.gate.state, GATE_HOLD);
    run_ms(3500);
    ck_assert_int_eq(rig.gate.state, GATE_STALLED);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 1);

    /* What was under way arrives at once; one round trip later comes what is new. */
    rig.is_stalled = false;
    run_ms(2 * 30 + 2 * FRAME_MS);
    ck_assert_int_ne(rig.gate.state, GATE_STALLED);
    ck_assert_uint_le(rig.now_ms - rig.applied_tick * FRAME_MS, 30 + 2 * FRAME_MS);
    run_ms(2000);
    measure();
    run_ms(5000);
    ck_assert_uint_eq(rig.held_count, 0);
    ck_assert_uint_le(age_quantile_ms(100), 30 + FRAME_MS);
}
END_TEST

START_TEST(little_is_under_way_when_a_stall_begins)
{
    start(30, ANSWERS_ACKS | ANSWERS_PONGS);
    run_ms(5000);
    uint32_t limit_ms = gate_limit_ms(&rig.gate);
    rig.is_stalled = true;
    run_ms(9000);
    /* The limit's worth and one PING, no backlog. */
    ck_assert_uint_le(rig.gate.count, limit_ms / FRAME_MS + 1);
    ck_assert_uint_le(underway_bytes(), rig.gate.count * rig.snapshot_bytes + 7);
}
END_TEST

START_TEST(ten_seconds_without_progress_are_the_end)
{
    start(30, ANSWERS_ACKS | ANSWERS_PONGS);
    run_ms(5000);
    rig.is_stalled = true;
    run_ms(9900);
    ck_assert_int_eq(rig.gate.state, GATE_STALLED);
    run_ms(500);
    ck_assert_int_eq(rig.gate.state, GATE_CLOSING);
    rig.is_stalled = false;
    run_ms(1000);
    ck_assert_int_eq(rig.gate.state, GATE_CLOSING);
    ck_assert_uint_eq(rig.gate.transitions[GATE_CLOSING], 1);
}
END_TEST

START_TEST(who_never_answers_a_ping_ends_too)
{
    start(30, 0);
    run_ms(11500);
    ck_assert_int_eq(rig.gate.state, GATE_CLOSING);
}
END_TEST

/* A round trip so long that more would be under way than is kept: the rest is held, nothing else. */
START_TEST(a_full_ring_of_flights_holds)
{
    start(950, ANSWERS_ACKS);
    run_ms(30000);
    measure();
    run_ms(30000);
    ck_assert_uint_gt(rig.held_count, 0);
    ck_assert_uint_ge(rig.sent_count, 30 * 8);
    ck_assert_uint_eq(rig.gate.transitions[GATE_STALLED], 0);
    ck_assert_uint_le(age_quantile_ms(100), 3 * 950 + 2 * FRAME_MS);
}
END_TEST

START_TEST(a_queue_of_ours_holds_whatever_the_age)
{
    struct gate g;
    gate_init(&g, 1000);
    ck_assert_int_eq(gate_step(&g, 1000, 0, 0), GATE_OPEN);
    ck_assert_int_eq(gate_step(&g, 1050, 1, 1), GATE_HOLD);
    ck_assert_int_eq(gate_step(&g, 1100, 0, 0), GATE_OPEN);
    ck_assert_int_eq(gate_step(&g, 1150, 1, GATE_STALL_BYTES + 1), GATE_STALLED);
    ck_assert_int_eq(gate_step(&g, 1200, 1, 1), GATE_STALLED);
    ck_assert_int_eq(gate_step(&g, 1250, 0, 0), GATE_OPEN);
}
END_TEST

START_TEST(ticks_and_clocks_may_wrap)
{
    struct gate g;
    uint32_t now_ms = UINT32_MAX - 120, tick = UINT32_MAX - 1;
    gate_init(&g, now_ms);
    for (int i = 0; i < 200; i++, tick++, now_ms += FRAME_MS) {
        ck_assert_int_eq(gate_step(&g, now_ms, 0, 0), GATE_OPEN);
        gate_sent(&g, tick, now_ms);
        gate_acked(&g, tick, now_ms + 20);
        ck_assert_uint_eq(g.rtt_ms, 20);
    }
    ck_assert_uint_eq(g.count, 0);
    ck_assert_uint_eq(gate_limit_ms(&g), 20 + GATE_MARGIN_MS);
}
END_TEST

START_TEST(an_ack_of_an_older_tick_is_no_round_trip)
{
    struct gate g;
    gate_init(&g, 1000);
    gate_sent(&g, 10, 1000);
    gate_sent(&g, 12, 1100);
    gate_acked(&g, 11, 1150);
    ck_assert_uint_eq(g.count, 1);
    ck_assert_uint_eq(g.rtt_ms, 0);
    ck_assert_uint_eq(gate_age_ms(&g, 1150), 50);
    gate_acked(&g, 9, 1160);
    ck_assert_uint_eq(g.count, 1);
}
END_TEST

int main(void)
{
    const int delay_count = (int)(sizeof delays_ms / sizeof delays_ms[0]);
    TCase *tests = tcase_create("gate");
    tcase_add_loop_test(tests, a_link_that_carries_all_is_never_held, 0, delay_count);
    tcase_add_loop_test(tests, a_busy_machine_holds_few_and_squeezes_none, 0, delay_count);
    tcase_add_loop_test(tests, pongs_alone_hold_a_good_link_no_more_than_acks, 0, delay_count);
    tcase_add_test(tests, with_acks_there_is_no_ping);
    tcase_add_test(tests, without_acks_pings_come_five_times_a_second);
    tcase_add_test(tests, a_narrow_link_stays_recent_by_acks);
    tcase_add_test(tests, a_narrow_link_stays_recent_by_pongs);
    tcase_add_test(tests, a_reader_of_half_of_it_stays_recent_by_acks);
    tcase_add_test(tests, a_reader_of_half_of_it_stays_recent_by_pongs);
    tcase_add_loop_test(tests, a_full_snapshot_is_followed_by_recent_ones, ANSWERS_PONGS,
                        (ANSWERS_ACKS | ANSWERS_PONGS) + 1);
    tcase_add_test(tests, who_stops_acking_goes_on_by_pongs);
    tcase_add_test(tests, the_kernels_count_serves_who_answers_nothing);
    tcase_add_loop_test(tests, a_link_that_recovers_is_back_at_20_hz, ANSWERS_PONGS,
                        (ANSWERS_ACKS | ANSWERS_PONGS) + 1);
    tcase_add_test(tests, a_longer_way_is_believed_within_10_s);
    tcase_add_loop_test(tests, who_moves_farther_away_is_not_squeezed_for_ever, ANSWERS_ACKS,
                        (ANSWERS_ACKS | ANSWERS_PONGS) + 1);
    tcase_add_test(tests, round_trips_of_long_ago_count_no_more);
    tcase_add_loop_test(tests, what_a_relay_has_taken_has_not_arrived, ANSWERS_PONGS,
                        (ANSWERS_ACKS | ANSWERS_PONGS) + 1);
    tcase_add_test(tests, a_stall_ends_with_a_fresh_state);
    tcase_add_test(tests, little_is_under_way_when_a_stall_begins);
    tcase_add_test(tests, ten_seconds_without_progress_are_the_end);
    tcase_add_test(tests, who_never_answers_a_ping_ends_too);
    tcase_add_test(tests, a_full_ring_of_flights_holds);
    tcase_add_test(tests, a_queue_of_ours_holds_whatever_the_age);
    tcase_add_test(tests, ticks_and_clocks_may_wrap);
    tcase_add_test(tests, an_ack_of_an_older_tick_is_no_round_trip);
    return suite_run("gate", tests);
}
