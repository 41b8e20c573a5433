/* menu.h - the pages of rows between matches and over one: start, rooms, pause,
 *          settings, keys, recordings.
 *
 * Place:   menu_sdl draws the rows and presses them by keyboard, mouse and game pad; home and play
 *          do what it wishes.
 * Rule:    everything can be reached by the four directions, Enter, Esc and typing. Settings are
 *          changed in place; whoever owns them is told by menu_take_change().
 * Memory:  borrows the settings and the game's controls; owns the rest.
 */
#ifndef TICKWIRE_CLIENT_SDL_MENU_H
#define TICKWIRE_CLIENT_SDL_MENU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/look.h"
#include "client/sdl/recordings.h"
#include "client/sdl/room_list.h"
#include "client/sdl/settings.h"
#include "client/sdl/typing.h"
#include "client/sdl/url.h"

#define MENU_ROWS_MAX    (2 * ROOM_LIST_MAX + 16) /* two for each room, and what else is there */
#define MENU_FILES_MAX   40
#define MENU_LABEL_BYTES 128
#define MENU_DEPTH_MAX   4

enum menu_page {
    MENU_START,
    MENU_PAUSE,
    MENU_SETTINGS,
    MENU_KEYS,
    MENU_RECORDINGS,
    MENU_ROOMS,
    MENU_PAGES
};

enum menu_wish {
    MENU_NOTHING,
    MENU_PLAY,     /* at menu->address */
    MENU_SPECTATE, /* there, without a seat */
    MENU_WATCH,    /* the recording at menu->folder / menu->file */
    MENU_RESUME,   /* back to the match below */
    MENU_LEAVE,    /* out of the match below */
    MENU_QUIT
};

enum menu_row_kind {
    MENU_HEADING, /* only to be read */
    MENU_BUTTON,
    MENU_CHOICE, /* left and right change it */
    MENU_FIELD,  /* what is typed goes into it */
    MENU_KEY     /* Enter, then the key that shall do it; Backspace takes its keys away */
};

enum menu_press { MENU_UP, MENU_DOWN, MENU_LEFT, MENU_RIGHT, MENU_ENTER, MENU_BACK, MENU_ERASE };

/* What a row is for; `index` in struct menu_row tells those of one sort apart. */
enum menu_id {
    MENU_ID_HEADING,
    MENU_ID_PLAY,
    MENU_ID_ADDRESS,
    MENU_ID_NAME,
    MENU_ID_RECENT,
    MENU_ID_PAGE, /* index: the page that it opens */
    MENU_ID_VALUE,
    MENU_ID_ACTION,
    MENU_ID_STANDARD_KEYS,
    MENU_ID_FOLDER,
    MENU_ID_FILE,
    MENU_ID_ROOMS,
    MENU_ID_ROOM, /* index: in menu->rooms, as that of the next */
    MENU_ID_WATCH_ROOM,
    MENU_ID_OTHER_ROOM,
    MENU_ID_RESUME,
    MENU_ID_LEAVE,
    MENU_ID_QUIT,
    MENU_ID_BACK,
    MENU_IDS
};

struct menu_row {
    enum menu_row_kind kind;
    enum menu_id id;
    uint16_t index;
    char label[MENU_LABEL_BYTES];
    char value[TYPING_BYTES_MAX + 1];
};

struct menu {
    struct settings *settings;           /* borrowed */
    const struct field_table *table;     /* borrowed; NULL: no keys can be chosen */
    const struct look_control *controls; /* borrowed: the look's own, by field */
    enum menu_page path[MENU_DEPTH_MAX]; /* the page that shows is the last */
    uint8_t depth;                       /* 0: closed */
    uint16_t returns[MENU_DEPTH_MAX];    /* the row chosen on each page of the path */
    struct menu_row rows[MENU_ROWS_MAX];
    uint16_t row_count, chosen;
    bool is_waiting; /* for a key: the next one is laid on the chosen row */
    bool has_changed;
    char notice[160]; /* what could not be done, or "" */
    struct typing address, folder, other_room;
    struct url server; /* MENU_PLAY, MENU_SPECTATE and on the page of rooms: the address, parsed */
    struct room_list rooms;
    bool has_asked; /* the page of rooms was opened */
    uint16_t file_count;
    struct recording_file files[MENU_FILES_MAX];
    const char *file; /* MENU_WATCH: its name */
};

/* `address` stands in the field at first. */
void menu_init(struct menu *m, struct settings *settings, const char *address);

/* Opens the first page. A game, if one is known: its keys can be chosen. */
void menu_open(struct menu *m, enum menu_page page);
void menu_set_game(struct menu *m, const struct field_table *table,
                   const struct look_control *controls);

enum menu_page menu_page(const struct menu *m);
const char *menu_title(const struct menu *m);

/* Does what a press on the chosen row does. */
enum menu_wish menu_press(struct menu *m, enum menu_press press);

/* Chooses a row, by the mouse say; one that is only to be read is not chosen. */
void menu_choose(struct menu *m, uint16_t row);

/* Adds text to the chosen field. */
void menu_type(struct menu *m, const char *text);

/* While it waits for a key: takes the code of one. */
void menu_take_code(struct menu *m, const char *code);

/* Returns whether the page of rooms was opened since it was asked last: menu->server may be another. */
bool menu_take_question(struct menu *m);

/* On the page of rooms: these are there now. */
void menu_take_rooms(struct menu *m, const struct room_list *rooms);

/* Says what could not be done, until the next press. */
void menu_say(struct menu *m, const char *notice);

/* Returns whether settings were changed since it was asked last. */
bool menu_take_change(struct menu *m);

/* The row's place in the settings' list of values is the colour. */
bool menu_row_is_colour(const struct menu_row *row);

#endif
