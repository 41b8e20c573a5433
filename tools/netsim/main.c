/* tickwire-netsim: a TCP relay that is as slow and as far as a link one asks for. */
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/log.h"
#include "tools/netsim/relay.h"

enum exit_code { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

static const char usage[] =
    "usage: tickwire-netsim --listen HOST:PORT --to HOST:PORT [options]\n"
    "  --delay-ms D        each way (0)\n"
    "  --jitter-ms J       up to that much more, by chance, in order all the same (0)\n"
    "  --rate B            bytes a second and direction; 0: unlimited (0)\n"
    "  --buffer B          bytes that wait before the bottleneck, per direction (65536)\n"
    "  --stall-every-ms A  each A ms\n"
    "  --stall-ms B        nothing leaves for B ms\n"
    "SIGUSR1 lifts the rate and the stalls, SIGUSR2 brings them back.\n";

struct options {
    const char *listen, *to;
    struct narrow_settings link;
    bool help;
};

struct number_row {
    const char *flag;
    size_t offset; /* in struct narrow_settings */
    uint64_t scale, max;
};

static const struct number_row numbers[] = {
    {"--delay-ms", offsetof(struct narrow_settings, delay_us), 1000, 60000},
    {"--jitter-ms", offsetof(struct narrow_settings, jitter_us), 1000, 60000},
    {"--rate", offsetof(struct narrow_settings, rate_bytes_per_s), 1, 1000000000},
    {"--buffer", offsetof(struct narrow_settings, buffer_bytes), 1, 1u << 28},
    {"--stall-every-ms", offsetof(struct narrow_settings, stall_every_us), 1000, 3600000},
    {"--stall-ms", offsetof(struct narrow_settings, stall_us), 1000, 3600000},
};

static enum result refuse(struct error *error, enum result code, const char *what, const char *why)
{
    error->code = code;
    (void)snprintf(error->message, sizeof error->message, "%.100s: %.120s", what, why);
    return code;
}

static enum result parse_number(struct narrow_settings *link, const char *flag, const char *text,
                                struct error *error)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct number_row *row = &numbers[i];
        char *end;
        if (strcmp(row->flag, flag) != 0) continue;
        errno = 0;
        unsigned long long value = strtoull(text, &end, 10);
        bool ok = *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && value <= row->max;
        if (!ok) return refuse(error, RESULT_INVALID, flag, "not a number in its range");
        *(uint64_t *)((char *)link + row->offset) = value * row->scale;
        return RESULT_OK;
    }
    return refuse(error, RESULT_INVALID, flag, "no such option");
}

static enum result parse_options(struct options *o, int argc, char **argv, struct error *error)
{
    *o = (struct options){.link = {.buffer_bytes = 65536}};
    for (int i = 1; i < argc; i++) {
        const char *flag = argv[i];
        if (strcmp(flag, "--help") == 0) {
            o->help = true;
            return RESULT_OK;
        }
        if (i + 1 == argc) return refuse(error, RESULT_INVALID, flag, "a value is missing");
        const char *text = argv[++i];
        if (strcmp(flag, "--listen") == 0) {
            o->listen = text;
        } else if (strcmp(flag, "--to") == 0) {
            o->to = text;
        } else if (parse_number(&o->link, flag, text, error) != RESULT_OK) {
            return error->code;
        }
    }
    if (o->listen == NULL || o->to == NULL) {
        return refuse(error, RESULT_INVALID, o->listen == NULL ? "--listen" : "--to", "is missing");
    }
    if (o->link.buffer_bytes == 0) return refuse(error, RESULT_INVALID, "--buffer", "is 0");
    if (o->link.stall_us > 0 && o->link.stall_us >= o->link.stall_every_us) {
        return refuse(error, RESULT_INVALID, "--stall-ms", "must be less than --stall-every-ms");
    }
    return RESULT_OK;
}

/* HOST:PORT, an IPv6 address in brackets. */
static enum result resolve(struct relay_address *address, const char *text, struct error *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    char host[256];
    const char *colon = strrchr(text, ':');
    size_t host_bytes = colon == NULL ? 0 : (size_t)(colon - text);
    bool is_bracketed = host_bytes > 2 && text[0] == '[' && text[host_bytes - 1] == ']';
    if (host_bytes == 0 || host_bytes >= sizeof host) {
        return refuse(error, RESULT_INVALID, text, "expected HOST:PORT");
    }
    (void)snprintf(host, sizeof host, "%.*s", (int)host_bytes - (is_bracketed ? 2 : 0),
                   text + (is_bracketed ? 1 : 0));
    struct addrinfo *list;
    int failure = getaddrinfo(host, colon + 1, &hints, &list);
    if (failure != 0) return refuse(error, RESULT_INVALID, text, gai_strerror(failure));
    *address = (struct relay_address){.length_bytes = list->ai_addrlen};
    memcpy(&address->address, list->ai_addr, list->ai_addrlen);
    freeaddrinfo(list);
    return RESULT_OK;
}

static int complain(const struct error *error)
{
    fprintf(stderr, "tickwire-netsim: %s\n", error->message);
    return error->code == RESULT_INVALID ? EXIT_USAGE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    static struct relay relay;
    static struct log log;
    struct options options;
    struct relay_address from, to;
    struct error error;

    if (parse_options(&options, argc, argv, &error) != RESULT_OK) return complain(&error);
    if (options.help) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (resolve(&from, options.listen, &error) != RESULT_OK) return complain(&error);
    if (resolve(&to, options.to, &error) != RESULT_OK) return complain(&error);
    if (relay_init(&relay, &from, &to, &options.link, &error) != RESULT_OK) {
        return complain(&error);
    }
    log_init(&log, 2, LOG_INFO);
    log_event(&log, LOG_INFO, "listening", LOG_TEXT("to", options.to),
              LOG_INT("port", relay_port(&relay)));
    relay_run(&relay);
    relay_deinit(&relay);
    return EXIT_DONE;
}
