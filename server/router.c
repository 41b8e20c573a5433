#include "server/router.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/http/files.h"
#include "server/http/forwarded.h"
#include "server/http/gzip.h"
#include "server/server.h"
#include "server/worker.h"
#include "server/ws/echo.h"
#include "server/ws/upgrade.h"
#include "shared/bytes.h"

#define PAGE_BYTES_MAX 49152 /* of an answer made here; fits an empty send queue */

#define LIST_BYTES_MAX 8388608 /* 10 000 rooms */

#define ALLOW_GET      "Allow: GET\r\n"
#define ALLOW_GET_HEAD "Allow: GET, HEAD\r\n"

/* To whom beyond this machine a path may be opened: each by its key, ops_public, replay_public and
 * rooms_public; of several, any does. */
enum route_access { ACCESS_ANYONE = 0, ACCESS_OPERATOR = 1, ACCESS_WATCHER = 2, ACCESS_PLAYER = 4 };

struct route {
    const char *path; /* still percent-encoded: none of ours needs it */
    bool is_prefix;
    bool has_head;
    unsigned access; /* enum route_access */
    http_route_fn *answer;
};

static struct worker *worker_of_http(const struct http_conn *http)
{
    return http->conn->net->worker;
}

static void answer_text(struct http_conn *http, const char *type, const char *text, size_t length)
{
    http_respond(http, &(struct http_response){
                           .status = 200, .type = type, .body = text, .body_bytes = length});
}

/* ---- for operators ---- */

static void answer_health(struct http_conn *http, const struct http_request *request)
{
    (void)request;
    answer_text(http, "text/plain; charset=utf-8", "ok\n", 3);
}

static void answer_ready(struct http_conn *http, const struct http_request *request)
{
    (void)request;
    if (atomic_load(&worker_of_http(http)->server->draining))
        http_respond(http, &(struct http_response){.status = 503,
                                                   .type = "text/plain; charset=utf-8",
                                                   .fields = "Retry-After: 5\r\n",
                                                   .body = "draining\n",
                                                   .body_bytes = 9});
    else
        answer_text(http, "text/plain; charset=utf-8", "ready\n", 6);
}

static void answer_metrics(struct http_conn *http, const struct http_request *request)
{
    char text[PAGE_BYTES_MAX];
    (void)request;

    size_t length = metrics_write(&worker_of_http(http)->server->metrics, text, sizeof text);
    answer_text(http, "text/plain; version=0.0.4; charset=utf-8", text, length);
}

typedef size_t list_fn(struct server *server, char *text, size_t capacity_bytes);

/* What no send queue holds leaves as a file does; this one is in memory only. */
static void answer_long_list(struct http_conn *http, list_fn *write_list)
{
    char *text = malloc(LIST_BYTES_MAX);
    int fd = memfd_create("list", MFD_CLOEXEC);
    size_t length = 0;

    if (text != NULL) length = write_list(worker_of_http(http)->server, text, LIST_BYTES_MAX);
    bool is_written = length > 0 && fd >= 0 && write(fd, text, length) == (ssize_t)length;
    free(text);
    if (is_written) {
        http_respond_file(
            http, fd, &(struct http_response){.status = 200, .type = "application/json"}, length);
        return;
    }
    if (fd >= 0) (void)close(fd);
    http_respond_status(http, 503);
}

static void answer_list(struct http_conn *http, list_fn *write_list)
{
    char text[PAGE_BYTES_MAX];

    if (write_list == NULL) {
        http_respond_status(http, 404);
        return;
    }
    size_t length = write_list(worker_of_http(http)->server, text, sizeof text);
    if (length > 0)
        answer_text(http, "application/json", text, length);
    else
        answer_long_list(http, write_list);
}

static void answer_rooms(struct http_conn *http, const struct http_request *request)
{
    (void)request;
    answer_list(http, worker_of_http(http)->server->hooks.rooms_json);
}

/* For the start page: short at any number of rooms, since anyone may ask. */
static void answer_public_rooms(struct http_conn *http, const struct http_request *request)
{
    struct server *server = worker_of_http(http)->server;
    char text[PAGE_BYTES_MAX];
    (void)request;

    if (server->hooks.public_rooms_json == NULL) {
        http_respond_status(http, 404);
        return;
    }
    size_t length = server->hooks.public_rooms_json(server, text, sizeof text);
    answer_text(http, "application/json", text, length);
}

/* ?before=ID: the next page of a long list. */
static void answer_recordings(struct http_conn *http, const struct http_request *request)
{
    struct server *server = worker_of_http(http)->server;
    char text[PAGE_BYTES_MAX], before[128];

    if (server->hooks.recordings_json == NULL) {
        http_respond_status(http, 404);
        return;
    }
    if (http_request_query(request, "before", before, sizeof before) != RESULT_OK) {
        http_respond_status(http, 400);
        return;
    }
    size_t length = server->hooks.recordings_json(server, before, text, sizeof text);
    answer_text(http, "application/json", text, length);
}

/* ---- WebSockets ---- */

static void upgrade_to(struct http_conn *http, const struct http_request *request,
                       const struct ws_handler *handler)
{
    struct worker *worker = worker_of_http(http);

    if (handler == NULL)
        http_respond_status(http, 404);
    else if (worker->draining)
        http_respond(http, &(struct http_response){.status = 503, .fields = "Retry-After: 5\r\n"});
    else
        ws_upgrade(http, request, &worker->ws, handler);
}

static void upgrade_updates(struct http_conn *http, const struct http_request *request)
{
    upgrade_to(http, request, worker_of_http(http)->server->hooks.updates);
}

static void upgrade_replay(struct http_conn *http, const struct http_request *request)
{
    upgrade_to(http, request, worker_of_http(http)->server->hooks.replay);
}

static void upgrade_echo(struct http_conn *http, const struct http_request *request)
{
    upgrade_to(http, request, http->conn->net->config->echo ? &echo_handler : NULL);
}

/* ---- the page and its files ---- */

static bool client_has(const struct http_request *request, const char *etag)
{
    struct http_text list = http_request_header(request, "if-none-match");

    if (list.chars == NULL) return false;
    if (http_text_is(list, "*")) return true;
    for (size_t i = 0, length = text_length(etag); i + length <= list.length; i++) {
        if (bytes_equal(list.chars + i, etag, length)) return true;
    }
    return false;
}

static void answer_file(struct http_conn *http, const struct http_request *request)
{
    struct server *server = worker_of_http(http)->server;
    struct file file;
    char fields[FILES_ETAG_BYTES + 80];

    enum result r = files_open(&server->files, request->path, &file);
    if (r != RESULT_OK) {
        http_respond_status(http, r == RESULT_INVALID ? 400 : 404);
        return;
    }
    bool is_gzip =
        file.is_compressible && gzip_is_accepted(request) && gzip_cache_swap(&server->gzip, &file);
    (void)snprintf(fields, sizeof fields, "ETag: %s\r\n%s%s", file.etag,
                   file.is_compressible ? "Vary: Accept-Encoding\r\n" : "",
                   is_gzip ? "Content-Encoding: gzip\r\n" : "");
    struct http_response head = {
        .status = 200, .type = file.type, .cache = file.cache, .fields = fields};
    if (client_has(request, file.etag)) {
        head.status = 304;
        file.bytes = 0;
    }
    http_respond_file(http, file.fd, &head, file.bytes);
}

/* ---- the table: the first that fits ---- */

static const struct route routes[] = {
    {"/healthz", false, true, ACCESS_ANYONE, answer_health},
    {"/readyz", false, true, ACCESS_ANYONE, answer_ready},
    {"/metrics", false, true, ACCESS_OPERATOR, answer_metrics},
    {"/api/rooms", false, true, ACCESS_OPERATOR, answer_rooms},
    {"/rooms", false, true, ACCESS_PLAYER, answer_public_rooms},
    {"/api/recordings", false, true, ACCESS_OPERATOR | ACCESS_WATCHER, answer_recordings},
    {"/ws/updates", false, false, ACCESS_ANYONE, upgrade_updates},
    {"/ws/replay/", true, false, ACCESS_WATCHER, upgrade_replay},
    {"/ws/echo", false, false, ACCESS_ANYONE, upgrade_echo},
    {"/", true, true, ACCESS_ANYONE, answer_file},
};

static bool route_fits(const struct route *route, struct http_text path)
{
    size_t length = text_length(route->path);

    if (!route->is_prefix) return http_text_is(path, route->path);
    return path.length >= length && bytes_equal(path.chars, route->path, length);
}

/* What a proxy forwards comes from the internet, however near the proxy is. */
static bool is_allowed_in(const struct http_conn *http, unsigned access)
{
    const struct config *config = http->conn->net->config;

    if (access == ACCESS_ANYONE) return true;
    if ((access & ACCESS_OPERATOR) && config->ops_public) return true;
    if ((access & ACCESS_WATCHER) && config->replay_public) return true;
    if ((access & ACCESS_PLAYER) && config->rooms_public) return true;
    return address_is_loopback(&http->peer) && !http->is_forwarded;
}

static void follow(const struct route *route, struct http_conn *http,
                   const struct http_request *request)
{
    bool is_allowed =
        request->method == HTTP_GET || (route->has_head && request->method == HTTP_HEAD);

    if (!is_allowed)
        http_respond(
            http, &(struct http_response){.status = 405,
                                          .fields = route->has_head ? ALLOW_GET_HEAD : ALLOW_GET});
    else if (!is_allowed_in(http, route->access))
        http_respond_status(http, 403);
    else
        route->answer(http, request);
}

static void route_request(struct http_conn *http, const struct http_request *request)
{
    if (worker_of_http(http)->draining) http->keep_alive = false;
    if (!host_allows(http->conn->net->config, request)) {
        http_respond_status(http, 421);
        return;
    }
    const struct eio_service *service = eio_http_service(http->conn->net->worker, request->path);
    if (service != NULL) {
        eio_http_answer(http, request, service);
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!route_fits(&routes[i], request->path)) continue;
        follow(&routes[i], http, request);
        return;
    }
    http_respond_status(http, 404);
}

/* Only polling takes bodies. */
static bool takes_body(const struct http_conn *http, const struct http_request *request)
{
    return request->method == HTTP_POST &&
           eio_http_service(http->conn->net->worker, request->path) != NULL;
}

/* Polls come many times a second, and are bounded by their sessions. */
static bool counts(const struct http_conn *http, const struct http_request *request)
{
    return eio_http_service(http->conn->net->worker, request->path) != NULL;
}

const struct http_routes router_routes = {
    .answer = route_request, .takes_body = takes_body, .counts = counts};
