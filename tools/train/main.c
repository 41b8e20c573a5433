/* tickwire-train: makes a game's code tables of recordings of it, and says what its updates cost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/reader.h"
#include "server/record/table_map.h"
#include "shared/check.h"
#include "shared/game.h"
#include "shared/host/error.h"
#include "tools/train/fit.h"
#include "tools/train/source.h"

static const char usage[] =
    "usage: tickwire-train COMMAND GAME [RECORDING...]\n"
    "\n"
    "  fit GAME RECORDING...      writes the game's codes.h to stdout, made of the recordings\n"
    "  measure GAME RECORDING...  what updates take in the codes of this build, in fitted ones and\n"
    "                             with none, by kind and field; and what each way to extrapolate\n"
    "                             positions would\n"
    "  show GAME                  the codes of this build as JSON: PROTOCOL.md \"Code tables\"\n"
    "\n"
    "An update is one entity's, after one tick mostly, after two and four now and then.\n"
    "Exit: 0 fine, 1 a recording is damaged or of another game, 2 wrong usage.\n";

enum exit_code { EXIT_FINE, EXIT_DAMAGED, EXIT_USAGE };

/* A game's table with one kind extrapolated in another way. */
struct variant {
    struct field_table table;
    struct entity_kind kinds[KINDS_MAX];
    struct field fields[ENTITY_WORDS];
};

struct job {
    const struct game *game;
    char **paths;
    int path_count;
    uint64_t tick_count;
    struct schema schema;
    struct tally tally;
    struct fitted fitted;
    struct variant variant;
};

static enum exit_code complain(const char *path, const char *message)
{
    fflush(stdout);
    fprintf(stderr, "tickwire-train: %s%s%s\n", path, path[0] != '\0' ? ": " : "", message);
    return EXIT_DAMAGED;
}

/* -- reading -- */

/* Counts a recording from its first tick to its last. */
static enum result count_ticks(struct reader *r, struct job *job, struct error *error)
{
    struct table_map map;
    table_map_init(&map, reader_info(r)->head.table, job->game->table);
    tally_cut(&job->tally);
    enum result result = reader_seek(r, reader_info(r)->first_tick, error);
    for (; result == RESULT_OK; result = reader_step(r, error)) {
        uint32_t tick = reader_tick(r);
        if (reader_is_start(r)) tally_cut(&job->tally);
        table_map_state(&map, tally_next(&job->tally, tick), reader_state(r));
        tally_count(&job->tally, tick);
        job->tick_count++;
    }
    return result == RESULT_CLOSED ? RESULT_OK : result;
}

static enum exit_code count_recording(struct job *job, const char *path)
{
    struct reader *r;
    struct error error;
    if (reader_open(&r, path, &error) != RESULT_OK) return complain("", error.message);
    const struct reader_info *info = reader_info(r);
    enum exit_code code = EXIT_FINE;
    if (strcmp(info->game, job->game->name) != 0) {
        code = complain(path, "is a recording of another game");
    } else if (info->head.slot_capacity > job->tally.slot_capacity) {
        code = complain(path, "has more entities than a room may have");
    } else if (count_ticks(r, job, &error) != RESULT_OK) {
        code = complain("", error.message);
    }
    reader_close(r);
    return code;
}

/* Counts all recordings as updates of `table`. */
static enum exit_code count_all(struct job *job, const struct field_table *table)
{
    job->tick_count = 0;
    enum result made = schema_init(&job->schema, table);
    ASSERT(made == RESULT_OK);
    if (!tally_init(&job->tally, &job->schema, SLOTS_MAX)) return complain("", "no memory");
    enum exit_code code = EXIT_FINE;
    for (int i = 0; i < job->path_count && code == EXIT_FINE; i++)
        code = count_recording(job, job->paths[i]);
    return code;
}

/* -- fit -- */

static enum exit_code fit(struct job *job)
{
    enum exit_code code = count_all(job, job->game->table);
    if (code == EXIT_FINE) {
        fit_codes(&job->fitted, &job->tally);
        source_write(stdout, &job->fitted, &job->schema, job->tick_count);
    }
    tally_deinit(&job->tally);
    return code;
}

/* -- measure -- */

static void print_kind(const struct job *job, unsigned at, const struct kind_cost *cost)
{
    const struct entity_kind *kind = &job->game->table->kinds[at];
    const struct schema_kind *sorted = &job->schema.kinds[at];
    double updates = (double)job->tally.kinds[at].updates;
    if (updates <= 0) return;
    printf("  %-14s %10.0f updates: shapes %.2f, masks %.2f", kind->name, updates,
           cost->shapes / updates, cost->masks / updates);
    for (unsigned i = 0; i < sorted->wire_count; i++)
        printf(", %s %.2f", kind->fields[sorted->wire[i]].name, cost->fields[i] / updates);
    printf(" bits\n");
}

/* Prints what the counted updates take in the codes of `table`, and returns their bits. */
static double print_costs(const struct job *job, const char *what, const struct field_table *table,
                          bool by_kind)
{
    struct schema schema;
    struct kind_cost costs[KINDS_MAX];
    double updates = 0;
    enum result made = schema_init(&schema, table);
    ASSERT(made == RESULT_OK);
    for (unsigned i = 0; i < table->kind_count; i++)
        updates += (double)job->tally.kinds[i].updates;
    double bits = fit_costs(&job->tally, &schema, costs);
    printf("%-34s %8.3f bits an update\n", what, updates > 0 ? bits / updates : 0);
    for (unsigned i = 0; by_kind && i < table->kind_count; i++)
        print_kind(job, i, &costs[i]);
    return bits;
}

/* Extrapolates kind number `at` by `how`. False where the kind has not two positions that move, or no angle to follow. */
static bool vary(struct variant *v, const struct field_table *table, unsigned at,
                 enum extrapolation how)
{
    const struct entity_kind *kind = &table->kinds[at];
    struct schema schema;
    bool has_heading = false;
    *v = (struct variant){.table = *table};
    memcpy(v->kinds, table->kinds, table->kind_count * sizeof v->kinds[0]);
    memcpy(v->fields, kind->fields, kind->field_count * sizeof v->fields[0]);
    v->table.kinds = v->kinds;
    v->table.codes = NULL;
    v->kinds[at].fields = v->fields;
    for (unsigned i = 0; i < kind->field_count; i++) {
        struct field *f = &v->fields[i];
        if (f->kind == FIELD_POSITION && f->audience == AUDIENCE_ALL) f->extrapolate = (uint8_t)how;
        if (f->kind != FIELD_ANGLE || f->audience != AUDIENCE_ALL || has_heading) continue;
        f->extrapolate = how == EXTRAPOLATE_HEADING ? EXTRAPOLATE_HEADING : EXTRAPOLATE_HOLD;
        has_heading = true;
    }
    if (how == EXTRAPOLATE_HEADING && !has_heading) return false;
    return schema_init(&schema, &v->table) == RESULT_OK && schema.kinds[at].turning_count > 0;
}

/* Counts anew with kind number `at` extrapolated otherwise. */
static enum exit_code measure_variant(struct job *job, unsigned at, enum extrapolation how,
                                      const char *name)
{
    char what[96];
    if (!vary(&job->variant, job->game->table, at, how)) return EXIT_FINE;
    tally_deinit(&job->tally);
    enum exit_code code = count_all(job, &job->variant.table);
    if (code != EXIT_FINE) return code;
    fit_codes(&job->fitted, &job->tally);
    job->variant.table.codes = &job->fitted.set;
    (void)snprintf(what, sizeof what, "fitted, %s %s", job->game->table->kinds[at].name, name);
    print_costs(job, what, &job->variant.table, false);
    return EXIT_FINE;
}

static enum exit_code measure(struct job *job)
{
    struct field_table table = *job->game->table;
    enum exit_code code = count_all(job, &table);
    if (code == EXIT_FINE) {
        table.codes = NULL;
        print_costs(job, "untrained", &table, false);
        print_costs(job, "the codes of this build", job->game->table, true);
        fit_codes(&job->fitted, &job->tally);
        table.codes = &job->fitted.set;
        print_costs(job, "fitted to these recordings", &table, true);
    }
    for (unsigned i = 0; i < table.kind_count && code == EXIT_FINE; i++) {
        code = measure_variant(job, i, EXTRAPOLATE_VELOCITY, "by velocity");
        if (code == EXIT_FINE)
            code = measure_variant(job, i, EXTRAPOLATE_HEADING, "along its heading");
    }
    tally_deinit(&job->tally);
    return code;
}

/* -- show -- */

static void show_code(const struct code *code, bool is_last)
{
    printf("  [");
    for (unsigned i = 0; i < code->symbol_count; i++)
        printf("%s%u", i == 0 ? "" : ",", code_length(code, i));
    printf("]%s\n", is_last ? "" : ",");
}

static enum exit_code show(struct job *job)
{
    const struct field_table *table = job->game->table;
    enum result made = schema_init(&job->schema, table);
    ASSERT(made == RESULT_OK);
    printf("{\"game\":\"%s\",\"schema\":\"%08x\",\"kinds\":[\n", table->game, job->schema.hash);
    for (unsigned i = 0; i < table->kind_count; i++) {
        const struct schema_kind *kind = &job->schema.kinds[i];
        printf("  {\"name\":\"%s\",\"shapes\":[%u", table->kinds[i].name, kind->shapes[0]);
        if (kind->moving_count > 0) printf(",%u", kind->shapes[1]);
        printf("],\"mask\":%u,\"residues\":{", kind->mask);
        for (unsigned j = 0; j < kind->wire_count; j++)
            printf("%s\"%s\":%u", j == 0 ? "" : ",", table->kinds[i].fields[kind->wire[j]].name,
                   kind->fields[j].code);
        printf("}}%s\n", i + 1 < table->kind_count ? "," : "");
    }
    printf("],\"codes\":[\n");
    for (unsigned i = 0; i < job->schema.code_count; i++)
        show_code(&job->schema.codes[i], i + 1 == job->schema.code_count);
    printf("]}\n");
    return EXIT_FINE;
}

static const struct {
    const char *name;
    bool has_recordings;
    enum exit_code (*run)(struct job *job);
} commands[] = {{"fit", true, fit}, {"measure", true, measure}, {"show", false, show}};

static enum exit_code run(struct job *job, int argc, char **argv)
{
    job->game = argc >= 3 ? games_find(argv[2]) : NULL;
    if (argc >= 3 && job->game == NULL) {
        (void)complain(argv[2], "this build has no such game");
        return EXIT_USAGE;
    }
    for (size_t i = 0; job->game != NULL && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, argv[1]) != 0 || commands[i].has_recordings != (argc > 3))
            continue;
        job->paths = argv + 3;
        job->path_count = argc - 3;
        return commands[i].run(job);
    }
    fputs(usage, stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_FINE;
    }
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) return (int)complain("", "no memory");
    enum exit_code code = run(job, argc, argv);
    free(job);
    return (int)code;
}
