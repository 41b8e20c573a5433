#include "tools/train/source.h"

#include <inttypes.h>

#define NUMBERS_PER_LINE 26

static void write_numbers(FILE *out, const uint8_t *numbers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *before = i % NUMBERS_PER_LINE == 0 ? "\n    " : " ";
        fprintf(out, "%s%u,", before, numbers[i]);
    }
}

static void write_kind(FILE *out, const struct kind_codes *k, const struct schema_kind *kind,
                       const char *name)
{
    fprintf(out, "    {.shapes = {%u, %u}, .mask = %u, .residues = {", k->shapes[0], k->shapes[1],
            k->mask);
    for (unsigned i = 0; i < kind->wire_count; i++)
        fprintf(out, "%s%u", i == 0 ? "" : ", ", k->residues[i]);
    fprintf(out, "%s}}, /* %s */\n", kind->wire_count == 0 ? "0" : "", name);
}

void source_write(FILE *out, const struct fitted *f, const struct schema *schema,
                  uint64_t tick_count)
{
    const struct field_table *table = schema->table;
    fprintf(out,
            "/* codes.h - the code tables of %s: made by tools/train of %" PRIu64
            " recorded ticks.\n"
            " * shared/games/README.md says how to make them anew. */\n"
            "/* clang-format off */\n",
            table->game, tick_count);
    for (unsigned i = 0; i < f->set.code_count; i++) {
        fprintf(out, "static const uint8_t code_%u[] = {", i);
        write_numbers(out, f->codes[i].lengths, f->codes[i].symbol_count);
        fprintf(out, "\n};\n");
    }
    fprintf(out, "static const struct code_lengths code_lengths[] = {\n");
    for (unsigned i = 0; i < f->set.code_count; i++)
        fprintf(out, "    {sizeof code_%u, code_%u},\n", i, i);
    fprintf(out, "};\nstatic const struct kind_codes kind_codes[] = {\n");
    for (unsigned i = 0; i < table->kind_count; i++)
        write_kind(out, &f->kinds[i], &schema->kinds[i], table->kinds[i].name);
    fprintf(out,
            "};\nstatic const struct code_set codes = {\n"
            "    .code_count = %u, .codes = code_lengths, .kinds = kind_codes};\n"
            "/* clang-format on */\n",
            f->set.code_count);
}
