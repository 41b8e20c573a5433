/* bare.c - the floor under a server's figures: so many bytes to each client at each tick, so many
 * back from each, by epoll, send() and recv(), and nothing else.
 *
 *     bare --count 200 --seconds 10 --down 64 --up 27 [--pin]
 *
 * The server is a process of its own, so that its CPU is not the clients'. Prints one JSON object:
 * updates delivered a second, and the server's CPU by getrusage(), user and system, per update.
 * Clients send at TICK_HZ (--up-hz N: at that rate), their turns spread evenly over the tick; they rest between turns, and a
 * core that is too slow for them reads and sends by turns, all as tickwire-bots do. --pin puts the
 * server on core 0 and the clients on core 1.
 *
 * Rules:   a tick sends to every client whose socket takes the whole update, else that client's
 *          update is held; ticks that come too late are left out.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/limits.h"

#define TICK_NS       (TICK_MS * UINT64_C(1000000))
#define UPDATE_MAX    4096
#define READ_BYTES    65536
#define EVENTS_A_TURN 256
#define SETTLE_NS     UINT64_C(1000000000) /* between the last connect and the measuring */
#define LOAD_WAIT_MS  5                    /* between two looks at whose input is due */
#define REST_US_LEAST 200                  /* between two turns, 1 µs for each client, */
#define REST_US_MAX   2000                 /* as tickwire-bots rest */
#define CLIENTS_MAX   20000u

struct plan {
    uint32_t count, seconds, down_bytes, up_bytes;
    uint32_t up_hz; /* messages of each client in a second */
    bool pin;
};

/* What the server tells, once a tick: read by the other process. */
struct told {
    _Atomic uint16_t port;
    _Atomic uint64_t sent, held, received_bytes;
    _Atomic uint64_t late_ticks;
    _Atomic uint64_t user_us, system_us;
};

static uint8_t buffer[READ_BYTES]; /* what is received, and zeros to send */

static void fail(const char *what)
{
    fprintf(stderr, "bare: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void pin_to(const struct plan *p, size_t core)
{
    cpu_set_t set;
    if (!p->pin) return;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) fail("--pin");
}

static void set_no_delay(int fd)
{
    int yes = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void watch(int epoll_fd, int fd, uint32_t index)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

/* ---- the server ---- */

struct server {
    const struct plan *plan;
    struct told *told;
    int listen_fd, epoll_fd;
    int *fds; /* by client */
    uint32_t count;
    uint64_t sent, held, received_bytes, late_ticks;
};

static int open_port(struct told *told)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 4096) != 0)
        fail("listen");
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) fail("getsockname");
    atomic_store(&told->port, ntohs(address.sin_port));
    return fd;
}

static void accept_all(struct server *s)
{
    for (s->count = 0; s->count < s->plan->count; s->count++) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) fail("accept");
        set_no_delay(fd);
        watch(s->epoll_fd, fd, s->count);
        s->fds[s->count] = fd;
    }
}

/* Whatever is less than the whole update is as good as none: these are smaller than any buffer. */
static void send_update(struct server *s, int fd)
{
    ssize_t length = (ssize_t)s->plan->down_bytes;
    if (send(fd, buffer, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) == length)
        s->sent++;
    else
        s->held++;
}

static void tell(const struct server *s)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) fail("getrusage");
    atomic_store(&s->told->sent, s->sent);
    atomic_store(&s->told->held, s->held);
    atomic_store(&s->told->received_bytes, s->received_bytes);
    atomic_store(&s->told->late_ticks, s->late_ticks);
    atomic_store(&s->told->user_us,
                 (uint64_t)usage.ru_utime.tv_sec * 1000000 + (uint64_t)usage.ru_utime.tv_usec);
    atomic_store(&s->told->system_us,
                 (uint64_t)usage.ru_stime.tv_sec * 1000000 + (uint64_t)usage.ru_stime.tv_usec);
}

static void read_until(struct server *s, uint64_t due_ns)
{
    struct epoll_event events[EVENTS_A_TURN];
    for (;;) {
        uint64_t now_ns = clock_monotonic_ns();
        if (now_ns >= due_ns) return;
        struct timespec wait = {.tv_nsec = (long)(due_ns - now_ns)};
        int count = epoll_pwait2(s->epoll_fd, events, EVENTS_A_TURN, &wait, NULL);
        for (int i = 0; i < count; i++) {
            ssize_t got = recv(s->fds[events[i].data.u32], buffer, READ_BYTES, 0);
            if (got == 0) exit(EXIT_SUCCESS); /* the clients are gone */
            if (got > 0) s->received_bytes += (uint64_t)got;
        }
    }
}

static void serve(const struct plan *plan, struct told *told)
{
    struct server s = {.plan = plan, .told = told, .fds = calloc(plan->count, sizeof(int))};
    pin_to(plan, 0);
    s.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (s.fds == NULL || s.epoll_fd < 0) fail("memory");
    s.listen_fd = open_port(told);
    accept_all(&s);

    for (uint64_t due_ns = clock_monotonic_ns() + TICK_NS;; due_ns += TICK_NS) {
        read_until(&s, due_ns);
        for (uint32_t i = 0; i < s.count; i++)
            send_update(&s, s.fds[i]);
        tell(&s);
        for (; clock_monotonic_ns() >= due_ns + TICK_NS; due_ns += TICK_NS)
            s.late_ticks++;
    }
}

/* ---- the clients ---- */

struct load {
    const struct plan *plan;
    int epoll_fd;
    int *fds;
    uint64_t begun_ns;
    uint64_t input_count; /* number n is due at client n modulo the count of clients */
    uint64_t received_bytes;
    bool has_more; /* the last turn left sockets that are ready */
};

static int connect_one(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    set_no_delay(fd);
    return fd;
}

static void send_inputs(struct load *l, uint64_t now_ns)
{
    uint64_t count = l->plan->count, rate = l->plan->up_hz * count;
    uint64_t owed = (now_ns - l->begun_ns) / 1000 * rate / 1000000 - l->input_count;
    if (owed > count) { /* too late for those */
        l->begun_ns += (owed - count) * 1000000000 / rate;
        owed = count;
    }
    if (owed > EVENTS_A_TURN) owed = EVENTS_A_TURN;
    for (; owed > 0; owed--)
        (void)send(l->fds[l->input_count++ % count], buffer, l->plan->up_bytes,
                   MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int wait_ready(struct load *l, struct epoll_event events[EVENTS_A_TURN], uint64_t turn_ns)
{
    uint64_t rest_us = l->plan->count < REST_US_MAX ? l->plan->count : REST_US_MAX;
    bool rests = rest_us >= REST_US_LEAST;
    if (rests && !l->has_more) clock_sleep_until_ns(turn_ns + rest_us * 1000);
    int count = epoll_wait(l->epoll_fd, events, EVENTS_A_TURN, rests ? 0 : LOAD_WAIT_MS);
    l->has_more = count == EVENTS_A_TURN;
    return count;
}

static void run_until(struct load *l, uint64_t end_ns)
{
    struct epoll_event events[EVENTS_A_TURN];
    for (uint64_t now_ns = clock_monotonic_ns(); now_ns < end_ns; now_ns = clock_monotonic_ns()) {
        send_inputs(l, now_ns);
        int count = wait_ready(l, events, now_ns);
        for (int i = 0; i < count; i++) {
            ssize_t got = recv(l->fds[events[i].data.u32], buffer, READ_BYTES, MSG_DONTWAIT);
            if (got == 0) fail("the server is gone");
            if (got > 0) l->received_bytes += (uint64_t)got;
        }
    }
}

static void print(const struct plan *p, const struct told *before, const struct told *after,
                  uint64_t updates, double seconds)
{
    double sent = (double)(after->sent - before->sent);
    double user_us = (double)(after->user_us - before->user_us) / sent;
    double system_us = (double)(after->system_us - before->system_us) / sent;
    printf("{\"clients\":%u,\"down_bytes\":%u,\"up_bytes\":%u,\"seconds\":%.2f,"
           "\"updates_per_s\":%.1f,\"sent\":%.0f,\"held\":%llu,\"late_ticks\":%llu,"
           "\"received_bytes_per_s\":%.0f,\"user_us\":%.3f,\"system_us\":%.3f,\"cpu_us\":%.3f}\n",
           p->count, p->down_bytes, p->up_bytes, seconds, (double)updates / seconds, sent,
           (unsigned long long)(after->held - before->held),
           (unsigned long long)(after->late_ticks - before->late_ticks),
           (double)(after->received_bytes - before->received_bytes) / seconds, user_us, system_us,
           user_us + system_us);
}

static void load(const struct plan *plan, const struct told *told)
{
    struct load l = {.plan = plan, .fds = calloc(plan->count, sizeof(int))};
    pin_to(plan, 1);
    l.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (l.fds == NULL || l.epoll_fd < 0) fail("memory");
    while (atomic_load(&told->port) == 0)
        clock_sleep_until_ns(clock_monotonic_ns() + TICK_NS / 10);
    for (uint32_t i = 0; i < plan->count; i++) {
        l.fds[i] = connect_one(atomic_load(&told->port));
        watch(l.epoll_fd, l.fds[i], i);
    }
    l.begun_ns = clock_monotonic_ns();
    run_until(&l, l.begun_ns + SETTLE_NS);

    struct told before = *told;
    uint64_t start_ns = clock_monotonic_ns(), start_bytes = l.received_bytes;
    run_until(&l, start_ns + plan->seconds * UINT64_C(1000000000));
    struct told after = *told;
    print(plan, &before, &after, (l.received_bytes - start_bytes) / plan->down_bytes,
          (double)(clock_monotonic_ns() - start_ns) / 1e9);
}

/* ---- the two of them ---- */

static bool read_number(const char *text, uint32_t max, uint32_t *value)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number < 1 || number > max) return false;
    *value = (uint32_t)number;
    return true;
}

static bool read_plan(struct plan *p, int argc, char **argv)
{
    const struct {
        const char *flag;
        uint32_t *value;
        uint32_t max;
    } numbers[] = {{"--count", &p->count, CLIENTS_MAX},
                   {"--seconds", &p->seconds, 3600},
                   {"--down", &p->down_bytes, UPDATE_MAX},
                   {"--up", &p->up_bytes, UPDATE_MAX},
                   {"--up-hz", &p->up_hz, TICK_HZ}};
    for (int i = 1; i < argc; i++) {
        bool is_read = strcmp(argv[i], "--pin") == 0;
        if (is_read) p->pin = true;
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0] && i + 1 < argc; n++) {
            if (is_read || strcmp(argv[i], numbers[n].flag) != 0) continue;
            if (!read_number(argv[++i], numbers[n].max, numbers[n].value)) return false;
            is_read = true;
        }
        if (!is_read) return false;
    }
    return p->count > 0 && p->seconds > 0 && p->down_bytes > 0 && p->up_bytes > 0 && p->up_hz > 0;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    struct plan plan = {.up_hz = TICK_HZ};
    if (!read_plan(&plan, argc, argv)) {
        fputs("usage: bare --count N --seconds S --down BYTES --up BYTES [--up-hz N] [--pin]\n",
              stderr);
        return 2;
    }
    raise_descriptor_limit();
    struct told *told =
        mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (told == MAP_FAILED) fail("mmap");
    pid_t server = fork();
    if (server < 0) fail("fork");
    if (server == 0) serve(&plan, told);
    load(&plan, told);
    (void)kill(server, SIGTERM);
    (void)waitpid(server, NULL, 0);
    return EXIT_SUCCESS;
}
