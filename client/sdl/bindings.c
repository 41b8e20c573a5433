#include "client/sdl/bindings.h"

#include <stdio.h>
#include <string.h>

static struct look_key *find(struct look_control *control, const char *code)
{
    for (uint8_t i = 0; i < control->key_count; i++) {
        if (strcmp(control->keys[i].code, code) == 0) return &control->keys[i];
    }
    return NULL;
}

static int32_t bits_of(const struct look_control *control, const char *code)
{
    for (uint8_t i = 0; i < control->key_count; i++) {
        if (strcmp(control->keys[i].code, code) == 0) return control->keys[i].bits;
    }
    return 0;
}

static void put(struct look_control *control, const char *code, int32_t bits)
{
    struct look_key *key = find(control, code);

    if (key == NULL && control->key_count == LOOK_KEYS_MAX) return;
    if (key == NULL) key = &control->keys[control->key_count++];
    key->bits = bits;
    (void)snprintf(key->code, sizeof key->code, "%s", code);
}

/* ---- game pads ---- */

static void bind_pad(struct look_control *control)
{
    static const char *const arrows[][2] = {{"PadUp", "ArrowUp"},
                                            {"PadDown", "ArrowDown"},
                                            {"PadLeft", "ArrowLeft"},
                                            {"PadRight", "ArrowRight"}};
    int32_t first = control->primary_bits != 0 ? control->primary_bits : bits_of(control, "Space");

    for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++) {
        int32_t bits = bits_of(control, arrows[i][1]);
        if (bits != 0) put(control, arrows[i][0], bits);
    }
    if (first != 0) put(control, "PadA", first);
    if (first != 0) put(control, "PadR2", first);
    if (control->secondary_bits != 0) put(control, "PadB", control->secondary_bits);
    if (control->secondary_bits != 0) put(control, "PadL2", control->secondary_bits);
}

void bindings_apply(struct look_control *controls, const struct field_table *table,
                    const struct settings *settings)
{
    for (uint8_t i = 0; i < table->usercmd_field_count; i++)
        bind_pad(&controls[i]);
    for (uint8_t k = 0; k < settings->key_count; k++) {
        const struct settings_key *key = &settings->keys[k];
        for (uint8_t i = 0; i < table->usercmd_field_count; i++)
            if (strcmp(table->usercmd_fields[i].name, key->field) == 0)
                put(&controls[i], key->code, key->bits);
    }
}

/* ---- choosing ---- */

bool bindings_lay(struct settings *settings, const struct field_table *table,
                  const struct look_control *plain, uint8_t field, const char *code, int32_t bits)
{
    const char *name = table->usercmd_fields[field].name;
    struct look_control standard = plain[field];

    bind_pad(&standard);
    if (bits_of(&standard, code) != bits) return settings_set_key(settings, name, code, bits);
    settings_forget_key(settings, name, code);
    return true;
}

bool bindings_clear(struct settings *settings, const struct field_table *table,
                    const struct look_control *plain, uint8_t field, int32_t bits)
{
    struct look_control now = plain[field];
    const char *name = table->usercmd_fields[field].name;

    bind_pad(&now);
    for (uint8_t k = 0; k < settings->key_count; k++)
        if (strcmp(settings->keys[k].field, name) == 0)
            put(&now, settings->keys[k].code, settings->keys[k].bits);
    for (uint8_t i = 0; i < now.key_count; i++) {
        if (now.keys[i].bits != bits) continue;
        if (!bindings_lay(settings, table, plain, field, now.keys[i].code, 0)) return false;
    }
    return true;
}

/* ---- words ---- */

/* "KeyW" → "W", "ArrowUp" → "Up", "PadA" → "Pad A", "ShiftLeft" → "Shift Left". */
static void print_code(const char *code, char *out, size_t capacity_bytes)
{
    static const char *const prefixes[] = {"Key", "Digit", "Arrow"};
    size_t used = 0;

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(code, prefixes[i], length) == 0 && code[length] != '\0') code += length;
    }
    for (const char *c = code; *c != '\0' && used + 2 < capacity_bytes; c++) {
        bool begins = (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        bool goes_on = c > code && c[-1] >= 'a' && c[-1] <= 'z';
        if (begins && goes_on) out[used++] = ' ';
        out[used++] = *c;
    }
    out[used] = '\0';
}

void bindings_print(const struct look_control *control, int32_t bits, char *out,
                    size_t capacity_bytes)
{
    char name[2 * LOOK_CODE_BYTES];
    size_t used = 0;

    out[0] = '\0';
    for (uint8_t i = 0; i < control->key_count; i++) {
        if (control->keys[i].bits != bits) continue;
        print_code(control->keys[i].code, name, sizeof name);
        (void)snprintf(out + used, capacity_bytes - used, "%s%s", used > 0 ? ", " : "", name);
        used += strlen(out + used);
    }
}

bool bindings_has(const struct look_control *controls, const char *code)
{
    for (int i = 0; i < USERCMD_WORDS; i++) {
        if (bits_of(&controls[i], code) != 0) return true;
    }
    return false;
}
