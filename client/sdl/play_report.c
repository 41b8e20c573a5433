#include "client/sdl/play_report.h"

#include "shared/host/error.h"

void play_report_note(struct report *report, const struct scene *scene)
{
    const struct drawn *own = scene_own(scene);
    if (own == NULL) return;

    struct point place = scene_place(scene, own);
    report->x = (double)place.x;
    report->y = (double)place.y;
    if (!report->has_place) {
        report->start_x = report->x;
        report->start_y = report->y;
    }
    report->has_place = true;
}

static void fill(struct report *r, const struct live *live)
{
    static const char *const phases[] = {[LIVE_CONNECTING] = "connecting",
                                         [LIVE_JOINING] = "joining",
                                         [LIVE_PLAYING] = "playing",
                                         [LIVE_WAITING] = "waiting",
                                         [LIVE_ENDED] = "ended"};
    const struct message_welcome *welcome = view_welcome(live->view);

    r->phase = phases[live->phase];
    r->notice = live->notice;
    r->game = welcome != NULL ? welcome->game : "";
    r->room = welcome != NULL ? welcome->room : "";
    r->map = welcome != NULL ? welcome->map : "";
    r->seat = welcome != NULL && welcome->seat != SEAT_NONE ? welcome->seat : -1;
    r->name = r->seat >= 0 ? view_name(live->view, welcome->seat) : "";
    r->connections = live->connections;
    r->is_resumed = welcome != NULL && welcome->is_resumed;
    r->unsent_bytes = link_unsent_bytes(live->link);
    view_read_stats(live->view, live->last_us, &r->stats);
}

enum result play_report_print(struct report *report, const struct live *live, struct error *error)
{
    if (!live->was_playing) {
        const char *why = live->notice[0] != '\0' ? live->notice : "there was no answer in time";
        return error_set(error, RESULT_CLOSED, "not joined: %s", why);
    }
    fill(report, live);
    if (report_print(report)) return RESULT_OK;
    return error_set(error, RESULT_IO, "the report could not be written to stdout");
}
