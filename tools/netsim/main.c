/* tickwire-netsim: a TCP relay that is as slow and as far as a link one asks for. */
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/log.h"
#include "tools/netsim/relay.h"
#include "tools/netsim/tun.h"

enum exit_code { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

static const char usage[] =
    "usage: tickwire-netsim --listen HOST:PORT --to HOST:PORT [options]\n"
    "       tickwire-netsim --tun A:B [options]    between two TUN interfaces: tools/netsim/pair\n"
    "  --delay-ms D        each way (0)\n"
    "  --jitter-ms J       up to that much more, by chance, in order all the same (0)\n"
    "  --loss-percent P    of packets: with --tun only (0)\n"
    "  --rate B            bytes a second and direction; 0: unlimited (0)\n"
    "  --buffer B          bytes that wait before the bottleneck, per direction (65536)\n"
    "  --stall-every-ms A  each A ms\n"
    "  --stall-ms B        nothing leaves for B ms\n"
    "  --script FILE       how that changes over time: tools/netsim/README.md\n"
    "SIGUSR1 lifts the rate and the stalls, SIGUSR2 brings them back.\n";

#define SCRIPT_BYTES_MAX 65536

struct options {
    const char *listen, *to, *tun, *script;
    struct narrow_settings link;
    bool help;
};

static enum result refuse(struct error *error, enum result code, const char *what, const char *why)
{
    error->code = code;
    (void)snprintf(error->message, sizeof error->message, "%.100s: %.120s", what, why);
    return code;
}

static enum result parse_option(struct options *o, const char *flag, const char *text,
                                struct error *error)
{
    struct script_change change;
    if (strcmp(flag, "--listen") == 0) {
        o->listen = text;
    } else if (strcmp(flag, "--to") == 0) {
        o->to = text;
    } else if (strcmp(flag, "--tun") == 0) {
        o->tun = text;
    } else if (strcmp(flag, "--script") == 0) {
        o->script = text;
    } else if (strncmp(flag, "--", 2) != 0) {
        return refuse(error, RESULT_INVALID, flag, "no such option");
    } else if (script_parse_setting(&change, flag + 2, text, error) != RESULT_OK) {
        return error->code;
    } else {
        script_set(&o->link, &change);
    }
    return RESULT_OK;
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
        if (parse_option(o, flag, argv[++i], error) != RESULT_OK) return error->code;
    }
    bool is_relay = o->listen != NULL && o->to != NULL;
    if (o->tun == NULL && !is_relay) {
        return refuse(error, RESULT_INVALID, o->listen == NULL ? "--listen" : "--to", "is missing");
    }
    if (o->tun == NULL && o->link.loss_percent > 0) {
        return refuse(error, RESULT_INVALID, "--loss-percent", "a relay loses nothing, use --tun");
    }
    return script_check(&o->link, error);
}

static enum result read_script(struct script *script, const struct options *o, struct error *error)
{
    static char text[SCRIPT_BYTES_MAX];
    struct error why;
    if (o->script == NULL) return RESULT_OK;
    FILE *file = fopen(o->script, "r");
    if (file == NULL) return refuse(error, RESULT_INVALID, o->script, strerror(errno));
    size_t length = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    if (length == sizeof text) return refuse(error, RESULT_INVALID, o->script, "too long");
    text[length] = '\0';
    if (script_parse(script, text, &o->link, &why) == RESULT_OK) return RESULT_OK;
    return refuse(error, RESULT_INVALID, o->script, why.message);
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

static int run_tun(const struct options *o, const struct script *script, struct log *log)
{
    static struct tun tun;
    struct error error;
    if (tun_init(&tun, o->tun, &o->link, script, &error) != RESULT_OK) return complain(&error);
    log_event(log, LOG_INFO, "ready", LOG_TEXT("tun", o->tun), LOG_INT("mtu", TUN_MTU));
    tun_run(&tun);
    log_event(log, LOG_INFO, "ended", LOG_INT("carried", tun.carried_count),
              LOG_INT("lost", tun.lost_count));
    tun_deinit(&tun);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    static struct relay relay;
    static struct log log;
    static struct script script;
    struct options options;
    struct relay_address from, to;
    struct error error;

    if (parse_options(&options, argc, argv, &error) != RESULT_OK) return complain(&error);
    if (options.help) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (read_script(&script, &options, &error) != RESULT_OK) return complain(&error);
    log_init(&log, 2, LOG_INFO);
    if (options.tun != NULL) return run_tun(&options, &script, &log);
    if (resolve(&from, options.listen, &error) != RESULT_OK) return complain(&error);
    if (resolve(&to, options.to, &error) != RESULT_OK) return complain(&error);
    if (relay_init(&relay, &from, &to, &options.link, &script, &error) != RESULT_OK) {
        return complain(&error);
    }
    log_event(&log, LOG_INFO, "listening", LOG_TEXT("to", options.to),
              LOG_INT("port", relay_port(&relay)));
    relay_run(&relay);
    relay_deinit(&relay);
    return EXIT_DONE;
}
