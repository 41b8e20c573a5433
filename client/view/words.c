#include "client/view/words.h"

/* What fades loses this part of WORDS_ONE in every ms. */
#define FADE_PER_MS 413
#define FADE_MS_MAX 3000 /* nothing is left after that */

/* The field's range in simulation units: [first, first + span). */
static int64_t first_of(const struct field *f)
{
    return (int64_t)f->min * ((int64_t)1 << f->shift);
}

static int64_t span_of(const struct field *f)
{
    return ((int64_t)f->max - f->min + 1) * ((int64_t)1 << f->shift);
}

bool words_is_smooth(const struct field *f)
{
    return f->kind == FIELD_POSITION || f->kind == FIELD_ANGLE;
}

int64_t words_scale(int64_t value, int64_t part)
{
    return value * part / WORDS_ONE;
}

int32_t words_confine(const struct field *f, int64_t sim)
{
    int64_t first = first_of(f), span = span_of(f);
    int64_t offset = sim - first;
    if (f->wraps) {
        offset %= span;
        if (offset < 0) offset += span;
    } else {
        offset = offset < 0 ? 0 : offset >= span ? span - 1 : offset;
    }
    return (int32_t)(first + offset);
}

int64_t words_difference(const struct field *f, int32_t to, int32_t from)
{
    int64_t difference = (int64_t)to - from;
    if (!f->wraps) return difference;

    int64_t span = span_of(f);
    if (difference > span / 2) difference -= span;
    if (difference < -span / 2) difference += span;
    return difference;
}

int32_t words_fade(int32_t left, uint64_t elapsed_ms)
{
    if (elapsed_ms > FADE_MS_MAX) elapsed_ms = FADE_MS_MAX;
    for (; elapsed_ms > 0 && left != 0; elapsed_ms--)
        left = (int32_t)words_scale(left, WORDS_ONE - FADE_PER_MS);
    return left;
}

uint64_t words_fade_ms(uint64_t *faded_us, uint64_t now_us)
{
    uint64_t elapsed_ms = now_us > *faded_us ? (now_us - *faded_us) / 1000 : 0;
    *faded_us += elapsed_ms * 1000;
    return elapsed_ms;
}
