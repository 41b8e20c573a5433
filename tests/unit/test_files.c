#include "server/http/files.h"

#include <string.h>

#include "tests/unit/suite.h"

static const struct mapping {
    const char *path;
    enum result result;
    const char *inside;
} mappings[] = {
    {"/", RESULT_OK, "index.html"},
    {"/replays", RESULT_OK, "index.html"},
    {"/replay/7f", RESULT_OK, "index.html"},
    {"/main.js", RESULT_OK, "main.js"},
    {"/assets/a%20b.png", RESULT_OK, "assets/a b.png"},
    {"/a..b", RESULT_OK, "a..b"},
    {"/..", RESULT_CLOSED, NULL},
    {"/../x", RESULT_CLOSED, NULL},
    {"/a/../x", RESULT_CLOSED, NULL},
    {"/a/./x", RESULT_CLOSED, NULL},
    {"/%2e%2e/x", RESULT_CLOSED, NULL},
    {"/a%2f..%2fx", RESULT_CLOSED, NULL},
    {"/.git/config", RESULT_CLOSED, NULL},
    {"/a/.b", RESULT_CLOSED, NULL},
    {"//x", RESULT_CLOSED, NULL},
    {"/a//x", RESULT_CLOSED, NULL},
    {"/a/", RESULT_CLOSED, NULL},
    {"/%252e%252e/x", RESULT_OK, "%2e%2e/x"}, /* decoded once: a file of that name */
    {"/a\\b", RESULT_INVALID, NULL},
    {"/a%5c..", RESULT_INVALID, NULL},
    {"/a%00b", RESULT_INVALID, NULL},
    {"/%", RESULT_INVALID, NULL},
    {"/%g0", RESULT_INVALID, NULL},
    {"x", RESULT_CLOSED, NULL},
    {"", RESULT_CLOSED, NULL},
};

START_TEST(a_path_stays_inside_the_root)
{
    const struct mapping *m = &mappings[_i];
    char inside[FILES_PATH_BYTES_MAX];

    enum result r = files_map_path((struct http_text){m->path, strlen(m->path)}, inside);
    ck_assert_msg(r == m->result, "%s: %s", m->path, result_name(r));
    if (m->inside != NULL) ck_assert_str_eq(inside, m->inside);
}
END_TEST

START_TEST(a_path_too_long_for_a_file_is_none)
{
    char path[2 * FILES_PATH_BYTES_MAX], inside[FILES_PATH_BYTES_MAX];

    memset(path, 'a', sizeof path);
    path[0] = '/';
    ck_assert_int_eq(files_map_path((struct http_text){path, sizeof path}, inside), RESULT_CLOSED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("files");

    tcase_add_loop_test(tests, a_path_stays_inside_the_root, 0,
                        sizeof mappings / sizeof mappings[0]);
    tcase_add_test(tests, a_path_too_long_for_a_file_is_none);
    return suite_run("files", tests);
}
