/* playbacks.h - the threads that read recordings for watchers, and what workers see of them.
 *
 * Place:   stage.c makes them for a server that records; a session claims a playback, posts what
 *          its watcher asks, takes news when its worker is woken, and gives it back. The threads
 *          alone touch the disk, and list the folder for /api/recordings.
 * Full:    claims beyond playbacks_max, or an address's share, are refused. Per playback a ring of
 *          64 controls (more are refused) and one of 64 news (half of it for frames: one that
 *          finds no place is made anew, newer, when there is one).
 * Threads: a claimed playback belongs to one worker; each is run by one of PLAYBACK_THREADS.
 */
#ifndef TICKWIRE_SERVER_PLAYBACK_PLAYBACKS_H
#define TICKWIRE_SERVER_PLAYBACK_PLAYBACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/address.h"
#include "server/ops/metrics.h"
#include "server/playback/playback.h"
#include "server/record/recording.h"
#include "shared/result.h"

#define PLAYBACK_THREADS 2

struct playbacks;

struct playbacks_settings {
    const char *dir;        /* borrowed */
    uint32_t playbacks_max; /* at once */
    uint32_t address_max;   /* of these, for one address */
    uint32_t delay_ms, idle_ms;
    uint32_t worker_count;
    void (*wake)(void *context, uint32_t worker);
    void *wake_context;
};

/* Which recording, and how it begins. */
struct playback_request {
    char id[RECORDING_ID_BYTES]; /* "": the one being written of `room` */
    char room[ROOM_NAME_BYTES_MAX + 1];
    uint32_t tick; /* 0: the first */
    int8_t speed;
    bool is_paused;
};

enum result playbacks_create(struct playbacks **playbacks,
                             const struct playbacks_settings *settings, struct error *error);
enum result playbacks_start(struct playbacks *p, struct error *error);
void playbacks_stop(struct playbacks *p);    /* joins the threads; after the workers' end */
void playbacks_destroy(struct playbacks *p); /* accepts NULL */

const struct metrics *playbacks_metrics(const struct playbacks *p, uint32_t thread);

/* The list for /api/recordings: archive_write(). From any thread. */
size_t playbacks_write_list(struct playbacks *p, const char *before, char *text,
                            size_t capacity_bytes);

/* Whether this can be a recording's id: it becomes part of a path. */
bool playback_id_is_valid(const char *id);

/* -- for a worker, on its own thread -- */

/* Begins one. RESULT_FULL: all are taken; RESULT_TOO_BIG: this address has its share (`address`
 * NULL: it is not counted). Its first news is PLAYBACK_OPENED or PLAYBACK_ENDED. */
enum result playbacks_claim(struct playbacks *p, uint32_t worker, const struct address *address,
                            const struct playback_request *request, uint32_t *index);

/* RESULT_FULL: too many wait. */
enum result playbacks_post(struct playbacks *p, uint32_t index,
                           const struct message_control *control);

bool playbacks_take(struct playbacks *p, uint32_t index, struct playback_news *news);

/* Ends it. Every frame that was taken has been released, and its room is not looked at again. */
void playbacks_give(struct playbacks *p, uint32_t index);

#endif
