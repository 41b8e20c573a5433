#include "client/sdl/screen_sdl.h"

#include "shared/host/clock.h"
#include "shared/host/error.h"
#include <SDL.h>
#include <SDL_image.h>
#include <math.h>
#include <stdio.h>

#define TITLE          "Tickwire"
#define WINDOW_WIDTH   1280
#define WINDOW_HEIGHT  720
#define WIDTH_MIN      480
#define HEIGHT_MIN     300
#define FRAME_NS       16666667 /* 60 a second */
#define VSYNC_FRAME_NS 4000000

static enum result fail(struct screen *s, struct error *error, const char *what)
{
    (void)error_set(error, RESULT_IO, "%s: %s", what, SDL_GetError());
    screen_deinit(s);
    return error->code;
}

static SDL_Renderer *create_renderer(const struct screen *s)
{
    if (s->is_headless) return SDL_CreateRenderer(s->window, -1, SDL_RENDERER_SOFTWARE);

    SDL_Renderer *fast =
        SDL_CreateRenderer(s->window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC);
    return fast != NULL ? fast : SDL_CreateRenderer(s->window, -1, 0);
}

enum result screen_init(struct screen *s, bool is_headless, bool is_fullscreen, struct error *error)
{
    Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI;

    *s = (struct screen){.is_headless = is_headless, .text_scale = 1};
    if (is_fullscreen) flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
    if (is_headless) {
        /* Needs neither a display nor a graphics card. */
        (void)SDL_SetHint(SDL_HINT_VIDEODRIVER, "dummy");
        (void)SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    }
    (void)SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    (void)SDL_SetHint(SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS, "0");
    if (SDL_Init(SDL_INIT_VIDEO) != 0) return fail(s, error, "no display");

    s->window = SDL_CreateWindow(TITLE, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                 WINDOW_WIDTH, WINDOW_HEIGHT, flags);
    if (s->window == NULL) return fail(s, error, "no window");
    SDL_SetWindowMinimumSize(s->window, WIDTH_MIN, HEIGHT_MIN);
    s->renderer = create_renderer(s);
    if (s->renderer == NULL) return fail(s, error, "no renderer");
    if (paint_create(&s->paint, s->renderer, error) != RESULT_OK ||
        text_create(&s->text, s->paint, error) != RESULT_OK) {
        screen_deinit(s);
        return error->code;
    }
    return RESULT_OK;
}

void screen_deinit(struct screen *s)
{
    text_destroy(s->text);
    paint_destroy(s->paint);
    if (s->renderer != NULL) SDL_DestroyRenderer(s->renderer);
    if (s->window != NULL) SDL_DestroyWindow(s->window);
    SDL_Quit();
    *s = (struct screen){0};
}

void screen_begin(struct screen *s, struct rgba background)
{
    int width = WINDOW_WIDTH, height = WINDOW_HEIGHT;

    (void)SDL_GetRendererOutputSize(s->renderer, &width, &height);
    s->width = (float)width;
    s->height = (float)height;
    s->foot = 0;
    s->scale = fmaxf(0.75f, fminf(s->width / WINDOW_WIDTH, s->height / WINDOW_HEIGHT));
    s->scale *= s->text_scale;
    (void)SDL_SetRenderDrawColor(s->renderer, background.r, background.g, background.b, 255);
    (void)SDL_RenderClear(s->renderer);
}

struct point screen_pixel(const struct screen *s, int x, int y)
{
    int width, height;

    SDL_GetWindowSize(s->window, &width, &height);
    float grain = width > 0 ? s->width / (float)width : 1;
    return (struct point){(float)x * grain, (float)y * grain};
}

/* The least time from one picture to the next. With vsync the display keeps the pace, but a hidden
 * window may have none. */
static uint64_t frame_ns(SDL_Renderer *renderer)
{
    SDL_RendererInfo info;
    bool has_vsync =
        SDL_GetRendererInfo(renderer, &info) == 0 && (info.flags & SDL_RENDERER_PRESENTVSYNC) != 0;
    return has_vsync ? VSYNC_FRAME_NS : FRAME_NS;
}

void screen_end(struct screen *s)
{
    paint_flush(s->paint);
    SDL_RenderPresent(s->renderer);
    clock_sleep_until_ns(s->shown_ns + frame_ns(s->renderer));
    s->shown_ns = clock_monotonic_ns();
}

enum result screen_save(struct screen *s, const char *path, struct error *error)
{
    paint_flush(s->paint);
    SDL_Surface *picture =
        SDL_CreateRGBSurfaceWithFormat(0, (int)s->width, (int)s->height, 24, SDL_PIXELFORMAT_RGB24);
    bool is_saved = picture != NULL &&
                    SDL_RenderReadPixels(s->renderer, NULL, SDL_PIXELFORMAT_RGB24, picture->pixels,
                                         picture->pitch) == 0 &&
                    IMG_SavePNG(picture, path) == 0;
    if (picture != NULL) SDL_FreeSurface(picture);
    if (is_saved) return RESULT_OK;

    (void)error_set(error, RESULT_IO, "%s: %s", path, SDL_GetError());
    return error->code;
}

void screen_set_text_scale(struct screen *s, float text_scale)
{
    s->text_scale = text_scale;
}

float screen_base_scale(const struct screen *s)
{
    return s->scale / s->text_scale;
}

void screen_set_vsync(struct screen *s, bool has_vsync)
{
    if (!s->is_headless) (void)SDL_RenderSetVSync(s->renderer, has_vsync ? 1 : 0);
}

bool screen_is_full(const struct screen *s)
{
    return (SDL_GetWindowFlags(s->window) & SDL_WINDOW_FULLSCREEN) != 0;
}

void screen_set_full(struct screen *s, bool is_full)
{
    if (s->is_headless || is_full == screen_is_full(s)) return;
    (void)SDL_SetWindowFullscreen(s->window, is_full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}
