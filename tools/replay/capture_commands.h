/* capture_commands.h - info, play and dump of a client's capture, alone or beside the recording of
 * its match.
 *
 * Place:   main() calls them where the file is a capture and no recording.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_CAPTURE_COMMANDS_H
#define TICKWIRE_TOOLS_REPLAY_CAPTURE_COMMANDS_H

#include "tools/replay/commands.h"

/* 1: what was shown is not what was, or a message was not understood. */
enum exit_code capture_run(const struct options *o);

#endif
