#include "client/sdl/ending.h"

#include <stdio.h>
#include <string.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/message.h"
#include "shared/utf8.h"
#include "shared/ws_close.h"

#define STATUS_UNAVAILABLE 503

struct words {
    const char *when;     /* part of OpenSSL's phrase */
    const char *sentence; /* %s: the host */
};

/* X509_verify_cert_error_string(3), as a player understands it. Searched from the top. */
static const struct words certificate_words[] = {
    {"hostname mismatch", "The certificate shown at %s belongs to another host name, so this may "
                          "not be the server you asked for. Not connected."},
    {"IP address mismatch", "The certificate shown at %s does not cover this address, so this may "
                            "not be the server you asked for. Not connected."},
    {"has expired", "The certificate of %s has expired: its host must renew it (or this "
                    "computer's clock is wrong). Not connected."},
    {"not yet valid", "The certificate of %s is not valid yet (is this computer's clock right?). "
                      "Not connected."},
    {"revoked", "The certificate of %s was revoked by its authority. Not connected."},
    {"self-signed", "The certificate of %s was issued by an authority unknown to this computer. "
                    "Trust it with --cafile FILE if you know it. Not connected."},
    {"issuer certificate", "The certificate of %s was issued by an authority unknown to this "
                           "computer. Trust it with --cafile FILE if you know it. Not connected."},
    {"certificate verify failed", "The certificate of %s is not valid. Not connected."},
    {"wrong version number", "%s does not speak TLS on this port: try ws:// instead of wss://, or "
                             "another port."},
};

struct close_words {
    uint16_t code;
    bool is_passing;
    const char *sentence; /* %s: the host; a dot, or a colon and the reason follow */
};

static const struct close_words close_words[] = {
    {WS_CLOSE_NORMAL, false, "%s ended the connection"},
    {WS_CLOSE_GOING_AWAY, true, "%s is going away"},
    {WS_CLOSE_PROTOCOL_ERROR, false, "%s and this client do not understand each other"},
    {WS_CLOSE_NO_STATUS, true, "%s ended the connection without saying why"},
    {WS_CLOSE_ABNORMAL, true, "The connection to %s broke"},
    {WS_CLOSE_INTERNAL, true, "%s had an error of its own"},
    {WS_CLOSE_RESTART, true, "%s is restarting"},
    {WS_CLOSE_OVERLOAD, true, "%s is full or overloaded"},
    {WS_CLOSE_SCHEMA, false,
     "%s plays another version of this game, so this client needs an update"},
    {WS_CLOSE_KICKED, false, "You were kicked from %s"},
    {WS_CLOSE_NO_ROOM, false, "There is no such room at %s"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct close_words *find_close(uint16_t code)
{
    for (size_t i = 0; i < COUNT(close_words); i++) {
        if (close_words[i].code == code) return &close_words[i];
    }
    return NULL;
}

void ending_set(struct ending *ending, enum ending_kind kind, uint16_t code, const char *detail)
{
    *ending = (struct ending){.kind = kind, .code = code};

    size_t kept = utf8_cut_bytes(detail, strlen(detail), sizeof ending->detail - 1);
    if (kept > 0 && text_is_showable(detail, kept)) bytes_copy(ending->detail, detail, kept);
}

bool ending_is_passing(const struct ending *ending)
{
    switch (ending->kind) {
    case ENDING_UNREACHABLE:
    case ENDING_LOST:
        return true;
    case ENDING_HANDSHAKE:
        return ending->code == STATUS_UNAVAILABLE;
    case ENDING_CLOSED: {
        const struct close_words *words = find_close(ending->code);
        return words != NULL && words->is_passing;
    }
    default:
        return false;
    }
}

uint16_t ending_close_code(const struct ending *ending)
{
    if (ending->kind == ENDING_CLOSED) return ending->code;
    bool is_full = ending->kind == ENDING_HANDSHAKE && ending->code == STATUS_UNAVAILABLE;
    return is_full ? WS_CLOSE_OVERLOAD : 0;
}

static const char *tls_sentence(const char *failure)
{
    for (size_t i = 0; i < COUNT(certificate_words); i++) {
        if (strstr(failure, certificate_words[i].when) != NULL)
            return certificate_words[i].sentence;
    }
    return NULL;
}

/* `format` comes from the tables above and takes the host. */
static void print_host(char sentence[ENDING_SENTENCE_BYTES], const char *format, const char *host)
{
    const char *place = strstr(format, "%s");
    ASSERT(place != NULL);
    (void)snprintf(sentence, ENDING_SENTENCE_BYTES, "%.*s%s%s", (int)(place - format), format, host,
                   place + 2);
}

static void describe_tls(const struct ending *ending, const char *host,
                         char sentence[ENDING_SENTENCE_BYTES])
{
    const char *format = tls_sentence(ending->detail);
    if (format != NULL)
        print_host(sentence, format, host);
    else
        (void)snprintf(sentence, ENDING_SENTENCE_BYTES,
                       "No secure connection to %s could be made: %s.", host, ending->detail);
}

static void describe_close(const struct ending *ending, const char *host,
                           char sentence[ENDING_SENTENCE_BYTES])
{
    const struct close_words *words = find_close(ending->code);
    if (words != NULL)
        print_host(sentence, words->sentence, host);
    else
        (void)snprintf(sentence, ENDING_SENTENCE_BYTES, "%s closed the connection (code %u, %s)",
                       host, ending->code, ws_close_name(ending->code));

    size_t length = strlen(sentence);
    const char *colon = ending->detail[0] != '\0' ? ": " : ".";
    (void)snprintf(sentence + length, ENDING_SENTENCE_BYTES - length, "%s%s", colon,
                   ending->detail);
}

void ending_describe(const struct ending *ending, const char *host,
                     char sentence[ENDING_SENTENCE_BYTES])
{
    switch (ending->kind) {
    case ENDING_UNKNOWN_HOST:
        print_host(sentence, "There is no computer called %s, or no network.", host);
        return;
    case ENDING_UNREACHABLE:
        print_host(sentence, "No server answers at %s.", host);
        return;
    case ENDING_TLS:
        describe_tls(ending, host, sentence);
        return;
    case ENDING_SETUP:
    case ENDING_HANDSHAKE:
        (void)snprintf(sentence, ENDING_SENTENCE_BYTES, "%s", ending->detail);
        return;
    case ENDING_BREACH:
        (void)snprintf(sentence, ENDING_SENTENCE_BYTES,
                       "%s sent what no Tickwire server sends: %s.", host, ending->detail);
        return;
    case ENDING_LOST:
        print_host(sentence, "The connection to %s broke.", host);
        return;
    default:
        describe_close(ending, host, sentence);
    }
}

uint32_t backoff_wait_ms(struct backoff *backoff, struct rng *rng)
{
    uint32_t limit_ms = backoff->next_ms == 0 ? BACKOFF_FIRST_MS : backoff->next_ms;

    backoff->next_ms = limit_ms < BACKOFF_MAX_MS / 2 ? limit_ms * 2 : BACKOFF_MAX_MS;
    return limit_ms / 2 + rng_below(rng, limit_ms / 2 + 1);
}

void backoff_reset(struct backoff *backoff)
{
    backoff->next_ms = 0;
}
