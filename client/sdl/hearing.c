#include "client/sdl/hearing.h"

#include <math.h>
#include <string.h>

#define REACH_HALVES     2.0f
#define PREDICTED_HOLD_S 2.0 /* so long the server's ones follow those that were heard before */

void hearing_clear(struct hearing *h)
{
    *h = (struct hearing){0};
}

/* Returns whether it is to be heard at all. */
static bool place_sound(struct heard *heard, const struct scene *scene, struct point ear,
                        struct point at)
{
    float dx = at.x - ear.x, dy = at.y - ear.y, half = (float)scene->half_x;
    float nearness = 1 - hypotf(dx, dy) / (REACH_HALVES * half);

    if (!(nearness > 0)) return false;
    heard->volume *= nearness * nearness;
    heard->pan = fmaxf(-1, fminf(1, dx / half));
    return heard->volume > 0;
}

/* ---- what appears ---- */

/* Whether it was there in the frame before; both lists ascend, `at` goes along. */
static bool was_there(const struct hearing *h, uint16_t *at, const struct drawn *d)
{
    while (*at < h->count && h->marks[*at].slot < d->slot)
        (*at)++;
    return *at < h->count && h->marks[*at].slot == d->slot &&
           h->marks[*at].generation == d->generation;
}

/* The server's one of a shot that was heard already. */
static bool was_heard(struct hearing *h, const struct drawn *d, double now_s)
{
    double *predicted_s = &h->predicted_s[d->kind - 1];

    if (d->flags & DRAWN_PREDICTED) {
        *predicted_s = now_s;
        return false;
    }
    bool is_mine = (d->flags & DRAWN_MINE) != 0;
    return is_mine && *predicted_s > 0 && now_s - *predicted_s < PREDICTED_HOLD_S;
}

size_t hearing_appeared(struct hearing *h, const struct scene *scene, struct point ear,
                        struct heard out[HEARD_MAX])
{
    struct hearing_mark marks[HEARING_ENTITIES_MAX];
    uint16_t mark_count = 0, at = 0;
    size_t count = 0;

    for (uint32_t i = 0; i < scene->count && mark_count < HEARING_ENTITIES_MAX; i++) {
        const struct drawn *d = &scene->drawn[i];
        const struct look_sound *sound = &scene->look->kinds[d->kind - 1].appear;
        if (sound->name[0] == '\0') continue;

        marks[mark_count++] = (struct hearing_mark){d->slot, d->generation};
        bool is_known = was_there(h, &at, d) || was_heard(h, d, scene->now_s);
        if (is_known || !h->has_begun || count == HEARD_MAX) continue;
        out[count] = (struct heard){.sound = sound, .volume = sound->volume};
        if (place_sound(&out[count], scene, ear, scene_place(scene, d))) count++;
    }
    memcpy(h->marks, marks, mark_count * sizeof marks[0]);
    h->count = mark_count;
    h->has_begun = true;
    return count;
}

/* ---- what goes on ---- */

static struct heard *find_loop(struct heard *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].sound->name, name) == 0) return &list[i];
    }
    return NULL;
}

size_t hearing_loops(const struct scene *scene, struct point ear, struct heard out[HEARD_MAX])
{
    size_t count = 0;

    for (uint32_t i = 0; i < scene->count; i++) {
        const struct drawn *d = &scene->drawn[i];
        const struct look_kind *kind = &scene->look->kinds[d->kind - 1];
        const struct look_subject subject = scene_subject(d);
        if (kind->loop.name[0] == '\0') continue;
        if (!look_holds(&kind->when, &subject) || !look_holds(&kind->loop.when, &subject)) continue;

        struct heard heard = {.sound = &kind->loop, .volume = kind->loop.volume};
        if (!place_sound(&heard, scene, ear, scene_place(scene, d))) continue;
        struct heard *loop = find_loop(out, count, kind->loop.name);
        if (loop == NULL && count < HEARD_MAX)
            out[count++] = heard;
        else if (loop != NULL && heard.volume > loop->volume)
            *loop = heard;
    }
    return count;
}

/* ---- events ---- */

size_t hearing_event(const struct scene *scene, struct point ear, const struct event *event,
                     struct heard out[LOOK_SOUNDS_MAX])
{
    const struct look_event *look = &scene->look->events[event->kind];
    size_t count = 0;

    for (uint8_t i = 0; i < look->sound_count; i++) {
        const struct look_sound *sound = &look->sounds[i];
        struct heard heard = {.sound = sound, .volume = sound->volume};
        bool is_for_me = sound->for_word == LOOK_NO_WORD ||
                         (scene->facts.own_seat != SEAT_NONE &&
                          (uint16_t)event->words[sound->for_word] == scene->facts.own_seat);
        if (!is_for_me) continue;
        if (sound->y_word != LOOK_NO_WORD) {
            struct point at = {(float)event->words[sound->x_word] / (float)scene->unit,
                               (float)event->words[sound->y_word] / (float)scene->unit};
            if (!place_sound(&heard, scene, ear, at)) continue;
        }
        if (heard.volume > 0) out[count++] = heard;
    }
    return count;
}
