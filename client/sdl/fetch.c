#include "client/sdl/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"

struct fetch {
    CURLM *multi; /* owned, as is the next */
    CURL *easy;
    bool is_added; /* to multi */
    enum fetch_state state;
    long status;
    struct ending ending;
    char failure[CURL_ERROR_SIZE];
    size_t length_bytes;
    bool is_too_long;
    char body[FETCH_BYTES_MAX];
};

static size_t take_bytes(char *bytes, size_t size, size_t count, void *data)
{
    struct fetch *f = data;
    size_t length_bytes = size * count;

    f->is_too_long = length_bytes > sizeof f->body - f->length_bytes;
    if (f->is_too_long) return 0; /* libcurl then ends it */
    memcpy(f->body + f->length_bytes, bytes, length_bytes);
    f->length_bytes += length_bytes;
    return length_bytes;
}

static bool set_options(struct fetch *f, const char *ca_file)
{
    CURL *e = f->easy;
    bool is_set = curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                  /* A name that is still being looked up must not hold a frame when one leaves. */
                  curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)FETCH_TIMEOUT_MS) == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4) == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_USERAGENT, "tickwire-client") == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_ERRORBUFFER, f->failure) == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
                  curl_easy_setopt(e, CURLOPT_WRITEDATA, f) == CURLE_OK;
    if (!is_set || ca_file == NULL) return is_set;
    /* That file alone, as for the match. */
    return curl_easy_setopt(e, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_CAPATH, NULL) == CURLE_OK;
}

struct fetch *fetch_create(const char *ca_file)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NULL;

    struct fetch *f = calloc(1, sizeof *f);
    if (f == NULL) {
        curl_global_cleanup();
        return NULL;
    }
    f->multi = curl_multi_init();
    f->easy = curl_easy_init();
    if (f->multi != NULL && f->easy != NULL && set_options(f, ca_file)) return f;
    fetch_destroy(f);
    return NULL;
}

static void give_up(struct fetch *f)
{
    if (f->is_added) (void)curl_multi_remove_handle(f->multi, f->easy);
    f->is_added = false;
}

void fetch_destroy(struct fetch *f)
{
    if (f == NULL) return;
    give_up(f);
    curl_easy_cleanup(f->easy);
    if (f->multi != NULL) (void)curl_multi_cleanup(f->multi);
    free(f);
    curl_global_cleanup();
}

bool fetch_start(struct fetch *f, const char *address)
{
    give_up(f);
    f->state = FETCH_RUNNING;
    f->length_bytes = 0;
    f->is_too_long = false;
    f->failure[0] = '\0';
    f->is_added = curl_easy_setopt(f->easy, CURLOPT_URL, address) == CURLE_OK &&
                  curl_multi_add_handle(f->multi, f->easy) == CURLM_OK;
    return f->is_added;
}

/* ---- why it failed ---- */

struct failure {
    CURLcode code;
    enum ending_kind kind;
    const char *detail; /* NULL: libcurl's own words */
};

/* Other codes: the line broke. */
static const struct failure failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ENDING_UNKNOWN_HOST, ""},
    {CURLE_COULDNT_CONNECT, ENDING_UNREACHABLE, ""},
    {CURLE_OPERATION_TIMEDOUT, ENDING_UNREACHABLE, ""},
    {CURLE_SSL_CONNECT_ERROR, ENDING_TLS, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, ENDING_TLS, NULL},
    {CURLE_SSL_CACERT_BADFILE, ENDING_SETUP, "The file of authorities to trust cannot be read."},
    {CURLE_OUT_OF_MEMORY, ENDING_SETUP, "There is no memory left."},
    {CURLE_WEIRD_SERVER_REPLY, ENDING_SETUP, "What answers there does not speak HTTP."},
    {CURLE_UNSUPPORTED_PROTOCOL, ENDING_SETUP, "What answers there does not speak HTTP."},
};

/* libcurl names the other host where OpenSSL has a phrase, which ending.h translates. */
static const char *tls_detail(const struct fetch *f)
{
    bool is_other_host = strstr(f->failure, "match") != NULL;
    return is_other_host ? "hostname mismatch" : f->failure;
}

static void fail(struct fetch *f, CURLcode code)
{
    f->state = FETCH_FAILED;
    if (f->is_too_long) {
        ending_set(&f->ending, ENDING_SETUP, 0, "The answer is too long for a list of rooms.");
        return;
    }
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        const struct failure *known = &failures[i];
        if (known->code != code) continue;
        ending_set(&f->ending, known->kind, 0, known->detail ? known->detail : tls_detail(f));
        return;
    }
    ending_set(&f->ending, ENDING_LOST, 0, "");
}

enum fetch_state fetch_step(struct fetch *f)
{
    int running, left;
    const CURLMsg *message;

    if (f->state != FETCH_RUNNING || !f->is_added) return f->state;
    if (curl_multi_perform(f->multi, &running) != CURLM_OK) {
        fail(f, CURLE_OUT_OF_MEMORY);
    } else {
        message = curl_multi_info_read(f->multi, &left);
        if (message == NULL || message->msg != CURLMSG_DONE) return FETCH_RUNNING;
        if (message->data.result != CURLE_OK)
            fail(f, message->data.result);
        else
            f->state = FETCH_ANSWERED;
    }
    (void)curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &f->status);
    give_up(f);
    return f->state;
}

long fetch_status(const struct fetch *f)
{
    ASSERT(f->state == FETCH_ANSWERED);
    return f->status;
}

const char *fetch_body(const struct fetch *f, size_t *length_bytes)
{
    ASSERT(f->state == FETCH_ANSWERED);
    *length_bytes = f->length_bytes;
    return f->body;
}

const struct ending *fetch_ending(const struct fetch *f)
{
    ASSERT(f->state == FETCH_FAILED);
    return &f->ending;
}
