#include "client/sdl/menu.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static const struct usercmd_field fields[] = {
    {.name = "buttons", .kind = USERCMD_BUTTONS, .bits = 6, .max = 63}};
static const struct field_table table = {
    .game = "test", .usercmd_fields = fields, .usercmd_field_count = 1};
static const struct look_control controls[USERCMD_WORDS] = {{.key_count = 2,
                                                             .keys = {{"KeyW", 1}, {"ArrowUp", 1}},
                                                             .action_count = 2,
                                                             .actions = {{"up", 1}, {"fire", 16}}}};

static struct settings settings;
static struct menu *menu;

static void set_up(void)
{
    menu = malloc(sizeof *menu);
    settings_default(&settings);
    menu_init(menu, &settings, "ws://localhost:8080/ws/updates");
    menu_set_game(menu, &table, controls);
}

static void tear_down(void)
{
    free(menu);
}

static const struct menu_row *chosen(void)
{
    return &menu->rows[menu->chosen];
}

/* Goes down to the row of that label. */
static void go_to(const char *label)
{
    for (uint16_t i = 0; i < menu->row_count && strcmp(chosen()->label, label) != 0; i++)
        (void)menu_press(menu, MENU_DOWN);
    ck_assert_str_eq(chosen()->label, label);
}

static void open_page(const char *label)
{
    go_to(label);
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_NOTHING);
}

START_TEST(enter_at_once_plays_at_the_address)
{
    menu_open(menu, MENU_START);
    ck_assert_str_eq(chosen()->label, "Play");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_PLAY);
    ck_assert_str_eq(menu->address.text, "ws://localhost:8080/ws/updates");
    ck_assert_int_eq(menu_press(menu, MENU_BACK), MENU_QUIT);
}
END_TEST

START_TEST(rows_go_round_past_headings)
{
    settings_note_url(&settings, "ws://a/ws/updates");
    menu_open(menu, MENU_START);
    (void)menu_press(menu, MENU_UP);
    ck_assert_str_eq(chosen()->label, "Quit");
    for (uint16_t i = 0; i < 2 * menu->row_count; i++) {
        ck_assert_int_ne(chosen()->kind, MENU_HEADING);
        (void)menu_press(menu, MENU_DOWN);
    }
}
END_TEST

START_TEST(fields_take_what_is_typed_and_no_other_row_does)
{
    menu_open(menu, MENU_START);
    menu_type(menu, "x");
    ck_assert_str_eq(menu->address.text, "ws://localhost:8080/ws/updates");
    go_to("Name");
    menu_type(menu, "Adam");
    (void)menu_press(menu, MENU_ERASE);
    menu_type(menu, "\x07");
    ck_assert_str_eq(settings.name, "Ada");
    ck_assert_str_eq(chosen()->value, "Ada");
    ck_assert(menu_take_change(menu) && !menu_take_change(menu));
}
END_TEST

START_TEST(an_address_is_completed_and_a_bad_one_said)
{
    menu_open(menu, MENU_START);
    go_to("Server");
    for (int i = 0; i < 40; i++)
        (void)menu_press(menu, MENU_ERASE);
    menu_type(menu, "game.example.com");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_PLAY);
    ck_assert_str_eq(menu->address.text, "wss://game.example.com/ws/updates");
    menu_type(menu, " #");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_NOTHING);
    ck_assert_str_ne(menu->notice, "");
    (void)menu_press(menu, MENU_DOWN);
    ck_assert_str_eq(menu->notice, "");
}
END_TEST

START_TEST(a_recent_server_is_one_press)
{
    settings_note_url(&settings, "ws://a/ws/updates");
    menu_open(menu, MENU_START);
    go_to("ws://a/ws/updates");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_PLAY);
    ck_assert_str_eq(menu->address.text, "ws://a/ws/updates");
}
END_TEST

START_TEST(values_change_within_their_bounds)
{
    menu_open(menu, MENU_START);
    open_page("Settings");
    go_to("Volume");
    for (int i = 0; i < 20; i++)
        (void)menu_press(menu, MENU_RIGHT);
    ck_assert_uint_eq(settings.volume, 100);
    (void)menu_press(menu, MENU_LEFT);
    ck_assert_uint_eq(settings.volume, 90);
    ck_assert_str_eq(chosen()->value, "90 %");
    go_to("Text size");
    for (int i = 0; i < 20; i++)
        (void)menu_press(menu, MENU_LEFT);
    ck_assert_uint_eq(settings.text_scale, SETTINGS_SCALE_MIN);
    go_to("Captions for sounds");
    (void)menu_press(menu, MENU_ENTER);
    ck_assert(settings.has_captions);
    ck_assert_str_eq(chosen()->value, "on");
    (void)menu_press(menu, MENU_LEFT);
    ck_assert(!settings.has_captions);
}
END_TEST

START_TEST(back_leads_to_the_row_one_came_from)
{
    menu_open(menu, MENU_PAUSE);
    open_page("Settings");
    open_page("Keys");
    ck_assert_int_eq(menu_page(menu), MENU_KEYS);
    (void)menu_press(menu, MENU_BACK);
    ck_assert_str_eq(chosen()->label, "Keys");
    (void)menu_press(menu, MENU_BACK);
    ck_assert_str_eq(chosen()->label, "Settings");
    ck_assert_int_eq(menu_press(menu, MENU_BACK), MENU_RESUME);
    go_to("Leave the game");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_LEAVE);
}
END_TEST

START_TEST(a_key_is_laid_on_an_action)
{
    menu_open(menu, MENU_PAUSE);
    open_page("Settings");
    open_page("Keys");
    go_to("up");
    ck_assert_str_eq(chosen()->value, "W, Up, Pad Up");
    (void)menu_press(menu, MENU_ENTER);
    ck_assert(menu->is_waiting);
    menu_take_code(menu, "KeyI");
    ck_assert(!menu->is_waiting);
    ck_assert_str_eq(chosen()->value, "W, Up, Pad Up, I");
    (void)menu_press(menu, MENU_ERASE);
    ck_assert_str_eq(chosen()->value, "");
    (void)menu_press(menu, MENU_ENTER);
    (void)menu_press(menu, MENU_BACK);
    menu_take_code(menu, "KeyZ"); /* it waits no more */
    ck_assert_str_eq(chosen()->value, "");
    go_to("Standard keys");
    (void)menu_press(menu, MENU_ENTER);
    ck_assert_uint_eq(settings.key_count, 0);
}
END_TEST

START_TEST(a_folder_without_recordings_says_so)
{
    menu_open(menu, MENU_START);
    open_page("Recordings");
    menu_type(menu, "/nowhere");
    ck_assert_str_eq(menu->folder.text, "recordings/nowhere");
    ck_assert_uint_eq(menu->file_count, 0);
    ck_assert_str_eq(menu->rows[1].label, "No recording lies there.");
}
END_TEST

static const struct room_list two_rooms = {
    .count = 2, .entries = {{"arena", "tag", 3, 16}, {"den", "snake", 2, 2}}};

static void open_rooms(void)
{
    menu_open(menu, MENU_START);
    open_page("Rooms");
    ck_assert_int_eq(menu_page(menu), MENU_ROOMS);
    ck_assert(menu_take_question(menu) && !menu_take_question(menu));
}

START_TEST(rooms_show_who_plays_there)
{
    open_rooms();
    ck_assert_str_eq(menu->server.authority, "localhost:8080");
    ck_assert_str_eq(menu->rows[0].label, "Asking localhost:8080 for its rooms…");
    ck_assert_str_eq(chosen()->label, "Another room");
    menu_take_rooms(menu, &two_rooms);
    ck_assert_uint_eq(menu->chosen, 0);
    ck_assert_str_eq(menu->rows[0].label, "arena");
    ck_assert_str_eq(menu->rows[0].value, "3/16  tag");
    ck_assert_str_eq(menu->rows[1].label, "Watch arena");
    ck_assert_str_eq(menu->rows[2].value, "full: 2/2  snake");
    ck_assert_str_eq(menu->rows[3].label, "Watch den instead");
}
END_TEST

START_TEST(enter_joins_a_room_and_the_row_below_watches_it)
{
    open_rooms();
    menu_take_rooms(menu, &two_rooms);
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_PLAY);
    ck_assert_str_eq(menu->address.text, "ws://localhost:8080/ws/updates?room=arena");
    ck_assert_str_eq(menu->server.path, "/ws/updates?room=arena");
    go_to("den");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_NOTHING);
    ck_assert_str_eq(menu->notice, "den is full: watch instead?");
    ck_assert_str_eq(chosen()->label, "Watch den instead");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_SPECTATE);
    ck_assert_str_eq(menu->server.path, "/ws/updates?room=den");
}
END_TEST

START_TEST(a_room_of_another_name_is_joined_by_typing_it)
{
    open_rooms();
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_NOTHING);
    ck_assert_str_ne(menu->notice, "");
    menu_type(menu, "no room");
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_NOTHING);
    for (int i = 0; i < 5; i++)
        (void)menu_press(menu, MENU_ERASE);
    menu_take_rooms(menu, &two_rooms);
    ck_assert_str_eq(chosen()->value, "no"); /* it stays where one types */
    ck_assert_int_eq(menu_press(menu, MENU_ENTER), MENU_PLAY);
    ck_assert_str_eq(menu->address.text, "ws://localhost:8080/ws/updates?room=no");
}
END_TEST

START_TEST(the_chosen_room_stays_chosen_wherever_it_goes)
{
    struct room_list turned = {.count = 2};
    struct room_list none = {.notice = "There is no room."};

    turned.entries[0] = two_rooms.entries[1];
    turned.entries[1] = two_rooms.entries[0];
    open_rooms();
    menu_take_rooms(menu, &two_rooms);
    go_to("Watch arena");
    menu_take_rooms(menu, &turned);
    ck_assert_str_eq(chosen()->label, "Watch arena");
    ck_assert_uint_eq(menu->chosen, 3);
    menu_take_rooms(menu, &none);
    ck_assert_str_eq(menu->rows[0].label, "There is no room.");
    ck_assert_int_ne(chosen()->kind, MENU_HEADING);
    go_to("Back");
    menu_take_rooms(menu, &two_rooms);
    ck_assert_str_eq(chosen()->label, "Back");
}
END_TEST

START_TEST(as_many_rooms_as_can_be_and_the_longest_notice_fit)
{
    static struct room_list full = {.count = ROOM_LIST_MAX};

    for (int i = 0; i < ROOM_LIST_MAX; i++)
        full.entries[i] = two_rooms.entries[0];
    memset(full.notice, 'a', sizeof full.notice - 1);
    for (size_t i = 20; i < sizeof full.notice - 1; i += 21)
        full.notice[i] = ' ';
    open_rooms();
    menu_take_rooms(menu, &full);
    ck_assert_uint_lt(menu->row_count, MENU_ROWS_MAX);
    ck_assert_str_eq(menu->rows[menu->row_count - 1].label, "Back");
    memset(full.notice, 'a', sizeof full.notice - 1); /* one word */
    menu_take_rooms(menu, &full);
    ck_assert_uint_lt(menu->row_count, MENU_ROWS_MAX);
}
END_TEST

START_TEST(a_bad_address_has_no_rooms)
{
    menu_open(menu, MENU_START);
    go_to("Server");
    menu_type(menu, " #");
    open_page("Rooms");
    ck_assert_int_eq(menu_page(menu), MENU_START);
    ck_assert_str_ne(menu->notice, "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("menu");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, enter_at_once_plays_at_the_address);
    tcase_add_test(tests, rows_go_round_past_headings);
    tcase_add_test(tests, fields_take_what_is_typed_and_no_other_row_does);
    tcase_add_test(tests, an_address_is_completed_and_a_bad_one_said);
    tcase_add_test(tests, a_recent_server_is_one_press);
    tcase_add_test(tests, values_change_within_their_bounds);
    tcase_add_test(tests, back_leads_to_the_row_one_came_from);
    tcase_add_test(tests, a_key_is_laid_on_an_action);
    tcase_add_test(tests, a_folder_without_recordings_says_so);
    tcase_add_test(tests, rooms_show_who_plays_there);
    tcase_add_test(tests, enter_joins_a_room_and_the_row_below_watches_it);
    tcase_add_test(tests, a_room_of_another_name_is_joined_by_typing_it);
    tcase_add_test(tests, the_chosen_room_stays_chosen_wherever_it_goes);
    tcase_add_test(tests, as_many_rooms_as_can_be_and_the_longest_notice_fit);
    tcase_add_test(tests, a_bad_address_has_no_rooms);
    return suite_run("menu", tests);
}
