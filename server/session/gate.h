/* gate.h - whether a snapshot may be encoded for one client now: backpressure, defined.
 *
 * Place:    a session asks before it encodes, and tells what it sent and what came back; nothing
 *           that cannot leave is ever encoded, so a slow link never makes what a player sees old.
 * Rule:     age first, then bytes. The age is how long the oldest snapshot not yet acknowledged has
 *           been under way; the limit is the smallest round trip of the last 10 s and a margin, and
 *           what this machine itself is late: an answer that nobody has read yet is no slow link.
 * Acks:     a tick in an input message, or in the PONG to a PING that followed a snapshot (clients
 *           without acks: pinged at most 5 times a second), or the kernel's "all sent and received"
 *           for a client that has left every PING unanswered for 5 s: what a relay has taken is not
 *           yet what its client has.
 * Pressure: while the link cannot carry all (a quarter of the ticks held), a PING follows every
 *           snapshot to a client that sends no acks; and no more is under way than the link
 *           delivers in a round trip, for an age tells of a queue only when that has passed.
 * Memory:   plain data; the clock is passed in, so tests run in virtual time.
 * Measured: tests/unit/test_gate.c prints it for a link of 96 kbit/s: the state is 0.22 s old in
 *           the mean, p95 0.27 s; by the age alone 0.31 and 0.47.
 */
#ifndef TICKWIRE_SERVER_SESSION_GATE_H
#define TICKWIRE_SERVER_SESSION_GATE_H

#include <stdbool.h>
#include <stdint.h>

#define GATE_FLIGHTS_MAX   32  /* snapshots under way: 1.6 s at 20 Hz */
#define GATE_MARGIN_MS     100 /* over the smallest round trip: an input may be 50 ms away */
#define GATE_QUEUED_MS     20  /* over the smallest round trip: it has waited for others */
#define GATE_STALL_AGE_MS  2000
#define GATE_STALL_FULL_MS 3000 /* the same while a full snapshot fills the link */
#define GATE_STALL_BYTES   65536u
#define GATE_CLOSE_MS      10000 /* stalled without any progress */
#define GATE_PING_EVERY_MS 200
#define GATE_ACKS_MS       500  /* without one, a client's acks have stopped */
#define GATE_DEAF_MS       5000 /* without any answer, a client gives none */

enum gate_state { GATE_OPEN, GATE_HOLD, GATE_STALLED, GATE_CLOSING, GATE_STATE_COUNT };

/* The low halves: all that is under way was sent within a minute of the newest. */
struct gate_flight {
    uint16_t tick;
    uint16_t sent_ms;
};

struct gate {
    struct gate_flight flights[GATE_FLIGHTS_MAX]; /* oldest first, a ring */
    uint32_t newest_tick, newest_ms;              /* of the snapshot sent last, whole */
    uint32_t probes; /* a bit each: an answer to it will come, so its age counts */
    uint8_t first, count;
    uint8_t state;     /* enum gate_state */
    uint8_t pressure;  /* up by 3 with each hold, down by 1 with each snapshot that may go */
    bool is_draining;  /* what is under way is to arrive before more is sent */
    bool has_acked;    /* by tick: this client's inputs carry acks */
    bool has_answered; /* by either way */
    bool was_pinged;
    uint32_t acked_ms;      /* the last ack in an input */
    uint32_t pinged_ms;     /* the last PING of ours */
    uint32_t asked_ms;      /* the first one */
    uint32_t progress_ms;   /* the last ack, or when the stall began */
    uint32_t window_ms;     /* when the present half of the 10 s window began */
    uint32_t min_rtt_ms[2]; /* of the present and the former half; UINT32_MAX: no sample */
    uint32_t rtt_ms;        /* the last sample */
    uint32_t arrived_ms;    /* the last ack of anything under way */
    uint32_t spacing_us;    /* from arrival to arrival where they queue, smoothed; 0: they do not */
    uint32_t lag_ms;        /* how much later than usual this machine looks at what has come */
    uint32_t transitions[GATE_STATE_COUNT]; /* entries into each state */
};

void gate_init(struct gate *g, uint32_t now_ms);

/* Decides, and moves on, the state. `queue_bytes` waits in our own queue, `unsent_bytes` there and
 * in the kernel (pass queue_bytes if the kernel was not asked). */
enum gate_state gate_step(struct gate *g, uint32_t now_ms, uint32_t queue_bytes,
                          uint32_t unsent_bytes);

/* Notes how much later than usual this machine looks at what has come. */
void gate_note_lag(struct gate *g, uint32_t lag_ms);

/* Notes that the snapshot of `tick` was handed to the stream. */
void gate_sent(struct gate *g, uint32_t tick, uint32_t now_ms);

/* Holds the next snapshot until all that is under way has arrived, and takes no round trip from that:
 * a full one fills a narrow link for a while, and what would queue behind it is old when it comes. */
void gate_drain(struct gate *g);

/* Whether a PING carrying the newest tick should follow now: no acks come, or they have stopped. */
bool gate_wants_ping(const struct gate *g, uint32_t now_ms);

/* Notes that a PING followed the newest snapshot sent. */
void gate_pinged(struct gate *g, uint32_t now_ms);

/* An ack in an input message, or a PONG: everything up to `tick` has arrived. */
void gate_acked(struct gate *g, uint32_t tick, uint32_t now_ms);
void gate_answered(struct gate *g, uint32_t tick, uint32_t now_ms);

/* The kernel says that nothing is under way. Only believed of a client that answers nothing. */
void gate_drained(struct gate *g, uint32_t now_ms);

/* What is sent from now on is larger or smaller than before, or comes at another rate: what it takes
 * the link is to be learnt anew. */
void gate_relearn(struct gate *g);

/* Forgets what is under way, as after a full stop that a fresh start follows: a page that is hidden
 * owes no answer. */
void gate_forget(struct gate *g, uint32_t now_ms);

/* Returns the age of the oldest snapshot under way whose answer is awaited, 0 if none. */
uint32_t gate_age_ms(const struct gate *g, uint32_t now_ms);

/* Whether what it holds tells of the link's width: not while the link stands still, nor before any
 * round trip is known. */
bool gate_tells_width(const struct gate *g);

/* Returns the smallest round trip of the last 10 s, or a guess before there is any. */
uint32_t gate_rtt_ms(const struct gate *g);

/* Returns the age up to which the gate stays open. */
uint32_t gate_limit_ms(const struct gate *g);

#endif
