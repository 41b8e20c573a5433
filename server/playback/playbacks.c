#include "server/playback/playbacks.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "server/playback/archive.h"
#include "server/room/frame.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "shared/host/ring.h"
#include "shared/ws_close.h"

#define CONTROLS_CAPACITY 64
#define NEWS_CAPACITY     64
#define FRAMES_WAITING    32
#define LIST_US           1000000 /* how old the list of recordings may be */
#define COUNT_US          10000   /* between two looks at what happened in them */

/* Who has a place: free, then a worker's, then the thread's to clean up. */
enum place_state { PLACE_FREE, PLACE_CLAIMED, PLACE_GIVEN };

struct place {
    struct playbacks *playbacks; /* borrowed */
    _Atomic unsigned state;      /* enum place_state */
    uint32_t worker;
    bool is_counted;
    struct address address;
    struct playback_request request;
    struct ring controls; /* worker to thread */
    struct ring news;     /* thread to worker */

    /* The thread's alone. */
    bool is_open;
    struct playback playback;
};

struct playback_thread {
    struct playbacks *playbacks; /* borrowed */
    uint32_t index;
    pthread_t thread;
    bool is_started;
    int wake_fd;
    struct metrics metrics;
};

struct playbacks {
    struct playbacks_settings settings;
    struct place *places; /* owned; a place's thread is its index modulo PLAYBACK_THREADS */
    struct playback_thread threads[PLAYBACK_THREADS];
    pthread_mutex_t claims; /* held while somebody looks for a place */
    bool has_claims;
    struct archive archive;
    _Atomic bool is_stopping;
};

/* ---- a place's news ---- */

static bool has_place(void *context, enum playback_news_kind kind)
{
    const struct place *place = context;
    size_t limit = kind == PLAYBACK_FRAME ? FRAMES_WAITING : NEWS_CAPACITY - 1;
    return ring_count(&place->news) < limit;
}

static void tell(void *context, const struct playback_news *news)
{
    struct place *place = context;
    struct playbacks *p = place->playbacks;
    bool became_nonempty;
    /* What has no second chance comes once: at most two of them, for which the limits leave room. */
    enum result r = ring_push(&place->news, news, &became_nonempty);
    ASSERT(r == RESULT_OK);
    if (became_nonempty) p->settings.wake(p->settings.wake_context, place->worker);
}

static void drop_news(struct place *place)
{
    struct playback_news news;
    while (ring_pop(&place->news, &news)) {
        if (news.kind == PLAYBACK_FRAME) frame_release(news.frame);
        if (news.kind == PLAYBACK_ABOUT) free(news.about.text);
    }
}

/* ---- the thread's side ---- */

static struct playback_thread *thread_of(const struct place *place)
{
    struct playbacks *p = place->playbacks;
    return &p->threads[(size_t)(place - p->places) % PLAYBACK_THREADS];
}

static void refuse(struct place *place, unsigned code, const char *reason)
{
    struct playback_news news = {.kind = PLAYBACK_ENDED, .ended = {.code = (uint16_t)code}};
    (void)snprintf(news.ended.reason, sizeof news.ended.reason, "%s", reason);
    place->playback.is_over = true;
    tell(place, &news);
}

static void open_place(struct place *place, uint64_t now_us, const struct playback_sink *sink)
{
    const struct playbacks_settings *settings = &place->playbacks->settings;
    struct playback_request *request = &place->request;
    char path[PATH_MAX];
    place->is_open = true;
    place->playback = (struct playback){0};
    if (request->id[0] == '\0' &&
        archive_find_running(&place->playbacks->archive, request->room, request->id) != RESULT_OK) {
        refuse(place, WS_CLOSE_NO_ROOM, "there is no recording of this match");
        return;
    }
    int length =
        snprintf(path, sizeof path, "%s/%s%s", settings->dir, request->id, RECORDING_SUFFIX);
    bool fits = length > 0 && (size_t)length < sizeof path;
    if (!fits || access(path, F_OK) != 0) {
        refuse(place, WS_CLOSE_NO_ROOM, "there is no such recording");
        return;
    }
    struct playback_start start = {.id = request->id,
                                   .path = path,
                                   .tick = request->tick,
                                   .speed = request->speed,
                                   .is_paused = request->is_paused,
                                   .delay_ms = settings->delay_ms,
                                   .idle_ms = settings->idle_ms};
    playback_open(&place->playback, &start, now_us, clock_wall_ms(), sink);
}

static void close_place(struct place *place)
{
    struct message_control control;
    struct playback_thread *t = thread_of(place);
    drop_news(place);
    while (ring_pop(&place->controls, &control))
        continue;
    if (place->is_open) {
        playback_close(&place->playback);
        metrics_add(&t->metrics, METRIC_PLAYBACKS_ENDED, 1);
    }
    place->is_open = false;
    atomic_store_explicit(&place->state, PLACE_FREE, memory_order_release);
}

/* Does what is due for one watcher. Returns when there is more. */
static uint64_t run_place(struct playback_thread *t, struct place *place)
{
    const struct playback_sink sink = {.context = place, .has_place = has_place, .tell = tell};
    unsigned state = atomic_load_explicit(&place->state, memory_order_acquire);
    uint64_t now_us = clock_monotonic_us();
    struct message_control control;
    if (state == PLACE_FREE) return UINT64_MAX;
    if (state == PLACE_GIVEN) {
        close_place(place);
        return UINT64_MAX;
    }
    if (!place->is_open) {
        open_place(place, now_us, &sink);
        metrics_add(&t->metrics, METRIC_PLAYBACKS_STARTED, 1);
    }
    while (ring_pop(&place->controls, &control))
        playback_apply(&place->playback, &control, now_us);
    return playback_turn(&place->playback, now_us, clock_wall_ms(), &sink);
}

static void sleep_until(const struct playback_thread *t, uint64_t due_us)
{
    struct pollfd wake = {.fd = t->wake_fd, .events = POLLIN};
    uint64_t now_us = clock_monotonic_us(), count;
    uint64_t wait_us = due_us > now_us ? due_us - now_us : 0;
    struct timespec wait = {.tv_sec = (time_t)(wait_us / 1000000),
                            .tv_nsec = (long)(wait_us % 1000000 * 1000)};
    if (ppoll(&wake, 1, &wait, NULL) > 0) (void)!read(t->wake_fd, &count, sizeof count);
}

static void *run(void *context)
{
    struct playback_thread *t = context;
    struct playbacks *p = t->playbacks;
    uint64_t list_us = 0;
    while (!atomic_load_explicit(&p->is_stopping, memory_order_relaxed)) {
        if (t->index == 0 && clock_monotonic_us() >= list_us) {
            archive_refresh(&p->archive);
            list_us = clock_monotonic_us() + LIST_US;
        }
        bool counts = t->index == 0 && archive_count_marks(&p->archive);
        uint64_t due_us = clock_monotonic_us() + (counts ? COUNT_US : LIST_US);
        for (uint32_t i = t->index; i < p->settings.playbacks_max; i += PLAYBACK_THREADS) {
            uint64_t place_us = run_place(t, &p->places[i]);
            if (place_us < due_us) due_us = place_us;
        }
        sleep_until(t, due_us);
    }
    return NULL;
}

/* ---- making and ending ---- */

static enum result make_places(struct playbacks *p)
{
    size_t count = p->settings.playbacks_max;
    /* Rings lie on cache lines of their own. */
    p->places = aligned_alloc(CACHE_LINE_BYTES, (count > 0 ? count : 1) * sizeof *p->places);
    if (p->places == NULL) return RESULT_IO;
    memset(p->places, 0, (count > 0 ? count : 1) * sizeof *p->places);
    for (size_t i = 0; i < count; i++) {
        struct place *place = &p->places[i];
        place->playbacks = p;
        if (ring_init(&place->controls, CONTROLS_CAPACITY, sizeof(struct message_control)) !=
                RESULT_OK ||
            ring_init(&place->news, NEWS_CAPACITY, sizeof(struct playback_news)) != RESULT_OK)
            return RESULT_IO;
    }
    return RESULT_OK;
}

enum result playbacks_create(struct playbacks **playbacks,
                             const struct playbacks_settings *settings, struct error *error)
{
    struct playbacks *p = calloc(1, sizeof *p);
    *playbacks = p;
    if (p == NULL) return error_set(error, RESULT_IO, "no memory for playbacks");
    p->settings = *settings;
    for (uint32_t i = 0; i < PLAYBACK_THREADS; i++)
        p->threads[i] = (struct playback_thread){.playbacks = p, .index = i, .wake_fd = -1};
    if (archive_init(&p->archive, settings->dir, error) != RESULT_OK) goto fail;
    p->has_claims = pthread_mutex_init(&p->claims, NULL) == 0;
    if (!p->has_claims || make_places(p) != RESULT_OK) {
        (void)error_set(error, RESULT_IO, "no memory for %u playbacks", settings->playbacks_max);
        goto fail;
    }
    for (uint32_t i = 0; i < PLAYBACK_THREADS; i++) {
        p->threads[i].wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (p->threads[i].wake_fd >= 0) continue;
        (void)error_set(error, RESULT_IO, "eventfd: %s", strerror(errno));
        goto fail;
    }
    return RESULT_OK;
fail:
    playbacks_destroy(p);
    *playbacks = NULL;
    return error->code;
}

enum result playbacks_start(struct playbacks *p, struct error *error)
{
    for (uint32_t i = 0; i < PLAYBACK_THREADS; i++) {
        struct playback_thread *t = &p->threads[i];
        char name[16];
        errno = pthread_create(&t->thread, NULL, run, t);
        if (errno != 0) return error_set(error, RESULT_IO, "playback thread: %s", strerror(errno));
        t->is_started = true;
        (void)snprintf(name, sizeof name, "playback-%u", i);
        (void)pthread_setname_np(t->thread, name);
    }
    return RESULT_OK;
}

static void wake_thread(const struct playback_thread *t)
{
    uint64_t one = 1;
    /* It can only fail when the counter is full, and then the thread is awake anyway. */
    (void)!write(t->wake_fd, &one, sizeof one);
}

void playbacks_stop(struct playbacks *p)
{
    atomic_store(&p->is_stopping, true);
    for (uint32_t i = 0; i < PLAYBACK_THREADS; i++) {
        struct playback_thread *t = &p->threads[i];
        if (!t->is_started) continue;
        wake_thread(t);
        (void)pthread_join(t->thread, NULL);
        t->is_started = false;
    }
}

void playbacks_destroy(struct playbacks *p)
{
    if (p == NULL) return;
    for (uint32_t i = 0; p->places != NULL && i < p->settings.playbacks_max; i++) {
        struct place *place = &p->places[i];
        if (atomic_load(&place->state) != PLACE_FREE) close_place(place);
        ring_deinit(&place->controls);
        ring_deinit(&place->news);
    }
    for (uint32_t i = 0; i < PLAYBACK_THREADS; i++) {
        ASSERT(!p->threads[i].is_started);
        if (p->threads[i].wake_fd >= 0) (void)close(p->threads[i].wake_fd);
    }
    if (p->has_claims) (void)pthread_mutex_destroy(&p->claims);
    archive_deinit(&p->archive);
    free(p->places);
    free(p);
}

const struct metrics *playbacks_metrics(const struct playbacks *p, uint32_t thread)
{
    ASSERT(thread < PLAYBACK_THREADS);
    return &p->threads[thread].metrics;
}

size_t playbacks_write_list(struct playbacks *p, const char *before, char *text,
                            size_t capacity_bytes)
{
    return archive_write(&p->archive, before, text, capacity_bytes);
}

bool playback_id_is_valid(const char *id)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_";
    size_t length = strlen(id);
    return length > 0 && length < RECORDING_ID_BYTES && strspn(id, allowed) == length;
}

/* ---- the workers' side ---- */

/* Looks for a place, and counts those of the same address. Returns the index, or why not. */
static enum result find_place(const struct playbacks *p, const struct address *address,
                              uint32_t *index)
{
    uint32_t same_count = 0;
    bool is_found = false;
    for (uint32_t i = 0; i < p->settings.playbacks_max; i++) {
        const struct place *place = &p->places[i];
        if (atomic_load_explicit(&place->state, memory_order_acquire) == PLACE_FREE) {
            if (!is_found) *index = i;
            is_found = true;
        } else if (address != NULL && place->is_counted) {
            same_count += address_is_same_ip(&place->address, address);
        }
    }
    if (address != NULL && same_count >= p->settings.address_max) return RESULT_TOO_BIG;
    return is_found ? RESULT_OK : RESULT_FULL;
}

static void wake_thread_of(struct playbacks *p, uint32_t index)
{
    wake_thread(thread_of(&p->places[index]));
}

enum result playbacks_claim(struct playbacks *p, uint32_t worker, const struct address *address,
                            const struct playback_request *request, uint32_t *index)
{
    ASSERT(worker < p->settings.worker_count);
    (void)pthread_mutex_lock(&p->claims);
    enum result r = find_place(p, address, index);
    if (r == RESULT_OK) {
        struct place *place = &p->places[*index];
        place->worker = worker;
        place->request = *request;
        place->is_counted = address != NULL;
        if (address != NULL) place->address = *address;
        atomic_store_explicit(&place->state, PLACE_CLAIMED, memory_order_release);
    }
    (void)pthread_mutex_unlock(&p->claims);
    if (r == RESULT_OK) wake_thread_of(p, *index);
    return r;
}

enum result playbacks_post(struct playbacks *p, uint32_t index,
                           const struct message_control *control)
{
    enum result r = ring_push(&p->places[index].controls, control, NULL);
    if (r == RESULT_OK) wake_thread_of(p, index);
    return r;
}

bool playbacks_take(struct playbacks *p, uint32_t index, struct playback_news *news)
{
    return ring_pop(&p->places[index].news, news);
}

void playbacks_give(struct playbacks *p, uint32_t index)
{
    drop_news(&p->places[index]);
    atomic_store_explicit(&p->places[index].state, PLACE_GIVEN, memory_order_release);
    wake_thread_of(p, index);
}
