#include "client/sdl/app_sdl.h"

#include <SDL.h>
#include <stdio.h>

#include "shared/host/error.h"

static void complain(const struct error *error)
{
    (void)fprintf(stderr, "tickwire-client: %s\n", error->message);
}

/* A run without a window has settings only where it is given some: it tests or measures. */
static void find_settings(struct app *a)
{
    if (a->options->settings != NULL) {
        (void)snprintf(a->settings_path, sizeof a->settings_path, "%s", a->options->settings);
    } else if (!a->options->is_headless) {
        char *folder = SDL_GetPrefPath("", "tickwire");
        if (folder != NULL)
            (void)snprintf(a->settings_path, sizeof a->settings_path, "%ssettings.json", folder);
        SDL_free(folder);
    }
}

static void load_settings(struct app *a)
{
    struct error error;

    find_settings(a);
    settings_default(&a->settings);
    if (a->settings_path[0] == '\0') return;
    if (settings_load(&a->settings, a->settings_path, &error) != RESULT_OK) complain(&error);
}

static void apply(struct app *a)
{
    screen_set_text_scale(&a->screen, (float)a->settings.text_scale / 100);
    screen_set_vsync(&a->screen, a->settings.has_vsync);
    screen_set_full(&a->screen, a->settings.is_full_screen || a->options->is_fullscreen);
    sound_set_volume(a->sound, a->settings.volume, a->settings.is_muted);
}

enum result app_init(struct app *a, const struct cmdline *options, struct error *error)
{
    *a = (struct app){.options = options};
    load_settings(a);
    bool is_full = options->is_fullscreen || a->settings.is_full_screen;
    if (screen_init(&a->screen, options->is_headless, is_full, error) != RESULT_OK)
        return error->code;
    if (!options->is_headless) {
        a->sound = sound_create();
        pads_init(&a->pads);
    }
    apply(a);
    return RESULT_OK;
}

void app_deinit(struct app *a)
{
    pads_deinit(&a->pads);
    sound_destroy(a->sound);
    screen_deinit(&a->screen);
}

void app_take_settings(struct app *a)
{
    struct error error;

    apply(a);
    if (a->settings_path[0] == '\0') return;
    if (settings_save(&a->settings, a->settings_path, &error) != RESULT_OK) complain(&error);
}

const char *app_name(const struct app *a)
{
    return a->options->name != NULL ? a->options->name : a->settings.name;
}

uint8_t app_colour(const struct app *a)
{
    return a->options->has_colour ? a->options->colour : a->settings.colour;
}

void app_toggle_mute(struct app *a)
{
    a->settings.is_muted = !a->settings.is_muted;
    app_take_settings(a);
}

static bool take_key(struct app *a, const SDL_KeyboardEvent *key)
{
    bool is_enter = key->keysym.scancode == SDL_SCANCODE_RETURN;
    bool wants_full =
        key->keysym.scancode == SDL_SCANCODE_F11 || (is_enter && (key->keysym.mod & KMOD_ALT) != 0);

    if (!wants_full) return false;
    if (key->repeat == 0) {
        a->settings.is_full_screen = !screen_is_full(&a->screen);
        screen_set_full(&a->screen, a->settings.is_full_screen);
        app_take_settings(a);
    }
    return true;
}

bool app_take_event(struct app *a, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_QUIT:
        a->wants_quit = true;
        return true;
    case SDL_KEYDOWN:
        return take_key(a, &event->key);
    case SDL_CONTROLLERDEVICEADDED:
    case SDL_CONTROLLERDEVICEREMOVED:
        pads_take_device(&a->pads, event);
        return false;
    default:
        return false;
    }
}
