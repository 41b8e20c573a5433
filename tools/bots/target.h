/* target.h - where the bots connect to: a WebSocket URL taken apart, and the address it leads to.
 *
 * Place:   main makes one from --url; client.h connects to it and names it in its request.
 * Memory:  owns its texts, plain data.
 * Source:  RFC 6455 §3: ws://host[:port]path[?query], wss:// likewise; no fragment.
 */
#ifndef TICKWIRE_TOOLS_BOTS_TARGET_H
#define TICKWIRE_TOOLS_BOTS_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "shared/result.h"

#define TARGET_TEXT_BYTES_MAX 400

struct target {
    bool is_secure;
    char host[TARGET_TEXT_BYTES_MAX + 1]; /* a name or an address, without brackets */
    char port[6];
    char authority[TARGET_TEXT_BYTES_MAX + 1]; /* for the Host header */
    char path[TARGET_TEXT_BYTES_MAX + 1];      /* with the query */
    struct sockaddr_storage address;           /* after target_find() */
    socklen_t address_bytes;
};

/* RESULT_INVALID and a sentence unless `url` is a WebSocket URL. A missing path is /ws/updates. */
enum result target_parse(struct target *t, const char *url, struct error *error);

/* Writes the path for a client of the `room`-th room: {room} in it becomes that number. */
void target_write_path(const struct target *t, uint32_t room, char path[TARGET_TEXT_BYTES_MAX + 1]);

/* Resolves the host and takes the first address that accepts a connection; waits for that.
 * RESULT_IO and a sentence if none does. */
enum result target_find(struct target *t, struct error *error);

#endif
