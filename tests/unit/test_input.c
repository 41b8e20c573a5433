#include "client/sdl/input.h"

#include <stdlib.h>
#include <string.h>

#include "client/sdl/look_file.h"
#include "tests/unit/suite.h"

/* Buttons by keys and pointer, and an aim that goes round in 1024 steps. */
static const struct usercmd_field fields[] = {
    {.name = "buttons", .kind = USERCMD_BUTTONS, .bits = 6, .max = 63},
    {.name = "aim", .kind = USERCMD_ANGLE, .bits = 10, .max = 1023},
    {.name = "gear", .kind = USERCMD_SIGNED, .bits = 3, .min = -2, .max = 3},
};
static const struct field_table table = {
    .game = "test", .usercmd_fields = fields, .usercmd_field_count = 3};
static const char json[] = "{\"controls\": {\"buttons\": {\"keys\": {\"KeyW\": 1, \"ArrowUp\": 1,"
                           "\"Space\": 32, \"KeyX\": 192}, \"pointer\": {\"primary\": 16,"
                           "\"secondary\": 32}}, \"aim\": {\"pointer\": \"angle\"},"
                           "\"gear\": {\"keys\": {\"KeyE\": 7}}}}";

static struct look *look;
static struct input input;
static int32_t words[USERCMD_WORDS];

static void set_up(void)
{
    struct error error;
    look = malloc(sizeof *look);
    memset(&input, 0, sizeof input);
    ck_assert_int_eq(look_parse(look, &table, json, strlen(json), &error), RESULT_OK);
}

static void tear_down(void)
{
    free(look);
}

static int32_t read_buttons(void)
{
    input_read(&input, look, &table, words);
    return words[0];
}

START_TEST(keys_and_pointer_set_bits_while_they_are_held)
{
    ck_assert_int_eq(read_buttons(), 0);
    input_key(&input, "KeyW", true);
    input_pointer(&input, INPUT_PRIMARY, true);
    ck_assert_int_eq(read_buttons(), 1 | 16);
    ck_assert_int_eq(read_buttons(), 1 | 16);
    input_key(&input, "KeyW", false);
    ck_assert_int_eq(read_buttons(), 1 | 16); /* the frame in which it was let go */
    ck_assert_int_eq(read_buttons(), 16);
}
END_TEST

START_TEST(a_press_between_two_frames_counts)
{
    input_key(&input, "Space", true);
    input_key(&input, "Space", false);
    input_pointer(&input, INPUT_SECONDARY, true);
    input_pointer(&input, INPUT_SECONDARY, false);
    ck_assert_int_eq(read_buttons(), 32);
    ck_assert_int_eq(read_buttons(), 0);
}
END_TEST

START_TEST(two_keys_for_one_bit_do_not_let_go_of_each_other)
{
    input_key(&input, "KeyW", true);
    input_key(&input, "ArrowUp", true);
    input_key(&input, "KeyW", false);
    (void)read_buttons();
    ck_assert_int_eq(read_buttons(), 1);
}
END_TEST

START_TEST(release_lets_go_of_everything)
{
    input_key(&input, "KeyW", true);
    input_pointer(&input, INPUT_PRIMARY, true);
    input_release(&input);
    ck_assert_int_eq(read_buttons(), 0);
}
END_TEST

START_TEST(the_pointer_s_angle_becomes_steps)
{
    static const struct {
        float angle;
        int32_t steps;
    } cases[] = {{0, 0}, {1.5707963f, 256}, {3.1415927f, 512}, {-1.5707963f, 768}, {-0.0001f, 0}};

    ck_assert(input_aims(look));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        input.angle = cases[i].angle;
        (void)read_buttons();
        ck_assert_int_eq(words[1], cases[i].steps);
    }
}
END_TEST

START_TEST(words_stay_within_their_fields)
{
    input_key(&input, "KeyX", true); /* bits that the field has not */
    input_key(&input, "KeyE", true); /* more than its largest value */
    ck_assert_int_eq(read_buttons(), 0);
    ck_assert_int_eq(words[2], 3);
}
END_TEST

START_TEST(more_keys_than_hands_have_are_ignored)
{
    char code[] = "KeyA";

    for (int i = 0; i < 2 * INPUT_HELD_MAX; i++) {
        code[3] = (char)('A' + i % 22);
        input_key(&input, code, true);
    }
    input_release(&input);
    input_key(&input, "KeyW", true);
    ck_assert_int_eq(read_buttons(), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("input");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, keys_and_pointer_set_bits_while_they_are_held);
    tcase_add_test(tests, a_press_between_two_frames_counts);
    tcase_add_test(tests, two_keys_for_one_bit_do_not_let_go_of_each_other);
    tcase_add_test(tests, release_lets_go_of_everything);
    tcase_add_test(tests, the_pointer_s_angle_becomes_steps);
    tcase_add_test(tests, words_stay_within_their_fields);
    tcase_add_test(tests, more_keys_than_hands_have_are_ignored);
    return suite_run("input", tests);
}
