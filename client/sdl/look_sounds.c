#include "client/sdl/look_sounds.h"

#include <string.h>

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < LOOK_SOUND_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static int8_t word_at(const cJSON *list, int index, const struct look_names *names)
{
    const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(list, index));
    return name != NULL ? look_json_word_named(names, name) : LOOK_NO_WORD;
}

static struct look_sound read_sound(const cJSON *object, const struct look_names *names)
{
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(object, "at");
    float volume = look_json_number(object, "volume", 1);
    struct look_sound sound = {.volume = volume < 0   ? 0
                                         : volume > 1 ? 1
                                                      : volume,
                               .x_word = word_at(at, 0, names),
                               .y_word = word_at(at, 1, names),
                               .for_word = look_json_word(object, "for", names),
                               .when = look_json_if(object, names)};
    const char *name = look_json_text(object, "name");

    if (is_name(name)) memcpy(sound.name, name, strlen(name));
    return sound;
}

bool look_sounds_read_effect(struct look_event *event, const cJSON *effect,
                             const struct look_names *names)
{
    if (strcmp(look_json_text(effect, "effect"), "sound") != 0) return false;

    struct look_sound sound = read_sound(effect, names);
    bool has_place = sound.x_word != LOOK_NO_WORD && sound.y_word != LOOK_NO_WORD;
    bool is_whole =
        sound.name[0] != '\0' && (has_place || !cJSON_HasObjectItem(effect, "at")) &&
        (look_json_is_seat(names, sound.for_word) || !cJSON_HasObjectItem(effect, "for"));
    if (is_whole && event->sound_count < LOOK_SOUNDS_MAX)
        event->sounds[event->sound_count++] = sound;
    return true;
}

void look_sounds_read_kind(struct look_kind *kind, const cJSON *object,
                           const struct look_names *names)
{
    const cJSON *sounds = cJSON_GetObjectItemCaseSensitive(object, "sounds");

    kind->appear = read_sound(cJSON_GetObjectItemCaseSensitive(sounds, "appear"), names);
    kind->loop = read_sound(cJSON_GetObjectItemCaseSensitive(sounds, "loop"), names);
}

void look_sounds_read(struct look *look, const cJSON *root)
{
    const struct look_names none = {0};
    const cJSON *sounds = cJSON_GetObjectItemCaseSensitive(root, "sounds"), *item;

    look->join = read_sound(cJSON_GetObjectItemCaseSensitive(sounds, "join"), &none);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "captions"))
    {
        const char *text = cJSON_GetStringValue(item);
        if (text == NULL || !is_name(item->string)) continue;
        if (look->caption_count == LOOK_CAPTIONS_MAX) return;
        struct look_caption *caption = &look->captions[look->caption_count++];
        look_json_copy(caption->name, sizeof caption->name, item->string);
        look_json_copy(caption->text, sizeof caption->text, text);
    }
}

const char *look_sounds_caption(const struct look *look, const char *name)
{
    for (uint8_t i = 0; i < look->caption_count; i++) {
        if (strcmp(look->captions[i].name, name) == 0) return look->captions[i].text;
    }
    return "";
}
