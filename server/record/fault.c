#include "server/record/fault.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_PAIRS      (sizeof(struct world_state) / 8)
#define ENTITY_PAIRS      (1 + ENTITY_WORDS / 2)
#define SLOT_COUNT_SEARCH 64 /* slots more or fewer that are tried */

/* world_hash()'s step is h -> fold((h ^ pair) * PRIME), which is undone by INVERSE. */
#define PRIME UINT64_C(0x9FB21C651E98DF25)
#define SEED  UINT64_C(0x2545F4914F6CDD1D)

static uint64_t fold(uint64_t x)
{
    return x ^ x >> 32; /* its own inverse */
}

/* Newton's iteration doubles the right bits each time; x * x == 1 mod 8 for odd x starts it. */
static uint64_t inverse_of(uint64_t x)
{
    uint64_t inverse = x;
    for (int i = 0; i < 6; i++)
        inverse *= 2 - x * inverse;
    return inverse;
}

static size_t pair_count(const struct world_state *state)
{
    return HEADER_PAIRS + ENTITY_PAIRS * state->slot_count;
}

static uint64_t join_words(uint32_t low, uint32_t high)
{
    return low | (uint64_t)high << 32;
}

static uint64_t get_pair(const struct world_state *state, size_t index)
{
    if (index < HEADER_PAIRS) {
        const uint32_t *words = (const uint32_t *)(const void *)state;
        return join_words(words[2 * index], words[2 * index + 1]);
    }
    const struct entity *e = &state->entities[(index - HEADER_PAIRS) / ENTITY_PAIRS];
    size_t part = (index - HEADER_PAIRS) % ENTITY_PAIRS;
    if (part == 0) {
        uint32_t low = e->kind | (uint32_t)e->generation << 8 | (uint32_t)e->owner << 16;
        return join_words(low, e->since_tick);
    }
    return join_words((uint32_t)e->words[2 * part - 2], (uint32_t)e->words[2 * part - 1]);
}

static void set_pair(struct world_state *state, size_t index, uint64_t pair)
{
    uint32_t low = (uint32_t)pair, high = (uint32_t)(pair >> 32);
    if (index < HEADER_PAIRS) {
        uint32_t *words = (uint32_t *)(void *)state;
        words[2 * index] = low;
        words[2 * index + 1] = high;
        return;
    }
    struct entity *e = &state->entities[(index - HEADER_PAIRS) / ENTITY_PAIRS];
    size_t part = (index - HEADER_PAIRS) % ENTITY_PAIRS;
    if (part == 0) {
        e->kind = (uint8_t)low;
        e->generation = (uint8_t)(low >> 8);
        e->owner = (uint16_t)(low >> 16);
        e->since_tick = high;
    } else {
        e->words[2 * part - 2] = (int32_t)low;
        e->words[2 * part - 1] = (int32_t)high;
    }
}

/* Any pair can be chosen so that the hash fits; a chance hit changes both of its words. */
static bool is_one_word(uint64_t change)
{
    return change != 0 && ((uint32_t)change == 0 || change >> 32 == 0);
}

static bool mend_word(struct world_state *state, uint64_t hash)
{
    const uint64_t inverse = inverse_of(PRIME);
    size_t count = pair_count(state);
    uint64_t *before = malloc(count * sizeof before[0]);
    if (before == NULL) return false;

    uint64_t forward = SEED;
    for (size_t i = 0; i < count; i++) {
        before[i] = forward;
        forward = fold((forward ^ get_pair(state, i)) * PRIME);
    }
    bool is_found = false;
    for (size_t i = count; i > 0 && !is_found; i--) {
        uint64_t pair = get_pair(state, i - 1);
        uint64_t mixed = fold(hash) * inverse; /* what came before the multiplication */
        uint64_t wanted = mixed ^ before[i - 1];
        /* The tick and the slot count decide what else there is: they are not for this. */
        is_found = i > 1 && is_one_word(wanted ^ pair);
        if (is_found) set_pair(state, i - 1, wanted);
        hash = mixed ^ pair;
    }
    free(before);
    return is_found;
}

static bool mend_slot_count(struct world_state *state, uint32_t slot_capacity, uint64_t hash)
{
    uint32_t count = state->slot_count;
    uint32_t low = count > SLOT_COUNT_SEARCH ? count - SLOT_COUNT_SEARCH : 0;
    uint32_t high =
        slot_capacity - count > SLOT_COUNT_SEARCH ? count + SLOT_COUNT_SEARCH : slot_capacity;
    for (state->slot_count = low; state->slot_count <= high; state->slot_count++) {
        if (state->slot_count != count && world_hash(state) == hash) return true;
    }
    state->slot_count = count;
    return false;
}

bool fault_mend(struct world_state *state, uint32_t slot_capacity, uint64_t hash)
{
    return mend_slot_count(state, slot_capacity, hash) || mend_word(state, hash);
}
