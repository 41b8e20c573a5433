#include "tools/bots/swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/host/clock.h"

#define EVENTS_PER_TURN  256
#define TURN_MS_MAX      5
#define LEAVE_US         500000u
#define COMPLAINTS_MAX   5 /* reasons shown */
#define DESCRIPTORS_MORE 64
#define THINK_US_MAX     5000
#define SAMPLE_STRIDE_US 6181 /* the golden section of 10 ms, prime to it */
#define NOT_THERE        INT64_MAX
#define HUGE_PAGE_BYTES  ((size_t)2 << 20)

/* ---- start and end ---- */

static enum result raise_descriptor_limit(uint32_t count, struct error *error)
{
    struct rlimit limit;
    ASSERT(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max >= count + DESCRIPTORS_MORE) return RESULT_OK;
    error->code = RESULT_IO;
    (void)snprintf(error->message, sizeof error->message,
                   "%u bots need %u descriptors, this process may open %llu", count,
                   count + DESCRIPTORS_MORE, (unsigned long long)limit.rlim_max);
    return RESULT_IO;
}

/* Zeroed memory for all bots; NULL: there is none. Small swarms fill no huge page. */
static void *allocate(uint32_t count, size_t each_bytes)
{
    size_t length_bytes = (count * each_bytes + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1);
    if (count * each_bytes < HUGE_PAGE_BYTES) return calloc(count, each_bytes);
    void *memory = aligned_alloc(HUGE_PAGE_BYTES, length_bytes);
    if (memory == NULL) return NULL;
    (void)madvise(memory, length_bytes, MADV_HUGEPAGE);
    return memset(memory, 0, length_bytes);
}

enum result swarm_init(struct swarm *s, const struct options *options, const struct target *target,
                       const volatile sig_atomic_t *stop, struct report *report,
                       struct error *error)
{
    memset(s, 0, sizeof *s);
    s->options = options;
    s->stop = stop;
    s->report = report;
    s->shows_progress = isatty(STDERR_FILENO) == 1;
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    report->count = options->count;
    if (raise_descriptor_limit(options->count, error) != RESULT_OK) goto fail;
    if (bot_shared_init(&s->shared, options, target, report, error) != RESULT_OK) goto fail;
    s->members = allocate(options->count, sizeof *s->members);
    s->lists = allocate(options->count, BOT_ENTITIES_MAX * sizeof *s->lists);
    s->due_us = calloc(options->count, sizeof *s->due_us);
    if (s->members == NULL || s->lists == NULL || s->due_us == NULL || s->epoll_fd < 0) {
        *error = (struct error){.code = RESULT_IO, .message = "no memory for so many bots"};
        goto fail;
    }
    return RESULT_OK;
fail:
    swarm_deinit(s);
    return error->code;
}

void swarm_deinit(struct swarm *s)
{
    for (uint32_t i = 0; s->members != NULL && i < s->started_count; i++) {
        bot_deinit(&s->members[i].bot);
    }
    free(s->members);
    free(s->lists);
    free(s->due_us);
    s->members = NULL;
    s->lists = NULL;
    s->due_us = NULL;
    bot_shared_deinit(&s->shared);
    if (s->epoll_fd >= 0) (void)close(s->epoll_fd);
    s->epoll_fd = -1;
}

/* ---- one member ---- */

static bool is_paced(const struct member *m)
{
    return m->bot.is_slow && m->bot.is_joined;
}

static void complain(struct swarm *s, const struct member *m)
{
    if (s->is_leaving || s->complaint_count++ >= COMPLAINTS_MAX) return;
    fprintf(stderr, "%sbot %u %s: %u %s\n", s->shows_progress ? "\r\033[K" : "", m->bot.number,
            m->bot.was_joined ? "was closed" : "could not join", m->bot.client.close_code,
            m->bot.client.reason);
}

static void note_end(struct swarm *s, struct member *m)
{
    m->is_over = true;
    m->bot.is_joined = false;
    s->over_count++;
    complain(s, m);
    if (!m->bot.was_joined) {
        s->report->failed++;
        s->joining_count--;
    } else if (!s->is_leaving) {
        s->report->closed++;
    }
}

/* Looks at what an event has changed. */
static void settle(struct swarm *s, struct member *m, bool was_joined)
{
    struct client *c = &m->bot.client;
    bool is_there = m->bot.is_joined && c->state != CLIENT_ENDED;
    s->due_us[m - s->members] = is_there ? m->bot.due_us : NOT_THERE;
    if (m->bot.was_joined && !was_joined) s->joining_count--;
    if (c->state == CLIENT_ENDED) {
        if (!m->is_over) note_end(s, m);
        return;
    }
    uint32_t wanted = (uint32_t)EPOLLET | (is_paced(m) ? 0 : (uint32_t)EPOLLIN) |
                      (client_wants_write(c) ? (uint32_t)EPOLLOUT : 0);
    if (wanted == m->watched) return;
    struct epoll_event event = {.events = wanted, .data.ptr = m};
    (void)epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
    m->watched = wanted;
}

static bool is_slow(const struct swarm *s, uint32_t index)
{
    uint32_t percent = s->options->slow_percent;
    return (index + 1) * percent / 100 != index * percent / 100;
}

static void start_member(struct swarm *s, uint32_t index)
{
    struct member *m = &s->members[index];

    m->started_us = s->shared.now_us;
    s->started_count++;
    s->joining_count++;
    bot_start(&m->bot, &s->shared, s->lists + (size_t)index * BOT_ENTITIES_MAX, index + 1,
              is_slow(s, index) ? SWARM_SLOW_BUFFER_BYTES : 0);
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET, .data.ptr = m};
    m->watched = EPOLLOUT | EPOLLET;
    if (m->bot.client.state != CLIENT_ENDED) {
        (void)epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, m->bot.client.fd, &event);
    }
    settle(s, m, false);
}

/* One instant in each 10 ms, at places that fill them evenly: instants exactly 10 ms apart would
 * meet a tick of 50 ms at five of its phases only. */
static uint64_t next_instant(struct swarm *s)
{
    uint64_t slot_us = s->begun_us + s->sample_count * SWARM_SAMPLE_EVERY_US;
    return slot_us + s->sample_count++ * SAMPLE_STRIDE_US % SWARM_SAMPLE_EVERY_US;
}

/* All that it reads of most bots stands in one array: 5000 of them are asked 100 times a second. */
static void sample_ages(struct swarm *s, uint64_t now_us)
{
    struct report *r = s->report;
    for (; s->shared.is_counting && s->sample_us <= now_us; s->sample_us = next_instant(s)) {
        for (uint32_t i = 0; i < s->started_count; i++) {
            if (s->due_us[i] == NOT_THERE) continue;
            int64_t age_us = (int64_t)s->sample_us - s->due_us[i];
            struct report_group *group = is_slow(s, i) ? &r->slow : &r->fast;
            distribution_add(&group->age_us, age_us > 0 ? (uint64_t)age_us : 0);
        }
    }
}

static size_t read_some(struct swarm *s, struct member *m, size_t limit_bytes)
{
    uint64_t before = m->bot.client.received_bytes;
    size_t got = client_read(&m->bot.client, limit_bytes);
    if (s->shared.is_counting) {
        bot_group(&m->bot)->bytes += m->bot.client.received_bytes - before;
    }
    return got;
}

static void handle(struct swarm *s, struct member *m, uint32_t events)
{
    bool was_joined = m->bot.was_joined, is_broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    s->shared.now_us = clock_monotonic_us();
    sample_ages(s, s->shared.now_us);
    if (events & EPOLLOUT || is_broken) client_write(&m->bot.client);
    /* Told at the edge alone: until a read finds less than it could take. */
    if ((events & EPOLLIN && !is_paced(m)) || is_broken) {
        while (read_some(s, m, CLIENT_READ_BYTES) == CLIENT_READ_BYTES) {
        }
    }
    settle(s, m, was_joined);
}

/* ---- what is due between the turns of epoll ---- */

static void start_members(struct swarm *s)
{
    while (s->started_count < s->options->count && s->joining_count < SWARM_JOINING_MAX) {
        start_member(s, s->started_count);
    }
}

static void give_up_late_joins(struct swarm *s)
{
    for (uint32_t i = 0; s->joining_count > 0 && i < s->started_count; i++) {
        struct member *m = &s->members[i];
        bool is_late =
            !m->is_over && !m->bot.was_joined && s->turn_us - m->started_us > SWARM_JOIN_TIMEOUT_US;
        if (!is_late) continue;
        client_deinit(&m->bot.client);
        m->bot.client.state = CLIENT_ENDED;
        (void)snprintf(m->bot.client.reason, sizeof m->bot.client.reason, "not joined in 15 s");
        note_end(s, m);
    }
}

/* How many are due and not sent; what is a whole round late is not made up for. */
static uint64_t inputs_owed(struct swarm *s)
{
    uint64_t count = s->options->count, rate = s->options->rate_hz * count;
    uint64_t owed = (s->turn_us - s->input_us) * rate / 1000000 - s->input_count;
    if (owed <= count) return owed;
    s->input_us += (owed - count) * 1000000 / rate;
    return count;
}

/* The bots' turns are spread evenly over the period. */
static void send_inputs(struct swarm *s)
{
    uint64_t owed = inputs_owed(s);
    if (owed > EVENTS_PER_TURN) owed = EVENTS_PER_TURN;
    for (; owed > 0; owed--) {
        struct member *m = &s->members[s->input_count++ % s->options->count];
        if (!m->bot.is_joined) continue;
        s->shared.now_us = clock_monotonic_us();
        bot_send_input(&m->bot);
        settle(s, m, true);
    }
}

static void read_slowly(struct swarm *s)
{
    uint64_t elapsed_us = s->turn_us - s->pace_us;
    uint64_t more_bytes = elapsed_us * s->options->slow_bytes_per_s / 1000000;
    if (elapsed_us < SWARM_PACE_EVERY_US || s->options->slow_percent == 0) return;
    /* What the rounding took is given back by counting the time from a whole byte. */
    s->pace_us += more_bytes * 1000000 / s->options->slow_bytes_per_s;
    for (uint32_t i = 0; i < s->started_count; i++) {
        struct member *m = &s->members[i];
        if (!is_paced(m)) continue;
        uint64_t most = more_bytes + s->options->slow_bytes_per_s / 10;
        m->allowance_bytes += more_bytes;
        if (m->allowance_bytes > most) m->allowance_bytes = most;
        s->shared.now_us = clock_monotonic_us();
        m->allowance_bytes -= read_some(s, m, (size_t)m->allowance_bytes);
        settle(s, m, true);
    }
}

static void show_progress(struct swarm *s)
{
    const struct report *r = s->report;
    uint64_t elapsed_us = s->turn_us - s->progress_us;
    if (!s->shows_progress || elapsed_us < 1000000) return;
    uint64_t updates = r->fast.updates + r->slow.updates;
    uint32_t joined = r->fast.joined + r->slow.joined;
    uint64_t came = updates - s->progress_updates;
    fprintf(stderr,
            "\r\033[K%s %u of %u  %.1f updates/s each  age p50 %.1f ms p99 %.1f ms  errors %llu"
            "  closed %u",
            s->shared.is_counting ? "measuring" : "joining", joined - r->closed, r->count,
            joined > 0 ? (double)came * 1e6 / (double)elapsed_us / joined : 0,
            (double)distribution_quantile(&r->fast.age_us, 500) / 1000,
            (double)distribution_quantile(&r->fast.age_us, 990) / 1000,
            (unsigned long long)(r->decode_errors + r->hash_errors), r->closed);
    s->progress_us = s->turn_us;
    s->progress_updates = updates;
}

/* ---- turns ---- */

/* A wake-up costs both ends more than an update does: few bots need them, many are woken by time. */
static int wait_ready(struct swarm *s, struct epoll_event events[EVENTS_PER_TURN])
{
    uint64_t rest_us = s->options->count * (uint64_t)SWARM_REST_US_EACH;
    if (rest_us > SWARM_REST_US_MAX) rest_us = SWARM_REST_US_MAX;
    bool rests = rest_us >= SWARM_REST_US_LEAST;
    if (rests && !s->has_more) clock_sleep_until_ns((s->turn_us + rest_us) * 1000);
    int count = epoll_wait(s->epoll_fd, events, EVENTS_PER_TURN, rests ? 0 : TURN_MS_MAX);
    s->has_more = count == EVENTS_PER_TURN;
    return count;
}

static void turn(struct swarm *s)
{
    struct epoll_event events[EVENTS_PER_TURN];
    uint64_t now_us = clock_monotonic_us();
    int64_t think_us =
        s->shared.think_us + (int64_t)((now_us - s->turn_us) * SWARM_THINK_PERCENT / 100);
    s->shared.think_us = think_us < THINK_US_MAX ? think_us : THINK_US_MAX;
    s->turn_us = s->shared.now_us = now_us;
    sample_ages(s, now_us);
    if (!s->is_leaving) {
        start_members(s);
        give_up_late_joins(s);
        send_inputs(s);
    }
    read_slowly(s);
    show_progress(s);

    int count = wait_ready(s, events);
    for (int i = 0; i < count; i++)
        handle(s, events[i].data.ptr, events[i].events);
}

static bool all_are_over(const struct swarm *s)
{
    return s->over_count == s->options->count;
}

static uint64_t cpu_us(void)
{
    struct rusage usage;
    ASSERT(getrusage(RUSAGE_SELF, &usage) == 0);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void measure(struct swarm *s)
{
    s->shared.is_counting = true;
    s->begun_us = clock_monotonic_us();
    s->sample_count = 0;
    s->sample_us = next_instant(s);
    s->begun_cpu_us = cpu_us();
    uint64_t end_us = s->begun_us + (uint64_t)s->options->seconds * 1000000;
    while (!*s->stop && !all_are_over(s) && s->turn_us < end_us)
        turn(s);
    s->report->measured_us = clock_monotonic_us() - s->begun_us;
    s->report->cpu_us = cpu_us() - s->begun_cpu_us;
    s->shared.is_counting = false;
}

static void leave(struct swarm *s)
{
    uint64_t end_us = clock_monotonic_us() + LEAVE_US;
    s->is_leaving = true;
    for (uint32_t i = 0; i < s->started_count; i++) {
        if (s->members[i].is_over) continue;
        s->members[i].bot.is_slow = false;
        client_close(&s->members[i].bot.client, WS_CLOSE_NORMAL);
        settle(s, &s->members[i], true);
    }
    while (!all_are_over(s) && s->turn_us < end_us)
        turn(s);
    if (s->shows_progress) fprintf(stderr, "\r\033[K");
}

void swarm_run(struct swarm *s)
{
    s->turn_us = s->input_us = s->pace_us = s->progress_us = clock_monotonic_us();
    while (!*s->stop && (s->started_count < s->options->count || s->joining_count > 0))
        turn(s);
    if (!*s->stop) measure(s);
    leave(s);
}
