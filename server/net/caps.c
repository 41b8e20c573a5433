#include "server/net/caps.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/host/error.h"

#define WAYS                 8 /* places for the addresses of one set */
#define SETS_PER_CONNECTIONS 2 /* 16 places for 8 connections */

enum result caps_init(struct caps *caps, const struct config *config, size_t connections,
                      struct error *error)
{
    *caps = (struct caps){
        .config = config, .sockets_max = config->address_sockets_max, .set_count = 64};
    (void)pthread_mutex_init(&caps->lock, NULL);
    digest_random(&caps->seed, sizeof caps->seed);
    while (caps->set_count * WAYS < connections * SETS_PER_CONNECTIONS)
        caps->set_count *= 2;
    caps->sets = calloc(caps->set_count * WAYS, sizeof *caps->sets);
    if (caps->sets == NULL) return error_set(error, RESULT_IO, "no memory for addresses");
    return RESULT_OK;
}

void caps_deinit(struct caps *caps)
{
    if (caps->sets == NULL) return;
    free(caps->sets);
    caps->sets = NULL;
    (void)pthread_mutex_destroy(&caps->lock);
}

/* IPv4 counts whole, of IPv6 the network: its other half is free for anyone to choose. */
static void make_key(const struct address *address, uint8_t key[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    bytes_copy(key, address->ip, 16);
    if (!bytes_equal(key, mapped, sizeof mapped)) bytes_zero(key + 8, 8);
}

static struct cap *set_of(const struct caps *caps, const uint8_t key[16])
{
    uint64_t hash = caps->seed, word;

    for (size_t i = 0; i < 16; i += sizeof word) {
        bytes_copy(&word, key + i, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return &caps->sets[(hash & (caps->set_count - 1)) * WAYS];
}

/* The address's place, or a new one; NULL if all of its set have connections. */
static struct cap *find(struct caps *caps, const uint8_t key[16], uint64_t now_ms)
{
    struct cap *set = set_of(caps, key), *place = NULL;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].is_used && bytes_equal(set[i].key, key, 16)) return &set[i];
        if (set[i].sockets > 0) continue;
        if (place == NULL || set[i].refilled_ms < place->refilled_ms) place = &set[i];
    }
    if (place == NULL) return NULL;
    *place = (struct cap){.is_used = true,
                          .refilled_ms = now_ms,
                          .tokens = caps->config->address_burst * 1000ull,
                          .request_tokens = caps->config->address_requests_burst * 1000ull};
    bytes_copy(place->key, key, 16);
    return place;
}

static void add_tokens(uint64_t *tokens, uint64_t more, uint32_t burst)
{
    uint64_t most = burst * 1000ull;

    *tokens = *tokens + more < most ? *tokens + more : most;
}

static void refill(const struct config *config, struct cap *cap, uint64_t now_ms)
{
    /* Workers read their clocks apart: the other one's may be a little ahead. */
    if (now_ms <= cap->refilled_ms) return;
    uint64_t elapsed_ms = now_ms - cap->refilled_ms;
    add_tokens(&cap->tokens, elapsed_ms * config->address_new_per_s, config->address_burst);
    add_tokens(&cap->request_tokens, elapsed_ms * config->address_requests_per_s,
               config->address_requests_burst);
    cap->refilled_ms = now_ms;
}

static uint32_t note_refusal(struct cap *cap, uint64_t now_ms)
{
    uint32_t count = ++cap->refused;

    if (cap->logged_ms != 0 && now_ms < cap->logged_ms + CAPS_LOG_MS) return 0;
    cap->logged_ms = now_ms;
    cap->refused = 0;
    return count;
}

/* What is asked for: a place, a token of a kind, or both. */
struct want {
    bool place, request;
};

static enum cap_verdict judge(const struct caps *caps, struct cap *cap, struct want want)
{
    uint64_t *tokens = want.request ? &cap->request_tokens : &cap->tokens;

    if (want.place && cap->sockets >= caps->sockets_max) return CAP_TOO_MANY;
    if (*tokens < 1000) return want.request ? CAP_TOO_MANY_REQUESTS : CAP_TOO_FAST;
    *tokens -= 1000;
    if (want.place) cap->sockets++;
    return CAP_FINE;
}

static struct cap_answer take(struct caps *caps, const struct address *address, struct want want,
                              uint64_t now_ms)
{
    struct cap_answer answer = {.verdict = CAP_FINE};
    uint8_t key[16];

    make_key(address, key);
    (void)pthread_mutex_lock(&caps->lock);
    struct cap *cap = find(caps, key, now_ms);
    if (cap != NULL) {
        refill(caps->config, cap, now_ms);
        answer.verdict = judge(caps, cap, want);
        if (answer.verdict != CAP_FINE)
            answer.log_count = note_refusal(cap, now_ms);
        else if (want.place)
            answer.cap = cap;
    }
    (void)pthread_mutex_unlock(&caps->lock);
    return answer;
}

struct cap_answer caps_take(struct caps *caps, const struct address *address, uint64_t now_ms)
{
    return take(caps, address, (struct want){.place = true}, now_ms);
}

struct cap_answer caps_take_request(struct caps *caps, const struct address *address,
                                    bool takes_place, uint64_t now_ms)
{
    return take(caps, address, (struct want){.place = takes_place, .request = true}, now_ms);
}

uint32_t caps_note_refusal(struct caps *caps, const struct address *address, uint64_t now_ms)
{
    uint32_t log_count = 0;
    uint8_t key[16];

    make_key(address, key);
    (void)pthread_mutex_lock(&caps->lock);
    struct cap *cap = find(caps, key, now_ms);
    if (cap != NULL) log_count = note_refusal(cap, now_ms);
    (void)pthread_mutex_unlock(&caps->lock);
    return log_count;
}

void caps_give(struct caps *caps, struct cap *cap)
{
    if (cap == NULL) return;
    (void)pthread_mutex_lock(&caps->lock);
    ASSERT(cap->sockets > 0);
    cap->sockets--;
    (void)pthread_mutex_unlock(&caps->lock);
}
