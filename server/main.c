/* main.c - the server program: reads what it was told, starts, waits for a signal, stops.
 *
 * Errors:  0 done, 1 failed at run time, 2 wrong usage or config.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/config.h"
#include "server/server.h"
#include "server/stage.h"
#include "shared/version.h"

/* Frames, worlds and views of rooms are larger: as mappings of their own they take no more than the
 * pages that were written, and go back to the system when they are freed. */
#define MAPPED_FROM_BYTES 32768

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static void print_address(const struct server *server)
{
    const char *host = server->http_host;
    bool is_any = host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
    bool is_v6 = strchr(host, ':') != NULL && !is_any;

    if (server->http_port != 0)
        printf("Tickwire plays at http://%s%s%s:%u/   (Ctrl+C ends it)\n", is_v6 ? "[" : "",
               is_any ? "localhost" : host, is_v6 ? "]" : "", server->http_port);
    else
        printf("Tickwire plays at https://localhost:%u/   (Ctrl+C ends it)\n", server->https_port);
    (void)fflush(stdout);
}

/* Signals are taken by the main thread alone, in server_wait(). */
static void block_signals(void)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static int complain(const struct error *error, enum exit_code code)
{
    (void)fprintf(stderr, "tickwire-server: %s\n", error->message);
    return (int)code;
}

static int serve(struct server *server, struct stage *stage, const struct config *config,
                 struct log *log)
{
    struct error error;
    int code = EXIT_DONE;

    enum result r = server_init(server, config, log, &error);
    if (r == RESULT_OK) r = stage_open(stage, server, &error);
    if (r == RESULT_OK) r = server_start(server, &error);
    if (r == RESULT_OK) r = stage_start(stage, &error);
    if (r == RESULT_OK) {
        print_address(server);
        server_wait(server);
    } else {
        code = complain(&error, EXIT_FAILED);
    }
    server_stop(server);
    stage_stop(stage);
    stage_deinit(stage);
    server_deinit(server);
    if (code == EXIT_DONE) log_write(log, LOG_INFO, "stopped", NULL, 0);
    return code;
}

static int run(struct config *config, struct server *server, int argc, char *argv[])
{
    enum config_action action;
    struct stage stage;
    struct error error;
    struct log log;
    char help[16384];

    if (config_read(config, argc, argv, &action, &error) != RESULT_OK)
        return complain(&error, EXIT_USAGE);
    switch (action) {
    case CONFIG_HELP:
        (void)fwrite(help, 1, config_help(config, help, sizeof help), stdout);
        return EXIT_DONE;
    case CONFIG_VERSION:
        printf("tickwire-server %s\n", TICKWIRE_VERSION);
        return EXIT_DONE;
    case CONFIG_CHECK:
    case CONFIG_RUN:
        break;
    }
    if (config->web_root[0] == '\0' && !files_find_root(config->web_root, sizeof config->web_root))
        config->web_root[0] = '\0';
    if (stage_plan(&stage, config, &error) != RESULT_OK) return complain(&error, EXIT_USAGE);
    if (action == CONFIG_CHECK) {
        stage_deinit(&stage);
        printf("the config is fine\n");
        return EXIT_DONE;
    }
    block_signals();
    log_init(&log, STDERR_FILENO, config->log_level);
    return serve(server, &stage, config, &log);
}

int main(int argc, char *argv[])
{
    struct config *config = calloc(1, sizeof *config);
    struct server *server = calloc(1, sizeof *server);
    int code = EXIT_FAILED;

    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
    if (config != NULL && server != NULL) code = run(config, server, argc, argv);
    free(server);
    free(config);
    return code;
}
