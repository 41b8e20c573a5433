/* tickwire-replay: lists, plays, seeks, verifies, exports and cuts recordings. */
#include <stdio.h>
#include <string.h>

#include "shared/host/error.h"
#include "tools/replay/capture_commands.h"
#include "tools/replay/captured.h"
#include "tools/replay/commands.h"

typedef enum exit_code command(struct reader *r, const struct options *o);

static const struct {
    const char *name;
    command *run;
} commands[] = {
    {"info", info},     {"play", play},           {"seek", seek}, {"dump", dump},
    {"verify", verify}, {"export", export_ticks}, {"cut", cut},
};

enum exit_code complain(const struct error *error)
{
    fflush(stdout);
    fprintf(stderr, "tickwire-replay: %s\n", error->message);
    return error->code == RESULT_INVALID ? EXIT_DIFFERS : EXIT_USAGE;
}

static enum exit_code run(const struct options *o)
{
    struct reader *reader;
    struct error error;
    enum exit_code code = EXIT_USAGE;
    if (strcmp(o->command, "list") == 0) return list(o);
    if (captured_is_one(o->path)) return capture_run(o);
    if (o->against != NULL) {
        error_set(&error, RESULT_TOO_BIG, "%s: only a capture is compared with a recording",
                  o->path);
        return complain(&error);
    }
    if (reader_open(&reader, o->path, &error) != RESULT_OK) return complain(&error);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, o->command) == 0) code = commands[i].run(reader, o);
    }
    reader_close(reader);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct error error;
    if (options_parse(&options, argc, argv, &error) != RESULT_OK) {
        complain(&error);
        return EXIT_USAGE;
    }
    if (options.help) {
        fputs(options_usage, stdout);
        return EXIT_FINE;
    }
    return (int)run(&options);
}
