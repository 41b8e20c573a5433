/* main.c - the native client: reads what it was told, opens a screen, plays or
 * watches.
 *
 * Errors:  0 done, 1 failed at run time or never joined, 2 wrong usage; one sentence on stderr.
 */
#include <SDL_main.h>
#include <stdio.h>

#include "client/sdl/cmdline.h"
#include "client/sdl/play_sdl.h"
#include "client/sdl/screen_sdl.h"
#include "client/sdl/watch_sdl.h"
#include "shared/version.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int complain(const struct error *error, enum exit_code code)
{
    (void)fprintf(stderr, "tickwire-client: %s\n", error->message);
    return (int)code;
}

static int run(const struct cmdline *options)
{
    struct screen screen;
    struct error error;

    if (screen_init(&screen, options->is_headless, options->is_fullscreen, &error) != RESULT_OK)
        return complain(&error, EXIT_FAILED);
    enum result r = options->has_replay ? watch_run(&screen, options, &error)
                                        : play_run(&screen, options, &error);
    screen_deinit(&screen);
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
