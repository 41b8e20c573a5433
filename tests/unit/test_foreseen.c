#include "client/view/foreseen.h"

#include "tests/unit/suite.h"

#define OWN_SEAT 3
#define KIND     2
#define BANG     1 /* the button */

static struct foreseen foreseen;
static struct view_line line;

static bool strike(const struct map *map, const struct entity *body, const struct usercmd *cmd,
                   struct event *event)
{
    (void)map;
    *event = (struct event){.kind = KIND, .words = {body->owner, (int32_t)cmd->seq}};
    return (cmd->words[0] & BANG) != 0;
}

static const struct game game = {.strike = strike};

static void setup(void)
{
    foreseen_init(&foreseen, &game, NULL, OWN_SEAT);
    foreseen_confirm(&foreseen, 0, 100);
}

static struct event *note(uint32_t seq, int32_t buttons)
{
    struct entity body = {.owner = OWN_SEAT};
    struct usercmd cmd = {.seq = seq, .words = {buttons}};
    return foreseen_note(&foreseen, &body, &cmd);
}

static bool is_known(uint8_t kind, uint16_t seat, uint32_t tick)
{
    return foreseen_is_known(&foreseen, &(struct event){.kind = kind, .words = {seat}}, tick);
}

START_TEST(what_one_does_is_told_once_and_with_its_number)
{
    ck_assert_ptr_nonnull(note(1, BANG));
    ck_assert(foreseen_take(&foreseen, 90, &line));
    ck_assert_uint_eq(line.tick, 90);
    ck_assert_uint_eq(line.foreseen, 1);
    ck_assert_uint_eq(line.line.event.kind, KIND);
    ck_assert(!foreseen_take(&foreseen, 91, &line));
}
END_TEST

START_TEST(a_usercmd_that_does_nothing_tells_nothing)
{
    ck_assert_ptr_null(note(1, 0));
    ck_assert(!foreseen_take(&foreseen, 90, &line));
}
END_TEST

START_TEST(a_game_without_such_events_has_none)
{
    static const struct game plain = {0};
    foreseen_init(&foreseen, &plain, NULL, OWN_SEAT);
    ck_assert_ptr_null(note(1, BANG));
}
END_TEST

START_TEST(the_servers_own_is_the_same_one)
{
    note(7, BANG);
    foreseen_confirm(&foreseen, 7, 103);
    ck_assert(is_known(KIND, OWN_SEAT, 102));
    ck_assert_uint_eq(foreseen_take_withdrawn(&foreseen), 0);
    ck_assert(!is_known(KIND, OWN_SEAT, 102)); /* but a second one is another */
}
END_TEST

START_TEST(what_others_do_or_was_done_at_another_time_is_not)
{
    note(7, BANG);
    ck_assert(!is_known(KIND, OWN_SEAT, 101)); /* the usercmd has not been applied yet */
    foreseen_confirm(&foreseen, 6, 101);
    foreseen_confirm(&foreseen, 7, 103);
    ck_assert(!is_known(KIND, OWN_SEAT + 1, 102));
    ck_assert(!is_known(KIND + 1, OWN_SEAT, 102));
    ck_assert(!is_known(KIND, OWN_SEAT, 101));
    ck_assert(!is_known(KIND, OWN_SEAT, 104));
    ck_assert(is_known(KIND, OWN_SEAT, 103));
}
END_TEST

START_TEST(what_the_server_refused_is_withdrawn_once)
{
    note(7, BANG);
    foreseen_take(&foreseen, 90, &line);
    ck_assert_uint_eq(foreseen_take_withdrawn(&foreseen), 0);
    foreseen_confirm(&foreseen, 7, 103);
    ck_assert_uint_eq(foreseen_take_withdrawn(&foreseen), line.foreseen);
    ck_assert_uint_eq(foreseen_take_withdrawn(&foreseen), 0);
    ck_assert(is_known(KIND, OWN_SEAT, 102)); /* if it comes late after all: not drawn twice */
}
END_TEST

START_TEST(two_of_one_snapshot_are_told_apart)
{
    note(7, BANG);
    note(8, BANG);
    foreseen_confirm(&foreseen, 8, 104);
    ck_assert(is_known(KIND, OWN_SEAT, 103));
    ck_assert_uint_eq(foreseen_take_withdrawn(&foreseen), 2);
}
END_TEST

START_TEST(beyond_its_room_the_oldest_is_forgotten)
{
    for (uint32_t seq = 1; seq <= FORESEEN_MAX + 2; seq++)
        note(seq, BANG);
    for (uint32_t number = 3; number <= FORESEEN_MAX + 2; number++) {
        ck_assert(foreseen_take(&foreseen, 90, &line));
        ck_assert_uint_eq(line.foreseen, number);
    }
    ck_assert(!foreseen_take(&foreseen, 90, &line));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("foreseen");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, what_one_does_is_told_once_and_with_its_number);
    tcase_add_test(tests, a_usercmd_that_does_nothing_tells_nothing);
    tcase_add_test(tests, a_game_without_such_events_has_none);
    tcase_add_test(tests, the_servers_own_is_the_same_one);
    tcase_add_test(tests, what_others_do_or_was_done_at_another_time_is_not);
    tcase_add_test(tests, what_the_server_refused_is_withdrawn_once);
    tcase_add_test(tests, two_of_one_snapshot_are_told_apart);
    tcase_add_test(tests, beyond_its_room_the_oldest_is_forgotten);
    return suite_run("foreseen", tests);
}
