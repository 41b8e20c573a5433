/* base64.h - bytes to base64 text and back.
 *
 * Place:   the WebSocket handshake's key and accept (ws_handshake), Engine.IO's binary packets on
 *          polling.
 * Memory:  everything is the caller's; nothing to release.
 * Source:  RFC 4648 §4: the standard alphabet, always padded, no line breaks.
 */
#ifndef TICKWIRE_SHARED_BASE64_H
#define TICKWIRE_SHARED_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

/* How many characters encode so many bytes, and how many bytes so many characters hold at most. */
#define BASE64_CHARS(bytes)     (((bytes) + 2) / 3 * 4)
#define BASE64_BYTES_MAX(chars) ((chars) / 4 * 3)

/* Writes BASE64_CHARS(length_bytes) characters to `text`, without a NUL, and returns how many. */
size_t base64_encode(char *text, const uint8_t *bytes, size_t length_bytes);

/* Writes at most BASE64_BYTES_MAX(length_chars) bytes and stores how many. RESULT_INVALID if the
 * text is not whole groups of four, or holds a foreign character or misplaced padding. The unused
 * bits of the last digit are ignored, as §3.5 permits: keys made carelessly still connect. */
enum result base64_decode(uint8_t *bytes, size_t *length_bytes, const char *text,
                          size_t length_chars);

#endif
