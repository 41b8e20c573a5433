#include "tools/replay/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/replay/show.h"

#define VALUE_BYTES 32

static void separate(struct csv *c)
{
    if (c->needs_comma) putchar(',');
    c->needs_comma = true;
}

void csv_put_text(struct csv *c, const char *text, size_t length_bytes)
{
    bool is_plain = true;
    for (size_t i = 0; i < length_bytes; i++)
        is_plain = is_plain && strchr(",\"\r\n", text[i]) == NULL;
    separate(c);
    if (is_plain) {
        show_text(text, length_bytes);
        return;
    }
    putchar('"');
    for (size_t i = 0; i < length_bytes; i++) {
        if (text[i] == '"') putchar('"');
        show_text(&text[i], 1);
    }
    putchar('"');
}

void csv_put_number(struct csv *c, int64_t number)
{
    separate(c);
    printf("%" PRId64, number);
}

static void put_writer(struct csv *c, const struct json_writer *w)
{
    separate(c);
    printf("%.*s", (int)json_finish(w), w->text);
}

void csv_put_ratio(struct csv *c, int64_t value, int64_t denominator)
{
    char text[VALUE_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof text);
    json_put_ratio(&w, value, denominator);
    put_writer(c, &w);
}

void csv_put_value(struct csv *c, const struct field *f, int32_t word)
{
    char text[VALUE_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof text);
    show_put_value(&w, f, word);
    put_writer(c, &w);
}

void csv_put_nothing(struct csv *c)
{
    separate(c);
}

void csv_end(struct csv *c)
{
    putchar('\n');
    c->needs_comma = false;
}
