/* options.h - the command line of tickwire-bots.
 *
 * Place:   main parses it and hands it to the swarm.
 * Memory:  texts are argv's.
 */
#ifndef TICKWIRE_TOOLS_BOTS_OPTIONS_H
#define TICKWIRE_TOOLS_BOTS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"

#define BOTS_COUNT_MAX   50000u
#define BOTS_RATE_HZ_MAX 100u

struct options {
    const char *url;
    const char *name;    /* before each bot's number */
    const char *ca_file; /* NULL: the system's */
    uint32_t count;
    uint32_t seconds;
    uint32_t rate_hz; /* of input messages */
    uint32_t rooms;   /* which the URL's {room} numbers from 0 */
    uint32_t slow_percent;
    uint32_t slow_bytes_per_s;
    uint32_t seed;
    bool json; /* nothing but the line of figures */
    bool help;
};

extern const char options_usage[];

/* RESULT_INVALID and a sentence that names the argument at fault. */
enum result options_parse(struct options *o, int argc, char **argv, struct error *error);

#endif
