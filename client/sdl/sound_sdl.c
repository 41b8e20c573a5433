#include "client/sdl/sound_sdl.h"

#include <SDL.h>
#include <SDL_mixer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ       44100
#define BUFFER_FRAMES 512 /* 12 ms */
#define CHUNKS_MAX    24
#define LOOPS_MAX     4 /* channels from 0; short sounds have those above */
#define CHANNELS      24
#define FADE_MS       120

struct chunk {
    char name[LOOK_SOUND_BYTES];
    Mix_Chunk *chunk; /* owned */
};

struct sound {
    struct chunk chunks[CHUNKS_MAX];
    unsigned chunk_count;
    const char *loops[LOOPS_MAX]; /* names, borrowed from chunks; NULL: the channel is free */
    int next;                     /* which channel gives way when all sound */
    float volume;                 /* 0..1 */
};

struct sound *sound_create(void)
{
    struct sound *s = calloc(1, sizeof *s);

    if (s == NULL) return NULL;
    if (SDL_InitSubSystem(SDL_INIT_AUDIO) != 0 ||
        Mix_OpenAudio(RATE_HZ, AUDIO_S16SYS, 2, BUFFER_FRAMES) != 0) {
        (void)fprintf(stderr, "tickwire-client: no sound: %s\n", SDL_GetError());
        free(s);
        return NULL;
    }
    (void)Mix_AllocateChannels(CHANNELS);
    (void)Mix_ReserveChannels(LOOPS_MAX);
    s->volume = 1;
    return s;
}

static void forget_chunks(struct sound *s)
{
    sound_hush(s);
    for (unsigned i = 0; i < s->chunk_count; i++)
        Mix_FreeChunk(s->chunks[i].chunk);
    s->chunk_count = 0;
}

void sound_destroy(struct sound *s)
{
    if (s == NULL) return;
    forget_chunks(s);
    Mix_CloseAudio();
    SDL_QuitSubSystem(SDL_INIT_AUDIO);
    free(s);
}

static const struct chunk *find(const struct sound *s, const char *name)
{
    for (unsigned i = 0; i < s->chunk_count; i++) {
        if (strcmp(s->chunks[i].name, name) == 0) return &s->chunks[i];
    }
    return NULL;
}

static void load(struct sound *s, const struct look_sound *sound, const char *assets)
{
    char path[1100];
    bool is_wanted = sound->name[0] != '\0' && find(s, sound->name) == NULL;

    if (!is_wanted || s->chunk_count == CHUNKS_MAX) return;
    (void)snprintf(path, sizeof path, "%s/sounds/%s.wav", assets, sound->name);
    Mix_Chunk *chunk = Mix_LoadWAV(path);
    if (chunk == NULL) {
        (void)fprintf(stderr, "tickwire-client: %s: %s\n", path, SDL_GetError());
        return;
    }
    struct chunk *kept = &s->chunks[s->chunk_count++];
    kept->chunk = chunk;
    memcpy(kept->name, sound->name, sizeof kept->name);
}

void sound_use(struct sound *s, const struct look *look, const char *assets)
{
    if (s == NULL) return;
    forget_chunks(s);
    load(s, &look->join, assets);
    for (size_t i = 0; i < KINDS_MAX; i++) {
        load(s, &look->kinds[i].appear, assets);
        load(s, &look->kinds[i].loop, assets);
    }
    for (size_t i = 0; i < EVENT_KINDS_MAX; i++)
        for (uint8_t j = 0; j < look->events[i].sound_count; j++)
            load(s, &look->events[i].sounds[j], assets);
}

void sound_set_volume(struct sound *s, unsigned percent, bool is_muted)
{
    if (s == NULL) return;
    s->volume = is_muted ? 0 : (float)percent / 100;
    if (is_muted) sound_hush(s);
}

/* The middle is as loud on both sides as each side alone. */
static void place(const struct sound *s, int channel, const struct heard *heard)
{
    float left = heard->pan > 0 ? 1 - heard->pan : 1, right = heard->pan < 0 ? 1 + heard->pan : 1;

    (void)Mix_Volume(channel, (int)(heard->volume * s->volume * MIX_MAX_VOLUME + 0.5f));
    (void)Mix_SetPanning(channel, (Uint8)(left * 255), (Uint8)(right * 255));
}

static int free_channel(struct sound *s)
{
    for (int i = LOOPS_MAX; i < CHANNELS; i++) {
        if (!Mix_Playing(i)) return i;
    }
    s->next = (s->next + 1) % (CHANNELS - LOOPS_MAX);
    return LOOPS_MAX + s->next;
}

void sound_play(struct sound *s, const struct heard *heard)
{
    const struct chunk *chunk = s != NULL && s->volume > 0 ? find(s, heard->sound->name) : NULL;
    if (chunk == NULL) return;

    int channel = free_channel(s);
    place(s, channel, heard);
    (void)Mix_PlayChannel(channel, chunk->chunk, 0);
}

static const struct heard *find_heard(const struct heard *loops, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(loops[i].sound->name, name) == 0) return &loops[i];
    }
    return NULL;
}

/* Returns the channel on which it goes on already, or a free one; -1: none. */
static int loop_channel(const struct sound *s, const char *name)
{
    int free_one = -1;

    for (int i = 0; i < LOOPS_MAX; i++) {
        if (s->loops[i] != NULL && strcmp(s->loops[i], name) == 0) return i;
        if (s->loops[i] == NULL && !Mix_Playing(i)) free_one = i;
    }
    return free_one;
}

void sound_set_loops(struct sound *s, const struct heard *loops, size_t count)
{
    if (s == NULL || s->volume <= 0) return;
    for (int i = 0; i < LOOPS_MAX; i++) {
        if (s->loops[i] == NULL || find_heard(loops, count, s->loops[i]) != NULL) continue;
        (void)Mix_FadeOutChannel(i, FADE_MS);
        s->loops[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const struct chunk *chunk = find(s, loops[i].sound->name);
        int channel = chunk != NULL ? loop_channel(s, chunk->name) : -1;
        if (channel < 0) continue;
        bool is_new = s->loops[channel] == NULL;
        place(s, channel, &loops[i]);
        if (is_new) (void)Mix_FadeInChannel(channel, chunk->chunk, -1, FADE_MS);
        s->loops[channel] = chunk->name;
    }
}

void sound_hush(struct sound *s)
{
    if (s == NULL) return;
    (void)Mix_HaltChannel(-1);
    memset(s->loops, 0, sizeof s->loops);
}
