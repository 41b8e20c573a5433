#include "client/view/predict.h"

#include "client/view/words.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"

void predict_init(struct predict *p, const struct game *game, const struct schema *schema,
                  const struct map *map, uint16_t seat)
{
    *p = (struct predict){.game = game, .schema = schema, .map = map, .seat = seat};
}

bool predict_is_full(const struct predict *p)
{
    return p->count == PREDICT_PENDING_MAX;
}

static struct predict_pending *pending_at(struct predict *p, uint32_t index)
{
    return &p->pending[(p->first + index) % PREDICT_PENDING_MAX];
}

/* The body as it is after all usercmds so far. */
static const struct entity *newest_body(struct predict *p)
{
    return p->count == 0 ? &p->confirmed : &pending_at(p, p->count - 1)->after;
}

const struct entity *predict_body(struct predict *p)
{
    return p->has_body ? newest_body(p) : NULL;
}

static void replay_from(struct predict *p, uint32_t index)
{
    for (; p->has_body && index < p->count; index++) {
        struct predict_pending *now = pending_at(p, index);
        now->after = index == 0 ? p->confirmed : pending_at(p, index - 1)->after;
        p->game->predict(p->map, &now->after, &now->cmd);
    }
}

void predict_push(struct predict *p, const struct usercmd *cmd)
{
    ASSERT(!predict_is_full(p));

    pending_at(p, p->count++)->cmd = *cmd;
    replay_from(p, p->count - 1);
}

/* Calls for each position of the body that others see, too. */
static const struct field *position_at(const struct predict *p, unsigned index)
{
    const struct entity_kind *kind = &p->schema->table->kinds[p->confirmed.kind - 1];
    if (index >= kind->field_count) return NULL;
    const struct field *f = &kind->fields[index];
    return f->kind == FIELD_POSITION && f->audience == AUDIENCE_ALL ? f : NULL;
}

static unsigned field_count(const struct predict *p)
{
    return p->schema->table->kinds[p->confirmed.kind - 1].field_count;
}

static bool is_too_far(const struct predict *p, int64_t distance)
{
    int64_t limit = (int64_t)PREDICT_SNAP_UNITS * p->game->unit;
    return distance > limit || distance < -limit;
}

/* What is shown goes on from where the body was, not from where it turned out to be. */
static void absorb_jump(struct predict *p, const struct entity *before, const struct entity *after)
{
    bool snaps = false;
    for (unsigned i = 0; i < field_count(p); i++) {
        const struct field *f = position_at(p, i);
        if (f == NULL) continue;
        int64_t jump =
            p->jump[f->word] + words_difference(f, before->words[f->word], after->words[f->word]);
        snaps |= is_too_far(p, jump);
        p->jump[f->word] = snaps ? 0 : (int32_t)jump;
    }
    if (snaps) bytes_zero(p->jump, sizeof p->jump);
}

void predict_merge(struct predict *p, const struct usercmd *merged)
{
    uint32_t index = 0;
    while (index < p->count && pending_at(p, index)->cmd.seq != merged->seq)
        index++;
    if (index == 0 || index >= p->count) return; /* confirmed already */

    struct entity before = *newest_body(p);
    pending_at(p, index)->cmd = *merged;
    for (uint32_t i = index - 1; i > 0; i--)
        *pending_at(p, i) = *pending_at(p, i - 1);
    p->first = (p->first + 1) % PREDICT_PENDING_MAX;
    p->count--;
    replay_from(p, index - 1);
    if (p->has_body) absorb_jump(p, &before, newest_body(p));
}

static bool is_same_body(const struct predict *p, const struct snapshot_self *self)
{
    return p->has_body && self->is_known && self->slot == p->slot &&
           self->body.kind == p->confirmed.kind && self->body.generation == p->confirmed.generation;
}

/* Whether the word stands elsewhere, for one who looks at the body. */
static bool positions_differ(const struct predict *p, const struct entity *a,
                             const struct entity *b)
{
    for (unsigned i = 0; i < field_count(p); i++) {
        const struct field *f = position_at(p, i);
        if (f != NULL && a->words[f->word] != b->words[f->word]) return true;
    }
    return false;
}

static uint32_t distance_between(const struct predict *p, const struct entity *a,
                                 const struct entity *b)
{
    int64_t farthest = 0;
    for (unsigned i = 0; i < field_count(p); i++) {
        const struct field *f = position_at(p, i);
        if (f == NULL) continue;
        int64_t distance = words_difference(f, a->words[f->word], b->words[f->word]);
        if (distance < 0) distance = -distance;
        if (distance > farthest) farthest = distance;
    }
    return (uint32_t)farthest;
}

static bool has_warped(const struct predict *p, const struct entity *a, const struct entity *b)
{
    const struct schema_kind *sorted = &p->schema->kinds[p->confirmed.kind - 1];
    if (sorted->warp < 0) return false;
    const struct entity_kind *kind = &p->schema->table->kinds[p->confirmed.kind - 1];
    unsigned word = kind->fields[sorted->wire[sorted->warp]].word;
    return a->words[word] != b->words[word];
}

/* Drops the usercmds up to `input_seq`. Returns the body that was believed after the last of them.
 */
static struct entity confirm_until(struct predict *p, uint32_t input_seq)
{
    struct entity believed = p->confirmed;
    while (p->count > 0 && !tick_is_newer(pending_at(p, 0)->cmd.seq, input_seq)) {
        believed = pending_at(p, 0)->after;
        p->first = (p->first + 1) % PREDICT_PENDING_MAX;
        p->count--;
    }
    p->confirmed_seq = input_seq;
    return believed;
}

static void start_body(struct predict *p, const struct snapshot_self *self)
{
    p->has_body = self->is_known && p->game->predict != NULL;
    bytes_zero(p->jump, sizeof p->jump);
    if (!p->has_body) return;

    p->slot = self->slot;
    p->confirmed = self->body;
    p->confirmed.owner = p->seat;
    replay_from(p, 0);
}

void predict_reconcile(struct predict *p, const struct snapshot_self *self, uint32_t input_seq)
{
    if (!is_same_body(p, self)) {
        confirm_until(p, input_seq);
        start_body(p, self);
        return;
    }

    struct entity before = *newest_body(p);
    struct entity believed = confirm_until(p, input_seq);
    p->confirmed = self->body;
    p->confirmed.owner = p->seat;
    if (bytes_equal(believed.words, self->body.words, sizeof believed.words)) return;

    replay_from(p, 0);
    if (!positions_differ(p, &believed, &p->confirmed)) return;
    if (has_warped(p, &believed, &p->confirmed)) { /* nobody believed otherwise */
        bytes_zero(p->jump, sizeof p->jump);
        return;
    }
    p->corrections++;
    p->corrected_by = distance_between(p, &believed, &p->confirmed);
    absorb_jump(p, &before, newest_body(p));
}

static void fade_jump(struct predict *p, uint64_t now_us)
{
    uint64_t elapsed_ms = words_fade_ms(&p->faded_us, now_us);
    for (unsigned i = 0; i < ENTITY_WORDS; i++)
        p->jump[i] = words_fade(p->jump[i], elapsed_ms);
}

bool predict_draw(struct predict *p, const struct usercmd *next, uint32_t part, uint64_t now_us,
                  struct drawn *out)
{
    fade_jump(p, now_us);
    if (!p->has_body) return false;

    const struct entity *body = newest_body(p);
    struct entity ahead = *body;
    p->game->predict(p->map, &ahead, next);

    *out = (struct drawn){.slot = p->slot,
                          .generation = body->generation,
                          .kind = body->kind,
                          .owner = p->seat,
                          .flags = DRAWN_OWN};
    bytes_copy(out->words, body->words, sizeof out->words);
    for (unsigned i = 0; i < field_count(p); i++) {
        const struct field *f = &p->schema->table->kinds[body->kind - 1].fields[i];
        if (f->audience != AUDIENCE_ALL || !words_is_smooth(f)) continue;
        int64_t ahead_by = words_difference(f, ahead.words[f->word], body->words[f->word]);
        int64_t shown = body->words[f->word] + words_scale(ahead_by, part) + p->jump[f->word];
        out->words[f->word] = words_confine(f, shown);
    }
    return true;
}
