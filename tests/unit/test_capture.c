#include "client/view/capture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/view_rig.h"

#define SECOND_US 1000000u
#define WALL_MS   UINT64_C(1800000000123)
#define FILE_MAX  (4 * 1024 * 1024)

static struct rig rig;
static uint8_t *file;
static size_t file_bytes;
static struct schema schema;
static struct wire_entity lists[2][RIG_SLOTS];
static struct seen seen;

static void setup(void)
{
    rig_init(&rig, 20000, 3000);
    file = malloc(FILE_MAX);
    ck_assert_int_eq(schema_init(&schema, rig.game->table), RESULT_OK);
    seen_init(&seen, &schema, lists[0], lists[1], RIG_SLOTS);
}

static void teardown(void)
{
    free(file);
}

static void save(void)
{
    struct capture *c = view_capture(rig.view);
    ck_assert(capture_finish(c, WALL_MS, rig.now_us));
    file_bytes = 0;
    for (unsigned i = 0; i < CAPTURE_PARTS; i++) {
        const uint8_t *bytes;
        uint32_t length_bytes = capture_part(c, i, &bytes);
        ck_assert_uint_le(length_bytes, FILE_MAX - file_bytes);
        memcpy(file + file_bytes, bytes, length_bytes);
        file_bytes += length_bytes;
    }
}

/* What the records of a file were. */
struct tally {
    unsigned kinds[CAPTURE_KIND_COUNT];
    unsigned undecodable;
    uint64_t first_us, last_us;
    enum result end;
};

static void take(struct tally *t, const struct capture_record *record)
{
    enum result result = RESULT_OK;
    if (t->kinds[CAPTURE_START] + t->kinds[CAPTURE_DOWN] + t->kinds[CAPTURE_UP] == 0) {
        t->first_us = record->at_us;
    }
    t->last_us = record->at_us;
    t->kinds[record->kind]++;
    if (record->kind == CAPTURE_START) result = capture_restore(record, &seen);
    if (record->kind == CAPTURE_DOWN && record->length_bytes > 0 &&
        message_type(record->bytes) == MESSAGE_SNAPSHOT) {
        result = snapshot_decode(&seen, record->bytes, record->length_bytes);
    }
    t->undecodable += result != RESULT_OK;
}

static struct tally read_file(const uint8_t *bytes, size_t length_bytes)
{
    struct capture_reader reader;
    struct capture_record record;
    struct tally t = {.end = capture_open(&reader, bytes, length_bytes)};
    while (t.end == RESULT_OK) {
        t.end = capture_next(&reader, &record);
        if (t.end == RESULT_OK) take(&t, &record);
    }
    return t;
}

static void assert_seen_is_the_views(void)
{
    const struct seen *view = view_seen(rig.view);
    ck_assert_uint_eq(seen.tick, view->tick);
    ck_assert_uint_eq(seen.input_seq, view->input_seq);
    ck_assert_uint_eq(seen.count, view->count);
    ck_assert_mem_eq(seen.list, view->list, view->count * sizeof view->list[0]);
    ck_assert_mem_eq(seen.self.body.words, view->self.body.words, sizeof seen.self.body.words);
}

START_TEST(what_was_captured_leads_to_what_the_view_knows)
{
    rig_run(&rig, 4 * SECOND_US);
    save();
    struct tally t = read_file(file, file_bytes);
    ck_assert_int_eq(t.end, RESULT_CLOSED);
    ck_assert_uint_eq(t.undecodable, 0);
    ck_assert_uint_ge(t.kinds[CAPTURE_DOWN], 70);
    ck_assert_uint_ge(t.kinds[CAPTURE_UP], 70);
    assert_seen_is_the_views();
}
END_TEST

START_TEST(it_holds_the_last_seconds_however_long_one_plays)
{
    for (unsigned seconds = 0; seconds < 47; seconds++) {
        rig_run(&rig, SECOND_US);
        if (seconds < 15) continue;
        save();
        struct tally t = read_file(file, file_bytes);
        ck_assert_uint_eq(t.undecodable, 0);
        ck_assert_uint_ge(rig.now_us - t.first_us, CAPTURE_SECONDS * SECOND_US);
        ck_assert_uint_le(rig.now_us - t.first_us, (2 * CAPTURE_SECONDS + 1) * SECOND_US);
        ck_assert_uint_ge(t.last_us, rig.now_us - SECOND_US);
        ck_assert_uint_ge(t.kinds[CAPTURE_START], 1);
        assert_seen_is_the_views();
    }
}
END_TEST

START_TEST(the_head_tells_when_where_and_no_secret)
{
    struct capture_reader reader;
    static const uint8_t nothing[TOKEN_BYTES];
    rig_run(&rig, SECOND_US);
    save();
    ck_assert_int_eq(capture_open(&reader, file, file_bytes), RESULT_OK);
    ck_assert_uint_eq(reader.head.wall_ms, WALL_MS);
    ck_assert_uint_eq(reader.head.saved_us, rig.now_us);
    ck_assert_str_eq(reader.head.welcome.room, "main");
    ck_assert_uint_eq(reader.head.welcome.schema_hash, schema.hash);
    ck_assert_mem_ne(view_welcome(rig.view)->token, nothing, TOKEN_BYTES);
    ck_assert_mem_eq(reader.head.welcome.token, nothing, TOKEN_BYTES);
    for (size_t at = 0; at + TOKEN_BYTES <= file_bytes; at++)
        ck_assert_mem_ne(file + at, view_welcome(rig.view)->token, TOKEN_BYTES);
}
END_TEST

START_TEST(a_new_match_forgets_the_one_before)
{
    rig_run(&rig, 3 * SECOND_US);
    rig_reconnect(&rig);
    uint64_t from_us = rig.now_us;
    rig_run(&rig, 2 * SECOND_US);
    save();
    struct tally t = read_file(file, file_bytes);
    ck_assert_uint_ge(t.first_us, from_us);
    ck_assert_uint_eq(t.kinds[CAPTURE_START], 0);
    ck_assert_uint_eq(t.undecodable, 0);
    assert_seen_is_the_views();
}
END_TEST

START_TEST(there_is_nothing_before_a_welcome)
{
    static uint8_t memory[CAPTURE_BYTES_MIN];
    struct capture c;
    capture_init(&c, memory, sizeof memory);
    ck_assert(!capture_finish(&c, WALL_MS, 1));
    capture_init(&c, NULL, 0);
    capture_begin(&c, view_welcome(rig.view) != NULL ? view_welcome(rig.view)
                                                     : &(struct message_welcome){.seat = 1});
    ck_assert(!capture_finish(&c, WALL_MS, 1));
}
END_TEST

START_TEST(a_half_that_is_full_gives_way_to_the_other)
{
    static uint8_t memory[CAPTURE_BYTES_MIN], message[30000];
    struct capture c;
    const struct message_welcome welcome = {.seat = 1, .tick_hz = 20, .game = "g", .room = "r"};
    uint32_t total_bytes = 0;
    capture_init(&c, memory, sizeof memory);
    capture_begin(&c, &welcome);
    for (uint64_t i = 0; i < 500; i++)
        capture_note(&c, CAPTURE_DOWN, message, sizeof message, 1000 + i, &seen);
    ck_assert(capture_finish(&c, WALL_MS, 2000));
    for (unsigned i = 0; i < CAPTURE_PARTS; i++) {
        const uint8_t *bytes;
        total_bytes += capture_part(&c, i, &bytes);
    }
    ck_assert_uint_gt(total_bytes, CAPTURE_BYTES_MIN / 2 - sizeof message);
    ck_assert_uint_le(total_bytes, CAPTURE_BYTES_MIN + CAPTURE_HEAD_BYTES);
}
END_TEST

START_TEST(every_truncation_is_told)
{
    rig_run(&rig, SECOND_US);
    save();
    unsigned whole = 0;
    for (size_t length = 0; length < file_bytes; length++) {
        uint8_t *cut = malloc(length + 1); /* of its size: a byte read too many is seen */
        memcpy(cut, file, length);
        struct tally t = read_file(cut, length);
        ck_assert(t.end == RESULT_INVALID || t.end == RESULT_CLOSED);
        whole += t.end == RESULT_CLOSED && t.last_us != 0;
        free(cut);
    }
    /* Only a cut between two records cannot be seen. */
    struct tally t = read_file(file, file_bytes);
    ck_assert_uint_lt(whole, t.kinds[CAPTURE_UP] + t.kinds[CAPTURE_DOWN]);
}
END_TEST

START_TEST(another_file_is_no_capture)
{
    struct capture_reader reader;
    rig_run(&rig, SECOND_US);
    save();
    ck_assert_int_eq(capture_open(&reader, (const uint8_t *)"SQLite format 3", 16), RESULT_CLOSED);
    file[strlen(CAPTURE_MAGIC)] = CAPTURE_VERSION + 1;
    ck_assert_int_eq(capture_open(&reader, file, file_bytes), RESULT_CLOSED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("capture");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_was_captured_leads_to_what_the_view_knows);
    tcase_add_test(tests, it_holds_the_last_seconds_however_long_one_plays);
    tcase_add_test(tests, the_head_tells_when_where_and_no_secret);
    tcase_add_test(tests, a_new_match_forgets_the_one_before);
    tcase_add_test(tests, there_is_nothing_before_a_welcome);
    tcase_add_test(tests, a_half_that_is_full_gives_way_to_the_other);
    tcase_add_test(tests, every_truncation_is_told);
    tcase_add_test(tests, another_file_is_no_capture);
    return suite_run("capture", tests);
}
