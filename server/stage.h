/* stage.h - what is played on a server: its rooms and their recorder, plugged into its workers.
 *
 * Place:   main() plans it from the config, opens it on an initialized server, and starts and stops
 *          the two together. The one place where rooms, recorder and workers know of each other.
 * Memory:  owns the plan, the rooms and the recorder.
 * Errors:  one sentence. A plan that fails is a wrong config (exit 2), the rest failed at run time.
 */
#ifndef TICKWIRE_SERVER_STAGE_H
#define TICKWIRE_SERVER_STAGE_H

#include "server/config.h"
#include "server/playback/playbacks.h"
#include "server/record/recorder.h"
#include "server/room/room.h"
#include "server/room/room_plan.h"
#include "server/server.h"
#include "server/session/line_log.h"
#include "shared/result.h"

struct stage {
    struct room_plan plan;
    struct recorder *recorder;   /* owned; NULL: nothing is recorded */
    struct rooms *rooms;         /* owned */
    struct playbacks *playbacks; /* owned; NULL: nothing is recorded */
    struct line_logs *line_logs; /* owned */
};

/* Finds games and maps for the config's rooms. `config` is borrowed. */
enum result stage_plan(struct stage *stage, const struct config *config, struct error *error);

/* Opens the recordings' folder, makes the rooms for the server's workers and sets its hooks; before
 * server_start(). */
enum result stage_open(struct stage *stage, struct server *server, struct error *error);

/* Starts the recorder and the room threads; after server_start(). */
enum result stage_start(struct stage *stage, struct error *error);

/* Ends the room threads, then every recording; after server_stop(), when no session is left. */
void stage_stop(struct stage *stage);

void stage_deinit(struct stage *stage);

#endif
