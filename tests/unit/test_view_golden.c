/* Recorded sessions: what comes in at which time, and what the view sends and draws then. Here they
 * are replayed natively; tests/vectors/view_session.test.mjs replays the same files through the
 * page's wasm. TICKWIRE_WRITE_VECTORS=1 records them anew, after a change of rules or wire.
 *
 * Layout: a line each, fields separated by blanks, times in µs:
 *   config ENTITIES PASTS SEATS TILES HALF_X HALF_Y     view_init(), view_set_name("Ada"),
 * view_connect() input WORD...                                       view_set_input() receive TIME
 * HEX                                    view_receive() poll TIME HEX|- view_poll_outgoing()
 * returns this frame TIME COUNT OWN_INDEX CRC32C                   view_frame() draws these bytes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/view/view.h"
#include "shared/crc32c.h"
#include "tests/unit/suite.h"
#include "tests/unit/view_rig.h"

#define LINE_BYTES (2 * RIG_MESSAGE_BYTES + 64)

static struct rig rig;
static _Alignas(16) uint8_t memory[RIG_VIEW_BYTES];

/* -- recording -- */

static void put_hex(FILE *file, const uint8_t *bytes, size_t length_bytes)
{
    if (length_bytes == 0) fputs("-", file);
    for (size_t i = 0; i < length_bytes; i++)
        fprintf(file, "%02x", bytes[i]);
    fputs("\n", file);
}

static void record_received(void *context, uint64_t now_us, const uint8_t *bytes,
                            size_t length_bytes)
{
    fprintf(context, "receive %llu ", (unsigned long long)now_us);
    put_hex(context, bytes, length_bytes);
}

static void record_steered(void *context, const int32_t words[USERCMD_WORDS])
{
    fprintf(context, "input %d %d %d %d\n", words[0], words[1], words[2], words[3]);
}

static void record_polled(void *context, uint64_t now_us, const uint8_t *bytes, size_t length_bytes)
{
    fprintf(context, "poll %llu ", (unsigned long long)now_us);
    put_hex(context, bytes, length_bytes);
}

static uint32_t crc_of(const struct view_frame *frame)
{
    return crc32c(0, frame->drawn, frame->count * sizeof frame->drawn[0]);
}

static void record_drawn(void *context, uint64_t now_us, const struct view_frame *frame)
{
    fprintf(context, "frame %llu %u %d %08x\n", (unsigned long long)now_us, frame->count,
            frame->own_index, crc_of(frame));
}

/* Flight, fire, a shove, a stall, and silence. */
static void play_uneven_link(unsigned i)
{
    rig.link_is_stuck = i >= 12 && i < 15;
    rig.server_is_silent = i >= 18 && i < 20;
    if (i == 10) {
        struct entity *body = world_entity(&rig.world, world_body(&rig.world, RIG_OWN_SEAT));
        if (body != NULL) body->words[0] += 1500;
    }
}

/* The link stops, the server stops, the machine sleeps, and then it is slow. */
static void play_lost_time(unsigned i)
{
    rig.link_stops = i >= 6 && i < 9;
    rig.server_stops = i >= 13 && i < 16;
    rig.client_sleeps = i >= 20 && i < 25;
    rig.frame_us = i >= 28 ? 100000 : RIG_FRAME_US;
}

/* A player on a link that is never quite even, in steps of 200 ms. */
struct session {
    const char *path;
    unsigned steps;
    void (*play)(unsigned step);
};

static const struct session sessions[] = {
    {"tests/vectors/view_session.txt", 25, play_uneven_link},
    {"tests/vectors/view_lost_time.txt", 38, play_lost_time},
};

static void record(const struct session *session)
{
    FILE *file = fopen(session->path, "w");
    ck_assert_ptr_nonnull(file);
    rig_init(&rig, 40000, 30000);
    fprintf(file, "config %d 32 64 %d 640 400\n", RIG_SLOTS, RIG_MAP_EDGE * RIG_MAP_EDGE);
    rig.listener = (struct rig_listener){.context = file,
                                         .received = record_received,
                                         .steered = record_steered,
                                         .polled = record_polled,
                                         .drawn = record_drawn};
    for (unsigned i = 0; i < session->steps; i++) {
        rig.input[0] = (int32_t)(i * 11 % 32);
        rig.input[1] = (int32_t)(i * 97 % 1024);
        session->play(i);
        rig_run(&rig, 200000);
    }
    ck_assert_int_eq(fclose(file), 0);
}

/* -- replaying -- */

static size_t get_hex(const char *text, uint8_t *bytes)
{
    size_t length = 0;
    unsigned byte;
    while (length < RIG_MESSAGE_BYTES && sscanf(text + 2 * length, "%2x", &byte) == 1)
        bytes[length++] = (uint8_t)byte;
    return length;
}

static struct view *start(const char *line)
{
    unsigned entities, pasts, seats, tiles, half_x, half_y;
    ck_assert_int_eq(sscanf(line, "config %u %u %u %u %u %u", &entities, &pasts, &seats, &tiles,
                            &half_x, &half_y),
                     6);
    struct view_config config = {.entities_max = (uint16_t)entities,
                                 .pasts_max = (uint8_t)pasts,
                                 .seats_max = (uint16_t)seats,
                                 .map_tiles_max = tiles,
                                 .half_x = (uint16_t)half_x,
                                 .half_y = (uint16_t)half_y};
    ck_assert_uint_le(view_memory_bytes(&config), sizeof memory);
    struct view *view = view_init(memory, &config);
    view_set_name(view, "Ada");
    view_connect(view);
    return view;
}

static void replay_input(struct view *view, const char *line)
{
    int32_t words[USERCMD_WORDS];
    ck_assert_int_eq(sscanf(line, "input %d %d %d %d", &words[0], &words[1], &words[2], &words[3]),
                     4);
    view_set_input(view, words);
}

static void replay_receive(struct view *view, const char *line)
{
    static uint8_t bytes[RIG_MESSAGE_BYTES];
    unsigned long long now_us;
    int offset;
    ck_assert_int_eq(sscanf(line, "receive %llu %n", &now_us, &offset), 1);
    ck_assert_msg(view_receive(view, bytes, get_hex(line + offset, bytes), now_us) == RESULT_OK,
                  "rules or wire have changed: record the session anew");
}

static void replay_poll(struct view *view, const char *line)
{
    static uint8_t expected[RIG_MESSAGE_BYTES], bytes[MESSAGE_UP_BYTES_MAX];
    unsigned long long now_us;
    int offset;
    ck_assert_int_eq(sscanf(line, "poll %llu %n", &now_us, &offset), 1);
    size_t expected_bytes = get_hex(line + offset, expected);
    /* An unsent backlog looks the same as nothing to say; both are recorded as '-'. */
    size_t unsent_bytes = expected_bytes == 0 ? 1 : 0;
    size_t length = view_poll_outgoing(view, now_us, unsent_bytes, bytes, sizeof bytes);
    ck_assert_uint_eq(length, expected_bytes);
    ck_assert_mem_eq(bytes, expected, length);
}

static void replay_frame(struct view *view, const char *line)
{
    unsigned long long now_us;
    unsigned count, crc;
    int own_index;
    ck_assert_int_eq(sscanf(line, "frame %llu %u %d %x", &now_us, &count, &own_index, &crc), 4);
    const struct view_frame *frame = view_frame(view, now_us);
    ck_assert_uint_eq(frame->count, count);
    ck_assert_int_eq(frame->own_index, own_index);
    ck_assert_uint_eq(crc_of(frame), crc);
}

static void replay_line(struct view *view, const char *line)
{
    static const struct {
        const char *word;
        void (*replay)(struct view *view, const char *line);
    } kinds[] = {{"input ", replay_input},
                 {"receive ", replay_receive},
                 {"poll ", replay_poll},
                 {"frame ", replay_frame}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strncmp(line, kinds[i].word, strlen(kinds[i].word)) == 0) {
            kinds[i].replay(view, line);
            return;
        }
    }
    ck_abort_msg("unknown line %s", line);
}

START_TEST(a_recorded_session_is_drawn_as_recorded)
{
    static char line[LINE_BYTES];
    const struct session *session = &sessions[_i];
    if (getenv("TICKWIRE_WRITE_VECTORS") != NULL) record(session);

    FILE *file = fopen(session->path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    struct view *view = start(line);
    unsigned lines = 0;
    for (; fgets(line, sizeof line, file) != NULL; lines++)
        replay_line(view, line);
    fclose(file);
    ck_assert_uint_gt(lines, 500);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("view_golden");

    tcase_add_loop_test(tests, a_recorded_session_is_drawn_as_recorded, 0,
                        sizeof sessions / sizeof sessions[0]);
    return suite_run("view_golden", tests);
}
