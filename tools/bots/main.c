/* tickwire-bots: many players without persons, and how old the state is that they see. */
#include <signal.h>
#include <stdio.h>

#include "tools/bots/swarm.h"

enum exit_code { EXIT_FINE, EXIT_NOT_CONNECTED, EXIT_USAGE };

static volatile sig_atomic_t stop;

static void on_signal(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

static int fail(const struct error *error, enum exit_code code)
{
    fprintf(stderr, "tickwire-bots: %s\n", error->message);
    return (int)code;
}

static void print_report(const struct report *r, bool json)
{
    char line[REPORT_LINE_BYTES_MAX];
    (void)report_write_json(r, line, sizeof line);
    if (!json && r->failed > 0) printf("%u of %u could not join\n", r->failed, r->count);
    if (!json && r->cpu_us * 100 > r->measured_us * 90) {
        printf("the bots used their whole core: ages are partly their own\n");
    }
    puts(line);
}

int main(int argc, char **argv)
{
    static struct report report;
    static struct swarm swarm;
    struct options options;
    struct target target;
    struct error error;

    if (options_parse(&options, argc, argv, &error) != RESULT_OK) return fail(&error, EXIT_USAGE);
    if (options.help) {
        fputs(options_usage, stdout);
        return EXIT_FINE;
    }
    if (target_parse(&target, options.url, &error) != RESULT_OK) return fail(&error, EXIT_USAGE);
    if (target_find(&target, &error) != RESULT_OK) return fail(&error, EXIT_NOT_CONNECTED);
    if (swarm_init(&swarm, &options, &target, &stop, &report, &error) != RESULT_OK) {
        return fail(&error, EXIT_NOT_CONNECTED);
    }
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    swarm_run(&swarm);
    print_report(&report, options.json);
    swarm_deinit(&swarm);
    return report.fast.joined + report.slow.joined > 0 ? EXIT_FINE : EXIT_NOT_CONNECTED;
}
