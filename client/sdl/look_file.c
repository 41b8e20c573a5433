#include "client/sdl/look_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/sdl/look_default.h"
#include "client/sdl/look_json.h"
#include "client/sdl/look_sounds.h"
#include "shared/host/error.h"
#include "shared/utf8.h"

#define NAME_BYTES 64

/* How many of its simulation units make its whole range: a full turn for an angle. A range that is
 * not on the wire is all an int32_t holds. */
static int64_t span_of(const struct field *field)
{
    if (field->max <= field->min) return (int64_t)1 << 32;
    return ((int64_t)field->max - field->min + 1) << field->shift;
}

/* ---- colours ---- */

static struct look_colour colour_of(const cJSON *object, const char *key,
                                    const struct look_names *names)
{
    const char *text = look_json_text(object, key);
    struct look_colour colour = {.source = LOOK_COLOUR_NONE};

    if (look_json_parse_rgba(text, &colour.rgba)) {
        colour.source = LOOK_COLOUR_FIXED;
    } else if (names->kind != NULL && strcmp(text, "owner") == 0) {
        colour.source = LOOK_COLOUR_OWNER;
    } else if (names->event != NULL) {
        colour.word = look_json_word_named(names, text);
        if (look_json_is_seat(names, colour.word)) colour.source = LOOK_COLOUR_SEAT;
    }
    return colour;
}

/* ---- texts ---- */

static void put_literal(struct look_text *text, const char *from, size_t length_bytes)
{
    while (length_bytes > 0 && text->count < LOOK_PIECES_MAX) {
        struct look_piece *piece = &text->pieces[text->count++];
        size_t kept = utf8_cut_bytes(from, length_bytes, LOOK_TEXT_BYTES - 1);
        if (kept == 0) kept = 1;
        *piece = (struct look_piece){.kind = LOOK_PIECE_TEXT, .word = LOOK_NO_WORD};
        memcpy(piece->text, from, kept);
        from += kept;
        length_bytes -= kept;
    }
}

static void read_words(struct look_piece *piece, const cJSON *list)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        const char *word = cJSON_GetStringValue(item);
        if (word == NULL || piece->word_count == LOOK_WORDS_MAX) return;
        look_json_copy(piece->words[piece->word_count++], LOOK_TEXT_BYTES, word);
    }
}

/* `name` is what stood between the braces. */
static void put_field(struct look_text *text, char *name, const cJSON *words,
                      const struct look_names *names)
{
    char *bar = strchr(name, '|');
    if (bar != NULL) *bar = '\0';
    int8_t word = look_json_word_named(names, name);
    if (word == LOOK_NO_WORD || text->count == LOOK_PIECES_MAX) return;

    struct look_piece *piece = &text->pieces[text->count++];
    *piece = (struct look_piece){.kind = LOOK_PIECE_NUMBER, .word = word};
    read_words(piece, cJSON_GetObjectItemCaseSensitive(words, name));
    if (piece->word_count > 0)
        piece->kind = LOOK_PIECE_WORDS;
    else if (bar != NULL && strcmp(bar + 1, "seconds") == 0)
        piece->kind = LOOK_PIECE_SECONDS;
    else if (look_json_is_seat(names, word))
        piece->kind = LOOK_PIECE_SEAT;
}

static void read_text(struct look_text *text, const cJSON *object, const struct look_names *names)
{
    const char *rest = look_json_text(object, "text");
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(object, "words");
    char name[NAME_BYTES];

    *text = (struct look_text){0};
    while (*rest != '\0') {
        size_t literal = strcspn(rest, "{");
        put_literal(text, rest, literal);
        rest += literal;
        if (*rest == '\0') return;
        size_t length = strcspn(rest, "}");
        if (rest[length] == '\0') return;
        (void)snprintf(name, sizeof name, "%.*s", (int)length - 1, rest + 1);
        put_field(text, name, words, names);
        rest += length + 1;
    }
}

/* ---- kinds ---- */

static struct look_turn read_turn(const cJSON *object, const struct look_names *names)
{
    struct look_turn turn = {.word = look_json_word(object, "field", names)};
    const struct field *field = look_json_field_at(names, turn.word);
    const cJSON *degrees = cJSON_GetObjectItemCaseSensitive(object, "degrees"), *item;

    if (field == NULL) return turn;
    turn.offset = look_json_number(object, "offset", 0);
    if (cJSON_IsArray(degrees)) {
        turn.kind = LOOK_TURN_DEGREES;
        cJSON_ArrayForEach(item, degrees)
        {
            if (cJSON_IsNumber(item) && turn.degree_count < LOOK_DEGREES_MAX)
                turn.degrees[turn.degree_count++] = (float)item->valuedouble;
        }
    } else if (cJSON_HasObjectItem(object, "steps")) {
        turn.kind = LOOK_TURN_STEPS;
        turn.span = look_json_number(object, "steps", 1);
    } else {
        turn.kind = LOOK_TURN_ANGLE;
        turn.span = (float)span_of(field);
    }
    if (turn.kind != LOOK_TURN_DEGREES && !(turn.span > 0)) turn.kind = LOOK_TURN_NONE;
    return turn;
}

static bool read_point(const cJSON *pair, struct point *point)
{
    const cJSON *x = cJSON_GetArrayItem(pair, 0), *y = cJSON_GetArrayItem(pair, 1);
    if (!cJSON_IsNumber(x) || !cJSON_IsNumber(y)) return false;
    *point = (struct point){(float)x->valuedouble, (float)y->valuedouble};
    return true;
}

static void read_points(struct look_layer *layer, const cJSON *list)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (layer->point_count == OUTLINE_POINTS_MAX) break;
        if (read_point(item, &layer->points[layer->point_count])) layer->point_count++;
    }
    if (layer->point_count >= 3)
        layer->index_count =
            (uint8_t)outline_triangulate(layer->points, layer->point_count, layer->indices);
}

static const char *const shape_names[] = {
    [LOOK_POLYGON] = "polygon", [LOOK_CIRCLE] = "circle", [LOOK_GLOW] = "glow"};

static const char *const effect_names[] = {[LOOK_BURST] = "burst",
                                           [LOOK_RING] = "ring",
                                           [LOOK_FLASH] = "glow",
                                           [LOOK_LINE] = "line",
                                           [LOOK_RISING] = "text"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Returns the index of `name`, or `count`. */
static size_t index_of(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

/* Returns whether the layer can be drawn. */
static bool read_layer(struct look_layer *layer, const cJSON *object,
                       const struct look_names *names)
{
    size_t shape = index_of(shape_names, COUNT(shape_names), look_json_text(object, "shape"));

    *layer = (struct look_layer){
        .shape = (uint8_t)shape,
        .when = look_json_if(object, names),
        .fill = colour_of(object, "fill", names),
        .stroke = colour_of(object, "stroke", names),
        .width = look_json_number(object, "width", 1),
        .alpha = look_json_number(object, "alpha", 1),
        .pulse = look_json_number(object, "pulse", 0),
        .flicker = look_json_number(object, "flicker", 0),
        .radius = look_json_number(object, "radius", 0),
        .turn = read_turn(cJSON_GetObjectItemCaseSensitive(object, "turn"), names)};
    (void)read_point(cJSON_GetObjectItemCaseSensitive(object, "at"), &layer->at);
    read_points(layer, cJSON_GetObjectItemCaseSensitive(object, "points"));
    if (shape == LOOK_POLYGON) return layer->point_count >= 3;
    return shape < COUNT(shape_names) && layer->radius > 0;
}

static struct look_bar read_bar(const cJSON *object, const struct look_names *names)
{
    struct look_bar bar = {.word = look_json_word(object, "field", names),
                           .max = look_json_number(object, "max", 100),
                           .is_inverted = look_json_flag(object, "inverted"),
                           .offset = look_json_number(object, "offset", 0),
                           .width = look_json_number(object, "width", 30),
                           .colour = colour_of(object, "colour", names),
                           .low = colour_of(object, "low", names),
                           .back = colour_of(object, "back", names)};
    look_json_copy(bar.label, sizeof bar.label, look_json_text(object, "label"));
    if (!(bar.max > 0)) bar.word = LOOK_NO_WORD;
    return bar;
}

static uint8_t read_bars(struct look_bar *bars, const cJSON *list, const struct look_names *names)
{
    const cJSON *item;
    uint8_t count = 0;

    cJSON_ArrayForEach(item, list)
    {
        if (count == LOOK_BARS_MAX) break;
        bars[count] = read_bar(item, names);
        if (bars[count].word != LOOK_NO_WORD) count++;
    }
    return count;
}

static struct look_trail read_trail(const cJSON *object, const struct look_names *names)
{
    return (struct look_trail){.colour = colour_of(object, "colour", names),
                               .width = look_json_number(object, "width", 1),
                               .seconds = look_json_number(object, "seconds", 0.3),
                               .alpha = look_json_number(object, "alpha", 1)};
}

static void read_kind(struct look_kind *kind, const cJSON *object, const struct look_names *names)
{
    const cJSON *item, *name = cJSON_GetObjectItemCaseSensitive(object, "name");

    *kind = (struct look_kind){.is_drawn = true, .when = look_json_if(object, names)};
    kind->trail = read_trail(cJSON_GetObjectItemCaseSensitive(object, "trail"), names);
    look_sounds_read_kind(kind, object, names);
    kind->has_name = cJSON_IsObject(name);
    kind->name_offset = look_json_number(name, "offset", 0);
    kind->bar_count =
        read_bars(kind->bars, cJSON_GetObjectItemCaseSensitive(object, "bars"), names);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "layers"))
    {
        if (kind->layer_count == LOOK_LAYERS_MAX) break;
        if (read_layer(&kind->layers[kind->layer_count], item, names)) kind->layer_count++;
    }
}

/* Returns 1 + the index of the kind of that name, or 0. */
static uint8_t kind_named(const struct field_table *table, const char *name)
{
    for (uint8_t i = 0; i < table->kind_count; i++) {
        if (strcmp(table->kinds[i].name, name) == 0) return (uint8_t)(i + 1);
    }
    return 0;
}

/* A look that describes kinds describes all that are drawn. */
static void read_kinds(struct look *look, const struct field_table *table, const cJSON *kinds)
{
    const cJSON *item;

    if (!cJSON_IsObject(kinds)) return;
    memset(look->kinds, 0, sizeof look->kinds);
    look->order_count = 0;
    cJSON_ArrayForEach(item, kinds)
    {
        uint8_t kind = kind_named(table, item->string);
        if (kind == 0 || look->kinds[kind - 1].is_drawn) continue;
        struct look_names names = {.kind = &table->kinds[kind - 1]};
        read_kind(&look->kinds[kind - 1], item, &names);
        look->order[look->order_count++] = kind;
    }
}

/* ---- events ---- */

/* Returns whether the effect can be shown. */
static bool read_effect(struct look_effect *effect, const cJSON *object,
                        const struct look_names *names)
{
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(object, "at");
    const cJSON *to = cJSON_GetObjectItemCaseSensitive(object, "to");
    const char *ends[4] = {cJSON_GetStringValue(cJSON_GetArrayItem(at, 0)),
                           cJSON_GetStringValue(cJSON_GetArrayItem(at, 1)),
                           cJSON_GetStringValue(cJSON_GetArrayItem(to, 0)),
                           cJSON_GetStringValue(cJSON_GetArrayItem(to, 1))};
    int8_t words[4];
    size_t kind = index_of(effect_names, COUNT(effect_names), look_json_text(object, "effect"));
    float count = look_json_number(object, "count", 8);

    for (size_t i = 0; i < 4; i++)
        words[i] = ends[i] != NULL ? look_json_word_named(names, ends[i]) : LOOK_NO_WORD;
    *effect = (struct look_effect){.kind = (uint8_t)kind,
                                   .x_word = words[0],
                                   .y_word = words[1],
                                   .to_x_word = words[2],
                                   .to_y_word = words[3],
                                   .colour = colour_of(object, "colour", names),
                                   .seconds = look_json_number(object, "seconds", 0.5),
                                   .radius = look_json_number(object, "radius", 30),
                                   .width = look_json_number(object, "width", 2),
                                   .speed = look_json_number(object, "speed", 100),
                                   .size = look_json_number(object, "size", 2),
                                   .count = count > 0 && count < 256 ? (uint16_t)count : 0};
    read_text(&effect->text, object, names);
    if (kind == COUNT(effect_names) || !(effect->seconds > 0)) return false;
    if (kind == LOOK_LINE && (words[2] == LOOK_NO_WORD || words[3] == LOOK_NO_WORD)) return false;
    return words[0] != LOOK_NO_WORD && words[1] != LOOK_NO_WORD;
}

static void read_event(struct look_event *event, const cJSON *root, const struct event_kind *kind)
{
    const struct look_names names = {.event = kind};
    const cJSON *effects = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(root, "events"), kind->name);
    const cJSON *feed = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(root, "feed"), kind->name);
    const cJSON *announce = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(root, "announce"), kind->name);
    const cJSON *item;

    cJSON_ArrayForEach(item, effects)
    {
        if (look_sounds_read_effect(event, item, &names)) continue;
        if (event->effect_count == LOOK_EFFECTS_MAX) break;
        if (read_effect(&event->effects[event->effect_count], item, &names)) event->effect_count++;
    }
    read_text(&event->feed, feed, &names);
    read_text(&event->announce, announce, &names);
}

/* ---- the frame around it ---- */

/* The HUD speaks of the own body: of the first kind that is one. */
static struct look_names body_names(const struct field_table *table)
{
    for (uint8_t i = 0; i < table->kind_count; i++) {
        if (table->kinds[i].flags & KIND_BODY) return (struct look_names){.kind = &table->kinds[i]};
    }
    return (struct look_names){0};
}

static void read_hud(struct look *look, const struct field_table *table, const cJSON *hud)
{
    const struct look_names names = body_names(table);
    const cJSON *item;

    look->bar_count = read_bars(look->bars, cJSON_GetObjectItemCaseSensitive(hud, "bars"), &names);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(hud, "values"))
    {
        struct look_value value = {.word = look_json_word(item, "field", &names)};
        if (value.word == LOOK_NO_WORD || look->value_count == LOOK_VALUES_MAX) continue;
        look_json_copy(value.label, sizeof value.label, look_json_text(item, "label"));
        look->values[look->value_count++] = value;
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(hud, "notices"))
    {
        if (look->notice_count == LOOK_NOTICES_MAX) break;
        struct look_notice *notice = &look->notices[look->notice_count++];
        notice->when = look_json_if(item, &names);
        read_text(&notice->text, item, &names);
    }
}

static void read_leaderboard(struct look *look, const struct field_table *table,
                             const cJSON *object)
{
    struct look_leaderboard *board = &look->leaderboard;
    const cJSON *item;

    board->kind = kind_named(table, look_json_text(object, "kind"));
    if (board->kind == 0) return;
    const struct look_names names = {.kind = &table->kinds[board->kind - 1]};
    board->seat_word = look_json_word(object, "seat", &names);
    board->order_word = look_json_word(object, "order", &names);
    board->is_ascending = look_json_flag(object, "ascending");
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "columns"))
    {
        const char *name = cJSON_GetStringValue(item);
        int8_t word = name != NULL ? look_json_word_named(&names, name) : LOOK_NO_WORD;
        if (word == LOOK_NO_WORD || board->column_count == LOOK_COLUMNS_MAX) continue;
        board->columns[board->column_count++] = word;
    }
}

static void read_clock(struct look *look, const struct field_table *table, const cJSON *object)
{
    look->clock.kind = kind_named(table, look_json_text(object, "kind"));
    if (look->clock.kind == 0) return;
    const struct look_names names = {.kind = &table->kinds[look->clock.kind - 1]};
    look->clock.word = look_json_word(object, "field", &names);
    look->clock.when = look_json_if(object, &names);
    const struct field *field = look_json_field_at(&names, look->clock.word);
    if (field == NULL)
        look->clock.kind = 0;
    else
        look->clock.span = span_of(field);
}

static void put_key(struct look_control *control, const char *code, int32_t bits)
{
    if (control->key_count == LOOK_KEYS_MAX) return;
    struct look_key *key = &control->keys[control->key_count++];
    look_json_copy(key->code, sizeof key->code, code);
    key->bits = bits;
}

static void read_control(struct look_control *control, const cJSON *object)
{
    const cJSON *pointer = cJSON_GetObjectItemCaseSensitive(object, "pointer"), *item;
    const char *word = cJSON_GetStringValue(pointer);

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "keys"))
    {
        if (cJSON_IsNumber(item)) put_key(control, item->string, item->valueint);
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "actions"))
    {
        if (!cJSON_IsNumber(item) || control->action_count == LOOK_ACTIONS_MAX) continue;
        struct look_action *action = &control->actions[control->action_count++];
        look_json_copy(action->name, sizeof action->name, item->string);
        action->bits = item->valueint;
    }
    control->is_pointer_angle = word != NULL && strcmp(word, "angle") == 0;
    control->primary_bits = look_json_integer(pointer, "primary", 0);
    control->secondary_bits = look_json_integer(pointer, "secondary", 0);
}

static void read_controls(struct look *look, const struct field_table *table, const cJSON *object)
{
    if (!cJSON_IsObject(object)) return;
    memset(look->controls, 0, sizeof look->controls);
    for (uint8_t i = 0; i < table->usercmd_field_count; i++)
        read_control(&look->controls[i],
                     cJSON_GetObjectItemCaseSensitive(object, table->usercmd_fields[i].name));
}

/* ---- the ground ---- */

static void read_tiles(struct look *look, const cJSON *tiles)
{
    const cJSON *item;

    if (cJSON_IsObject(tiles)) memset(look->tiles, 0, sizeof look->tiles);
    cJSON_ArrayForEach(item, tiles)
    {
        unsigned char tile = (unsigned char)item->string[0];
        if (tile >= LOOK_TILES || item->string[1] != '\0' || tile == '\0') continue;
        struct rgba fill = look_json_rgba(item, "fill", look->floor_line);
        look->tiles[tile] = (struct look_tile){.is_raised = true,
                                               .fill = fill,
                                               .edge = look_json_rgba(item, "edge", fill),
                                               .side = look_json_rgba(item, "side", fill),
                                               .height = look_json_number(item, "height", 0)};
    }
}

static void read_palette(struct look_palette *palette, const cJSON *object)
{
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(object, "others"), *item;

    palette->own = look_json_rgba(object, "own", palette->own);
    palette->nobody = look_json_rgba(object, "nobody", palette->nobody);
    if (cJSON_GetArraySize(others) > 0) palette->other_count = 0;
    cJSON_ArrayForEach(item, others)
    {
        const char *text = cJSON_GetStringValue(item);
        if (text == NULL || palette->other_count == LOOK_COLOURS_MAX) continue;
        if (look_json_parse_rgba(text, &palette->others[palette->other_count]))
            palette->other_count++;
    }
    if (palette->other_count == 0) palette->others[palette->other_count++] = palette->nobody;
}

static void read_ground(struct look *look, const cJSON *root)
{
    const cJSON *floor = cJSON_GetObjectItemCaseSensitive(root, "floor");
    const cJSON *palette = cJSON_GetObjectItemCaseSensitive(root, "palette");

    look->background = look_json_rgba(root, "background", look->background);
    look->stars = look_json_rgba(root, "stars", look->stars);
    read_palette(&look->palettes[LOOK_STANDARD], palette);
    read_palette(&look->palettes[LOOK_SAFE], cJSON_GetObjectItemCaseSensitive(palette, "safe"));

    look->floor_fill = look_json_rgba(floor, "fill", look->floor_fill);
    look->floor_line = look_json_rgba(floor, "line", look->floor_line);
    look->floor_accent = look_json_rgba(floor, "accent", look->floor_line);
    look->accent_every = look_json_integer(floor, "accent_every", 0);
    if (look->accent_every < 0) look->accent_every = 0;
    read_tiles(look, cJSON_GetObjectItemCaseSensitive(root, "tiles"));
}

/* ---- whole looks ---- */

enum result look_parse(struct look *look, const struct field_table *table, const char *text,
                       size_t length_bytes, struct error *error)
{
    look_default(look, table);
    cJSON *root = cJSON_ParseWithLength(text, length_bytes);
    if (!cJSON_IsObject(root)) {
        cJSON_Delete(root);
        return error_set(error, RESULT_INVALID, "look.json: expected a JSON object");
    }
    read_ground(look, root);
    read_kinds(look, table, cJSON_GetObjectItemCaseSensitive(root, "kinds"));
    for (uint8_t i = 0; i < table->event_kind_count; i++)
        read_event(&look->events[i], root, &table->event_kinds[i]);
    read_hud(look, table, cJSON_GetObjectItemCaseSensitive(root, "hud"));
    read_leaderboard(look, table, cJSON_GetObjectItemCaseSensitive(root, "leaderboard"));
    read_clock(look, table, cJSON_GetObjectItemCaseSensitive(root, "clock"));
    read_controls(look, table, cJSON_GetObjectItemCaseSensitive(root, "controls"));
    look_sounds_read(look, root);
    look_json_copy(look->help, sizeof look->help, look_json_text(root, "help"));
    cJSON_Delete(root);
    return RESULT_OK;
}

enum result look_load(struct look *look, const struct field_table *table, const char *assets,
                      struct error *error)
{
    char path[1024];
    look_default(look, table);

    (void)snprintf(path, sizeof path, "%s/games/%s/look.json", assets, table->game);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return error_set(error, RESULT_IO, "%s: cannot be opened", path);

    char *text = malloc(LOOK_FILE_BYTES_MAX + 1);
    size_t length_bytes = text != NULL ? fread(text, 1, LOOK_FILE_BYTES_MAX + 1, file) : 0;
    enum result r = length_bytes <= LOOK_FILE_BYTES_MAX
                        ? look_parse(look, table, text, length_bytes, error)
                        : error_set(error, RESULT_TOO_BIG, "%s: a look has at most 64 KB", path);
    free(text);
    (void)fclose(file);
    return r;
}
