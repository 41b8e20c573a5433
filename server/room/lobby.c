#include "server/room/lobby.h"

#include <stdlib.h>
#include <string.h>

#include "server/config.h"
#include "server/room/rooms_state.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"

enum result lobby_init(struct lobby *l, size_t fixed_count, size_t capacity)
{
    ASSERT(fixed_count <= capacity);
    *l = (struct lobby){.fixed_count = fixed_count, .capacity = capacity};
    if (pthread_mutex_init(&l->lock, NULL) != 0) return RESULT_IO;
    l->places = calloc(capacity, sizeof *l->places);
    if (l->places != NULL) return RESULT_OK;
    (void)pthread_mutex_destroy(&l->lock);
    return RESULT_IO;
}

void lobby_deinit(struct lobby *l)
{
    if (l->places != NULL) (void)pthread_mutex_destroy(&l->lock);
    free(l->places);
    *l = (struct lobby){0};
}

struct lobby_place *lobby_take(struct lobby *l, const char *name)
{
    for (size_t i = 0; i < l->capacity; i++) {
        struct lobby_place *place = &l->places[i];
        if (place->state != PLACE_FREE) continue;
        *place = (struct lobby_place){.state = PLACE_OPEN};
        bytes_copy(place->name, name, strlen(name) + 1);
        return place;
    }
    return NULL;
}

size_t lobby_find(const struct lobby *l, const char *name)
{
    size_t i = 0;
    while (i < l->capacity &&
           (l->places[i].state != PLACE_OPEN || strcmp(l->places[i].name, name) != 0))
        i++;
    return i;
}

static void lock(struct lobby *l)
{
    int failed = pthread_mutex_lock(&l->lock);
    ASSERT(failed == 0);
}

static void unlock(struct lobby *l)
{
    int failed = pthread_mutex_unlock(&l->lock);
    ASSERT(failed == 0);
}

/* ---- on workers ---- */

static enum result make_room(struct rooms *r, const char *name, size_t *index)
{
    struct error error;
    if (!r->has_template || !config_is_name(name)) return RESULT_INVALID;
    struct lobby_place *place = lobby_take(&r->lobby, name);
    if (place == NULL) return RESULT_FULL;
    *index = (size_t)(place - r->lobby.places);
    struct room_settings settings = r->template;
    settings.name = place->name;
    settings.seed = room_seed(r->seed, r->made_count);
    if (rooms_make(r, *index, &settings, &error) == RESULT_OK) return RESULT_OK;
    place->state = PLACE_FREE;
    return RESULT_FULL; /* of memory */
}

enum result rooms_enter(struct rooms *r, const char *name, struct room **room, bool *is_new)
{
    enum result result = RESULT_OK;
    *room = NULL;
    *is_new = false;
    lock(&r->lobby);
    size_t index = name[0] == '\0' ? 0 : lobby_find(&r->lobby, name);
    if (index == r->lobby.capacity) {
        result = make_room(r, name, &index);
        *is_new = result == RESULT_OK;
    }
    if (result == RESULT_OK) {
        r->lobby.places[index].session_count++;
        *room = &r->items[index];
    }
    unlock(&r->lobby);
    return result;
}

void rooms_leave(struct room *room)
{
    struct lobby *l = &room->rooms->lobby;
    struct lobby_place *place = &l->places[room->index];
    lock(l);
    ASSERT(place->state == PLACE_OPEN && place->session_count > 0);
    place->session_count--;
    unlock(l);
}

void rooms_visit(struct rooms *r, void (*visit)(void *context, const struct room *room),
                 void *context)
{
    lock(&r->lobby);
    for (size_t i = 0; i < r->lobby.capacity; i++) {
        if (r->lobby.places[i].state == PLACE_OPEN) visit(context, &r->items[i]);
    }
    unlock(&r->lobby);
}

/* ---- on room threads ---- */

static bool is_over(struct room_thread *t, const struct room *room, struct lobby_place *place,
                    uint64_t now_us)
{
    bool is_empty = place->session_count == 0 && !room_is_wanted(room);
    if (!is_empty || room->index < t->rooms->lobby.fixed_count) {
        place->empty_since_us = 0;
        return false;
    }
    if (place->empty_since_us == 0) place->empty_since_us = now_us;
    return now_us - place->empty_since_us >= t->rooms->keep_us;
}

/* Frees the room if nothing of it is in anybody's hands any more. */
static bool try_free(struct room_thread *t, struct room *room, struct lobby_place *place)
{
    room_thread_retire(t, room);
    if (!room_is_idle(room)) return false;
    room_deinit(room);
    place->state = PLACE_FREE;
    metrics_add(&t->metrics, METRIC_ROOMS_FREED, 1);
    return true;
}

/* Returns whether it freed the room. */
static bool tend_place(struct room_thread *t, size_t index, uint64_t now_us, bool is_drained)
{
    struct room *room = &t->rooms->items[index];
    struct lobby_place *place = &t->rooms->lobby.places[index];
    if (place->state == PLACE_OPEN) {
        if (is_over(t, room, place, now_us))
            place->state = PLACE_ENDING;
        else if (room->settings.stays_awake)
            room_thread_wake(t, room, now_us);
    } else if (place->state == PLACE_ENDING && is_drained) {
        return try_free(t, room, place);
    }
    return false;
}

void lobby_tend(struct room_thread *t, uint64_t now_us, bool is_drained)
{
    struct lobby *l = &t->rooms->lobby;
    if (now_us < t->look_due_us || pthread_mutex_trylock(&l->lock) != 0) return;
    t->look_due_us = now_us + LOBBY_LOOK_EVERY_US;
    unsigned freed_count = 0;
    for (unsigned n = 0; n < LOBBY_LOOK_PLACES && freed_count < LOBBY_FREED_MAX; n++) {
        size_t index = t->look_index;
        t->look_index += t->rooms->thread_count;
        if (t->look_index >= l->capacity) t->look_index = t->index;
        freed_count += tend_place(t, index, now_us, is_drained);
    }
    unlock(l);
}
