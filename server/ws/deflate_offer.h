/* deflate_offer.h - which of a client's permessage-deflate offers is accepted, and on what terms.
 *
 * Place:   upgrade.c reads Sec-WebSocket-Extensions with it and answers with the terms; deflate.c
 *          keeps to them. Knows no zlib.
 * Layout:  permessage-deflate; server_no_context_takeover; client_max_window_bits=12, ...
 * Errors:  what is no list of extensions is RESULT_INVALID; an offer that is one, but not to be
 *          understood or granted, is declined, and the next one is looked at.
 * Source:  RFC 6455 §9.1 for the list, RFC 7692 §5 and §7.1 for the offers.
 */
#ifndef TICKWIRE_SERVER_WS_DEFLATE_OFFER_H
#define TICKWIRE_SERVER_WS_DEFLATE_OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/ws_handshake.h"

#define DEFLATE_WINDOW_BITS_MIN 9 /* zlib's; RFC 7692 also has 8 */
#define DEFLATE_WINDOW_BITS_MAX 15
#define DEFLATE_TERMS_CHARS_MAX 160 /* with its NUL */

/* What the server is ready to give at most. */
struct deflate_grant {
    bool context_takeover;
    uint8_t window_bits; /* DEFLATE_WINDOW_BITS_MIN.._MAX */
};

/* What was agreed on. */
struct deflate_terms {
    bool is_agreed;             /* else nothing is compressed */
    bool server_takes_over;     /* our messages may refer to the ones before */
    bool client_takes_over;     /* the client's may */
    uint8_t server_window_bits; /* DEFLATE_WINDOW_BITS_MIN.._MAX */
    uint8_t client_window_bits; /* 8..15; 0: the client did not let us say, so up to 15 */
};

/* Reads one header line of offers, the best first, and settles on the first one that can be
 * granted, unless `terms` are agreed already by a line before. RESULT_OK, also if none can be. */
enum result deflate_offer_choose(struct ws_text offers, const struct deflate_grant *grant,
                                 struct deflate_terms *terms);

/* Writes the terms as the answer's header value, ended by NUL. */
void deflate_terms_write(const struct deflate_terms *terms, char text[DEFLATE_TERMS_CHARS_MAX]);

#endif
