#include "client/sdl/status.h"

#include <stdio.h>

#include "shared/ws_close.h"

struct headline {
    uint16_t code;
    const char *words;
};

/* By the code of the close that one waits after. */
static const struct headline waits[] = {
    {WS_CLOSE_GOING_AWAY, "The server is closing."},
    {WS_CLOSE_RESTART, "The server is closing."},
    {WS_CLOSE_OVERLOAD, "No place for now."},
};

static const char *wait_headline(const struct live *live)
{
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        if (waits[i].code == live->code) return waits[i].words;
    }
    return live->was_playing ? "Connection lost." : "Not connected.";
}

static const char *end_headline(const struct live *live)
{
    if (live->code == WS_CLOSE_KICKED) return "You are out";
    return live->was_playing ? "The game is over" : "Not connected";
}

bool status_can_watch(const struct live *live)
{
    return live->phase == LIVE_WAITING && live->code == WS_CLOSE_OVERLOAD && !live->is_spectating;
}

void status_of(struct status *status, const struct live *live, const char *host, uint64_t now_us)
{
    *status = (struct status){.reason = "", .keys = "Esc: leave"};
    switch (live->phase) {
    case LIVE_CONNECTING:
    case LIVE_JOINING:
        (void)snprintf(status->state, sizeof status->state, "%s",
                       live->was_playing ? "Connecting again…" : "Connecting…");
        status->reason = host;
        return;
    case LIVE_WAITING: {
        double left_s = live->retry_us > now_us ? (double)(live->retry_us - now_us) / 1e6 : 0;
        (void)snprintf(status->state, sizeof status->state, "%s Trying again in %.1f s…",
                       wait_headline(live), left_s);
        status->reason = live->notice;
        status->keys = status_can_watch(live) ? "Enter: try now     W: watch instead     Esc: leave"
                                              : "Enter: try now     Esc: leave";
        return;
    }
    case LIVE_ENDED:
        (void)snprintf(status->state, sizeof status->state, "%s", end_headline(live));
        status->reason = live->notice;
        status->keys = "Enter: try again     Esc: leave";
        return;
    case LIVE_PLAYING:
        return;
    }
}
