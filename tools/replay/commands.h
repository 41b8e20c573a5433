/* commands.h - what tickwire-replay does: one function a command, each returning an exit code.
 *
 * Place:   main() opens the recording and calls one; list has a folder instead.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_COMMANDS_H
#define TICKWIRE_TOOLS_REPLAY_COMMANDS_H

#include "server/record/reader.h"
#include "tools/replay/options.h"

enum exit_code { EXIT_FINE = 0, EXIT_DIFFERS = 1, EXIT_USAGE = 2 };

/* Prints the sentence; damage is 1, everything else that stops the tool is 2. */
enum exit_code complain(const struct error *error);

enum exit_code list(const struct options *o);

enum exit_code info(struct reader *r, const struct options *o);
enum exit_code play(struct reader *r, const struct options *o);
enum exit_code seek(struct reader *r, const struct options *o);
enum exit_code dump(struct reader *r, const struct options *o);
enum exit_code verify(struct reader *r, const struct options *o);
enum exit_code export_ticks(struct reader *r, const struct options *o);
enum exit_code cut(struct reader *r, const struct options *o);

#endif
