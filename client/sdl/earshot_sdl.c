#include "client/sdl/earshot_sdl.h"

#include "client/sdl/hud_sdl.h"
#include "client/sdl/look_sounds.h"
#include "client/sdl/theme.h"

#define CAPTION_SIZE 13.0f
#define CAPTION_LINE 24.0f
#define FOOT         120.0f /* above the figures of the own body */

void earshot_use(struct earshot *e, struct sound *sound, const struct picture *picture)
{
    *e = (struct earshot){.sound = sound, .is_resting = e->is_resting};
    sound_use(sound, &picture->look, picture->assets);
}

void earshot_clear(struct earshot *e)
{
    hearing_clear(&e->hearing);
    captions_clear(&e->captions);
    sound_hush(e->sound);
}

static void hear(struct earshot *e, const struct look *look, const struct heard *heard,
                 double now_s)
{
    if (e->is_resting) return;
    sound_play(e->sound, heard);
    captions_note(&e->captions, look_sounds_caption(look, heard->sound->name), heard->pan, now_s);
}

void earshot_join(struct earshot *e, const struct look *look, double now_s)
{
    struct heard heard = {.sound = &look->join, .volume = look->join.volume};
    if (look->join.name[0] != '\0') hear(e, look, &heard, now_s);
}

void earshot_take_frame(struct earshot *e, const struct scene *scene, struct point ear)
{
    struct heard heard[HEARD_MAX];

    size_t count = hearing_appeared(&e->hearing, scene, ear, heard);
    for (size_t i = 0; i < count; i++)
        hear(e, scene->look, &heard[i], scene->now_s);
    count = e->is_resting ? 0 : hearing_loops(scene, ear, heard);
    sound_set_loops(e->sound, heard, count);
}

void earshot_take_line(struct earshot *e, const struct scene *scene, struct point ear,
                       const struct view_line *line)
{
    struct heard heard[LOOK_SOUNDS_MAX];

    if (line->line.line_kind == LINE_CHAT) return;
    size_t count = hearing_event(scene, ear, &line->line.event, heard);
    for (size_t i = 0; i < count; i++)
        hear(e, scene->look, &heard[i], scene->now_s);
}

void earshot_draw(const struct earshot *e, struct screen *screen, double now_s)
{
    float s = screen->scale, y = screen->height - screen->foot - FOOT * s;
    struct text_style style = {.size = CAPTION_SIZE * s, .align = TEXT_CENTRE, .color = THEME_INK};
    char line[LOOK_TEXT_BYTES + 8];

    for (uint32_t i = 0; i < CAPTIONS_MAX; i++) {
        if (!captions_print(&e->captions, i, now_s, line, sizeof line)) continue;
        float width = text_width(screen->text, line, &style) + 20 * s;
        SDL_FRect box = {(screen->width - width) / 2, y, width, 20 * s};
        paint_panel(screen->paint, box, 5 * s, THEME_SHADE);
        text_draw(screen->text, (struct point){screen->width / 2, y + 2 * s}, line, &style);
        y -= CAPTION_LINE * s;
    }
}
