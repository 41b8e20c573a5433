#include "client/sdl/look_default.h"

#include <string.h>

#define DEFAULT_RADIUS 8

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void default_kind(struct look_kind *kind, bool is_body)
{
    *kind = (struct look_kind){.is_drawn = true, .layer_count = 1};
    kind->has_name = is_body;
    kind->name_offset = 18;
    kind->layers[0] =
        (struct look_layer){.shape = LOOK_CIRCLE,
                            .radius = DEFAULT_RADIUS,
                            .fill = {.source = LOOK_COLOUR_FIXED, .rgba = {11, 16, 27, 255}},
                            .stroke = {.source = LOOK_COLOUR_OWNER},
                            .width = 2,
                            .alpha = 1};
}

static void default_control(struct look_control *control, const struct usercmd_field *field)
{
    static const struct look_key keys[] = {{"KeyW", 1},      {"ArrowUp", 1},    {"KeyS", 2},
                                           {"ArrowDown", 2}, {"KeyA", 4},       {"ArrowLeft", 4},
                                           {"KeyD", 8},      {"ArrowRight", 8}, {"Space", 16}};

    control->is_pointer_angle = field->kind == USERCMD_ANGLE;
    if (field->kind != USERCMD_BUTTONS) return;
    for (size_t i = 0; i < COUNT(keys); i++)
        control->keys[control->key_count++] = keys[i];
}

/* The second is told apart also by eyes that confuse red and green (Okabe and Ito, 2008; their blue is
 * lighter here, for it also writes names on a dark ground). */
static const struct look_palette palettes[LOOK_PALETTES] = {
    [LOOK_STANDARD] = {.own = {95, 240, 208, 255},
                       .nobody = {139, 149, 171, 255},
                       .other_count = 6,
                       .others = {{255, 107, 129, 255},
                                  {255, 180, 84, 255},
                                  {179, 139, 255, 255},
                                  {95, 184, 255, 255},
                                  {255, 138, 216, 255},
                                  {214, 227, 90, 255}}},
    [LOOK_SAFE] = {.own = {240, 228, 66, 255},
                   .nobody = {139, 149, 171, 255},
                   .other_count = 6,
                   .others = {{86, 180, 233, 255},
                              {230, 159, 0, 255},
                              {0, 158, 115, 255},
                              {204, 121, 167, 255},
                              {74, 134, 255, 255},
                              {213, 94, 0, 255}}},
};

static void default_ground(struct look *look)
{
    look->background = (struct rgba){7, 9, 15, 255};
    memcpy(look->palettes, palettes, sizeof palettes);
    look->floor_fill = (struct rgba){11, 16, 27, 255};
    look->floor_line = look->floor_accent = (struct rgba){20, 28, 45, 255};
    look->tiles['#'] = (struct look_tile){.is_raised = true,
                                          .fill = {38, 49, 77, 255},
                                          .edge = {87, 115, 184, 255},
                                          .side = {19, 26, 44, 255},
                                          .height = 6};
}

void look_default(struct look *look, const struct field_table *table)
{
    memset(look, 0, sizeof *look);
    default_ground(look);
    for (uint8_t i = 0; i < table->kind_count; i++) {
        if (table->kinds[i].flags & KIND_EVERYWHERE) continue;
        default_kind(&look->kinds[i], (table->kinds[i].flags & KIND_BODY) != 0);
        look->order[look->order_count++] = (uint8_t)(i + 1);
    }
    for (uint8_t i = 0; i < table->usercmd_field_count; i++)
        default_control(&look->controls[i], &table->usercmd_fields[i]);
}
