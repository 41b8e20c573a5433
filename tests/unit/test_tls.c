#include "shared/host/tls.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/suite.h"

#define BIG_BYTES 100000

static char dir[] = "/tmp/tickwire-tls-XXXXXX";
static char ca[64], cert[64], key[64], cert2[64], key2[64];
static const struct tls_files files[] = {{cert, key}, {cert2, key2}};

/* The authority and the certificate of game.example.com, made by the tool that the project has. */
static void set_up(void)
{
    char command[512];

    ck_assert_ptr_nonnull(mkdtemp(dir));
    (void)snprintf(command, sizeof command,
                   "tools/devcert.sh --dir %s game.example.com 127.0.0.1 >/dev/null 2>&1 &&"
                   "tools/devcert.sh --dir %s second.example.com '*.wild.example' >/dev/null 2>&1",
                   dir, dir);
    ck_assert_int_eq(system(command), 0);
    (void)snprintf(cert2, sizeof cert2, "%s/second.example.com.crt", dir);
    (void)snprintf(key2, sizeof key2, "%s/second.example.com.key", dir);
    (void)snprintf(ca, sizeof ca, "%s/ca.crt", dir);
    (void)snprintf(cert, sizeof cert, "%s/game.example.com.crt", dir);
    (void)snprintf(key, sizeof key, "%s/game.example.com.key", dir);
}

static void tear_down(void)
{
    char command[128];

    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    ck_assert_int_eq(system(command), 0);
}

/* A server on one end of a pair of sockets, a client that is fed by hand on the other. */
struct link {
    struct tls_context *server_context, *client_context;
    struct tls *server, *client;
    int ends[2];
};

static void link_open(struct link *link, const char *host, const char *ca_file)
{
    struct error error;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, link->ends), 0);
    ck_assert_int_eq(tls_server_context_create(&link->server_context, files, 1, &error), RESULT_OK);
    ck_assert_int_eq(tls_client_context_create(&link->client_context, ca_file, &error), RESULT_OK);
    link->server = tls_server_create(link->server_context, link->ends[0]);
    link->client = tls_client_create(link->client_context, host);
    ck_assert(link->server != NULL && link->client != NULL);
}

static void link_close(struct link *link)
{
    tls_destroy(link->server);
    tls_destroy(link->client);
    tls_context_destroy(link->server_context);
    tls_context_destroy(link->client_context);
    close(link->ends[0]);
    close(link->ends[1]);
}

/* Moves what lies between the client's buffers and its socket. */
static void carry(struct link *link)
{
    uint8_t bytes[4096];
    size_t drained;
    ssize_t got;

    while ((drained = tls_drain(link->client, bytes, sizeof bytes)) > 0)
        ck_assert_int_eq(write(link->ends[1], bytes, drained), (ssize_t)drained);
    while ((got = read(link->ends[1], bytes, sizeof bytes)) > 0)
        ck_assert_int_eq(tls_feed(link->client, bytes, (size_t)got), RESULT_OK);
}

/* The client's result once both have done what they can. */
static enum result shake_hands(struct link *link)
{
    enum result client = RESULT_AGAIN, server = RESULT_AGAIN;

    for (int i = 0; i < 10 && (client == RESULT_AGAIN || server == RESULT_AGAIN); i++) {
        if (client == RESULT_AGAIN) client = tls_handshake(link->client);
        carry(link);
        if (server == RESULT_AGAIN) server = tls_handshake(link->server);
        carry(link);
    }
    return client;
}

START_TEST(bytes_go_both_ways_in_pieces)
{
    static uint8_t sent[BIG_BYTES], got[BIG_BYTES];
    struct link link;
    size_t out = 0, in = 0, moved;

    link_open(&link, "game.example.com", ca);
    ck_assert_int_eq(shake_hands(&link), RESULT_OK);
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)(i * 7);
    while (in < sizeof got) {
        if (out < sizeof sent &&
            tls_write(link.server, sent + out, sizeof sent - out, &moved) == RESULT_OK)
            out += moved;
        carry(&link);
        while (in < sizeof got &&
               tls_read(link.client, got + in, sizeof got - in, &moved) == RESULT_OK)
            in += moved;
    }
    ck_assert_mem_eq(sent, got, sizeof sent);
    ck_assert_int_eq(tls_write(link.client, sent, 100, &moved), RESULT_OK);
    carry(&link);
    ck_assert_int_eq(tls_read(link.server, got, 60, &moved), RESULT_OK);
    ck_assert(tls_has_pending(link.server));
    ck_assert_int_eq(tls_read(link.server, got + 60, 60, &moved), RESULT_OK);
    ck_assert(!tls_has_pending(link.server));
    ck_assert_int_eq(tls_read(link.server, got, 60, &moved), RESULT_AGAIN);
    ck_assert(!tls_wants_write(link.server));
    link_close(&link);
}
END_TEST

START_TEST(an_orderly_end_is_told_from_a_broken_one)
{
    struct link link;
    uint8_t byte;
    size_t moved;

    link_open(&link, "game.example.com", ca);
    ck_assert_int_eq(shake_hands(&link), RESULT_OK);
    tls_shutdown(link.client);
    carry(&link);
    ck_assert_int_eq(tls_read(link.server, &byte, 1, &moved), RESULT_CLOSED);
    link_close(&link);

    link_open(&link, "game.example.com", ca);
    ck_assert_int_eq(shake_hands(&link), RESULT_OK);
    shutdown(link.ends[1], SHUT_WR);
    ck_assert_int_eq(tls_read(link.server, &byte, 1, &moved), RESULT_IO);
    link_close(&link);
}
END_TEST

static void assert_refused(const char *host, const char *ca_file, const char *reason)
{
    struct link link;

    link_open(&link, host, ca_file);
    ck_assert_int_eq(shake_hands(&link), RESULT_INVALID);
    ck_assert_msg(strstr(tls_failure(link.client), reason) != NULL, "%s", tls_failure(link.client));
    link_close(&link);
}

START_TEST(a_wrong_name_and_an_unknown_authority_are_refused_with_the_reason)
{
    struct link link;

    assert_refused("other.example.com", ca, "certificate verify failed: hostname mismatch");
    assert_refused("127.0.0.2", ca, "certificate verify failed: IP address mismatch");
    assert_refused("game.example.com", NULL, "certificate verify failed: ");
    link_open(&link, "127.0.0.1", ca);
    ck_assert_int_eq(shake_hands(&link), RESULT_OK);
    link_close(&link);
}
END_TEST

START_TEST(files_that_are_no_certificates_are_named)
{
    const struct tls_files missing = {"/no/cert", key}, no_key = {cert, ca};
    struct tls_context *context = NULL;
    struct error error;

    ck_assert_int_eq(tls_server_context_create(&context, &missing, 1, &error), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "certificate /no/cert: No such file"));
    ck_assert_int_eq(tls_server_context_create(&context, &no_key, 1, &error), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, ca));
    ck_assert_int_eq(tls_client_context_create(&context, key, &error), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, key));
    ck_assert_ptr_null(context);
}
END_TEST

/* Whether the server's certificates, as they are now, satisfy a client that wants `host`. */
static bool serves(struct link *link, const char *host)
{
    tls_destroy(link->server);
    tls_destroy(link->client);
    close(link->ends[0]);
    close(link->ends[1]);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, link->ends), 0);
    link->server = tls_server_create(link->server_context, link->ends[0]);
    link->client = tls_client_create(link->client_context, host);
    return shake_hands(link) == RESULT_OK;
}

START_TEST(the_certificate_is_chosen_by_name_and_reloaded_while_streams_run)
{
    const struct tls_files broken[] = {{cert, key}, {cert2, key}};
    struct link link, old;
    struct error error;
    size_t moved;
    uint8_t byte = 7;

    link_open(&link, "game.example.com", ca);
    ck_assert_int_eq(shake_hands(&link), RESULT_OK);
    ck_assert(!serves(&link, "second.example.com"));

    ck_assert_int_eq(tls_server_context_reload(link.server_context, broken, 2, &error),
                     RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, key));
    ck_assert(serves(&link, "game.example.com"));

    old = link;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, link.ends), 0);
    link.server = link.client = NULL;
    ck_assert_int_eq(tls_server_context_reload(link.server_context, files, 2, &error), RESULT_OK);
    ck_assert(serves(&link, "second.example.com"));
    ck_assert(serves(&link, "any.wild.example"));
    ck_assert(serves(&link, "game.example.com"));
    ck_assert(serves(&link, "127.0.0.1"));
    ck_assert(!serves(&link, "too.deep.wild.example"));

    ck_assert_int_eq(tls_write(old.server, &byte, 1, &moved), RESULT_OK);
    carry(&old);
    ck_assert_int_eq(tls_read(old.client, &byte, 1, &moved), RESULT_OK);
    tls_destroy(old.server);
    tls_destroy(old.client);
    close(old.ends[0]);
    close(old.ends[1]);
    link_close(&link);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tls");

    tcase_add_unchecked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, bytes_go_both_ways_in_pieces);
    tcase_add_test(tests, an_orderly_end_is_told_from_a_broken_one);
    tcase_add_test(tests, a_wrong_name_and_an_unknown_authority_are_refused_with_the_reason);
    tcase_add_test(tests, files_that_are_no_certificates_are_named);
    tcase_add_test(tests, the_certificate_is_chosen_by_name_and_reloaded_while_streams_run);
    return suite_run("tls", tests);
}
