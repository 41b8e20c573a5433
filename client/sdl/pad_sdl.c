#include "client/sdl/pad_sdl.h"

#include <SDL.h>

_Static_assert((int)PAD_RIGHT == (int)SDL_CONTROLLER_BUTTON_DPAD_RIGHT, "buttons as SDL's");
_Static_assert((int)PAD_L1 == (int)SDL_CONTROLLER_BUTTON_LEFTSHOULDER, "buttons as SDL's");
_Static_assert((int)PAD_AXIS_R2 == (int)SDL_CONTROLLER_AXIS_TRIGGERRIGHT, "axes as SDL's");

/* Without pads one plays all the same; those there at the start come as events. */
void pads_init(struct pads *p)
{
    *p = (struct pads){0};
    (void)SDL_InitSubSystem(SDL_INIT_GAMECONTROLLER);
}

void pads_deinit(struct pads *p)
{
    for (int i = 0; i < PADS_MAX; i++)
        if (p->open[i] != NULL) SDL_GameControllerClose(p->open[i]);
    *p = (struct pads){0};
}

static SDL_GameController **find(struct pads *p, SDL_GameController *pad)
{
    for (int i = 0; i < PADS_MAX; i++) {
        if (p->open[i] == pad) return &p->open[i];
    }
    return NULL;
}

void pads_take_device(struct pads *p, const SDL_Event *event)
{
    SDL_GameController **place;

    if (event->type == SDL_CONTROLLERDEVICEADDED && (place = find(p, NULL)) != NULL)
        *place = SDL_GameControllerOpen(event->cdevice.which);
    if (event->type != SDL_CONTROLLERDEVICEREMOVED) return;
    SDL_GameController *gone = SDL_GameControllerFromInstanceID(event->cdevice.which);
    if (gone == NULL || (place = find(p, gone)) == NULL) return;
    SDL_GameControllerClose(gone);
    *place = NULL;
}

void pads_take_event(struct pads *p, struct input *input, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_CONTROLLERBUTTONDOWN:
    case SDL_CONTROLLERBUTTONUP:
        pad_take_button(input, event->cbutton.button, event->type == SDL_CONTROLLERBUTTONDOWN);
        return;
    case SDL_CONTROLLERAXISMOTION:
        pad_take_axis(&p->pad, input, event->caxis.axis, event->caxis.value);
        return;
    case SDL_CONTROLLERDEVICEREMOVED:
        pad_release(&p->pad, input);
        return;
    default:
        return;
    }
}
