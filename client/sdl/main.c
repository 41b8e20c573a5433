/* main.c - the native client: reads what it was told, opens a window, and asks, plays or watches.
 *
 * Errors:  0 done, 1 failed at run time or never joined, 2 wrong usage; one sentence on stderr.
 */
#include <SDL_main.h>
#include <stdio.h>

#include "client/sdl/app_sdl.h"
#include "client/sdl/home_sdl.h"
#include "client/sdl/play_sdl.h"
#include "client/sdl/watch_sdl.h"
#include "shared/version.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int complain(const struct error *error, enum exit_code code)
{
    (void)fprintf(stderr, "tickwire-client: %s\n", error->message);
    return (int)code;
}

/* Where nothing says what to do, a player is asked; a run without a window has nobody to ask. */
static enum result do_what_is_asked(struct app *app, struct error *error)
{
    const struct cmdline *options = app->options;

    if (options->has_replay)
        return watch_run(app, options->replay_file, options->replay_tick, error);
    if (options->has_url || options->is_headless) return play_run(app, &options->url, error);
    return home_run(app, error);
}

static int run(const struct cmdline *options)
{
    struct app app;
    struct error error;

    if (app_init(&app, options, &error) != RESULT_OK) return complain(&error, EXIT_FAILED);
    enum result r = do_what_is_asked(&app, &error);
    app_deinit(&app);
    if (r == RESULT_OK) return EXIT_DONE;
    return complain(&error, r == RESULT_INVALID ? EXIT_USAGE : EXIT_FAILED);
}

int main(int argc, char *argv[])
{
    struct cmdline options;
    struct error error;

    if (cmdline_parse(&options, argc, argv, &error) != RESULT_OK)
        return complain(&error, EXIT_USAGE);
    if (options.wants_help) {
        cmdline_print_help(stdout);
        return EXIT_DONE;
    }
    if (options.wants_version) {
        printf("tickwire-client " TICKWIRE_VERSION "\n");
        return EXIT_DONE;
    }
    return run(&options);
}
