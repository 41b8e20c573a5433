#include "client/sdl/menu_pages.h"

#include <stdio.h>
#include <string.h>

#include "client/sdl/bindings.h"
#include "client/sdl/menu_choices.h"
#include "shared/check.h"
#include "shared/utf8.h"

#define TEXT_LINE_BYTES 80

void menu_pages_copy(char *to, size_t capacity_bytes, const char *from)
{
    size_t kept = utf8_cut_bytes(from, strlen(from), capacity_bytes - 1);
    memcpy(to, from, kept);
    to[kept] = '\0';
}

static struct menu_row *add(struct menu *m, enum menu_row_kind kind, enum menu_id id,
                            const char *label)
{
    ASSERT(m->row_count < MENU_ROWS_MAX);
    struct menu_row *row = &m->rows[m->row_count++];
    *row = (struct menu_row){.kind = kind, .id = id};
    menu_pages_copy(row->label, sizeof row->label, label);
    return row;
}

static void add_field(struct menu *m, enum menu_id id, const char *label, const char *text)
{
    struct menu_row *row = add(m, MENU_FIELD, id, label);
    menu_pages_copy(row->value, sizeof row->value, text);
}

static void add_page(struct menu *m, const char *label, enum menu_page page)
{
    add(m, MENU_BUTTON, MENU_ID_PAGE, label)->index = (uint16_t)page;
}

static void add_choice(struct menu *m, size_t index)
{
    struct menu_row *row = add(m, MENU_CHOICE, MENU_ID_VALUE, menu_choice_label(index));
    row->index = (uint16_t)index;
    menu_choice_print(m->settings, index, row->value, sizeof row->value);
}

static void build_start(struct menu *m)
{
    add(m, MENU_BUTTON, MENU_ID_PLAY, "Play");
    add_field(m, MENU_ID_ADDRESS, "Server", m->address.text);
    add_field(m, MENU_ID_NAME, "Name", m->settings->name);
    add_choice(m, MENU_CHOICE_COLOUR);
    if (m->settings->recent_count > 0) add(m, MENU_HEADING, MENU_ID_HEADING, "Recent servers");
    for (uint8_t i = 0; i < m->settings->recent_count; i++)
        add(m, MENU_BUTTON, MENU_ID_RECENT, m->settings->recent[i])->index = i;
    add(m, MENU_HEADING, MENU_ID_HEADING, "");
    add(m, MENU_BUTTON, MENU_ID_ROOMS, "Rooms");
    add_page(m, "Recordings", MENU_RECORDINGS);
    add_page(m, "Settings", MENU_SETTINGS);
    add(m, MENU_BUTTON, MENU_ID_QUIT, "Quit");
}

/* In lines, at spaces. */
static void add_text(struct menu *m, const char *text)
{
    while (*text != '\0') {
        size_t length = strlen(text), cut = length < TEXT_LINE_BYTES ? length : TEXT_LINE_BYTES;
        while (cut < length && cut > 0 && text[cut] != ' ')
            cut--;
        if (cut == 0) cut = length;
        char line[MENU_LABEL_BYTES];
        (void)snprintf(line, sizeof line, "%.*s", (int)cut, text);
        add(m, MENU_HEADING, MENU_ID_HEADING, line);
        text += cut + strspn(text + cut, " ");
    }
}

static void add_room(struct menu *m, uint16_t index)
{
    const struct room_entry room = m->rooms.entries[index];
    bool is_full = room_entry_is_full(&room);
    char label[MENU_LABEL_BYTES];

    struct menu_row *row = add(m, MENU_BUTTON, MENU_ID_ROOM, room.name);
    row->index = index;
    (void)snprintf(row->value, sizeof row->value, "%s%u/%u  %s", is_full ? "full: " : "",
                   room.players, room.players_max, room.game);
    (void)snprintf(label, sizeof label, "Watch %s%s", room.name, is_full ? " instead" : "");
    add(m, MENU_BUTTON, MENU_ID_WATCH_ROOM, label)->index = index;
}

static void build_rooms(struct menu *m)
{
    for (uint16_t i = 0; i < m->rooms.count; i++)
        add_room(m, i);
    add_text(m, m->rooms.notice);
    add_field(m, MENU_ID_OTHER_ROOM, "Another room", m->other_room.text);
    add(m, MENU_BUTTON, MENU_ID_BACK, "Back");
}

static void build_pause(struct menu *m)
{
    add(m, MENU_BUTTON, MENU_ID_RESUME, "Play on");
    add_page(m, "Settings", MENU_SETTINGS);
    add(m, MENU_BUTTON, MENU_ID_LEAVE, "Leave the game");
}

static void build_settings(struct menu *m)
{
    for (size_t i = 0; i < MENU_CHOICES; i++)
        if (i != MENU_CHOICE_COLOUR) add_choice(m, i);
    if (m->table != NULL) add_page(m, "Keys", MENU_KEYS);
    add(m, MENU_BUTTON, MENU_ID_BACK, "Back");
}

/* Field and action of a row on the page of keys, in one number. */
static uint16_t action_index(uint8_t field, uint8_t action)
{
    return (uint16_t)(field * LOOK_ACTIONS_MAX + action);
}

static void add_action(struct menu *m, const struct look_control *bound, uint8_t field,
                       uint8_t action)
{
    const struct look_action *what = &m->controls[field].actions[action];
    struct menu_row *row = add(m, MENU_KEY, MENU_ID_ACTION, what->name);

    row->index = action_index(field, action);
    bindings_print(&bound[field], what->bits, row->value, sizeof row->value);
}

static void build_keys(struct menu *m)
{
    struct look_control bound[USERCMD_WORDS];

    memcpy(bound, m->controls, sizeof bound);
    bindings_apply(bound, m->table, m->settings);
    for (uint8_t i = 0; i < m->table->usercmd_field_count; i++)
        for (uint8_t j = 0; j < m->controls[i].action_count; j++)
            add_action(m, bound, i, j);
    add(m, MENU_BUTTON, MENU_ID_STANDARD_KEYS, "Standard keys");
    add(m, MENU_BUTTON, MENU_ID_BACK, "Back");
}

static void build_recordings(struct menu *m)
{
    m->file_count =
        (uint16_t)recordings_list(m->folder.text, m->files, sizeof m->files / sizeof m->files[0]);
    add_field(m, MENU_ID_FOLDER, "Folder", m->folder.text);
    if (m->file_count == 0) add(m, MENU_HEADING, MENU_ID_HEADING, "No recording lies there.");
    for (uint16_t i = 0; i < m->file_count; i++)
        add(m, MENU_BUTTON, MENU_ID_FILE, m->files[i].name)->index = i;
    add(m, MENU_BUTTON, MENU_ID_BACK, "Back");
}

static const struct page {
    const char *title;
    void (*build)(struct menu *m);
} pages[MENU_PAGES] = {
    [MENU_START] = {"", build_start},
    [MENU_PAUSE] = {"Paused for you, not for the others", build_pause},
    [MENU_SETTINGS] = {"Settings", build_settings},
    [MENU_KEYS] = {"Keys", build_keys},
    [MENU_RECORDINGS] = {"Recordings", build_recordings},
    [MENU_ROOMS] = {"Rooms", build_rooms},
};

void menu_pages_build(struct menu *m)
{
    m->row_count = 0;
    pages[menu_page(m)].build(m);
}

const char *menu_title(const struct menu *m)
{
    return pages[menu_page(m)].title;
}
