#include "client/sdl/menu.h"

#include <stdio.h>
#include <string.h>

#include "client/sdl/bindings.h"
#include "client/sdl/url.h"
#include "shared/check.h"
#include "shared/host/error.h"
#include "shared/message.h"
#include "shared/utf8.h"

#define FOLDER_DEFAULT "recordings"

/* ---- values that left and right change ---- */

struct choice {
    const char *label;
    size_t offset; /* in struct settings: a bool, or a uint8_t */
    bool is_flag;
    int min, max, step;
    const char *words[2]; /* of a flag */
    const char *unit;     /* of a number */
};

#define FLAG(label, member, no, yes)                                           \
    {                                                                          \
        label, offsetof(struct settings, member), true, 0, 1, 1, {no, yes}, "" \
    }
#define NUMBER(label, member, min, max, step, unit)                                     \
    {                                                                                   \
        label, offsetof(struct settings, member), false, min, max, step, {"", ""}, unit \
    }

enum { COLOUR = 0 };
static const struct choice choices[] = {
    [COLOUR] = NUMBER("Colour", colour, 0, COLOURS_MAX, 1, ""),
    FLAG("Sound", is_muted, "on", "off"),
    NUMBER("Volume", volume, 0, 100, 10, " %"),
    FLAG("Captions for sounds", has_captions, "off", "on"),
    FLAG("Motion", has_reduced_motion, "full", "reduced"),
    FLAG("Colours of players", is_safe, "standard", "safe for colour-blind eyes"),
    NUMBER("Text size", text_scale, SETTINGS_SCALE_MIN, SETTINGS_SCALE_MAX, 10, " %"),
    FLAG("Full screen", is_full_screen, "off", "on"),
    FLAG("Vertical sync", has_vsync, "off", "on"),
};

#define CHOICE_COUNT (sizeof choices / sizeof choices[0])

static int read_choice(const struct settings *s, const struct choice *choice)
{
    const char *at = (const char *)s + choice->offset;
    return choice->is_flag ? *(const bool *)at : *(const uint8_t *)at;
}

static void print_choice(const struct settings *s, size_t index, char *out, size_t capacity_bytes)
{
    const struct choice *choice = &choices[index];
    int number = read_choice(s, choice);

    if (choice->is_flag)
        (void)snprintf(out, capacity_bytes, "%s", choice->words[number]);
    else if (index == COLOUR && number == 0)
        (void)snprintf(out, capacity_bytes, "as it comes");
    else
        (void)snprintf(out, capacity_bytes, "%d%s", number, choice->unit);
}

/* Flags and the colour go round, other numbers have ends. */
static void change_choice(struct menu *m, size_t index, int direction)
{
    const struct choice *choice = &choices[index];
    char *at = (char *)m->settings + choice->offset;
    int number = read_choice(m->settings, choice) + direction * choice->step;
    bool goes_round = choice->is_flag || index == COLOUR;

    if (number > choice->max) number = goes_round ? choice->min : choice->max;
    if (number < choice->min) number = goes_round ? choice->max : choice->min;
    if (choice->is_flag)
        *(bool *)at = number != 0;
    else
        *(uint8_t *)at = (uint8_t)number;
    m->has_changed = true;
}

bool menu_row_is_colour(const struct menu_row *row)
{
    return row->id == MENU_ID_VALUE && row->index == COLOUR;
}

/* ---- pages ---- */

static void copy(char *to, size_t capacity_bytes, const char *from)
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
    copy(row->label, sizeof row->label, label);
    return row;
}

static void add_field(struct menu *m, enum menu_id id, const char *label, const char *text)
{
    struct menu_row *row = add(m, MENU_FIELD, id, label);
    copy(row->value, sizeof row->value, text);
}

static void add_page(struct menu *m, const char *label, enum menu_page page)
{
    add(m, MENU_BUTTON, MENU_ID_PAGE, label)->index = (uint16_t)page;
}

static void add_choice(struct menu *m, size_t index)
{
    struct menu_row *row = add(m, MENU_CHOICE, MENU_ID_VALUE, choices[index].label);
    row->index = (uint16_t)index;
    print_choice(m->settings, index, row->value, sizeof row->value);
}

static void build_start(struct menu *m)
{
    add(m, MENU_BUTTON, MENU_ID_PLAY, "Play");
    add_field(m, MENU_ID_ADDRESS, "Server", m->address.text);
    add_field(m, MENU_ID_NAME, "Name", m->settings->name);
    add_choice(m, COLOUR);
    if (m->settings->recent_count > 0) add(m, MENU_HEADING, MENU_ID_HEADING, "Recent servers");
    for (uint8_t i = 0; i < m->settings->recent_count; i++)
        add(m, MENU_BUTTON, MENU_ID_RECENT, m->settings->recent[i])->index = i;
    add(m, MENU_HEADING, MENU_ID_HEADING, "");
    add_page(m, "Recordings", MENU_RECORDINGS);
    add_page(m, "Settings", MENU_SETTINGS);
    add(m, MENU_BUTTON, MENU_ID_QUIT, "Quit");
}

static void build_pause(struct menu *m)
{
    add(m, MENU_BUTTON, MENU_ID_RESUME, "Play on");
    add_page(m, "Settings", MENU_SETTINGS);
    add(m, MENU_BUTTON, MENU_ID_LEAVE, "Leave the game");
}

static void build_settings(struct menu *m)
{
    for (size_t i = 0; i < CHOICE_COUNT; i++)
        if (i != COLOUR) add_choice(m, i);
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
};

static void build(struct menu *m)
{
    m->row_count = 0;
    pages[menu_page(m)].build(m);
    menu_choose(m, m->chosen < m->row_count ? m->chosen : (uint16_t)(m->row_count - 1));
}

/* ---- moving between them ---- */

void menu_init(struct menu *m, struct settings *settings, const char *address)
{
    *m = (struct menu){.settings = settings};
    typing_start(&m->address, address, SETTINGS_URL_CHARS_MAX);
    typing_start(&m->folder, FOLDER_DEFAULT, TYPING_BYTES_MAX);
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

const char *menu_title(const struct menu *m)
{
    return pages[menu_page(m)].title;
}

/* ---- what rows do ---- */

typedef enum menu_wish press_row(struct menu *m, const struct menu_row *row);

static enum menu_wish play(struct menu *m, const struct menu_row *row)
{
    struct url url;
    struct error error;

    if (row->id == MENU_ID_RECENT)
        typing_start(&m->address, m->settings->recent[row->index], SETTINGS_URL_CHARS_MAX);
    char whole[SETTINGS_URL_CHARS_MAX + 1];
    url_complete(whole, sizeof whole, m->address.text);
    typing_start(&m->address, whole, SETTINGS_URL_CHARS_MAX);
    if (url_parse(&url, m->address.text, &error) == RESULT_OK) return MENU_PLAY;
    menu_say(m, error.message);
    return MENU_NOTHING;
}

static enum menu_wish open_page(struct menu *m, const struct menu_row *row)
{
    enter(m, (enum menu_page)row->index);
    return MENU_NOTHING;
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
    [MENU_ID_FILE] = watch,
    [MENU_ID_RESUME] = resume,
    [MENU_ID_LEAVE] = leave,
    [MENU_ID_QUIT] = quit,
    [MENU_ID_BACK] = back,
};

/* ---- presses ---- */

void menu_choose(struct menu *m, uint16_t row)
{
    if (row < m->row_count && m->rows[row].kind != MENU_HEADING) m->chosen = row;
    while (m->rows[m->chosen].kind == MENU_HEADING && m->chosen > 0)
        m->chosen--;
}

static void move(struct menu *m, int direction)
{
    int row = m->chosen;

    do {
        row = (row + direction + m->row_count) % m->row_count;
    } while (m->rows[row].kind == MENU_HEADING);
    menu_choose(m, (uint16_t)row);
}

/* What a field's text goes into. */
static void write_field(struct menu *m, enum menu_id id,
                        void (*edit)(struct typing *, const char *), const char *text)
{
    struct typing name;

    if (id == MENU_ID_ADDRESS) edit(&m->address, text);
    if (id == MENU_ID_FOLDER) edit(&m->folder, text);
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
    copy(m->notice, sizeof m->notice, notice);
}

bool menu_take_change(struct menu *m)
{
    bool has_changed = m->has_changed;
    m->has_changed = false;
    return has_changed;
}
