#include "server/record/table_text.h"

#include <stdlib.h>
#include <string.h>

#include "shared/game.h"
#include "tests/unit/suite.h"
#include "tests/unit/test_game.h"

static struct stored_table *stored;
static struct schema *schema;

static void set_up(void)
{
    stored = malloc(sizeof *stored);
    schema = malloc(sizeof *schema);
}

static void tear_down(void)
{
    free(stored);
    free(schema);
}

static void read_back(const struct field_table *table)
{
    char *text = table_text_write(table);
    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(table_text_read(stored, text, strlen(text)), RESULT_OK);
    free(text);
}

START_TEST(every_game_comes_back_with_its_codes)
{
    for (size_t i = 0; i < games_count(); i++) {
        read_back(games_get(i)->table);
        ck_assert_int_eq(schema_init(schema, games_get(i)->table), RESULT_OK);
        ck_assert_uint_eq(stored->schema.hash, schema->hash);
        ck_assert_int_eq(stored->table.codes != NULL, games_get(i)->table->codes != NULL);
    }
}
END_TEST

START_TEST(a_table_without_codes_is_untrained)
{
    read_back(&test_table);
    ck_assert_ptr_null(stored->table.codes);
    ck_assert_int_eq(schema_init(schema, &test_table), RESULT_OK);
    ck_assert_uint_eq(stored->schema.hash, schema->hash);
}
END_TEST

/* Replaces the first `from` of the first game's text by `to` and reads it. */
static enum result read_changed(const char *from, const char *to)
{
    char *text = table_text_write(games_get(0)->table);
    char *at = strstr(text, from), *changed = malloc(strlen(text) + strlen(to) + 1);
    ck_assert_ptr_nonnull(at);
    memcpy(changed, text, (size_t)(at - text));
    strcpy(changed + (at - text), to);
    strcat(changed, at + strlen(from));
    enum result result = table_text_read(stored, changed, strlen(changed));
    free(changed);
    free(text);
    return result;
}

START_TEST(codes_that_are_none_are_refused)
{
    static const char *const changes[][2] = {
        {"\"codes\":[\"", "\"codes\":[\"1"}, /* a symbol more than there are bits for */
        {"\"codes\":[\"", "\"codes\":[\"g"}, /* no digit */
        {"\"codes\":[\"", "\"codes\":[\"\",\""},
        {"\"codes\":[", "\"codes\":[7,"},
        {"\"kind_codes\":[", "\"kind_codes\":[{},"},
        {"\"shapes\":[", "\"shapes\":[0,"},
        {"\"residues\":[", "\"residues\":[255,"},
    };
    ck_assert_int_eq(read_changed("\"codes\"", "\"codes\""), RESULT_OK);
    ck_assert_int_eq(read_changed(changes[_i][0], changes[_i][1]), RESULT_INVALID);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("table_text");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, every_game_comes_back_with_its_codes);
    tcase_add_test(tests, a_table_without_codes_is_untrained);
    tcase_add_loop_test(tests, codes_that_are_none_are_refused, 0, 7);
    return suite_run("table_text", tests);
}
