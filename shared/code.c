#include "shared/code.h"

#include "shared/check.h"

_Static_assert(CODE_BITS_MAX + 4 <= 16, "a word and its length fit in 16 bits");

/* The first bit to be sent becomes the lowest. */
static unsigned mirror(unsigned word, unsigned length)
{
    unsigned mirrored = 0;
    for (unsigned i = 0; i < length; i++)
        mirrored |= (word >> i & 1) << (length - 1 - i);
    return mirrored;
}

static void enter(struct code *c, unsigned symbol, unsigned word, unsigned length)
{
    unsigned sent = mirror(word, length);
    c->words[symbol] = (uint16_t)(sent | length << CODE_BITS_MAX);
    if (length > CODE_LOOKUP_BITS) {
        c->long_symbols[c->long_count++] = (uint8_t)symbol;
        return;
    }
    for (unsigned i = sent; i < 1u << CODE_LOOKUP_BITS; i += 1u << length)
        c->lookup[i] = (uint16_t)(symbol | length << 8);
}

enum result code_init(struct code *c, const uint8_t *lengths, unsigned symbol_count)
{
    *c = (struct code){.symbol_count = (uint8_t)symbol_count};
    if (symbol_count > CODE_SYMBOLS_MAX) return RESULT_INVALID;
    unsigned word = 0;
    for (unsigned length = 1; length <= CODE_BITS_MAX; length++) {
        word <<= 1;
        for (unsigned symbol = 0; symbol < symbol_count; symbol++) {
            if (lengths[symbol] != length) continue;
            if (word >> length != 0) return RESULT_INVALID;
            enter(c, symbol, word++, length);
        }
    }
    for (unsigned symbol = 0; symbol < symbol_count; symbol++) {
        if (lengths[symbol] > CODE_BITS_MAX) return RESULT_INVALID;
    }
    return word == 1u << CODE_BITS_MAX ? RESULT_OK : RESULT_INVALID;
}

unsigned code_get_long(struct bits_reader *r, const struct code *c)
{
    uint64_t next = bits_peek(r);
    for (unsigned i = 0; i < c->long_count; i++) {
        unsigned symbol = c->long_symbols[i], length = code_length(c, symbol);
        unsigned word = c->words[symbol] & ((1u << CODE_BITS_MAX) - 1);
        if ((next & ((1u << length) - 1)) != word) continue;
        bits_skip(r, length);
        return symbol;
    }
    ASSERT(false); /* code_init() has seen to it that some word begins every sequence */
    return 0;
}

/* -- fitting: Huffman's tree, its depths -- */

/* Nodes: the symbols, then one for each merge. */
struct tree {
    uint64_t weights[2 * CODE_SYMBOLS_MAX]; /* 0: taken, or not there */
    uint16_t parents[2 * CODE_SYMBOLS_MAX];
    unsigned node_count;
};

/* Takes the lightest node, of equals the first, out of the choice. Returns node_count: none left.
 */
static unsigned take_lightest(struct tree *t, uint64_t *weight)
{
    unsigned lightest = t->node_count;
    for (unsigned i = 0; i < t->node_count; i++) {
        if (t->weights[i] == 0) continue;
        if (lightest == t->node_count || t->weights[i] < t->weights[lightest]) lightest = i;
    }
    if (lightest == t->node_count) return lightest;
    *weight = t->weights[lightest];
    t->weights[lightest] = 0;
    return lightest;
}

static void merge_all(struct tree *t)
{
    for (;;) {
        uint64_t a_weight = 0, b_weight = 0;
        unsigned a = take_lightest(t, &a_weight), b = take_lightest(t, &b_weight);
        if (b == t->node_count) return;
        t->parents[a] = t->parents[b] = (uint16_t)t->node_count;
        t->weights[t->node_count++] = a_weight + b_weight;
    }
}

/* Returns the greatest length, with the weights >> `flatter`, but none below 1. */
static unsigned fit(uint8_t *lengths, const uint32_t *weights, unsigned symbol_count,
                    unsigned flatter)
{
    struct tree t = {.node_count = symbol_count};
    unsigned longest = 0;
    for (unsigned i = 0; i < symbol_count; i++) {
        t.weights[i] = weights[i] >> flatter;
        if (weights[i] > 0 && t.weights[i] == 0) t.weights[i] = 1;
    }
    merge_all(&t);
    for (unsigned i = 0; i < symbol_count; i++) {
        lengths[i] = 0;
        for (unsigned node = i; weights[i] > 0 && t.parents[node] != 0; node = t.parents[node])
            lengths[i]++;
        if (lengths[i] > longest) longest = lengths[i];
    }
    return longest;
}

void code_fit(uint8_t *lengths, const uint32_t *weights, unsigned symbol_count)
{
    ASSERT(symbol_count <= CODE_SYMBOLS_MAX);

    unsigned flatter = 0;
    while (fit(lengths, weights, symbol_count, flatter) > CODE_BITS_MAX)
        flatter++;
}
