#include "server/sio/sio_echo.h"

#include <stdlib.h>

#include "server/sio/sio_client.h"
#include "shared/bytes.h"

/* Sends `["name",args]`, or `[args]` if the name is empty. A tool of tests has no pool for messages
 * of a megabyte; who does not take what it asked for is not heard until it has, or is cut. */
static void send_back(struct sio_socket *socket, const struct sio_head *head, struct sio_text name,
                      struct sio_text args, const struct sio_blob *blobs)
{
    struct eio_session *eio = socket->client->eio;
    size_t json_bytes = name.length + args.length + 2;
    bool has_both = name.length > 0 && args.length > 0;
    uint8_t *memory = malloc(SIO_ROOM_BYTES + json_bytes + 1), *at = memory + SIO_ROOM_BYTES;
    enum result r = RESULT_FULL;

    if (memory != NULL) {
        *at++ = '[';
        bytes_copy(at, name.chars, name.length);
        at += name.length;
        if (has_both) *at++ = ',';
        bytes_copy(at, args.chars, args.length);
        at += args.length;
        *at = ']';
        r = sio_socket_send(socket, head, memory + SIO_ROOM_BYTES, json_bytes + has_both, blobs);
        free(memory);
    }
    if (r == RESULT_FULL) eio_session_close(eio, WS_CLOSE_OVERLOAD, "the queue is full");
    eio_session_hold_input(eio);
}

static const char *refuse(struct sio_socket *socket, struct sio_text auth)
{
    (void)auth;
    bool is_known = text_equal(socket->nsp, "/") || text_equal(socket->nsp, "/custom");
    return is_known ? NULL : "Invalid namespace";
}

static void joined(struct sio_socket *socket, struct sio_text auth)
{
    send_back(socket, &(struct sio_head){.type = SIO_EVENT, .nsp = socket->nsp},
              (struct sio_text){"\"auth\"", 6}, auth, NULL);
}

static void event(struct sio_socket *socket, const struct sio_event *event)
{
    struct sio_head head = {.nsp = socket->nsp, .attachment_count = event->blob_count};

    if (!text_equal(socket->nsp, "/")) return;
    if (sio_name_is(event->name, "message")) {
        head.type = event->blob_count > 0 ? SIO_BINARY_EVENT : SIO_EVENT;
        send_back(socket, &head, (struct sio_text){"\"message-back\"", 14}, event->args,
                  event->blobs);
    } else if (sio_name_is(event->name, "message-with-ack") && event->has_ack_id) {
        head.type = event->blob_count > 0 ? SIO_BINARY_ACK : SIO_ACK;
        head.has_ack_id = true;
        head.ack_id = event->ack_id;
        send_back(socket, &head, (struct sio_text){"", 0}, event->args, event->blobs);
    }
}

static void ack(struct sio_socket *socket, const struct sio_event *ack)
{
    (void)socket, (void)ack;
}

static void left(struct sio_socket *socket, enum eio_end why)
{
    (void)socket, (void)why;
}

static void writable(struct sio_client *client)
{
    eio_session_resume_input(client->eio);
}

static const struct sio_app app = {
    .json = {.depth_max = JSON_DEPTH_CAPACITY, .tokens_max = 1u << 20},
    .attachments_max = SIO_ATTACHMENTS_MAX,
    .pending_bytes_max = 16u * 1024u * 1024u,
    .refuse = refuse,
    .joined = joined,
    .event = event,
    .ack = ack,
    .left = left,
    .writable = writable};

const struct eio_service sio_echo_service = {
    .handler = &sio_client_handler, .app = &app, .is_unlimited = true};
