#include "tools/netsim/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "shared/host/clock.h"

#define PACKET_BYTES_MAX 65536

static enum result refuse(struct error *error, enum result code, const char *what, const char *why)
{
    error->code = code;
    (void)snprintf(error->message, sizeof error->message, "%.60s: %.120s", what, why);
    return code;
}

static enum result open_end(struct tun_end *e, const char *name, size_t name_bytes,
                            struct error *error)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    if (name_bytes == 0 || name_bytes >= sizeof request.ifr_name) {
        return refuse(error, RESULT_INVALID, "--tun", "expected A:B, names of 1 to 15 bytes");
    }
    memcpy(request.ifr_name, name, name_bytes);
    e->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (e->fd < 0) return refuse(error, RESULT_IO, "/dev/net/tun", strerror(errno));
    if (ioctl(e->fd, TUNSETIFF, &request) == 0) return RESULT_OK;
    return refuse(error, RESULT_IO, request.ifr_name, strerror(errno));
}

static int open_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

enum result tun_init(struct tun *t, const char *names, const struct narrow_settings *link,
                     const struct script *script, struct error *error)
{
    const char *second = strchr(names, ':');
    size_t capacity_bytes = script_capacity_bytes(script, link);
    uint64_t now_us = clock_monotonic_us();
    *t = (struct tun){.ends = {{.fd = -1}, {.fd = -1}}, .link = *link, .script = script};
    rng_init(&t->rng, 1);
    t->signal_fd = open_signals();
    if (second == NULL) second = names + strlen(names) - 1; /* and so an empty name */
    enum result r = open_end(&t->ends[0], names, (size_t)(second - names), error);
    if (r == RESULT_OK) r = open_end(&t->ends[1], second + 1, strlen(second + 1), error);
    for (unsigned i = 0; i < 2 && r == RESULT_OK; i++) {
        r = narrow_init(&t->ends[i].out, &t->link, capacity_bytes, i + 1, now_us);
        if (r != RESULT_OK) (void)refuse(error, r, "the link", "no memory");
    }
    if (r != RESULT_OK) tun_deinit(t);
    return r;
}

void tun_deinit(struct tun *t)
{
    for (unsigned i = 0; i < 2; i++) {
        narrow_deinit(&t->ends[i].out);
        if (t->ends[i].fd >= 0) (void)close(t->ends[i].fd);
        t->ends[i].fd = -1;
    }
    if (t->signal_fd >= 0) (void)close(t->signal_fd);
    t->signal_fd = -1;
}

/* Reads what an end sends into its link; what has no room there is lost. */
static void pull(struct tun *t, struct tun_end *e, uint64_t now_us)
{
    uint8_t packet[PACKET_BYTES_MAX];
    ssize_t got;
    while ((got = read(e->fd, packet, sizeof packet)) > 0) {
        size_t length = (size_t)got;
        bool has_room = length <= TUN_MTU && length <= narrow_free_bytes(&e->out, now_us);
        bool is_lost = rng_below(&t->rng, 100) < t->link.loss_percent;
        if (t->start_us == 0) t->start_us = now_us;
        if (!has_room || is_lost) {
            t->lost_count++;
            continue;
        }
        narrow_put(&e->out, packet, length, now_us);
        t->carried_count++;
    }
}

/* Hands the packets that have arrived to the other end. */
static void push(struct tun_end *from, const struct tun_end *to, uint64_t now_us)
{
    uint8_t packet[TUN_MTU];
    size_t length;
    while ((length = narrow_first_bytes(&from->out, now_us)) > 0) {
        for (size_t at = 0; at < length;) {
            const uint8_t *bytes;
            size_t part = narrow_arrived(&from->out, now_us, &bytes);
            if (part > length - at) part = length - at;
            memcpy(packet + at, bytes, part);
            narrow_take(&from->out, part);
            at += part;
        }
        (void)!write(to->fd, packet, length); /* an interface that is down loses it */
    }
}

static uint64_t step_due_us(const struct tun *t)
{
    if (t->start_us == 0 || t->script_at == t->script->count) return UINT64_MAX;
    return t->start_us + t->script->steps[t->script_at].at_us;
}

static void take_steps(struct tun *t, uint64_t now_us)
{
    while (step_due_us(t) <= now_us) {
        script_apply(&t->script->steps[t->script_at++], &t->link, now_us);
        narrow_retime(&t->ends[0].out, now_us);
        narrow_retime(&t->ends[1].out, now_us);
    }
}

static int wait_ms(const struct tun *t, uint64_t now_us)
{
    uint64_t next_us = step_due_us(t);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t end_us = narrow_next_us(&t->ends[i].out, now_us);
        if (end_us < next_us) next_us = end_us;
    }
    if (next_us == UINT64_MAX) return -1;
    return next_us > now_us ? (int)((next_us - now_us + 999) / 1000) : 0;
}

void tun_run(struct tun *t)
{
    struct pollfd fds[] = {{.fd = t->ends[0].fd, .events = POLLIN},
                           {.fd = t->ends[1].fd, .events = POLLIN},
                           {.fd = t->signal_fd, .events = POLLIN}};
    for (;;) {
        (void)poll(fds, 3, wait_ms(t, clock_monotonic_us()));
        uint64_t now_us = clock_monotonic_us();
        if (fds[2].revents != 0) return;
        take_steps(t, now_us);
        for (unsigned i = 0; i < 2; i++) {
            pull(t, &t->ends[i], now_us);
            push(&t->ends[i], &t->ends[1 - i], now_us);
        }
    }
}
