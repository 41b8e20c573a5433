/* wasm_game.c - scale and field tables of the game that is played, for look.js and input.js.
 *
 * Place:   called by tickwire.js once the welcome has come; before, only game_at() may be. Texts
 *          are NUL-terminated UTF-8 in the module's memory.
 */
#include "client/web/wasm.h"

#include "client/view/view.h"
#include "shared/check.h"

static const struct field_table *table(void)
{
    const struct game *game = view_game(wasm_view());
    ASSERT(game != NULL);
    return game->table;
}

static const struct entity_kind *kind_at(uint32_t kind)
{
    ASSERT(kind < table()->kind_count);
    return &table()->kinds[kind];
}

static const struct field *field_at(uint32_t kind, uint32_t field)
{
    ASSERT(field < kind_at(kind)->field_count);
    return &kind_at(kind)->fields[field];
}

static const struct event_kind *event_kind_at(uint32_t kind)
{
    ASSERT(kind < table()->event_kind_count);
    return &table()->event_kinds[kind];
}

static const struct usercmd_field *usercmd_field_at(uint32_t field)
{
    ASSERT(field < table()->usercmd_field_count);
    return &table()->usercmd_fields[field];
}

EXPORT(const char *, game_at, (void))
{
    const struct game *game = view_game(wasm_view());
    return game == NULL ? NULL : game->name;
}

EXPORT(int32_t, game_unit, (void))
{
    return view_game(wasm_view())->unit;
}

EXPORT(int32_t, game_tile_units, (void))
{
    return view_game(wasm_view())->tile_units;
}

EXPORT(int32_t, game_half_x, (void))
{
    return view_game(wasm_view())->view_half_x;
}

EXPORT(int32_t, game_half_y, (void))
{
    return view_game(wasm_view())->view_half_y;
}

EXPORT(uint32_t, kind_count, (void))
{
    return table()->kind_count;
}

EXPORT(const char *, kind_name_at, (uint32_t kind))
{
    return kind_at(kind)->name;
}

EXPORT(uint32_t, kind_flags, (uint32_t kind))
{
    return kind_at(kind)->flags;
}

EXPORT(uint32_t, kind_x_word, (uint32_t kind))
{
    return kind_at(kind)->x_word;
}

EXPORT(uint32_t, kind_y_word, (uint32_t kind))
{
    return kind_at(kind)->y_word;
}

EXPORT(uint32_t, kind_field_count, (uint32_t kind))
{
    return kind_at(kind)->field_count;
}

EXPORT(const char *, field_name_at, (uint32_t kind, uint32_t field))
{
    return field_at(kind, field)->name;
}

EXPORT(uint32_t, field_kind, (uint32_t kind, uint32_t field))
{
    return field_at(kind, field)->kind;
}

EXPORT(uint32_t, field_word, (uint32_t kind, uint32_t field))
{
    return field_at(kind, field)->word;
}

/* How many of its simulation units make a full turn (angles), or its largest value. */
EXPORT(double, field_span, (uint32_t kind, uint32_t field))
{
    const struct field *f = field_at(kind, field);
    return ((double)f->max - f->min + 1) * (double)((int64_t)1 << f->shift);
}

EXPORT(uint32_t, usercmd_field_count, (void))
{
    return table()->usercmd_field_count;
}

EXPORT(const char *, usercmd_name_at, (uint32_t field))
{
    return usercmd_field_at(field)->name;
}

EXPORT(uint32_t, usercmd_kind, (uint32_t field))
{
    return usercmd_field_at(field)->kind;
}

EXPORT(int32_t, usercmd_min, (uint32_t field))
{
    return usercmd_field_at(field)->min;
}

EXPORT(int32_t, usercmd_max, (uint32_t field))
{
    return usercmd_field_at(field)->max;
}

EXPORT(uint32_t, event_kind_count, (void))
{
    return table()->event_kind_count;
}

EXPORT(const char *, event_kind_name_at, (uint32_t kind))
{
    return event_kind_at(kind)->name;
}

EXPORT(uint32_t, event_field_count, (uint32_t kind))
{
    return event_kind_at(kind)->field_count;
}

EXPORT(const char *, event_field_name_at, (uint32_t kind, uint32_t field))
{
    ASSERT(field < event_kind_at(kind)->field_count);
    return event_kind_at(kind)->fields[field].name;
}

EXPORT(uint32_t, event_field_value, (uint32_t kind, uint32_t field))
{
    ASSERT(field < event_kind_at(kind)->field_count);
    return event_kind_at(kind)->fields[field].value;
}
