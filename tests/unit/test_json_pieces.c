#include "server/session/json_pieces.h"

#include <string.h>

#include "shared/delta.h"
#include "tests/unit/hand_room.h"
#include "tests/unit/suite.h"

#define SLOTS   300
#define CLIENTS 20

static struct room room;
static struct json_pieces pieces;

static void set_up(void)
{
    hand_room_open(&room, SLOTS, 10, 7);
    json_pieces_init(&pieces, &room.schema, SLOTS);
}

static void tear_down(void)
{
    json_pieces_deinit(&pieces);
    hand_room_close(&room);
}

static struct frame *next_frame(void)
{
    hand_room_change(&room);
    hand_room_publish(&room);
    struct frame *f = room_take_frame(&room, 0);
    json_pieces_begin(&pieces, f);
    return f;
}

/* `base` may be NULL: then every entity counts. */
static bool is_told(const struct frame *base, const struct frame *now, uint16_t slot)
{
    if (frame_entity(now, slot) == NULL) return false;
    return base == NULL || frame_identity(base, slot) == frame_identity(now, slot);
}

/* What a writer that shares nothing says. */
static size_t write_plain(const struct frame *base, const struct frame *now, uint16_t slot,
                          char text[JSON_PIECE_BYTES_MAX])
{
    const struct entity *e = frame_entity(now, slot);
    int32_t wire[WIRE_FIELDS_MAX], known[WIRE_FIELDS_MAX];
    delta_quantize(&room.schema, e, wire);
    if (base != NULL) delta_quantize(&room.schema, frame_entity(base, slot), known);
    const struct json_entity said = {.slot = slot,
                                     .kind = e->kind,
                                     .owner = e->owner,
                                     .wire = wire,
                                     .base = base != NULL ? known : NULL};
    return json_piece_write(text, JSON_PIECE_BYTES_MAX, &room.schema, &said);
}

static void check_piece(struct json_piece piece, const struct frame *base, const struct frame *now,
                        uint16_t slot)
{
    char plain[JSON_PIECE_BYTES_MAX];
    size_t length = write_plain(base, now, slot, plain);
    if (piece.length_bytes != length || memcmp(piece.text, plain, length) != 0)
        ck_abort_msg("slot %u at tick %u", slot, now->tick);
}

/* Returns how many entities there were. */
static uint32_t check_all(const struct frame *base, const struct frame *now)
{
    char spare[JSON_PIECE_BYTES_MAX];
    uint32_t count = 0;
    struct json_page *page = json_pieces_page(&pieces, base);
    for (uint16_t slot = 0; slot < SLOTS; slot++) {
        if (!is_told(base, now, slot)) continue;
        check_piece(json_page_get(&pieces, page, slot, spare), base, now, slot);
        count++;
    }
    return count;
}

START_TEST(a_text_is_written_once_however_many_have_it)
{
    struct frame *a = next_frame(), *b = next_frame();
    uint32_t count = check_all(a, b), whole_count = check_all(NULL, b);
    for (unsigned i = 1; i < CLIENTS; i++) {
        check_all(a, b);
        check_all(NULL, b);
    }
    ck_assert_uint_gt(count, 0);
    ck_assert_uint_eq(pieces.written_count, count + whole_count);
    ck_assert_uint_eq(pieces.handed_count, CLIENTS * (count + whole_count));
    frame_release(a);
    frame_release(b);
}
END_TEST

START_TEST(a_new_frame_makes_all_texts_old)
{
    struct frame *base = next_frame(), *now = NULL;
    for (unsigned turn = 0; turn < 50; turn++) {
        if (now != NULL) frame_release(now);
        now = next_frame();
        check_all(base, now);
        check_all(NULL, now);
    }
    frame_release(base);
    frame_release(now);
}
END_TEST

/* The pages go round: whoever comes to one that gave way has it written anew. */
START_TEST(too_many_bases_cost_time_and_change_nothing)
{
    struct frame *frames[JSON_PAGES_MAX + 4];
    const uint32_t count = JSON_PAGES_MAX + 4;
    for (uint32_t i = 0; i < count; i++)
        frames[i] = next_frame();
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i + 1 < count; i++)
            check_all(frames[i], frames[count - 1]);
    }
    for (uint32_t i = 0; i < count; i++)
        frame_release(frames[i]);
}
END_TEST

START_TEST(a_full_arena_means_the_same_texts)
{
    struct frame *a = next_frame(), *b = next_frame();
    pieces.arena_bytes = JSON_PIECE_BYTES_MAX + 100;
    uint32_t count = check_all(NULL, b);
    check_all(NULL, b);
    ck_assert_uint_gt(pieces.written_count, count); /* some did not fit */
    ck_assert_uint_lt(pieces.written_count, 2 * count);
    check_all(a, b);
    frame_release(a);
    frame_release(b);
}
END_TEST

START_TEST(who_knows_an_entity_from_another_tick_gets_the_same)
{
    char spare[JSON_PIECE_BYTES_MAX];
    struct frame *a = next_frame(), *b = next_frame(), *c = next_frame();
    const struct frame *const bases[] = {a, b, NULL};
    check_all(b, c);
    uint64_t written_count = pieces.written_count;
    for (unsigned i = 0; i < 3; i++) {
        for (uint16_t slot = 0; slot < SLOTS; slot++) {
            if (!is_told(bases[i], c, slot)) continue;
            check_piece(json_pieces_get_alone(&pieces, bases[i], slot, spare), bases[i], c, slot);
        }
        if (i == 1) ck_assert_uint_eq(pieces.written_count, written_count); /* there is a page */
        written_count = pieces.written_count;
    }
    frame_release(a);
    frame_release(b);
    frame_release(c);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json_pieces");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_text_is_written_once_however_many_have_it);
    tcase_add_test(tests, a_new_frame_makes_all_texts_old);
    tcase_add_test(tests, too_many_bases_cost_time_and_change_nothing);
    tcase_add_test(tests, a_full_arena_means_the_same_texts);
    tcase_add_test(tests, who_knows_an_entity_from_another_tick_gets_the_same);
    return suite_run("json_pieces", tests);
}
