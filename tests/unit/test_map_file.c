#include "server/room/map_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/limits.h"
#include "tests/unit/suite.h"

static struct map_file map;
static struct error error;

static enum result parse(const char *text)
{
    return map_file_parse(&map, "maps/odd.json", text, strlen(text), &error);
}

START_TEST(rows_become_tiles)
{
    ck_assert_int_eq(parse("{\"name\": \"yard\", \"by\": 1, \"rows\": [\"#.#\", \"S H\"]}"),
                     RESULT_OK);
    ck_assert_uint_eq(map.map.width, 3);
    ck_assert_uint_eq(map.map.height, 2);
    ck_assert_str_eq(map.map.name, "yard");
    ck_assert_mem_eq(map.map.tiles, "#.#S H", 6);
    map_file_deinit(&map);
    map_file_deinit(&map);
}
END_TEST

START_TEST(a_map_without_a_name_has_its_files)
{
    ck_assert_int_eq(parse("{\"rows\": [\"#\"]}"), RESULT_OK);
    ck_assert_str_eq(map.map.name, "odd");
    map_file_deinit(&map);
    const char *text = "{\"rows\": [\"#\"]}";
    const char *path = "a-map-whose-name-is-longer-than-any-name-may-be";
    ck_assert_int_eq(map_file_parse(&map, path, text, strlen(text), &error), RESULT_OK);
    ck_assert_str_eq(map.map.name, "a-map-whose-name-is-longer-than");
    map_file_deinit(&map);
}
END_TEST

static const struct {
    const char *text, *sentence;
} broken[] = {
    {"", "map maps/odd.json, line 1: expected a JSON object"},
    {"{\"rows\":\n[\"#\",\n}", "map maps/odd.json, line 3: expected a JSON object"},
    {"[]", "map maps/odd.json, line 1: expected a JSON object"},
    {"{}", "map maps/odd.json: \"rows\" must be a list of at least one text of tiles"},
    {"{\"rows\": []}", "map maps/odd.json: \"rows\" must be a list of at least one text of tiles"},
    {"{\"rows\": [\"\"]}",
     "map maps/odd.json: \"rows\" must be a list of at least one text of tiles"},
    {"{\"rows\": \"##\"}",
     "map maps/odd.json: \"rows\" must be a list of at least one text of tiles"},
    {"{\"rows\": [7]}", "map maps/odd.json: \"rows\" must be a list of at least one text of tiles"},
    {"{\"rows\": [\"###\", \"##\"]}",
     "map maps/odd.json: row 2 is 2 tiles long, expected 3 as in row 1"},
    {"{\"rows\": [\"###\", 5]}",
     "map maps/odd.json: row 2 must be a text of printable ASCII characters"},
    {"{\"rows\": [\"#\\n#\"]}",
     "map maps/odd.json: row 1 must be a text of printable ASCII characters"},
    {"{\"rows\": [\"#\\u0000#\", \"###\"]}",
     "map maps/odd.json: row 2 is 3 tiles long, expected 1 as in row 1"},
    {"{\"rows\": [\"#\xc3\xa4\"]}",
     "map maps/odd.json: row 1 must be a text of printable ASCII characters"},
    {"{\"name\": 5, \"rows\": [\"#\"]}",
     "map maps/odd.json: \"name\" must be a text of 1 to 31 printable ASCII characters"},
    {"{\"name\": \"0123456789012345678901234567890123\", \"rows\": [\"#\"]}",
     "map maps/odd.json: \"name\" must be a text of 1 to 31 printable ASCII characters"},
};

START_TEST(a_broken_map_is_named_with_what_was_expected)
{
    ck_assert_int_eq(parse(broken[_i].text), RESULT_INVALID);
    ck_assert_str_eq(error.message, broken[_i].sentence);
    ck_assert_ptr_null(map.tiles);
}
END_TEST

/* Returns the JSON of `height` rows of `width` tiles, alternating or all alike; to be freed. */
static char *make_text(size_t width, size_t height, bool alternates)
{
    char *text = malloc(32 + height * (width + 3)), *at = text;
    at += sprintf(at, "{\"rows\":[");
    for (size_t y = 0; y < height; y++) {
        *at++ = '"';
        for (size_t x = 0; x < width; x++)
            *at++ = alternates && x % 2 == 0 ? '#' : '.';
        *at++ = '"';
        *at++ = y + 1 < height ? ',' : ']';
    }
    sprintf(at, "}");
    return text;
}

START_TEST(too_many_tiles_are_refused)
{
    char *text = make_text(1025, 1024, false);
    ck_assert_int_eq(parse(text), RESULT_TOO_BIG);
    ck_assert_str_eq(error.message,
                     "map maps/odd.json: 1025 x 1024 tiles, at most 1048576 in all are possible");
    free(text);
    text = make_text(70000, 2, false);
    ck_assert_int_eq(parse(text), RESULT_TOO_BIG);
    free(text);
    text = make_text(1024, 1024, false);
    ck_assert_int_eq(parse(text), RESULT_OK);
    map_file_deinit(&map);
    free(text);
}
END_TEST

START_TEST(a_map_that_does_not_pack_is_refused)
{
    char *text = make_text(200, 200, true);
    ck_assert_int_eq(parse(text), RESULT_TOO_BIG);
    ck_assert_str_eq(error.message, "map maps/odd.json: packs to more than 49152 bytes, "
                                    "expected longer runs of equal tiles");
    free(text);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    const char *text = "{\"name\": \"yard\", \"rows\": [\"#.#\", \"S H\"]}";
    for (size_t length = 0; length < strlen(text); length++) {
        char *part = malloc(length + 1);
        memcpy(part, text, length);
        ck_assert_int_ne(map_file_parse(&map, "x", part, length, &error), RESULT_OK);
        free(part);
    }
}
END_TEST

START_TEST(a_file_is_read)
{
    char path[] = "/tmp/tickwire-map-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    const char *text = "{\"name\": \"yard\", \"rows\": [\"##\"]}";
    ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    ck_assert_int_eq(map_file_load(&map, path, &error), RESULT_OK);
    ck_assert_uint_eq(map.map.width, 2);
    map_file_deinit(&map);
    unlink(path);
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
    ck_assert_int_eq(map_file_load(&map, "/no/such/map.json", &error), RESULT_IO);
    ck_assert_str_eq(error.message, "map /no/such/map.json: No such file or directory");
    ck_assert_int_eq(map_file_load(&map, "/tmp", &error), RESULT_IO);
    ck_assert_str_eq(error.message, "map /tmp: Is a directory");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("map_file");

    tcase_add_test(tests, rows_become_tiles);
    tcase_add_test(tests, a_map_without_a_name_has_its_files);
    tcase_add_loop_test(tests, a_broken_map_is_named_with_what_was_expected, 0,
                        sizeof broken / sizeof broken[0]);
    tcase_add_test(tests, too_many_tiles_are_refused);
    tcase_add_test(tests, a_map_that_does_not_pack_is_refused);
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, a_file_is_read);
    tcase_add_test(tests, what_cannot_be_read_is_named);
    return suite_run("map_file", tests);
}
