/* ending.h - why a connection ended, in plain words, and whether and when to try another.
 *
 * Place:   ws_client and link say what happened; the player reads the sentence, link waits by the
 *          back-off.
 * Memory:  plain data.
 * Source:  shared/PROTOCOL.md for the codes of a bye; RFC 6455 §7.4, §7.2.3 (reconnecting).
 */
#ifndef TICKWIRE_CLIENT_SDL_ENDING_H
#define TICKWIRE_CLIENT_SDL_ENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/rng.h"

#define ENDING_DETAIL_BYTES   192
#define ENDING_SENTENCE_BYTES 512

#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS   8000

enum ending_kind {
    ENDING_UNKNOWN_HOST, /* its name has no address */
    ENDING_UNREACHABLE,  /* nobody answers there */
    ENDING_SETUP,        /* something of ours, a CA file say: detail says it all */
    ENDING_TLS,          /* no secure connection: detail is what tls_failure() said */
    ENDING_HANDSHAKE,    /* no WebSocket: code is the HTTP status or 0, detail a sentence */
    ENDING_BREACH,       /* the server broke RFC 6455 or our protocol: detail is the rule */
    ENDING_LOST,         /* the stream ended without a close, or fell silent */
    ENDING_CLOSED,       /* the server closed it: code and its reason */
    ENDING_KINDS
};

struct ending {
    enum ending_kind kind;
    uint16_t code;
    char
        detail[ENDING_DETAIL_BYTES]; /* may hold text of the server's: readable, see ending_set() */
};

/* Fills `ending`. A detail that is not showable, for the server may have sent it, is left out. */
void ending_set(struct ending *ending, enum ending_kind kind, uint16_t code, const char *detail);

/* Returns whether another attempt may help: the server restarts, is full, or the line broke. */
bool ending_is_passing(const struct ending *ending);

/* Returns the code it was closed with, as if by a close also for a server that is full from the
 * start; 0: there was none. */
uint16_t ending_close_code(const struct ending *ending);

/* Says in one sentence what happened with the server at `host`. */
void ending_describe(const struct ending *ending, const char *host,
                     char sentence[ENDING_SENTENCE_BYTES]);

struct backoff {
    uint32_t next_ms; /* 0: the first attempt after a good connection */
};

/* Returns how long to wait before the next attempt: twice as long each time, up to a limit, with
 * half of it by chance, so that the players of a restarted server do not come back as one. */
uint32_t backoff_wait_ms(struct backoff *backoff, struct rng *rng);

/* A connection held: the next wait is short again. */
void backoff_reset(struct backoff *backoff);

#endif
