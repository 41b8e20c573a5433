#include "client/sdl/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/host/error.h"
#include "tests/lib/scratch.h"
#include "tests/unit/suite.h"

static struct settings settings;
static struct error error;

/* Quotes are written as ' for reading's sake. */
static enum result parse(const char *text)
{
    static char json[8192];
    ck_assert_uint_lt(strlen(text), sizeof json);
    strcpy(json, text);
    for (char *c = json; *c != '\0'; c++)
        if (*c == '\'') *c = '"';
    return settings_parse(&settings, json, strlen(json), &error);
}

static const char whole[] =
    "{'name': 'Ada', 'colour': 3, 'volume': 40, 'muted': true, 'captions': true,"
    "'reduced_motion': true, 'palette': 'safe', 'text_scale': 150, 'full_screen': true,"
    "'vsync': false, 'keys': {'buttons': {'KeyI': 1, 'KeyW': 0}, 'gear': {'KeyE': -2}},"
    "'recent': ['wss://a/ws/updates', 'ws://b/ws/updates'], 'of_the_future': [1]}";

START_TEST(an_empty_object_is_the_defaults)
{
    ck_assert_int_eq(parse("{}"), RESULT_OK);
    ck_assert_str_eq(settings.name, "");
    ck_assert_uint_eq(settings.colour, 0);
    ck_assert_uint_eq(settings.volume, 70);
    ck_assert_uint_eq(settings.text_scale, 100);
    ck_assert(settings.has_vsync && !settings.is_muted && !settings.is_safe);
    ck_assert_uint_eq(settings.recent_count + settings.key_count, 0);
}
END_TEST

START_TEST(what_is_printed_is_read_again)
{
    ck_assert_int_eq(parse(whole), RESULT_OK);
    char *text = settings_print(&settings);
    struct settings first = settings;

    ck_assert_int_eq(settings_parse(&settings, text, strlen(text), &error), RESULT_OK);
    free(text);
    ck_assert_str_eq(settings.name, "Ada");
    ck_assert_uint_eq(settings.colour, 3);
    ck_assert_uint_eq(settings.volume, 40);
    ck_assert(settings.is_muted && settings.has_captions && settings.has_reduced_motion);
    ck_assert(settings.is_safe && settings.is_full_screen && !settings.has_vsync);
    ck_assert_uint_eq(settings.text_scale, 150);
    ck_assert_uint_eq(settings.key_count, first.key_count);
    ck_assert_int_eq(settings_find_key(&settings, "buttons", "KeyI")->bits, 1);
    ck_assert_int_eq(settings_find_key(&settings, "buttons", "KeyW")->bits, 0);
    ck_assert_int_eq(settings_find_key(&settings, "gear", "KeyE")->bits, -2);
    ck_assert_ptr_null(settings_find_key(&settings, "gear", "KeyI"));
    ck_assert_uint_eq(settings.recent_count, 2);
    ck_assert_str_eq(settings.recent[0], "wss://a/ws/updates");
    ck_assert_str_eq(settings.recent[1], "ws://b/ws/updates");
}
END_TEST

static const struct {
    const char *text, *says;
} bad[] = {
    {"[]", "expected a JSON object"},
    {"{", "expected a JSON object"},
    {"{'volume': 101}", "volume: expected a number of 0 to 100"},
    {"{'volume': -1}", "volume"},
    {"{'volume': 1e300}", "volume"},
    {"{'muted': 1}", "muted: expected true or false"},
    {"{'colour': 'red'}", "colour: expected a number of 0 to 12"},
    {"{'text_scale': 79}", "text_scale: expected a number of 80 to 200"},
    {"{'palette': 'bright'}", "palette: expected \"standard\" or \"safe\""},
    {"{'name': 'a name of more than 24 bytes'}", "name: expected readable text"},
    {"{'name': 'bell\\u0007'}", "name"},
    {"{'keys': []}", "keys: expected an object"},
    {"{'keys': {'buttons': {'KeyOfALongerName': 1}}}", "keys"},
    {"{'keys': {'buttons': {'KeyA': 1e10}}}", "keys"},
    {"{'keys': {'buttons': {'': 1}}}", "keys"},
    {"{'recent': 'ws://a'}", "recent: expected a list"},
    {"{'recent': [1]}", "recent"},
};

START_TEST(a_bad_value_is_named_and_leaves_the_defaults)
{
    ck_assert_int_eq(parse(bad[_i].text), RESULT_INVALID);
    ck_assert_msg(strstr(error.message, bad[_i].says) != NULL, "%s", error.message);
    ck_assert_uint_eq(settings.volume, 70);
    ck_assert_uint_eq(settings.recent_count + settings.key_count, 0);
}
END_TEST

/* Cut short anywhere, or with any byte another: refused or read, never beyond its bounds. */
START_TEST(no_text_harms)
{
    char text[sizeof whole];

    ck_assert_int_eq(parse(whole), RESULT_OK);
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        char *exact = malloc(length + 1);
        memcpy(exact, whole, length);
        (void)settings_parse(&settings, exact, length, &error);
        free(exact);
    }
    for (size_t at = 0; at < sizeof whole - 1; at++) {
        for (unsigned byte = 1; byte < 256; byte += 6) {
            memcpy(text, whole, sizeof whole);
            for (char *c = text; *c != '\0'; c++)
                if (*c == '\'') *c = '"';
            text[at] = (char)byte;
            (void)settings_parse(&settings, text, sizeof whole - 1, &error);
            ck_assert_uint_le(settings.volume, 100);
            ck_assert_uint_le(settings.colour, COLOURS_MAX);
            ck_assert_uint_le(strlen(settings.name), NAME_BYTES_MAX);
        }
    }
}
END_TEST

START_TEST(more_keys_than_fit_are_refused)
{
    char code[LOOK_CODE_BYTES];

    settings_default(&settings);
    for (int i = 0; i < SETTINGS_KEYS_MAX; i++) {
        (void)snprintf(code, sizeof code, "Key%d", i);
        ck_assert(settings_set_key(&settings, "buttons", code, i));
    }
    ck_assert(!settings_set_key(&settings, "buttons", "KeyA", 1));
    ck_assert(settings_set_key(&settings, "buttons", "Key0", 7));
    settings_forget_key(&settings, "buttons", "Key0");
    ck_assert(settings_set_key(&settings, "buttons", "KeyA", 1));
}
END_TEST

START_TEST(the_newest_address_comes_first_and_none_twice)
{
    char url[32], longest[SETTINGS_URL_CHARS_MAX + 2];

    settings_default(&settings);
    for (int i = 0; i < SETTINGS_RECENT_MAX + 2; i++) {
        (void)snprintf(url, sizeof url, "ws://h%d/", i);
        settings_note_url(&settings, url);
    }
    ck_assert_uint_eq(settings.recent_count, SETTINGS_RECENT_MAX);
    ck_assert_str_eq(settings.recent[0], "ws://h7/");
    ck_assert_str_eq(settings.recent[SETTINGS_RECENT_MAX - 1], "ws://h2/");
    settings_note_url(&settings, "ws://h4/");
    ck_assert_str_eq(settings.recent[0], "ws://h4/");
    ck_assert_str_eq(settings.recent[1], "ws://h7/");
    ck_assert_str_eq(settings.recent[SETTINGS_RECENT_MAX - 1], "ws://h2/");
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    settings_note_url(&settings, longest);
    ck_assert_str_eq(settings.recent[0], "ws://h4/");
}
END_TEST

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_file_comes_back_and_a_bad_one_is_kept_beside)
{
    struct scratch scratch;
    char beside[sizeof scratch.path + 8];

    scratch_open(&scratch);
    (void)snprintf(beside, sizeof beside, "%s.bad", scratch.path);
    ck_assert_int_eq(settings_load(&settings, scratch.path, &error), RESULT_OK);
    strcpy(settings.name, "Ada");
    ck_assert_int_eq(settings_save(&settings, scratch.path, &error), RESULT_OK);
    settings_default(&settings);
    ck_assert_int_eq(settings_load(&settings, scratch.path, &error), RESULT_OK);
    ck_assert_str_eq(settings.name, "Ada");

    write_text(scratch.path, "{\"volume\": \"loud\"}");
    ck_assert_int_eq(settings_load(&settings, scratch.path, &error), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "volume: expected a number"));
    ck_assert_str_eq(settings.name, "");
    ck_assert_int_eq(access(scratch.path, F_OK), -1);
    ck_assert_int_eq(access(beside, F_OK), 0);
    scratch_close(&scratch);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("settings");
    tcase_add_test(tests, an_empty_object_is_the_defaults);
    tcase_add_test(tests, what_is_printed_is_read_again);
    tcase_add_loop_test(tests, a_bad_value_is_named_and_leaves_the_defaults, 0,
                        sizeof bad / sizeof bad[0]);
    tcase_add_test(tests, no_text_harms);
    tcase_add_test(tests, more_keys_than_fit_are_refused);
    tcase_add_test(tests, the_newest_address_comes_first_and_none_twice);
    tcase_add_test(tests, a_file_comes_back_and_a_bad_one_is_kept_beside);
    return suite_run("settings", tests);
}
