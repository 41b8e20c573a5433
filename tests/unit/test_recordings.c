#include "client/sdl/recordings.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/lib/scratch.h"
#include "tests/unit/suite.h"

static struct scratch scratch;
static struct recording_file files[3];

/* Makes an empty file, last written `age_s` seconds ago. */
static void put(const char *name, int age_s)
{
    char path[sizeof scratch.dir + 64];
    time_t written_s = time(NULL) - age_s;

    (void)snprintf(path, sizeof path, "%s/%s", scratch.dir, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fclose(file), 0);
    const struct timespec times[2] = {{.tv_sec = written_s}, {.tv_sec = written_s}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

START_TEST(recordings_come_newest_first_and_nothing_else_does)
{
    scratch_open(&scratch);
    put("old.db", 300);
    put("new.db", 10);
    put("catalog.db", 1);
    put("notes.txt", 1);
    put(".hidden.db", 1);
    ck_assert_uint_eq(recordings_list(scratch.dir, files, 3), 2);
    ck_assert_str_eq(files[0].name, "new.db");
    ck_assert_str_eq(files[1].name, "old.db");
    scratch_close(&scratch);
}
END_TEST

START_TEST(the_oldest_give_way)
{
    scratch_open(&scratch);
    put("a.db", 40);
    put("b.db", 10);
    put("c.db", 30);
    put("d.db", 20);
    put("e.db", 50);
    ck_assert_uint_eq(recordings_list(scratch.dir, files, 3), 3);
    ck_assert_str_eq(files[0].name, "b.db");
    ck_assert_str_eq(files[1].name, "d.db");
    ck_assert_str_eq(files[2].name, "c.db");
    scratch_close(&scratch);
}
END_TEST

START_TEST(no_folder_has_none)
{
    ck_assert_uint_eq(recordings_list("/no/such/folder", files, 3), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("recordings");
    tcase_add_test(tests, recordings_come_newest_first_and_nothing_else_does);
    tcase_add_test(tests, the_oldest_give_way);
    tcase_add_test(tests, no_folder_has_none);
    return suite_run("recordings", tests);
}
