#include "server/ws/echo.h"

#include <stdlib.h>

#include "server/ws/faults.h"
#include "shared/bytes.h"

static enum result echo_open(struct ws_conn *ws, const struct http_request *request,
                             struct ws_refusal *refusal)
{
    *refusal = (struct ws_refusal){400, "no such fault\n"};
    ws->may_deflate = true;
    return faults_choose(ws, request);
}

static void echo_opened(struct ws_conn *ws)
{
    faults_start(ws);
}

/* The copy with room for a header is the one heap call per message of the server: a tool of tests
 * with messages up to 16 MiB has no pool. */
static void echo_message(struct ws_conn *ws, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    uint8_t *copy = malloc(WS_HEADER_BYTES_MAX + length_bytes);
    if (copy == NULL) {
        ws_conn_close(ws, WS_CLOSE_OVERLOAD, "out of memory");
        return;
    }
    bytes_copy(copy + WS_HEADER_BYTES_MAX, bytes, length_bytes);
    enum result r =
        ws_conn_send(ws, is_text ? WS_TEXT : WS_BINARY, copy + WS_HEADER_BYTES_MAX, length_bytes);
    free(copy);
    if (r == RESULT_FULL) ws_conn_close(ws, WS_CLOSE_OVERLOAD, "out of memory");
    if (r == RESULT_OK && ws_conn_queue_bytes(ws) > 0) conn_pause_input(ws->conn, true);
}

static void echo_pong(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes)
{
    (void)ws, (void)payload, (void)length_bytes;
}

static void echo_writable(struct ws_conn *ws)
{
    conn_pause_input(ws->conn, false);
}

static void echo_closed(struct ws_conn *ws, unsigned code)
{
    (void)ws, (void)code;
}

const struct ws_handler echo_handler = {.unlimited = true,
                                        .open = echo_open,
                                        .opened = echo_opened,
                                        .message = echo_message,
                                        .pong = echo_pong,
                                        .writable = echo_writable,
                                        .closed = echo_closed};
