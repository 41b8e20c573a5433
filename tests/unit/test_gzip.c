#include "server/http/gzip.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/suite.h"

#define FILE_BYTES 100000

static struct gzip_cache cache;
static char path[] = "/tmp/tickwire-gzip-XXXXXX";

static void write_file(char fill, size_t length)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < length; i++)
        ck_assert_int_eq(write(fd, &fill, 1), 1);
    close(fd);
}

static void set_up(void)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    gzip_cache_init(&cache);
}

static void tear_down(void)
{
    gzip_cache_deinit(&cache);
    unlink(path);
}

/* As files_open() leaves it. */
static struct file open_file(const char *etag)
{
    struct stat status;
    struct file file = {.fd = open(path, O_RDONLY), .is_compressible = true};

    ck_assert_int_ge(file.fd, 0);
    ck_assert_int_eq(fstat(file.fd, &status), 0);
    file.bytes = (uint64_t)status.st_size;
    file.inode = (uint64_t)status.st_ino;
    strcpy(file.etag, etag);
    return file;
}

START_TEST(a_file_is_compressed_once_and_anew_when_it_changes)
{
    write_file('a', FILE_BYTES);
    struct file first = open_file("\"1\""), second = open_file("\"1\"");

    ck_assert(gzip_cache_swap(&cache, &first));
    ck_assert_str_eq(first.etag, "\"1-gz\"");
    ck_assert_uint_lt(first.bytes, 1000);
    uint8_t magic[2];
    ck_assert_int_eq(pread(first.fd, magic, 2, 0), 2);
    ck_assert_int_eq(magic[0] << 8 | magic[1], 0x1f8b);
    int copy = cache.entries[0].fd;
    ck_assert(gzip_cache_swap(&cache, &second));
    ck_assert_int_eq(cache.entries[0].fd, copy);
    ck_assert_int_ne(second.fd, first.fd);

    write_file('b', FILE_BYTES / 2);
    struct file third = open_file("\"2\"");
    ck_assert(gzip_cache_swap(&cache, &third));
    ck_assert_str_eq(third.etag, "\"2-gz\"");
    ck_assert_uint_eq(cache.count, 1);
    /* What is being sent stays readable. */
    ck_assert_int_eq(pread(first.fd, magic, 2, 0), 2);
    close(first.fd);
    close(second.fd);
    close(third.fd);
}
END_TEST

START_TEST(what_is_tiny_or_has_no_place_stays_as_it_is)
{
    write_file('a', 10);
    struct file tiny = open_file("\"1\"");
    ck_assert(!gzip_cache_swap(&cache, &tiny));
    ck_assert_str_eq(tiny.etag, "\"1\"");

    write_file('a', FILE_BYTES);
    struct file file = open_file("\"1\"");
    for (cache.count = 0; cache.count < GZIP_FILES_MAX; cache.count++)
        cache.entries[cache.count] = (struct gzip_entry){.fd = -1};
    ck_assert(!gzip_cache_swap(&cache, &file));
    close(tiny.fd);
    close(file.fd);
}
END_TEST

static bool accepts(const char *codings)
{
    char head[256];
    struct http_request request;
    unsigned status;
    int length = snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", codings);

    ck_assert_int_eq(http_request_parse(&request, head, (size_t)length, &status), RESULT_OK);
    return gzip_is_accepted(&request);
}

START_TEST(only_who_says_so_gets_gzip)
{
    ck_assert(accepts("Accept-Encoding: gzip\r\n"));
    ck_assert(accepts("Accept-Encoding: br;q=1.0, GZIP;q=0.2\r\n"));
    ck_assert(accepts("Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n"));
    ck_assert(!accepts(""));
    ck_assert(!accepts("Accept-Encoding: \r\n"));
    ck_assert(!accepts("Accept-Encoding: gzip;q=0\r\n"));
    ck_assert(!accepts("Accept-Encoding: gzip ; q=0.000\r\n"));
    ck_assert(!accepts("Accept-Encoding: x-gzipped, ;;, q\r\n"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("gzip");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_file_is_compressed_once_and_anew_when_it_changes);
    tcase_add_test(tests, what_is_tiny_or_has_no_place_stays_as_it_is);
    tcase_add_test(tests, only_who_says_so_gets_gzip);
    return suite_run("gzip", tests);
}
