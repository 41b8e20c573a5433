/* fuzz_sio_packet.c - whatever a client sends, a packet's parts lie in it and say what they must. */
#include <stdlib.h>
#include <string.h>

#include "server/sio/sio_packet.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct sio_text text, const char *from, size_t length)
{
    if (text.length == 0) return;
    ASSERT(text.chars >= from && text.chars + text.length <= from + length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sio_limits limits = {.json = {8, 512}, .attachments_max = 4};
    char *copy = malloc(size + 1);
    struct sio_packet p;

    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    if (sio_packet_read(&p, copy, size, &limits) == RESULT_OK) {
        check_inside(p.json, copy, size);
        check_inside(p.name, copy, size);
        check_inside(p.args, copy, size);
        ASSERT(p.nsp.length > 0 && p.nsp.chars[0] == '/');
        ASSERT(p.type < SIO_TYPE_COUNT && p.type != SIO_CONNECT_ERROR);
        ASSERT(p.attachment_count <= 4 && p.ack_id <= SIO_ACK_ID_MAX);
        ASSERT((p.type >= SIO_BINARY_EVENT) == (p.attachment_count > 0));
        if (p.type == SIO_EVENT || p.type == SIO_BINARY_EVENT) {
            ASSERT(p.json.length == 0 || p.name.length > 0);
            ASSERT(!sio_name_is(p.name, "connect"));
        }
        if (p.attachment_count > 0) (void)sio_packet_check_placeholders(p.json, p.attachment_count);
    }
    free(copy);
    return 0;
}
