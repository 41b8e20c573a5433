#include "shared/map.h"

#include <stdlib.h>
#include <string.h>

#include "shared/limits.h"
#include "tests/unit/arena.h"
#include "tests/unit/suite.h"

static const uint8_t tiles[] = "####"
                               "#..#"
                               "####";

static const struct map room = {.width = 4, .height = 3, .tiles = tiles, .name = "room"};

static uint8_t packed[MAP_BYTES_MAX];
static uint8_t unpacked[MAP_TILES_MAX];

START_TEST(the_packed_form_is_size_and_runs)
{
    static const uint8_t golden[] = {4, 0, 3, 0, '#', 4, '.', 1, '#', 4};
    ck_assert_uint_eq(map_pack(&room, packed, sizeof packed), sizeof golden);
    ck_assert_mem_eq(packed, golden, sizeof golden);
}
END_TEST

START_TEST(a_map_comes_back)
{
    struct map read = {.name = "kept"};
    size_t length_bytes = map_pack(&room, packed, sizeof packed);
    ck_assert_int_eq(map_unpack(&read, packed, length_bytes, unpacked, sizeof unpacked), RESULT_OK);
    ck_assert_uint_eq(read.width, 4);
    ck_assert_uint_eq(read.height, 3);
    ck_assert_mem_eq(read.tiles, tiles, 12);
    ck_assert_str_eq(read.name, "kept");
}
END_TEST

START_TEST(runs_longer_than_256_are_split)
{
    static uint8_t field[700];
    struct map long_field = {.width = 700, .height = 1, .tiles = field}, read = {0};
    memset(field, '.', sizeof field);
    size_t length_bytes = map_pack(&long_field, packed, sizeof packed);
    ck_assert_uint_eq(length_bytes, 4 + 3 * 2);
    ck_assert_int_eq(map_unpack(&read, packed, length_bytes, unpacked, sizeof unpacked), RESULT_OK);
    ck_assert_mem_eq(read.tiles, field, sizeof field);
}
END_TEST

START_TEST(a_map_that_does_not_fit_is_not_packed)
{
    for (size_t capacity = 0; capacity < 10; capacity++)
        ck_assert_uint_eq(map_pack(&room, packed, capacity), 0);
}
END_TEST

START_TEST(every_truncated_prefix_is_invalid)
{
    struct map read = {0};
    size_t length_bytes = map_pack(&room, packed, sizeof packed);
    for (size_t i = 0; i < length_bytes; i++) {
        ck_assert_int_eq(map_unpack(&read, packed, i, unpacked, sizeof unpacked), RESULT_INVALID);
    }
}
END_TEST

START_TEST(broken_forms_are_invalid)
{
    static const uint8_t no_tiles[] = {0, 0, 5, 0};
    static const uint8_t unprintable[] = {1, 0, 1, 0, 31, 0};
    static const uint8_t too_long[] = {2, 0, 1, 0, '#', 2};
    static const uint8_t trailing[] = {1, 0, 1, 0, '#', 0, '#', 0};
    struct map read = {0};
    ck_assert_int_eq(map_unpack(&read, no_tiles, 4, unpacked, 8), RESULT_INVALID);
    ck_assert_int_eq(map_unpack(&read, unprintable, 6, unpacked, 8), RESULT_INVALID);
    ck_assert_int_eq(map_unpack(&read, too_long, 6, unpacked, 8), RESULT_INVALID);
    ck_assert_int_eq(map_unpack(&read, trailing, 8, unpacked, 8), RESULT_INVALID);
}
END_TEST

START_TEST(more_tiles_than_there_is_room_for_are_too_big)
{
    struct map read = {0};
    size_t length_bytes = map_pack(&room, packed, sizeof packed);
    ck_assert_int_eq(map_unpack(&read, packed, length_bytes, unpacked, 11), RESULT_TOO_BIG);
}
END_TEST

START_TEST(beyond_the_edges_lies_what_the_caller_says)
{
    ck_assert_uint_eq(map_tile(&room, 1, 1, '?'), '.');
    ck_assert_uint_eq(map_tile(&room, -1, 1, '?'), '?');
    ck_assert_uint_eq(map_tile(&room, 4, 1, '?'), '?');
    ck_assert_uint_eq(map_tile(&room, 1, 3, '?'), '?');
    ck_assert_uint_eq(map_tile(&room, INT32_MIN, INT32_MAX, '?'), '?');
}
END_TEST

START_TEST(the_maps_of_the_project_fit_into_a_message)
{
    static const char *const names[] = {"arena", "plains", "garden"};
    struct arena a;
    arena_open(&a, games_get(0), names[_i], 1);
    ck_assert_uint_gt(map_pack(&a.map, packed, sizeof packed), 0);
    arena_close(&a);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("map");

    tcase_add_test(tests, the_packed_form_is_size_and_runs);
    tcase_add_test(tests, a_map_comes_back);
    tcase_add_test(tests, runs_longer_than_256_are_split);
    tcase_add_test(tests, a_map_that_does_not_fit_is_not_packed);
    tcase_add_test(tests, every_truncated_prefix_is_invalid);
    tcase_add_test(tests, broken_forms_are_invalid);
    tcase_add_test(tests, more_tiles_than_there_is_room_for_are_too_big);
    tcase_add_test(tests, beyond_the_edges_lies_what_the_caller_says);
    tcase_add_loop_test(tests, the_maps_of_the_project_fit_into_a_message, 0, 3);
    return suite_run("map", tests);
}
