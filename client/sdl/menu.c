#include "client/sdl/menu.h"

#include <stdio.h>
#include <string.h>

#include "client/sdl/bindings.h"
#include "client/sdl/menu_choices.h"
#include "client/sdl/menu_pages.h"
#include "shared/check.h"
#include "shared/host/error.h"
#include "shared/message.h"

#define FOLDER_DEFAULT "recordings"

static void build(struct menu *m)
{
    menu_pages_build(m);
    menu_choose(m, m->chosen < m->row_count ? m->chosen : (uint16_t)(m->row_count - 1));
}

/* ---- moving between them ---- */

void menu_init(struct menu *m, struct settings *settings, const char *address)
{
    *m = (struct menu){.settings = settings};
    typing_start(&m->address, address, SETTINGS_URL_CHARS_MAX);
    typing_start(&m->folder, FOLDER_DEFAULT, TYPING_BYTES_MAX);
    typing_start(&m->other_room, "", ROOM_NAME_BYTES_MAX);
}

void menu_set_game(struct menu *m, const struct field_table *table,
                   const struct look_control *controls)
{
    m->table = table;
    m->controls = controls;
}

static void enter(struct menu *m, enum menu_page page)
{
    ASSERT(m->depth < MENU_DEPTH_MAX);
    if (m->depth > 0) m->returns[m->depth - 1] = m->chosen;
    m->path[m->depth++] = page;
    m->chosen = 0;
    build(m);
}

void menu_open(struct menu *m, enum menu_page page)
{
    m->depth = 0;
    m->is_waiting = false;
    m->notice[0] = '\0';
    enter(m, page);
}

static enum menu_wish go_back(struct menu *m)
{
    if (m->depth == 1) return menu_page(m) == MENU_START ? MENU_QUIT : MENU_RESUME;
    m->depth--;
    m->chosen = m->returns[m->depth - 1];
    build(m);
    return MENU_NOTHING;
}

enum menu_page menu_page(const struct menu *m)
{
    ASSERT(m->depth > 0);
    return m->path[m->depth - 1];
}

/* ---- what rows do ---- */

void menu_choose(struct menu *m, uint16_t row)
{
    if (row < m->row_count && m->rows[row].kind != MENU_HEADING) m->chosen = row;
    while (m->rows[m->chosen].kind == MENU_HEADING && m->chosen > 0)
        m->chosen--;
    while (m->rows[m->chosen].kind == MENU_HEADING && m->chosen + 1 < m->row_count)
        m->chosen++;
}

static void move(struct menu *m, int direction)
{
    int row = m->chosen;

    do {
        row = (row + direction + m->row_count) % m->row_count;
    } while (m->rows[row].kind == MENU_HEADING);
    menu_choose(m, (uint16_t)row);
}

typedef enum menu_wish press_row(struct menu *m, const struct menu_row *row);

/* Completes the address in the field; false, with a notice, if it is none. */
static bool take_address(struct menu *m)
{
    struct error error;
    char whole[SETTINGS_URL_CHARS_MAX + 1];

    url_complete(whole, sizeof whole, m->address.text);
    typing_start(&m->address, whole, SETTINGS_URL_CHARS_MAX);
    if (url_parse(&m->server, m->address.text, &error) == RESULT_OK) return true;
    menu_say(m, error.message);
    return false;
}

static enum menu_wish play(struct menu *m, const struct menu_row *row)
{
    if (row->id == MENU_ID_RECENT)
        typing_start(&m->address, m->settings->recent[row->index], SETTINGS_URL_CHARS_MAX);
    return take_address(m) ? MENU_PLAY : MENU_NOTHING;
}

static enum menu_wish open_rooms(struct menu *m, const struct menu_row *row)
{
    (void)row;
    if (!take_address(m)) return MENU_NOTHING;
    room_list_ask(&m->rooms, m->server.authority);
    m->has_asked = true;
    enter(m, MENU_ROOMS);
    return MENU_NOTHING;
}

/* The address of the room becomes the field's, to be played at again. */
static enum menu_wish go_to_room(struct menu *m, const char *name, bool is_watching)
{
    char address[SETTINGS_URL_CHARS_MAX + 1];

    if (!url_with_room(address, sizeof address, m->address.text, name)) {
        menu_say(m, "The address is too long for the name of a room.");
        return MENU_NOTHING;
    }
    typing_start(&m->address, address, SETTINGS_URL_CHARS_MAX);
    if (!take_address(m)) return MENU_NOTHING;
    return is_watching ? MENU_SPECTATE : MENU_PLAY;
}

static enum menu_wish join_room(struct menu *m, const struct menu_row *row)
{
    const struct room_entry *room = &m->rooms.entries[row->index];
    char notice[sizeof m->notice];

    if (!room_entry_is_full(room)) return go_to_room(m, room->name, false);
    (void)snprintf(notice, sizeof notice, "%s is full: watch instead?", room->name);
    menu_say(m, notice);
    move(m, 1);
    return MENU_NOTHING;
}

static enum menu_wish watch_room(struct menu *m, const struct menu_row *row)
{
    return go_to_room(m, m->rooms.entries[row->index].name, true);
}

static enum menu_wish join_other_room(struct menu *m, const struct menu_row *row)
{
    (void)row;
    if (room_name_is_valid(m->other_room.text)) return go_to_room(m, m->other_room.text, false);
    menu_say(m, "The name of a room has letters, digits, - and _, up to 32.");
    return MENU_NOTHING;
}

static enum menu_wish open_page(struct menu *m, const struct menu_row *row)
{
    enter(m, (enum menu_page)row->index);
    return MENU_NOTHING;
}

static void change_choice(struct menu *m, size_t index, int direction)
{
    menu_choice_change(m->settings, index, direction);
    m->has_changed = true;
}

bool menu_row_is_colour(const struct menu_row *row)
{
    return row->id == MENU_ID_VALUE && row->index == MENU_CHOICE_COLOUR;
}

static enum menu_wish change(struct menu *m, const struct menu_row *row)
{
    change_choice(m, row->index, 1);
    return MENU_NOTHING;
}

static enum menu_wish wait_for_key(struct menu *m, const struct menu_row *row)
{
    (void)row;
    m->is_waiting = true;
    return MENU_NOTHING;
}

static enum menu_wish lay_standard_keys(struct menu *m, const struct menu_row *row)
{
    (void)row;
    m->settings->key_count = 0;
    m->has_changed = true;
    return MENU_NOTHING;
}

static enum menu_wish watch(struct menu *m, const struct menu_row *row)
{
    m->file = m->files[row->index].name;
    return MENU_WATCH;
}

static enum menu_wish nothing(struct menu *m, const struct menu_row *row)
{
    (void)m, (void)row;
    return MENU_NOTHING;
}

static enum menu_wish resume(struct menu *m, const struct menu_row *row)
{
    (void)m, (void)row;
    return MENU_RESUME;
}

static enum menu_wish leave(struct menu *m, const struct menu_row *row)
{
    (void)m, (void)row;
    return MENU_LEAVE;
}

static enum menu_wish quit(struct menu *m, const struct menu_row *row)
{
    (void)m, (void)row;
    return MENU_QUIT;
}

static enum menu_wish back(struct menu *m, const struct menu_row *row)
{
    (void)row;
    return go_back(m);
}

static press_row *const presses[MENU_IDS] = {
    [MENU_ID_HEADING] = nothing,
    [MENU_ID_PLAY] = play,
    [MENU_ID_ADDRESS] = play,
    [MENU_ID_NAME] = play,
    [MENU_ID_RECENT] = play,
    [MENU_ID_PAGE] = open_page,
    [MENU_ID_VALUE] = change,
    [MENU_ID_ACTION] = wait_for_key,
    [MENU_ID_STANDARD_KEYS] = lay_standard_keys,
    [MENU_ID_FOLDER] = nothing,
    [MENU_ID_ROOMS] = open_rooms,
    [MENU_ID_ROOM] = join_room,
    [MENU_ID_WATCH_ROOM] = watch_room,
    [MENU_ID_OTHER_ROOM] = join_other_room,
    [MENU_ID_FILE] = watch,
    [MENU_ID_RESUME] = resume,
    [MENU_ID_LEAVE] = leave,
    [MENU_ID_QUIT] = quit,
    [MENU_ID_BACK] = back,
};

/* ---- presses ---- */

/* What a field's text goes into. */
static void write_field(struct menu *m, enum menu_id id,
                        void (*edit)(struct typing *, const char *), const char *text)
{
    struct typing name;

    if (id == MENU_ID_ADDRESS) edit(&m->address, text);
    if (id == MENU_ID_FOLDER) edit(&m->folder, text);
    if (id == MENU_ID_OTHER_ROOM) edit(&m->other_room, text);
    if (id != MENU_ID_NAME) return;
    typing_start(&name, m->settings->name, NAME_BYTES_MAX);
    edit(&name, text);
    if (!text_is_showable(name.text, strlen(name.text))) return;
    memcpy(m->settings->name, name.text, strlen(name.text) + 1);
    m->has_changed = true;
}

static void erase_last(struct typing *t, const char *text)
{
    (void)text;
    typing_erase(t);
}

static void clear_keys(struct menu *m, const struct menu_row *row)
{
    uint8_t field = (uint8_t)(row->index / LOOK_ACTIONS_MAX);
    const struct look_action *action = &m->controls[field].actions[row->index % LOOK_ACTIONS_MAX];

    if (!bindings_clear(m->settings, m->table, m->controls, field, action->bits))
        menu_say(m, "There are too many keys of your own.");
    m->has_changed = true;
}

static enum menu_wish press_chosen(struct menu *m, enum menu_press press)
{
    const struct menu_row row = m->rows[m->chosen];

    if (press == MENU_ENTER) return presses[row.id](m, &row);
    if (row.kind == MENU_CHOICE && press != MENU_ERASE)
        change_choice(m, row.index, press == MENU_LEFT ? -1 : 1);
    if (row.kind == MENU_FIELD && press == MENU_ERASE) write_field(m, row.id, erase_last, "");
    if (row.kind == MENU_KEY && press == MENU_ERASE) clear_keys(m, &row);
    return MENU_NOTHING;
}

enum menu_wish menu_press(struct menu *m, enum menu_press press)
{
    enum menu_wish wish = MENU_NOTHING;

    if (m->is_waiting) {
        m->is_waiting = press != MENU_BACK;
        return MENU_NOTHING;
    }
    m->notice[0] = '\0';
    if (press == MENU_BACK) return go_back(m);
    if (press == MENU_UP || press == MENU_DOWN)
        move(m, press == MENU_UP ? -1 : 1);
    else
        wish = press_chosen(m, press);
    build(m);
    return wish;
}

void menu_type(struct menu *m, const char *text)
{
    const struct menu_row row = m->rows[m->chosen];

    if (row.kind != MENU_FIELD || m->is_waiting) return;
    write_field(m, row.id, typing_put, text);
    build(m);
}

void menu_take_code(struct menu *m, const char *code)
{
    const struct menu_row *row = &m->rows[m->chosen];
    if (!m->is_waiting || code[0] == '\0') return;

    uint8_t field = (uint8_t)(row->index / LOOK_ACTIONS_MAX);
    const struct look_action *action = &m->controls[field].actions[row->index % LOOK_ACTIONS_MAX];
    m->is_waiting = false;
    if (!bindings_lay(m->settings, m->table, m->controls, field, code, action->bits))
        menu_say(m, "There are too many keys of your own.");
    m->has_changed = true;
    build(m);
}

void menu_say(struct menu *m, const char *notice)
{
    menu_pages_copy(m->notice, sizeof m->notice, notice);
}

bool menu_take_change(struct menu *m)
{
    bool has_changed = m->has_changed;
    m->has_changed = false;
    return has_changed;
}

/* ---- rooms ---- */

bool menu_take_question(struct menu *m)
{
    bool has_asked = m->has_asked;
    m->has_asked = false;
    return has_asked;
}

/* The row that is now for what `before` was for; where it is gone, the one in its place. */
static uint16_t find_row(const struct menu *m, const struct menu_row *before, const char *room)
{
    for (uint16_t i = 0; i < m->row_count; i++) {
        const struct menu_row *row = &m->rows[i];
        bool is_of_room = row->id == MENU_ID_ROOM || row->id == MENU_ID_WATCH_ROOM;
        bool is_same = !is_of_room || strcmp(m->rooms.entries[row->index].name, room) == 0;
        if (row->id == before->id && is_same) return i;
    }
    return m->chosen;
}

void menu_take_rooms(struct menu *m, const struct room_list *rooms)
{
    ASSERT(menu_page(m) == MENU_ROOMS);

    const struct menu_row before = m->rows[m->chosen];
    bool is_of_room = before.id == MENU_ID_ROOM || before.id == MENU_ID_WATCH_ROOM;
    const struct room_entry room = m->rooms.entries[is_of_room ? before.index : 0];
    bool has_waited =
        m->rooms.count == 0 && before.id == MENU_ID_OTHER_ROOM && m->other_room.text[0] == '\0';

    m->rooms = *rooms;
    build(m);
    menu_choose(m, has_waited ? 0 : find_row(m, &before, room.name));
}
