/* fuzz_message.c - what decodes as a message encodes to one that decodes to the same.
 *
 * Layout:  byte 0: 0 up, else down; the rest is the message, its type in its first byte.
 */
#include <string.h>

#include "shared/check.h"
#include "shared/message.h"
#include "tests/unit/test_game.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NEAR_TICK 100000u

/* Encodes what was decoded, decodes that, encodes it again: the same bytes. */
#define CHECK_ROUND_TRIP(kind)                                            \
    static void check_##kind(const uint8_t *data, size_t size)            \
    {                                                                     \
        struct message_##kind m;                                          \
        uint8_t once[MESSAGE_UP_BYTES_MAX], twice[MESSAGE_UP_BYTES_MAX];  \
        if (message_decode_##kind(data, size, &m) != RESULT_OK) return;   \
        size_t length = message_encode_##kind(once, sizeof once, &m);     \
        ASSERT(length == size && memcmp(once, data, size) == 0);          \
        ASSERT(message_decode_##kind(once, length, &m) == RESULT_OK);     \
        ASSERT(message_encode_##kind(twice, sizeof twice, &m) == length); \
        ASSERT(memcmp(once, twice, length) == 0);                         \
    }

CHECK_ROUND_TRIP(hello)
CHECK_ROUND_TRIP(welcome)
CHECK_ROUND_TRIP(bye)
CHECK_ROUND_TRIP(pace)
CHECK_ROUND_TRIP(chat)
CHECK_ROUND_TRIP(view)
CHECK_ROUND_TRIP(control)
CHECK_ROUND_TRIP(camera)
CHECK_ROUND_TRIP(playback)

/* An input may be written in more ways than one; what it says stays. */
static void check_input(const uint8_t *data, size_t size)
{
    struct message_input m, again;
    uint8_t bytes[MESSAGE_UP_BYTES_MAX];
    if (message_decode_input(data, size, &test_table, NEAR_TICK, &m) != RESULT_OK) return;
    for (unsigned i = 0; i < m.count; i++)
        ASSERT(m.cmds[i].seq > 0 && usercmd_is_valid(&test_table, &m.cmds[i]));
    size_t length = message_encode_input(bytes, sizeof bytes, &test_table, &m);
    ASSERT(length > 0);
    ASSERT(message_decode_input(bytes, length, &test_table, NEAR_TICK, &again) == RESULT_OK);
    ASSERT(again.count == m.count && again.ack_tick == m.ack_tick);
    ASSERT(memcmp(again.cmds, m.cmds, sizeof m.cmds) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    bool is_up = data[0] == 0;
    data++, size--;
    switch (data[0]) {
    case MESSAGE_HELLO:
        (is_up ? check_hello : check_welcome)(data, size);
        break;
    case MESSAGE_INPUT:
        check_input(data, size);
        break;
    case MESSAGE_CHAT:
        check_chat(data, size);
        break;
    case MESSAGE_BYE:
        check_bye(data, size);
        break;
    case MESSAGE_VIEW:
        check_view(data, size);
        break;
    case MESSAGE_CONTROL:
        (is_up ? check_control : check_pace)(data, size);
        break;
    case MESSAGE_CAMERA:
        (is_up ? check_camera : check_playback)(data, size);
        break;
    default:
        break;
    }
    return 0;
}
