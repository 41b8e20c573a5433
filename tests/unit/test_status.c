#include "client/sdl/status.h"

#include <string.h>

#include "client/sdl/ending.h"
#include "shared/ws_close.h"
#include "tests/unit/suite.h"

#define NOW_US 10000000

static struct status status;

/* Closed by the server, with that code, in the midst of a match or before. */
static void close_by(uint16_t code, bool was_playing)
{
    struct live live = {.was_playing = was_playing, .retry_us = NOW_US + 2300000};
    struct ending ending;

    ending_set(&ending, ENDING_CLOSED, code, "flooding");
    live.code = ending_close_code(&ending);
    live.phase = ending_is_passing(&ending) ? LIVE_WAITING : LIVE_ENDED;
    strcpy(live.notice, "why");
    status_of(&status, &live, "h:8080", NOW_US);
    ck_assert_ptr_nonnull(strstr(status.keys, "Enter"));
}

static const struct {
    uint16_t code;
    bool was_playing;
    const char *state;
} closes[] = {
    {WS_CLOSE_GOING_AWAY, true, "The server is closing. Trying again in 2.3 s…"},
    {WS_CLOSE_RESTART, true, "The server is closing. Trying again in 2.3 s…"},
    {WS_CLOSE_OVERLOAD, false, "No place for now. Trying again in 2.3 s…"},
    {WS_CLOSE_ABNORMAL, true, "Connection lost. Trying again in 2.3 s…"},
    {WS_CLOSE_ABNORMAL, false, "Not connected. Trying again in 2.3 s…"},
    {WS_CLOSE_KICKED, true, "You are out"},
    {WS_CLOSE_NORMAL, true, "The game is over"},
    {WS_CLOSE_NO_ROOM, false, "Not connected"},
};

START_TEST(each_close_has_its_words)
{
    close_by(closes[_i].code, closes[_i].was_playing);
    ck_assert_str_eq(status.state, closes[_i].state);
}
END_TEST

START_TEST(a_server_that_is_full_from_the_start_is_called_so)
{
    struct ending ending;

    ending_set(&ending, ENDING_HANDSHAKE, 503, "full");
    ck_assert_uint_eq(ending_close_code(&ending), WS_CLOSE_OVERLOAD);
    ending_set(&ending, ENDING_HANDSHAKE, 404, "elsewhere");
    ck_assert_uint_eq(ending_close_code(&ending), 0);
    ending_set(&ending, ENDING_LOST, 0, "");
    ck_assert_uint_eq(ending_close_code(&ending), 0);
}
END_TEST

START_TEST(whoever_finds_no_place_may_watch)
{
    close_by(WS_CLOSE_OVERLOAD, false);
    ck_assert_ptr_nonnull(strstr(status.keys, "W: watch instead"));
    close_by(WS_CLOSE_RESTART, false);
    ck_assert_ptr_null(strstr(status.keys, "watch"));

    struct live live = {.phase = LIVE_WAITING, .code = WS_CLOSE_OVERLOAD, .is_spectating = true};
    status_of(&status, &live, "h:8080", NOW_US);
    ck_assert_ptr_null(strstr(status.keys, "watch"));
}
END_TEST

START_TEST(connecting_says_where)
{
    struct live live = {.phase = LIVE_CONNECTING};

    status_of(&status, &live, "h:8080", NOW_US);
    ck_assert_str_eq(status.state, "Connecting…");
    ck_assert_str_eq(status.reason, "h:8080");
    live.was_playing = true;
    live.phase = LIVE_JOINING;
    status_of(&status, &live, "h:8080", NOW_US);
    ck_assert_str_eq(status.state, "Connecting again…");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("status");
    tcase_add_loop_test(tests, each_close_has_its_words, 0, sizeof closes / sizeof closes[0]);
    tcase_add_test(tests, a_server_that_is_full_from_the_start_is_called_so);
    tcase_add_test(tests, whoever_finds_no_place_may_watch);
    tcase_add_test(tests, connecting_says_where);
    return suite_run("status", tests);
}
