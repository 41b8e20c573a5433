#include "shared/host/tls_tickets.h"

#include <string.h>

#include "shared/bytes.h"
#include "shared/host/digest.h"

static void make_key(struct tls_ticket_key *key, uint64_t now_s)
{
    digest_random(key, sizeof *key);
    key->made_s = now_s;
}

void tls_tickets_init(struct tls_tickets *tickets, struct tls_tickets *from, uint64_t now_s)
{
    (void)pthread_mutex_init(&tickets->lock, NULL);
    if (from == NULL) {
        make_key(&tickets->newest, now_s);
        make_key(&tickets->older, now_s);
        return;
    }
    (void)pthread_mutex_lock(&from->lock);
    tickets->newest = from->newest;
    tickets->older = from->older;
    (void)pthread_mutex_unlock(&from->lock);
}

void tls_tickets_deinit(struct tls_tickets *tickets)
{
    (void)pthread_mutex_destroy(&tickets->lock);
    explicit_bzero(tickets, sizeof *tickets);
}

static void rotate(struct tls_tickets *tickets, uint64_t now_s)
{
    uint64_t age_s = now_s - tickets->newest.made_s;

    if (age_s < TLS_TICKET_KEY_S) return;
    /* After a long time without tickets, neither is fit for any. */
    if (age_s < 2 * TLS_TICKET_KEY_S)
        tickets->older = tickets->newest;
    else
        make_key(&tickets->older, now_s);
    make_key(&tickets->newest, now_s);
}

void tls_tickets_newest(struct tls_tickets *tickets, uint64_t now_s, struct tls_ticket_key *key)
{
    (void)pthread_mutex_lock(&tickets->lock);
    rotate(tickets, now_s);
    *key = tickets->newest;
    (void)pthread_mutex_unlock(&tickets->lock);
}

bool tls_tickets_find(struct tls_tickets *tickets, const uint8_t name[TLS_TICKET_NAME_BYTES],
                      uint64_t now_s, struct tls_ticket_key *key, bool *is_newest)
{
    (void)pthread_mutex_lock(&tickets->lock);
    rotate(tickets, now_s);
    *is_newest = bytes_equal(name, tickets->newest.name, TLS_TICKET_NAME_BYTES);
    bool is_older = bytes_equal(name, tickets->older.name, TLS_TICKET_NAME_BYTES);
    if (*is_newest || is_older) *key = *is_newest ? tickets->newest : tickets->older;
    (void)pthread_mutex_unlock(&tickets->lock);
    return *is_newest || is_older;
}
