#include "client/sdl/room_query.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/sdl/fetch.h"

struct room_query {
    struct fetch *fetch; /* owned */
    char host[sizeof((struct url *)0)->authority];
    char address[sizeof((struct url *)0)->authority + 16];
    bool is_asking;
    uint64_t next_ms; /* when to ask again */
    struct room_list list;
};

struct room_query *room_query_create(const struct url *server, const char *ca_file)
{
    struct room_query *q = calloc(1, sizeof *q);
    if (q == NULL) return NULL;

    q->fetch = fetch_create(ca_file);
    if (q->fetch == NULL) {
        free(q);
        return NULL;
    }
    (void)snprintf(q->host, sizeof q->host, "%s", server->authority);
    (void)snprintf(q->address, sizeof q->address, "%s://%s/rooms",
                   server->is_secure ? "https" : "http", server->authority);
    return q;
}

void room_query_destroy(struct room_query *q)
{
    if (q == NULL) return;
    fetch_destroy(q->fetch);
    free(q);
}

static void take_answer(struct room_query *q)
{
    size_t length_bytes;
    const char *body = fetch_body(q->fetch, &length_bytes);

    room_list_take(&q->list, q->host, fetch_status(q->fetch), body, length_bytes);
}

static void take_failure(struct room_query *q)
{
    char sentence[ENDING_SENTENCE_BYTES];

    ending_describe(fetch_ending(q->fetch), q->host, sentence);
    room_list_fail(&q->list, sentence);
}

const struct room_list *room_query_step(struct room_query *q, uint64_t now_ms)
{
    if (!q->is_asking) {
        if (now_ms < q->next_ms) return NULL;
        q->is_asking = fetch_start(q->fetch, q->address);
        q->next_ms = now_ms + ROOM_QUERY_PAUSE_MS;
        return NULL;
    }
    enum fetch_state state = fetch_step(q->fetch);
    if (state == FETCH_RUNNING) return NULL;
    if (state == FETCH_ANSWERED)
        take_answer(q);
    else
        take_failure(q);
    q->is_asking = false;
    q->next_ms = now_ms + ROOM_QUERY_PAUSE_MS;
    return &q->list;
}
