#include "client/sdl/keys_sdl.h"

#include <SDL_keyboard.h>
#include <string.h>

#include "client/sdl/pad.h"

static const char *const codes[SDL_NUM_SCANCODES] = {
    [SDL_SCANCODE_A] = "KeyA",
    [SDL_SCANCODE_B] = "KeyB",
    [SDL_SCANCODE_C] = "KeyC",
    [SDL_SCANCODE_D] = "KeyD",
    [SDL_SCANCODE_E] = "KeyE",
    [SDL_SCANCODE_F] = "KeyF",
    [SDL_SCANCODE_G] = "KeyG",
    [SDL_SCANCODE_H] = "KeyH",
    [SDL_SCANCODE_I] = "KeyI",
    [SDL_SCANCODE_J] = "KeyJ",
    [SDL_SCANCODE_K] = "KeyK",
    [SDL_SCANCODE_L] = "KeyL",
    [SDL_SCANCODE_M] = "KeyM",
    [SDL_SCANCODE_N] = "KeyN",
    [SDL_SCANCODE_O] = "KeyO",
    [SDL_SCANCODE_P] = "KeyP",
    [SDL_SCANCODE_Q] = "KeyQ",
    [SDL_SCANCODE_R] = "KeyR",
    [SDL_SCANCODE_S] = "KeyS",
    [SDL_SCANCODE_T] = "KeyT",
    [SDL_SCANCODE_U] = "KeyU",
    [SDL_SCANCODE_V] = "KeyV",
    [SDL_SCANCODE_W] = "KeyW",
    [SDL_SCANCODE_X] = "KeyX",
    [SDL_SCANCODE_Y] = "KeyY",
    [SDL_SCANCODE_Z] = "KeyZ",
    [SDL_SCANCODE_0] = "Digit0",
    [SDL_SCANCODE_1] = "Digit1",
    [SDL_SCANCODE_2] = "Digit2",
    [SDL_SCANCODE_3] = "Digit3",
    [SDL_SCANCODE_4] = "Digit4",
    [SDL_SCANCODE_5] = "Digit5",
    [SDL_SCANCODE_6] = "Digit6",
    [SDL_SCANCODE_7] = "Digit7",
    [SDL_SCANCODE_8] = "Digit8",
    [SDL_SCANCODE_9] = "Digit9",
    [SDL_SCANCODE_UP] = "ArrowUp",
    [SDL_SCANCODE_DOWN] = "ArrowDown",
    [SDL_SCANCODE_LEFT] = "ArrowLeft",
    [SDL_SCANCODE_RIGHT] = "ArrowRight",
    [SDL_SCANCODE_SPACE] = "Space",
    [SDL_SCANCODE_TAB] = "Tab",
    [SDL_SCANCODE_BACKSPACE] = "Backspace",
    [SDL_SCANCODE_LSHIFT] = "ShiftLeft",
    [SDL_SCANCODE_RSHIFT] = "ShiftRight",
    [SDL_SCANCODE_LCTRL] = "ControlLeft",
    [SDL_SCANCODE_RCTRL] = "ControlRight",
    [SDL_SCANCODE_LALT] = "AltLeft",
    [SDL_SCANCODE_RALT] = "AltRight",
    [SDL_SCANCODE_COMMA] = "Comma",
    [SDL_SCANCODE_PERIOD] = "Period",
    [SDL_SCANCODE_SLASH] = "Slash",
    [SDL_SCANCODE_SEMICOLON] = "Semicolon",
    [SDL_SCANCODE_APOSTROPHE] = "Quote",
    [SDL_SCANCODE_LEFTBRACKET] = "BracketLeft",
    [SDL_SCANCODE_RIGHTBRACKET] = "BracketRight",
    [SDL_SCANCODE_BACKSLASH] = "Backslash",
    [SDL_SCANCODE_GRAVE] = "Backquote",
    [SDL_SCANCODE_MINUS] = "Minus",
    [SDL_SCANCODE_EQUALS] = "Equal",
    [SDL_SCANCODE_PAGEUP] = "PageUp",
    [SDL_SCANCODE_PAGEDOWN] = "PageDown",
    [SDL_SCANCODE_HOME] = "Home",
    [SDL_SCANCODE_END] = "End",
    [SDL_SCANCODE_KP_0] = "Numpad0",
    [SDL_SCANCODE_KP_1] = "Numpad1",
    [SDL_SCANCODE_KP_2] = "Numpad2",
    [SDL_SCANCODE_KP_3] = "Numpad3",
    [SDL_SCANCODE_KP_4] = "Numpad4",
    [SDL_SCANCODE_KP_5] = "Numpad5",
    [SDL_SCANCODE_KP_6] = "Numpad6",
    [SDL_SCANCODE_KP_7] = "Numpad7",
    [SDL_SCANCODE_KP_8] = "Numpad8",
    [SDL_SCANCODE_KP_9] = "Numpad9",
    [SDL_SCANCODE_INSERT] = "Insert",
    [SDL_SCANCODE_DELETE] = "Delete",
    [SDL_SCANCODE_CAPSLOCK] = "CapsLock",
    [SDL_SCANCODE_KP_PLUS] = "NumpadAdd",
    [SDL_SCANCODE_KP_MINUS] = "NumpadSubtract",
    [SDL_SCANCODE_KP_MULTIPLY] = "NumpadMultiply",
    [SDL_SCANCODE_KP_DIVIDE] = "NumpadDivide",
    [SDL_SCANCODE_KP_PERIOD] = "NumpadDecimal",
    [SDL_SCANCODE_NONUSBACKSLASH] = "IntlBackslash",
};

const char *keys_code(SDL_Scancode scancode)
{
    bool is_known = scancode >= 0 && scancode < SDL_NUM_SCANCODES && codes[scancode] != NULL;
    return is_known ? codes[scancode] : "";
}

static void take_key(struct input *input, const SDL_KeyboardEvent *event)
{
    const char *code = keys_code(event->keysym.scancode);
    if (code[0] != '\0' && event->repeat == 0) input_key(input, code, event->type == SDL_KEYDOWN);
}

void keys_take_event(struct input *input, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        take_key(input, &event->key);
        return;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        if (event->button.button == SDL_BUTTON_LEFT)
            input_pointer(input, INPUT_PRIMARY, event->type == SDL_MOUSEBUTTONDOWN);
        if (event->button.button == SDL_BUTTON_RIGHT)
            input_pointer(input, INPUT_SECONDARY, event->type == SDL_MOUSEBUTTONDOWN);
        return;
    default:
        return;
    }
}

static bool is_code(const char *name)
{
    if (pad_has_code(name)) return true;
    for (int i = 0; i < SDL_NUM_SCANCODES; i++) {
        if (codes[i] != NULL && strcmp(codes[i], name) == 0) return true;
    }
    return false;
}

bool keys_hold(struct input *input, const char *name)
{
    const char *code = keys_code(SDL_GetScancodeFromName(name));

    if (strcmp(name, "Mouse 1") == 0) {
        input_pointer(input, INPUT_PRIMARY, true);
        return true;
    }
    if (strcmp(name, "Mouse 2") == 0) {
        input_pointer(input, INPUT_SECONDARY, true);
        return true;
    }
    if (code[0] == '\0' && is_code(name)) code = name;
    if (code[0] == '\0') return false;
    input_key(input, code, true);
    return true;
}
