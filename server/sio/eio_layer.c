#include "server/sio/eio_layer.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/host/error.h"

enum result eio_layer_init(struct eio_layer *layer, struct net *net, struct caps *poll_caps,
                           size_t capacity, size_t owner_bytes, struct error *error)
{
    layer->net = net;
    layer->poll_caps = poll_caps;
    layer->bucket_count = 64;
    while (layer->bucket_count < capacity)
        layer->bucket_count *= 2;
    layer->buckets = calloc(layer->bucket_count, sizeof(struct eio_session *));
    if (layer->buckets == NULL)
        return error_set(error, RESULT_IO, "no memory for Engine.IO sessions");
    if (pool_init(&layer->owners, owner_bytes, capacity, error) != RESULT_OK) return error->code;
    return pool_init(&layer->sessions, sizeof(struct eio_session), capacity, error);
}

static void free_over(struct eio_layer *layer)
{
    while (layer->over != NULL) {
        struct eio_session *s = layer->over;
        layer->over = s->next_over;
        pool_give(&layer->sessions, s);
    }
    while (layer->retired != NULL) {
        void *owner = layer->retired;
        bytes_copy(&layer->retired, owner, sizeof layer->retired);
        pool_give(&layer->owners, owner);
    }
}

void eio_layer_retire_owner(struct eio_layer *layer, void *owner)
{
    bytes_copy(owner, &layer->retired, sizeof layer->retired);
    layer->retired = owner;
}

void eio_layer_deinit(struct eio_layer *layer)
{
    layer->dirty = NULL;
    while (layer->live != NULL)
        eio_layer_drop(layer, layer->live);
    if (layer->buckets != NULL) free_over(layer);
    free(layer->buckets);
    layer->buckets = NULL;
    pool_deinit(&layer->sessions);
    pool_deinit(&layer->owners);
}

static struct eio_session **bucket_of(const struct eio_layer *layer, const struct eio_id *id)
{
    uint64_t word;

    bytes_copy(&word, id->secret, sizeof word);
    return &layer->buckets[word & (layer->bucket_count - 1)];
}

struct eio_session *eio_layer_take(struct eio_layer *layer, const struct eio_service *service)
{
    struct eio_session *s = pool_take(&layer->sessions);
    if (s == NULL) return NULL;

    bytes_zero(s, sizeof *s);
    s->layer = layer;
    s->service = service;
    eio_id_make(&s->id, layer->worker);
    struct eio_session **bucket = bucket_of(layer, &s->id);
    s->next_in_bucket = *bucket;
    *bucket = s;
    s->next_live = layer->live;
    if (layer->live != NULL) layer->live->previous_live = s;
    layer->live = s;
    return s;
}

/* Secrets are compared as such. */
struct eio_session *eio_layer_find(const struct eio_layer *layer, const struct eio_id *id)
{
    struct eio_session *s = *bucket_of(layer, id);

    if (id->worker != layer->worker) return NULL;
    while (s != NULL && !digest_is_equal(s->id.secret, id->secret, sizeof id->secret))
        s = s->next_in_bucket;
    return s;
}

void eio_layer_drop(struct eio_layer *layer, struct eio_session *s)
{
    struct eio_session **place = bucket_of(layer, &s->id);

    while (*place != s)
        place = &(*place)->next_in_bucket;
    *place = s->next_in_bucket;
    if (s->next_live != NULL) s->next_live->previous_live = s->previous_live;
    if (s->previous_live != NULL)
        s->previous_live->next_live = s->next_live;
    else
        layer->live = s->next_live;
    timers_cancel(&layer->net->timers, &s->timer);
    pollq_deinit(&s->pollq, &layer->net->blocks);
    caps_give(layer->poll_caps, s->cap);
    s->cap = NULL;
    s->state = EIO_STATE_OVER;
    s->next_over = layer->over;
    layer->over = s;
}

void eio_layer_note_news(struct eio_layer *layer, struct eio_session *s)
{
    if (s->is_dirty) return;
    s->is_dirty = true;
    s->next_dirty = layer->dirty;
    layer->dirty = s;
}

void eio_layer_turn_end(struct eio_layer *layer)
{
    while (layer->dirty != NULL) {
        struct eio_session *s = layer->dirty;
        layer->dirty = s->next_dirty;
        s->is_dirty = false;
        eio_session_flush(s);
    }
    free_over(layer);
}

void eio_layer_drain(struct eio_layer *layer)
{
    for (struct eio_session *s = layer->live, *next; s != NULL; s = next) {
        next = s->next_live;
        if (s->state == EIO_STATE_OPEN) s->service->handler->drain(s);
    }
}
