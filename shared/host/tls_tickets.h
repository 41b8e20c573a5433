/* tls_tickets.h - the keys that session tickets are sealed with: two, of which the older one still
 * opens what it sealed.
 *
 * Place:   tls_certificates.c seals and opens tickets with them; the server keeps no session state.
 * Memory:  plain data, shared by the workers behind a lock; wiped at the end. Time is passed in.
 * Source:  RFC 5077 §5.5: a key that leaks opens every session it sealed, so none lasts long.
 */
#ifndef TICKWIRE_SHARED_HOST_TLS_TICKETS_H
#define TICKWIRE_SHARED_HOST_TLS_TICKETS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define TLS_TICKET_KEY_S      (12 * 3600) /* seals so long, and opens so long again */
#define TLS_TICKET_NAME_BYTES 16

struct tls_ticket_key {
    uint8_t name[TLS_TICKET_NAME_BYTES]; /* stands in front of the ticket, for all to see */
    uint8_t cipher[32], mac[32];
    uint64_t made_s;
};

struct tls_tickets {
    pthread_mutex_t lock;
    struct tls_ticket_key newest, older;
};

/* Fresh keys, or those of `from` so that its tickets stay good. */
void tls_tickets_init(struct tls_tickets *tickets, struct tls_tickets *from, uint64_t now_s);
void tls_tickets_deinit(struct tls_tickets *tickets);

/* The key to seal with; a new one when the newest has done its time. */
void tls_tickets_newest(struct tls_tickets *tickets, uint64_t now_s, struct tls_ticket_key *key);

/* The key of that name, false if there is none any more; `is_newest`: else seal anew. */
bool tls_tickets_find(struct tls_tickets *tickets, const uint8_t name[TLS_TICKET_NAME_BYTES],
                      uint64_t now_s, struct tls_ticket_key *key, bool *is_newest);

#endif
