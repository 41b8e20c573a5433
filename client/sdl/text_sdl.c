#include "client/sdl/text_sdl.h"

#include <SDL_ttf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/error.h"
#include "shared/utf8.h"

#define STRING_BYTES 192
#define CACHE_COUNT  256
#define FONTS_MAX    24
#define LINE_HEIGHT  1.4f

#define FONT_FOLDER "/usr/share/fonts/truetype/dejavu/"

static const char *const font_files[2] = {FONT_FOLDER "DejaVuSans.ttf",
                                          FONT_FOLDER "DejaVuSans-Bold.ttf"};

struct font {
    int size;
    bool is_bold;
    TTF_Font *ttf; /* owned; NULL: the entry is free */
};

struct rendered {
    char string[STRING_BYTES];
    int size;
    bool is_bold;
    SDL_Texture *texture; /* owned, white; NULL: the entry is free */
    int width, height;
    unsigned used; /* the newest has the highest */
};

struct text {
    struct paint *paint; /* borrowed */
    struct font fonts[FONTS_MAX];
    unsigned next_font; /* which entry gives way when all are taken */
    struct rendered cache[CACHE_COUNT];
    unsigned clock;
};

static TTF_Font *find_font(struct text *t, int size, bool is_bold)
{
    for (size_t i = 0; i < FONTS_MAX; i++) {
        struct font *font = &t->fonts[i];
        if (font->ttf != NULL && font->size == size && font->is_bold == is_bold) return font->ttf;
    }
    struct font *font = &t->fonts[t->next_font];
    t->next_font = (t->next_font + 1) % FONTS_MAX;
    if (font->ttf != NULL) TTF_CloseFont(font->ttf);
    *font = (struct font){size, is_bold, TTF_OpenFont(font_files[is_bold], size)};
    return font->ttf;
}

static void render(struct text *t, struct rendered *entry)
{
    static const SDL_Color white = {255, 255, 255, 255};
    TTF_Font *font = find_font(t, entry->size, entry->is_bold);
    SDL_Surface *surface = font != NULL ? TTF_RenderUTF8_Blended(font, entry->string, white) : NULL;

    if (surface == NULL) return;
    entry->texture = SDL_CreateTextureFromSurface(paint_renderer(t->paint), surface);
    entry->width = surface->w;
    entry->height = surface->h;
    SDL_FreeSurface(surface);
}

static bool is_of(const struct rendered *entry, const char *string, int size, bool is_bold)
{
    return entry->texture != NULL && entry->size == size && entry->is_bold == is_bold &&
           strcmp(entry->string, string) == 0;
}

/* Returns the rendered text, perhaps without a texture; NULL for an empty one. */
static struct rendered *find(struct text *t, const char *string, const struct text_style *style)
{
    struct rendered *oldest = &t->cache[0];
    char cut[STRING_BYTES];
    int size = style->size < 6 ? 6 : (int)(style->size + 0.5f);
    size_t length = utf8_cut_bytes(string, strlen(string), sizeof cut - 1);

    if (length == 0) return NULL;
    memcpy(cut, string, length);
    cut[length] = '\0';
    for (size_t i = 0; i < CACHE_COUNT; i++) {
        struct rendered *entry = &t->cache[i];
        if (is_of(entry, cut, size, style->is_bold)) {
            entry->used = ++t->clock;
            return entry;
        }
        if (entry->used < oldest->used) oldest = entry;
    }
    if (oldest->texture != NULL) SDL_DestroyTexture(oldest->texture);
    *oldest = (struct rendered){.size = size, .is_bold = style->is_bold, .used = ++t->clock};
    memcpy(oldest->string, cut, length + 1);
    render(t, oldest);
    return oldest;
}

void text_draw(struct text *t, struct point at, const char *string, const struct text_style *style)
{
    const struct rendered *entry = find(t, string, style);
    if (entry == NULL || entry->texture == NULL) return;

    float left = style->align == TEXT_LEFT     ? at.x
                 : style->align == TEXT_CENTRE ? at.x - (float)entry->width / 2
                                               : at.x - (float)entry->width;
    /* On whole pixels, or the letters blur. */
    SDL_Rect to = {(int)(left + 0.5f), (int)(at.y + 0.5f), entry->width, entry->height};
    paint_flush(t->paint);
    (void)SDL_SetTextureColorMod(entry->texture, style->color.r, style->color.g, style->color.b);
    (void)SDL_SetTextureAlphaMod(entry->texture, style->color.a);
    (void)SDL_RenderCopy(paint_renderer(t->paint), entry->texture, NULL, &to);
}

float text_width(struct text *t, const char *string, const struct text_style *style)
{
    const struct rendered *entry = find(t, string, style);
    return entry != NULL ? (float)entry->width : 0;
}

/* Copies as many words as fit into a line, at least one, and returns where the rest begins. */
static const char *take_line(struct text *t, const char *string, const struct text_style *style,
                             char line[STRING_BYTES])
{
    size_t kept = 0;

    for (size_t end = 0; kept == 0 || string[kept] != '\0'; kept = end) {
        end += strspn(string + end, " ");
        end += strcspn(string + end, " ");
        if (end >= STRING_BYTES) break;
        memcpy(line, string, end);
        line[end] = '\0';
        if (kept > 0 && text_width(t, line, style) > style->line_width) break;
    }
    if (kept == 0) kept = utf8_cut_bytes(string, strlen(string), STRING_BYTES - 1);
    memcpy(line, string, kept);
    line[kept] = '\0';
    return string + kept + strspn(string + kept, " ");
}

float text_draw_wrapped(struct text *t, struct point at, const char *string,
                        const struct text_style *style)
{
    char line[STRING_BYTES];
    float top = at.y;

    while (*string != '\0') {
        string = take_line(t, string, style, line);
        text_draw(t, at, line, style);
        at.y += style->size * LINE_HEIGHT;
    }
    return at.y - top;
}

static enum result fail(struct text *t, struct error *error, const char *what)
{
    (void)error_set(error, RESULT_IO, "%s: %s", what, SDL_GetError());
    text_destroy(t);
    return error->code;
}

enum result text_create(struct text **text, struct paint *paint, struct error *error)
{
    if (TTF_Init() != 0) return fail(NULL, error, "no text can be drawn");

    struct text *t = calloc(1, sizeof *t);
    if (t == NULL) return fail(NULL, error, "no memory for text");
    t->paint = paint;
    if (find_font(t, 16, false) == NULL || find_font(t, 16, true) == NULL)
        return fail(t, error, "a font is missing (Debian: package fonts-dejavu-core)");
    *text = t;
    return RESULT_OK;
}

void text_destroy(struct text *t)
{
    if (t == NULL) return;
    for (size_t i = 0; i < CACHE_COUNT; i++)
        if (t->cache[i].texture != NULL) SDL_DestroyTexture(t->cache[i].texture);
    for (size_t i = 0; i < FONTS_MAX; i++)
        if (t->fonts[i].ttf != NULL) TTF_CloseFont(t->fonts[i].ttf);
    free(t);
    TTF_Quit();
}
