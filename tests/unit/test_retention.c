#include "server/record/retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/scratch.h"
#include "tests/unit/suite.h"

#define NOW_MS  UINT64_C(1800000000000)
#define HOUR_MS UINT64_C(3600000)

static struct scratch scratch;
static struct catalog *catalog;
static unsigned gone, kept_after_all;

static void setup(void)
{
    struct error error;
    scratch_open(&scratch);
    ck_assert_int_eq(catalog_open(&catalog, scratch.dir, &error), RESULT_OK);
    gone = kept_after_all = 0;
}

static void teardown(void)
{
    catalog_close(catalog);
    scratch_close(&scratch);
}

static const char *path_of(const char *id)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s.db", scratch.dir, id);
    return path;
}

/* A recording of one hour that began so long ago, as the catalog knows it. */
static void put(const char *id, uint64_t hours_ago, uint64_t bytes, enum recording_status status)
{
    uint64_t started_ms = NOW_MS - hours_ago * HOUR_MS;
    struct catalog_entry entry = {.started_ms = started_ms,
                                  .ended_ms = started_ms + HOUR_MS,
                                  .tick_count = 72000,
                                  .file_bytes = bytes,
                                  .status = status};
    struct error error;
    if (status == RECORDING_OPEN || status == RECORDING_TRUNCATED) entry.ended_ms = 0;
    snprintf(entry.id, sizeof entry.id, "%s", id);
    FILE *file = fopen(path_of(id), "w");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    ck_assert_int_eq(catalog_put(catalog, &entry, &error), RESULT_OK);
}

static void visit(void *context, const struct catalog_entry *entry, const char *reason,
                  const char *trouble)
{
    (void)context;
    ck_assert_str_ne(entry->id, "");
    ck_assert_str_ne(reason, "");
    if (trouble == NULL) {
        gone++;
    } else {
        kept_after_all++;
    }
}

static void apply(uint32_t keep_s, uint64_t keep_bytes)
{
    const struct retention_policy policy = {keep_s, keep_bytes};
    retention_apply(&policy, catalog, NOW_MS, visit, NULL);
}

/* Whether file and entry are there; never one without the other. */
static bool is_there(const char *id)
{
    struct catalog_entry *entries;
    struct error error;
    size_t count;
    bool is_listed = false;
    ck_assert_int_eq(catalog_list(scratch.dir, &entries, &count, &error), RESULT_OK);
    for (size_t i = 0; i < count; i++)
        is_listed = is_listed || strcmp(entries[i].id, id) == 0;
    free(entries);
    ck_assert_int_eq(is_listed, access(path_of(id), F_OK) == 0);
    return is_listed;
}

START_TEST(without_a_policy_everything_stays)
{
    put("old", 10000, 1000000000, RECORDING_COMPLETE);
    apply(0, 0);
    ck_assert(is_there("old"));
    ck_assert_uint_eq(gone, 0);
}
END_TEST

START_TEST(what_ended_too_long_ago_goes)
{
    put("old", 26, 1, RECORDING_COMPLETE);
    put("crashed", 26, 1, RECORDING_TRUNCATED);
    put("long", 25, 1, RECORDING_COMPLETE); /* ended just 24 hours ago */
    put("new", 2, 1, RECORDING_INCOMPLETE);
    apply(24 * 3600, 0);
    ck_assert(!is_there("old"));
    ck_assert(!is_there("crashed"));
    ck_assert(is_there("long"));
    ck_assert(is_there("new"));
    ck_assert_uint_eq(gone, 2);
}
END_TEST

START_TEST(the_oldest_go_until_the_rest_fits)
{
    put("c", 3, 400, RECORDING_COMPLETE);
    put("a", 9, 400, RECORDING_COMPLETE);
    put("b", 6, 400, RECORDING_COMPLETE);
    put("d", 1, 400, RECORDING_COMPLETE);
    apply(0, 1000);
    ck_assert(!is_there("a"));
    ck_assert(!is_there("b"));
    ck_assert(is_there("c"));
    ck_assert(is_there("d"));
    apply(0, 1000);
    ck_assert_uint_eq(gone, 2);
}
END_TEST

START_TEST(what_is_being_written_stays_and_counts)
{
    put("running", 9, 900, RECORDING_OPEN);
    put("ended", 2, 200, RECORDING_COMPLETE);
    apply(3600, 1000);
    ck_assert(is_there("running"));
    ck_assert(!is_there("ended"));
    apply(1, 1);
    ck_assert(is_there("running"));
}
END_TEST

START_TEST(a_journal_goes_with_its_file)
{
    char path[160];
    put("old", 26, 1, RECORDING_COMPLETE);
    snprintf(path, sizeof path, "%s-wal", path_of("old"));
    FILE *file = fopen(path, "w");
    fclose(file);
    apply(3600, 0);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_deleted_is_told_and_stays_listed)
{
    put("stuck", 26, 1, RECORDING_COMPLETE);
    unlink(path_of("stuck"));
    ck_assert_int_eq(mkdir(path_of("stuck"), 0700), 0); /* unlink() refuses a folder */
    apply(3600, 0);
    ck_assert_uint_eq(kept_after_all, 1);
    ck_assert(is_there("stuck"));
    rmdir(path_of("stuck"));
}
END_TEST

START_TEST(a_damaged_catalog_is_set_aside_and_begun_again)
{
    struct error error;
    char path[128], aside[160];
    snprintf(path, sizeof path, "%s/%s", scratch.dir, CATALOG_FILE);
    snprintf(aside, sizeof aside, "%s.damaged", path);
    put("one", 5, 1000, RECORDING_COMPLETE);
    catalog_close(catalog);
    ck_assert_int_eq(truncate(path, 5000), 0);

    ck_assert_int_eq(catalog_open(&catalog, scratch.dir, &error), RESULT_OK);
    ck_assert_int_eq(access(aside, F_OK), 0);
    put("two", 4, 1000, RECORDING_COMPLETE);
    catalog_close(catalog);
    ck_assert_int_eq(catalog_open(&catalog, scratch.dir, &error), RESULT_OK);
}
END_TEST

START_TEST(what_is_no_catalog_is_left_alone)
{
    struct error error;
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch.dir, CATALOG_FILE);
    catalog_close(catalog);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("somebody's shopping list", file);
    fclose(file);
    ck_assert_int_ne(catalog_open(&catalog, scratch.dir, &error), RESULT_OK);
    ck_assert_ptr_nonnull(strstr(error.message, "is not a sqlite database"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("retention");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, without_a_policy_everything_stays);
    tcase_add_test(tests, what_ended_too_long_ago_goes);
    tcase_add_test(tests, the_oldest_go_until_the_rest_fits);
    tcase_add_test(tests, what_is_being_written_stays_and_counts);
    tcase_add_test(tests, a_journal_goes_with_its_file);
    tcase_add_test(tests, a_file_that_cannot_be_deleted_is_told_and_stays_listed);
    tcase_add_test(tests, a_damaged_catalog_is_set_aside_and_begun_again);
    tcase_add_test(tests, what_is_no_catalog_is_left_alone);
    return suite_run("retention", tests);
}
