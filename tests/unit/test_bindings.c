#include "client/sdl/bindings.h"

#include <stdlib.h>
#include <string.h>

#include "client/sdl/look_file.h"
#include "tests/unit/suite.h"

#define UP   1
#define FIRE 16
#define BEAM 32

static const struct usercmd_field fields[] = {
    {.name = "buttons", .kind = USERCMD_BUTTONS, .bits = 6, .max = 63},
    {.name = "aim", .kind = USERCMD_ANGLE, .bits = 10, .max = 1023},
};
static const struct field_table table = {
    .game = "test", .usercmd_fields = fields, .usercmd_field_count = 2};
static const char json[] = "{\"controls\": {\"buttons\": {\"keys\": {\"KeyW\": 1, \"ArrowUp\": 1,"
                           "\"Space\": 32}, \"pointer\": {\"primary\": 16, \"secondary\": 32}},"
                           "\"aim\": {\"pointer\": \"angle\"}}}";

static struct look *plain, *look;
static struct settings settings;

static void set_up(void)
{
    struct error error;
    plain = malloc(sizeof *plain);
    look = malloc(sizeof *look);
    settings_default(&settings);
    ck_assert_int_eq(look_parse(plain, &table, json, strlen(json), &error), RESULT_OK);
}

static void tear_down(void)
{
    free(plain);
    free(look);
}

static const char *keys_of(int32_t bits)
{
    static char line[128];
    *look = *plain;
    bindings_apply(look->controls, &table, &settings);
    bindings_print(&look->controls[0], bits, line, sizeof line);
    return line;
}

START_TEST(a_pad_does_what_arrows_and_pointer_do)
{
    ck_assert_str_eq(keys_of(UP), "W, Up, Pad Up");
    ck_assert_str_eq(keys_of(FIRE), "Pad A, Pad R2");
    ck_assert_str_eq(keys_of(BEAM), "Space, Pad B, Pad L2");
    ck_assert(bindings_has(look->controls, "PadUp") && !bindings_has(look->controls, "KeyN"));
}
END_TEST

START_TEST(a_key_goes_over_to_another_action)
{
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "KeyW", FIRE));
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "KeyI", UP));
    ck_assert_str_eq(keys_of(UP), "Up, Pad Up, I");
    ck_assert_str_eq(keys_of(FIRE), "W, Pad A, Pad R2");
}
END_TEST

START_TEST(only_what_differs_is_kept)
{
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "KeyW", FIRE));
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "PadA", UP));
    ck_assert_uint_eq(settings.key_count, 2);
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "KeyW", UP));
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "PadA", FIRE));
    ck_assert_uint_eq(settings.key_count, 0);
    ck_assert_str_eq(keys_of(UP), "W, Up, Pad Up");
}
END_TEST

START_TEST(an_action_may_have_no_key)
{
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "KeyI", UP));
    ck_assert(bindings_clear(&settings, &table, plain->controls, 0, UP));
    ck_assert_str_eq(keys_of(UP), "");
    ck_assert_str_eq(keys_of(BEAM), "Space, Pad B, Pad L2");
    ck_assert(!bindings_has(look->controls, "KeyW"));
}
END_TEST

START_TEST(codes_read_as_words)
{
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "ShiftLeft", UP));
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "Digit1", UP));
    ck_assert(bindings_lay(&settings, &table, plain->controls, 0, "F1", UP));
    ck_assert_str_eq(keys_of(UP), "W, Up, Pad Up, Shift Left, 1, F1");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("bindings");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_pad_does_what_arrows_and_pointer_do);
    tcase_add_test(tests, a_key_goes_over_to_another_action);
    tcase_add_test(tests, only_what_differs_is_kept);
    tcase_add_test(tests, an_action_may_have_no_key);
    tcase_add_test(tests, codes_read_as_words);
    return suite_run("bindings", tests);
}
