/* Recordings made by older versions of a game: the golden files of tests/vectors/recordings play by
 * this build's tables.
 *
 * With TICKWIRE_WRITE_VECTORS=1 it makes those that are not there: of the first game as it is now,
 * and of three versions that it might have had before. A file that exists is never written again. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/sdl/replay.h"
#include "server/record/reader.h"
#include "server/record/table_map.h"
#include "server/record/tape.h"
#include "shared/check.h"
#include "tests/lib/match.h"
#include "tests/unit/suite.h"

#define FOLDER      "tests/vectors/recordings"
#define TICKS       130 /* six chunks and a half */
#define PLAYERS     4
#define COARSE_BITS 2 /* of a position, that an older version did not have */
#define BYTE_MAX    255
#define GONE_WORD   (ENTITY_WORDS - 1)

/* -- an older version of a game -- */

/* A game's table that a test may change. */
struct old_table {
    struct field_table table;
    struct entity_kind kinds[KINDS_MAX];
    struct field fields[KINDS_MAX][ENTITY_WORDS];
    uint32_t unit;
};

static void copy_table(struct old_table *old, const struct game *game)
{
    old->table = *game->table;
    old->unit = (uint32_t)game->unit;
    old->table.kinds = old->kinds;
    for (unsigned i = 0; i < game->table->kind_count; i++) {
        const struct entity_kind *kind = &game->table->kinds[i];
        old->kinds[i] = *kind;
        old->kinds[i].fields = old->fields[i];
        memcpy(old->fields[i], kind->fields, kind->field_count * sizeof kind->fields[0]);
    }
}

/* Since then codes were fitted to the table: those of today fit no other one. */
static void untrain(struct old_table *old)
{
    old->table.codes = NULL;
}

/* Since then a field of each kind, a global and an event were added. */
static void take_away(struct old_table *old)
{
    untrain(old);
    old->table.step_version--;
    for (unsigned i = 0; i < old->table.kind_count; i++)
        old->kinds[i].field_count--;
    old->table.global_count--;
    old->table.event_kind_count--;
}

/* Since then a field of the first kind was removed. */
static void add_some(struct old_table *old)
{
    struct entity_kind *kind = &old->kinds[0];
    untrain(old);
    old->table.step_version--;
    old->fields[0][kind->field_count++] = (struct field){.name = "long_gone",
                                                         .kind = FIELD_NUMBER,
                                                         .audience = AUDIENCE_NONE,
                                                         .word = GONE_WORD,
                                                         .unit_numerator = 1,
                                                         .unit_denominator = 1};
}

/* Since then positions became finer, and what was one byte on the wire wider. */
static void narrow(struct old_table *old)
{
    untrain(old);
    old->table.step_version--;
    old->unit >>= COARSE_BITS;
    for (unsigned i = 0; i < old->table.kind_count; i++) {
        for (unsigned j = 0; j < old->kinds[i].field_count; j++) {
            struct field *f = &old->fields[i][j];
            if (f->kind == FIELD_POSITION) f->shift = (uint8_t)(f->shift - COARSE_BITS);
            if (f->kind != FIELD_UNSIGNED || f->bits <= 8) continue;
            f->bits = 8;
            f->max = BYTE_MAX;
        }
    }
}

/* The state as that version would have had it. */
static void age_entity(const struct old_table *old, const struct field_table *now, struct entity *e)
{
    const struct entity_kind *kind = &old->kinds[e->kind - 1], *new = &now->kinds[e->kind - 1];
    int32_t words[ENTITY_WORDS] = {0};
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        int32_t word = i < new->field_count ? e->words[f->word] : (int32_t)e->since_tick;
        if (f->kind == FIELD_POSITION) word >>= new->fields[i].shift - f->shift;
        if (f->kind == FIELD_UNSIGNED && word > f->max) word = f->max;
        words[f->word] = word;
    }
    memcpy(e->words, words, sizeof words);
}

static void age_state(const struct old_table *old, const struct field_table *now,
                      struct world_state *state)
{
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        if (state->entities[slot].kind != 0) age_entity(old, now, &state->entities[slot]);
    }
    for (unsigned i = old->table.global_count; i < GLOBAL_WORDS; i++)
        state->globals[i] = 0;
}

static void write_golden(const char *path, void change(struct old_table *old))
{
    const struct match_settings settings = {
        .game = games_get(0), .player_count = PLAYERS, .seed = 7, .seat_capacity = 8};
    struct match *match = match_create(&settings);
    struct old_table old;
    struct recording_head head;
    struct tape *tape;
    struct error error;
    uint32_t slots = settings.game->slot_capacity;
    struct world_state *state = malloc(sizeof *state + slots * sizeof state->entities[0]);

    copy_table(&old, settings.game);
    if (change != NULL) change(&old);
    match_describe(match, &head);
    head.table = &old.table;
    head.unit = old.unit;
    ASSERT(tape_create(&tape, path, &head, &error) == RESULT_OK);
    for (uint32_t i = 0; i < TICKS; i++) {
        struct frame frame = *match_step(match);
        memcpy(state, frame.state, world_state_bytes(frame.state));
        age_state(&old, settings.game->table, state);
        frame.state = state;
        if (old.table.step_version != settings.game->table->step_version) frame.event_count = 0;
        ASSERT(tape_append(tape, &frame, &error) == RESULT_OK);
    }
    ASSERT(tape_finish(tape, "the match is over", NULL, head.started_ms + TICKS * 50, &error) ==
           RESULT_OK);
    tape_destroy(tape);
    match_destroy(match);
    free(state);
}

static void write_missing(void)
{
    static const struct {
        const char *name;
        void (*change)(struct old_table *old);
    } versions[] = {{"plain", untrain},
                    {"with_codes", NULL},
                    {"fields_added", take_away},
                    {"field_removed", add_some},
                    {"fields_widened", narrow}};
    char path[128];
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        snprintf(path, sizeof path, FOLDER "/v%d_%s.db", RECORDING_VERSION, versions[i].name);
        if (access(path, F_OK) != 0) write_golden(path, versions[i].change);
    }
}

/* -- playing them -- */

/* Calls `visit` for each golden file; returns how many there are. */
static unsigned for_each_file(void visit(const char *path))
{
    DIR *folder = opendir(FOLDER);
    struct dirent *file;
    unsigned count = 0;
    ck_assert_ptr_nonnull(folder);
    while ((file = readdir(folder)) != NULL) {
        char path[sizeof FOLDER + sizeof file->d_name + 1];
        if (strstr(file->d_name, RECORDING_SUFFIX) == NULL) continue;
        snprintf(path, sizeof path, FOLDER "/%s", file->d_name);
        visit(path);
        count++;
    }
    closedir(folder);
    return count;
}

static const struct field *field_named(const struct entity_kind *kind, const char *name)
{
    for (unsigned i = 0; i < kind->field_count; i++) {
        if (strcmp(kind->fields[i].name, name) == 0) return &kind->fields[i];
    }
    return NULL;
}

static double in_units(const struct field *f, const struct entity *e)
{
    return (double)e->words[f->word] * f->unit_numerator / f->unit_denominator / (1 << f->shift);
}

/* What both versions have is the same amount, what is new is zero. */
static void compare_entity(const struct entity_kind *was, const struct entity *old,
                           const struct entity_kind *is, const struct entity *new)
{
    ck_assert_str_eq(was->name, is->name);
    ck_assert_uint_eq(old->generation, new->generation);
    ck_assert_uint_eq(old->owner, new->owner);
    for (unsigned i = 0; i < is->field_count; i++) {
        const struct field *f = &is->fields[i], *before = field_named(was, f->name);
        if (before != NULL) {
            ck_assert_double_eq(in_units(f, new), in_units(before, old));
        } else {
            ck_assert_int_eq(new->words[f->word], 0);
        }
    }
}

static uint32_t compare_state(const struct field_table *was, const struct world_state *old,
                              const struct field_table *is, const struct world_state *new)
{
    uint32_t compared = 0;
    ck_assert_uint_eq(old->tick, new->tick);
    ck_assert_uint_eq(old->slot_count, new->slot_count);
    for (uint32_t slot = 0; slot < old->slot_count; slot++) {
        const struct entity *from = &old->entities[slot], *to = &new->entities[slot];
        if (from->kind == 0 || to->kind == 0) continue;
        compare_entity(&was->kinds[from->kind - 1], from, &is->kinds[to->kind - 1], to);
        compared++;
    }
    return compared;
}

static void play_as_now(const char *path)
{
    static struct table_map map;
    struct reader *reader;
    struct error error;
    ck_assert_msg(reader_open(&reader, path, &error) == RESULT_OK, "%s", error.message);
    const struct reader_info *info = reader_info(reader);
    const struct game *game = games_find(info->game);
    ck_assert_msg(game != NULL, "%s: no game %s any more", path, info->game);
    uint32_t slots = info->head.slot_capacity, ticks = 0, compared = 0;
    struct world_state *now = malloc(sizeof *now + slots * sizeof now->entities[0]);

    table_map_init(&map, info->head.table, game->table);
    enum result result = reader_seek(reader, info->first_tick, &error);
    for (; result == RESULT_OK; result = reader_step(reader, &error)) {
        const struct world_state *old = reader_state(reader);
        table_map_state(&map, now, old);
        compared += compare_state(info->head.table, old, game->table, now);
        ticks++;
    }
    ck_assert_msg(result == RESULT_CLOSED, "%s", error.message);
    ck_assert_uint_eq(ticks, info->last_tick - info->first_tick + 1);
    ck_assert_msg(compared > ticks, "%s: this build has none of its kinds", path);
    free(now);
    reader_close(reader);
}

START_TEST(every_golden_file_plays_by_the_tables_of_today)
{
    ck_assert_uint_ge(for_each_file(play_as_now), 4 * RECORDING_VERSION);
}
END_TEST

/* Version 1 knew no colours. */
static void read_colours(const char *path)
{
    struct reader *reader;
    struct error error;
    size_t count;
    bool is_old = strstr(path, "/v1_") != NULL;
    ck_assert_msg(reader_open(&reader, path, &error) == RESULT_OK, "%s", error.message);
    const struct recording_player *players = reader_players(reader, &count);
    ck_assert_uint_ge(count, PLAYERS);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(players[i].colour, is_old ? 0 : players[i].seat % (COLOURS_MAX + 1));
    reader_close(reader);
}

START_TEST(colours_are_read_where_there_are_any)
{
    ck_assert_uint_gt(for_each_file(read_colours), 0);
}
END_TEST

static void watch(const char *path)
{
    struct scene scene = {0};
    struct replay *replay;
    struct error error;
    ck_assert_msg(replay_open(&replay, path, 0, &error) == RESULT_OK, "%s", error.message);
    replay_advance(replay, 3);
    replay_fill_scene(replay, &scene);
    ck_assert_str_eq(replay_problem(replay), "");
    ck_assert_uint_gt(scene.count, PLAYERS);
    ck_assert_int_ge(scene.own_index, 0);
    replay_close(replay);
}

START_TEST(every_golden_file_is_watched_natively)
{
    ck_assert_uint_gt(for_each_file(watch), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("old_recordings");

    if (getenv("TICKWIRE_WRITE_VECTORS") != NULL) write_missing();
    tcase_add_test(tests, every_golden_file_plays_by_the_tables_of_today);
    tcase_add_test(tests, colours_are_read_where_there_are_any);
    tcase_add_test(tests, every_golden_file_is_watched_natively);
    return suite_run("old_recordings", tests);
}
