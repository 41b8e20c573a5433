/* capture_file.h - saves what the view has captured, for the report of a bug.
 *
 * Place:   the player's key, and --capture; tickwire-replay reads the file.
 * Errors:  the error names the file.
 */
#ifndef TICKWIRE_CLIENT_SDL_CAPTURE_FILE_H
#define TICKWIRE_CLIENT_SDL_CAPTURE_FILE_H

#include <stdint.h>

#include "client/view/capture.h"
#include "shared/result.h"

#define CAPTURE_NAME_BYTES 64

/* Fills name[] for a file in the folder where the client was started. */
void capture_file_name(char name[CAPTURE_NAME_BYTES], uint64_t wall_ms);

/* Writes the file, as of `wall_ms` and the view's `now_us`. RESULT_AGAIN: no match was joined yet.
 */
enum result capture_file_save(struct capture *c, const char *path, uint64_t wall_ms,
                              uint64_t now_us, struct error *error);

#endif
