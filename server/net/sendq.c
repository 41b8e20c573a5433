#include "server/net/sendq.h"

#include "shared/bytes.h"
#include "shared/check.h"

struct sendq_block {
    struct sendq_block *next;
    uint32_t begin, end; /* bytes[begin..end) are waiting */
    uint8_t bytes[SENDQ_PIECE_BYTES];
};
_Static_assert(sizeof(struct sendq_block) == SENDQ_BLOCK_BYTES, "one item of the pool");

void sendq_init(struct sendq *q, size_t limit_bytes)
{
    *q = (struct sendq){.limit_bytes = limit_bytes};
}

static void drop_first(struct sendq *q, struct pool *blocks)
{
    struct sendq_block *block = q->first;

    q->first = block->next;
    if (q->first == NULL) q->last = NULL;
    pool_give(blocks, block);
}

void sendq_deinit(struct sendq *q, struct pool *blocks)
{
    while (q->first != NULL)
        drop_first(q, blocks);
    q->bytes = 0;
}

static size_t tail_free_bytes(const struct sendq *q)
{
    return q->last != NULL ? sizeof q->last->bytes - q->last->end : 0;
}

static void append_block(struct sendq *q, struct pool *blocks)
{
    struct sendq_block *block = pool_take(blocks);

    ASSERT(block != NULL);
    block->next = NULL;
    block->begin = block->end = 0;
    if (q->last != NULL)
        q->last->next = block;
    else
        q->first = block;
    q->last = block;
}

bool sendq_has_room(const struct sendq *q, const struct pool *blocks, size_t length_bytes)
{
    size_t beyond = length_bytes > tail_free_bytes(q) ? length_bytes - tail_free_bytes(q) : 0;
    size_t needed_blocks = (beyond + SENDQ_PIECE_BYTES - 1) / SENDQ_PIECE_BYTES;

    return q->bytes <= q->limit_bytes && length_bytes <= q->limit_bytes - q->bytes &&
           needed_blocks <= blocks->capacity - blocks->taken_count;
}

enum result sendq_push(struct sendq *q, struct pool *blocks, const uint8_t *bytes,
                       size_t length_bytes)
{
    if (!sendq_has_room(q, blocks, length_bytes)) return RESULT_FULL;

    q->bytes += length_bytes;
    while (length_bytes > 0) {
        if (tail_free_bytes(q) == 0) append_block(q, blocks);
        size_t piece = length_bytes < tail_free_bytes(q) ? length_bytes : tail_free_bytes(q);
        bytes_copy(q->last->bytes + q->last->end, bytes, piece);
        q->last->end += (uint32_t)piece;
        bytes += piece;
        length_bytes -= piece;
    }
    return RESULT_OK;
}

const uint8_t *sendq_peek(const struct sendq *q, size_t *length_bytes)
{
    *length_bytes = q->first != NULL ? q->first->end - q->first->begin : 0;
    return q->first != NULL ? q->first->bytes + q->first->begin : NULL;
}

void sendq_pop(struct sendq *q, struct pool *blocks, size_t length_bytes)
{
    if (length_bytes == 0) return;
    ASSERT(q->first != NULL && length_bytes <= q->first->end - q->first->begin);

    q->first->begin += (uint32_t)length_bytes;
    q->bytes -= length_bytes;
    if (q->first->begin == q->first->end) drop_first(q, blocks);
}
