#include "shared/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

/* RFC 3629 §3 by its definition: decode, then compare with the ranges. Returns the length of the
 * character at bytes[0..length), or 0 if there is none. */
static size_t character_bytes(const uint8_t *bytes, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = bytes[0] < 0x80             ? 1
                  : (bytes[0] & 0xe0) == 0xc0 ? 2
                  : (bytes[0] & 0xf0) == 0xe0 ? 3
                  : (bytes[0] & 0xf8) == 0xf0 ? 4
                                              : 0;
    if (size == 0 || size > length) return 0;

    uint32_t point = size == 1 ? bytes[0] : bytes[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0;
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < least[size] || point > 0x10ffff || is_surrogate ? 0 : size;
}

static bool is_valid_by_definition(const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t size = character_bytes(bytes + at, length - at);
        if (size == 0) return false;
        at += size;
    }
    return true;
}

START_TEST(every_text_of_up_to_three_bytes_is_judged_as_the_definition_says)
{
    for (uint32_t value = 0; value < 1u << 24; value++) {
        uint8_t bytes[] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
        for (size_t length = value > 0xffff ? 3 : value > 0xff ? 2 : 1; length <= 3; length++) {
            const uint8_t *text = bytes + 3 - length;
            if (utf8_is_valid(text, length) != is_valid_by_definition(text, length))
                ck_abort_msg("%zu bytes of %06x", length, value);
        }
    }
}
END_TEST

/* Leads F0 to FF, every second and third byte, and fourth bytes at the edges of 80..BF. */
START_TEST(texts_of_four_bytes_are_judged_as_the_definition_says)
{
    static const uint8_t lasts[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};

    for (uint32_t value = 0; value < 1u << 20; value++) {
        uint8_t bytes[] = {(uint8_t)(0xf0 | value >> 16), (uint8_t)(value >> 8), (uint8_t)value, 0};
        for (size_t i = 0; i < sizeof lasts; i++) {
            bytes[3] = lasts[i];
            if (utf8_is_valid(bytes, 4) != is_valid_by_definition(bytes, 4))
                ck_abort_msg("%05x and %02x", value, lasts[i]);
        }
    }
}
END_TEST

struct text_case {
    const char *text;
    size_t valid_bytes; /* where the first byte stands that no valid text has there */
};

/* After M. Kuhn's UTF-8 decoder stress test. */
static const struct text_case bad_texts[] = {
    {"\x80", 0},
    {"ab\xbf", 2},
    {"\xc0\xaf", 0},
    {"\xc1\xbf", 0},
    {"\xe0\x80\xaf", 1},
    {"\xe0\x9f\xbf", 1},
    {"\xf0\x80\x80\xaf", 1},
    {"\xf0\x8f\xbf\xbf", 1},
    {"\xf8\x88\x80\x80\x80", 0},
    {"\xed\xa0\x80", 1},
    {"\xed\xbf\xbf", 1},
    {"\xf4\x90\x80\x80", 1},
    {"\xf5\x80\x80\x80", 0},
    {"\xfe", 0},
    {"\xff", 0},
    {"\xe2\x82x", 2},
    {"\xe2\x82\xc3", 2},
    {"0123456789012345678901234567890123456789\xff", 40},
};

START_TEST(bad_text_fails_at_its_first_bad_byte)
{
    const struct text_case *c = &bad_texts[_i];
    const uint8_t *bytes = (const uint8_t *)c->text;
    struct utf8_checker checker;

    ck_assert(!utf8_is_valid(bytes, strlen(c->text)));
    utf8_checker_init(&checker);
    ck_assert(utf8_check(&checker, bytes, c->valid_bytes));
    ck_assert(!utf8_check(&checker, bytes + c->valid_bytes, 1));
}
END_TEST

START_TEST(a_failed_checker_stays_failed)
{
    struct utf8_checker checker = {0};

    ck_assert(!utf8_check(&checker, (const uint8_t *)"\xff", 1));
    for (unsigned byte = 0; byte < 256; byte++)
        ck_assert(!utf8_check(&checker, &(uint8_t){(uint8_t)byte}, 1));
    ck_assert(!utf8_check(&checker, NULL, 0));
    ck_assert(!utf8_is_complete(&checker));
}
END_TEST

static const char good[] =
    "plain \xc2\x80\xdf\xbf \xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf "
    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf and a longer run of plain text after them \xce\xba";

START_TEST(good_text_passes_in_two_pieces_at_every_cut)
{
    const uint8_t *bytes = (const uint8_t *)good;
    const size_t length = sizeof good - 1;

    for (size_t cut = 0; cut <= length; cut++) {
        struct utf8_checker checker = {0};
        ck_assert(utf8_check(&checker, bytes, cut));
        ck_assert_int_eq(utf8_is_complete(&checker), is_valid_by_definition(bytes, cut));
        ck_assert(utf8_check(&checker, bytes + cut, length - cut));
        ck_assert(utf8_is_complete(&checker));
    }
}
END_TEST

START_TEST(good_text_passes_byte_by_byte)
{
    struct utf8_checker checker = {0};

    for (size_t i = 0; i < sizeof good - 1; i++)
        ck_assert(utf8_check(&checker, (const uint8_t *)good + i, 1));
    ck_assert(utf8_is_complete(&checker));
}
END_TEST

/* The fast path reads words: no place of the bad byte may escape it, nor may it read too far. */
START_TEST(a_bad_byte_is_found_wherever_it_stands)
{
    for (size_t length = 1; length < 80; length++) {
        uint8_t *text = malloc(length);
        ck_assert_ptr_nonnull(text);
        memset(text, 'a', length);
        ck_assert(utf8_is_valid(text, length));
        for (size_t at = 0; at < length; at++) {
            text[at] = 0x80;
            ck_assert(!utf8_is_valid(text, length));
            text[at] = 'a';
        }
        free(text);
    }
}
END_TEST

START_TEST(the_empty_text_is_valid)
{
    ck_assert(utf8_is_valid("", 0));
}
END_TEST

START_TEST(a_cut_leaves_whole_characters)
{
    for (size_t max = 0; max < sizeof good + 2; max++) {
        size_t cut = utf8_cut_bytes(good, sizeof good - 1, max);
        ck_assert_uint_le(cut, max);
        ck_assert(utf8_is_valid(good, cut));
        ck_assert(cut == sizeof good - 1 || max - cut < 4);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("utf8");

    tcase_add_test(tests, every_text_of_up_to_three_bytes_is_judged_as_the_definition_says);
    tcase_add_test(tests, texts_of_four_bytes_are_judged_as_the_definition_says);
    tcase_add_loop_test(tests, bad_text_fails_at_its_first_bad_byte, 0,
                        sizeof bad_texts / sizeof bad_texts[0]);
    tcase_add_test(tests, a_failed_checker_stays_failed);
    tcase_add_test(tests, good_text_passes_in_two_pieces_at_every_cut);
    tcase_add_test(tests, good_text_passes_byte_by_byte);
    tcase_add_test(tests, a_bad_byte_is_found_wherever_it_stands);
    tcase_add_test(tests, the_empty_text_is_valid);
    tcase_add_test(tests, a_cut_leaves_whole_characters);
    return suite_run("utf8", tests);
}
