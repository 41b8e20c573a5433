#include "server/net/proxy_header.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

#define V4 SIGNATURE "\x21\x11\x00\x0c\xcb\x00\x71\x07\x7f\x00\x00\x01\xd4\x31\x01\xbb"
#define V6                                                                                 \
    SIGNATURE "\x21\x21\x00\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0" \
              "\0\0\0\0\0\0\0\x01\x10\x00\x01\xbb"

/* A copy of exactly that size, for AddressSanitizer's sake. */
static enum result parse(struct proxy_header *header, const char *bytes, size_t length)
{
    uint8_t *copy = malloc(length + 1);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy + 1, bytes, length);
    enum result r = proxy_header_parse(header, copy + 1, length);
    free(copy);
    return r;
}

static void source_is(const char *bytes, size_t length, const char *ip, uint16_t port)
{
    struct proxy_header header;
    char text[ADDRESS_TEXT_BYTES];

    for (size_t i = 0; i < length; i++) {
        ck_assert_int_eq(parse(&header, bytes, i), RESULT_AGAIN);
        ck_assert_uint_gt(header.header_bytes, i);
        ck_assert_uint_le(header.header_bytes, length);
    }
    ck_assert_int_eq(parse(&header, bytes, length), RESULT_OK);
    ck_assert_uint_eq(header.header_bytes, length);
    ck_assert(header.has_address);
    address_to_text(&header.source, text);
    ck_assert_str_eq(text, ip);
    ck_assert_uint_eq(header.source.port, port);
}

START_TEST(the_source_is_read_of_both_families)
{
    source_is(V4, sizeof V4 - 1, "203.0.113.7", 54321);
    source_is(V6, sizeof V6 - 1, "2001:db8::9", 4096);
}
END_TEST

START_TEST(extensions_are_skipped)
{
    static const char with_tlv[] =
        SIGNATURE "\x21\x11\x00\x11\xcb\x00\x71\x07\x7f\x00\x00\x01\xd4\x31\x01\xbb\x04\x00\x02"
                  "ab";
    source_is(with_tlv, sizeof with_tlv - 1, "203.0.113.7", 54321);
}
END_TEST

START_TEST(what_has_no_address_of_ours_keeps_the_proxys)
{
    static const char local[] = SIGNATURE "\x20\x00\x00\x00",
                      unix_path[] = SIGNATURE "\x21\x31\x00\x01x";
    struct proxy_header header;

    ck_assert_int_eq(parse(&header, local, sizeof local - 1), RESULT_OK);
    ck_assert(!header.has_address);
    ck_assert_int_eq(parse(&header, unix_path, sizeof unix_path - 1), RESULT_OK);
    ck_assert(!header.has_address);
}
END_TEST

START_TEST(what_is_no_header_is_refused_where_it_shows)
{
    struct proxy_header header;

    ck_assert_int_eq(parse(&header, "\r\n\r\n\0\r\nQUIX", 11), RESULT_INVALID);
    ck_assert_int_eq(parse(&header, "\r\nG", 3), RESULT_INVALID);
    ck_assert_int_eq(parse(&header, SIGNATURE "\x11", 13), RESULT_INVALID);
    ck_assert_int_eq(parse(&header, SIGNATURE "\x22", 13), RESULT_INVALID);
    ck_assert_int_eq(parse(&header,
                           SIGNATURE "\x21\x11\x00\x04"
                                     "abcd",
                           20),
                     RESULT_INVALID);
    ck_assert_int_eq(parse(&header, SIGNATURE "\x21\x11\x04\x00", 16), RESULT_TOO_BIG);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("proxy_header");

    tcase_add_test(tests, the_source_is_read_of_both_families);
    tcase_add_test(tests, extensions_are_skipped);
    tcase_add_test(tests, what_has_no_address_of_ours_keeps_the_proxys);
    tcase_add_test(tests, what_is_no_header_is_refused_where_it_shows);
    return suite_run("proxy_header", tests);
}
