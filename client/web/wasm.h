/* wasm.h - what the files of the page's module share.
 *
 * Place:   wasm.c owns the view and plays it; wasm_game.c tells the tables of the game played.
 */
#ifndef TICKWIRE_CLIENT_WEB_WASM_H
#define TICKWIRE_CLIENT_WEB_WASM_H

/* Defines a function that the page can call, and declares it, for nothing else does. */
#define EXPORT(type, name, parameters) \
    type name parameters;              \
    __attribute__((export_name(#name))) type name parameters

/* The module's one view; NULL before init(). */
struct view *wasm_view(void);

#endif
