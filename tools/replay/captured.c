#include "tools/replay/captured.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/error.h"

#define FILE_BYTES_MAX (64u * 1024 * 1024)
#define SEATS_MAX      65535

static enum result fail(struct error *error, enum result result, const char *path, const char *why)
{
    return error_set(error, result, "%s: %s", path, why);
}

bool captured_is_one(const char *path)
{
    char magic[sizeof CAPTURE_MAGIC - 1];
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    bool is_one = fread(magic, 1, sizeof magic, file) == sizeof magic &&
                  memcmp(magic, CAPTURE_MAGIC, sizeof magic) == 0;
    fclose(file);
    return is_one;
}

/* -- opening -- */

static enum result read_file(struct captured *c, struct error *error)
{
    FILE *file = fopen(c->path, "rb");
    if (file == NULL) return fail(error, RESULT_IO, c->path, strerror(errno));
    enum result result = RESULT_IO;
    long length = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (length < 0 || length > (long)FILE_BYTES_MAX || fseek(file, 0, SEEK_SET) != 0) {
        fail(error, result, c->path, "it is too large for a capture");
    } else if ((c->bytes = malloc((size_t)length + 1)) == NULL) {
        fail(error, result, c->path, "no memory for it");
    } else if (fread(c->bytes, 1, (size_t)length, file) != (size_t)length) {
        fail(error, result, c->path, "it cannot be read");
    } else {
        c->length_bytes = (size_t)length;
        result = RESULT_OK;
    }
    fclose(file);
    return result;
}

static enum result find_game(struct captured *c, struct error *error)
{
    const struct message_welcome *welcome = &c->reader.head.welcome;
    c->game = games_find(welcome->game);
    if (c->game != NULL && schema_init(&c->schema, c->game->table) == RESULT_OK &&
        c->schema.hash == welcome->schema_hash) {
        return RESULT_OK;
    }
    return error_set(error, RESULT_CLOSED,
                     "%s: it speaks of schema %08x of %s, by build %s; this build has another: use "
                     "that one's tickwire-replay",
                     c->path, welcome->schema_hash, welcome->game, c->reader.head.build);
}

static enum result prepare(struct captured *c, struct error *error)
{
    if (read_file(c, error) != RESULT_OK) return error->code;
    enum result result = capture_open(&c->reader, c->bytes, c->length_bytes);
    if (result == RESULT_CLOSED) {
        return fail(error, result, c->path, "is not a capture, or of a newer version");
    }
    if (result != RESULT_OK) return fail(error, RESULT_INVALID, c->path, "damaged: its head");
    if (find_game(c, error) != RESULT_OK) return error->code;
    c->list = calloc(2 * VIEW_ENTITIES_MAX, sizeof c->list[0]);
    c->names = calloc(SEATS_MAX, sizeof c->names[0]);
    if (c->list == NULL || c->names == NULL) return fail(error, RESULT_IO, c->path, "no memory");
    captured_rewind(c);
    return RESULT_OK;
}

enum result captured_open(struct captured **captured, const char *path, struct error *error)
{
    struct captured *c = calloc(1, sizeof *c);
    *captured = NULL;
    if (c == NULL) return fail(error, RESULT_IO, path, "no memory");
    c->path = path;
    if (prepare(c, error) == RESULT_OK) {
        *captured = c;
        return RESULT_OK;
    }
    captured_close(c);
    return error->code;
}

void captured_close(struct captured *c)
{
    if (c == NULL) return;
    free(c->names);
    free(c->list);
    free(c->bytes);
    free(c);
}

void captured_rewind(struct captured *c)
{
    /* It could be opened, so it can be opened again. */
    (void)capture_open(&c->reader, c->bytes, c->length_bytes);
    seen_init(&c->seen, &c->schema, c->list, c->list + VIEW_ENTITIES_MAX, VIEW_ENTITIES_MAX);
    news_init(&c->news, c->names, SEATS_MAX);
}

/* -- steps -- */

static void take_down(struct captured *c)
{
    const uint8_t *bytes = c->record.bytes;
    uint32_t length_bytes = c->record.length_bytes;
    unsigned type = length_bytes > 0 ? message_type(bytes) : MESSAGE_ABOUT;
    if (type == MESSAGE_SNAPSHOT) {
        c->decoded = snapshot_decode(&c->seen, bytes, length_bytes);
        c->is_snapshot = c->decoded == RESULT_OK;
    } else if (type == MESSAGE_LINES) {
        c->decoded = snapshot_decode_lines(&c->seen, bytes, length_bytes);
    } else {
        return;
    }
    if (c->decoded == RESULT_OK) news_receive(&c->news, &c->seen, c->seen.header.tick);
}

enum result captured_step(struct captured *c, struct error *error)
{
    enum result result = capture_next(&c->reader, &c->record);
    c->decoded = RESULT_OK;
    c->is_snapshot = false;
    if (result == RESULT_CLOSED) return fail(error, result, c->path, "it ends here");
    if (result != RESULT_OK) return fail(error, result, c->path, "damaged: it is cut short");
    if (c->record.kind == CAPTURE_START) {
        result = capture_restore(&c->record, &c->seen);
        if (result != RESULT_OK) return fail(error, result, c->path, "damaged: one of its starts");
    }
    if (c->record.kind == CAPTURE_DOWN) take_down(c);
    return RESULT_OK;
}

const char *captured_name(const struct captured *c)
{
    static const char *const down[] = {
        [MESSAGE_ABOUT] = "about", [MESSAGE_WELCOME] = "welcome",  [MESSAGE_SNAPSHOT] = "snapshot",
        [MESSAGE_MAP] = "map",     [MESSAGE_BYE] = "bye",          [MESSAGE_LINES] = "lines",
        [MESSAGE_PACE] = "pace",   [MESSAGE_PLAYBACK] = "playback"};
    static const char *const up[] = {[MESSAGE_HELLO] = "hello",
                                     [MESSAGE_INPUT] = "input",
                                     [MESSAGE_CHAT] = "chat",
                                     [MESSAGE_RESYNC] = "resync",
                                     [MESSAGE_VIEW] = "view",
                                     [MESSAGE_CONTROL] = "control",
                                     [MESSAGE_CAMERA] = "camera"};
    const uint8_t *bytes = c->record.bytes;
    const char *name = NULL;
    if (c->record.kind == CAPTURE_START) return "start";
    if (c->record.length_bytes == 0) return "nothing";
    if (c->record.kind == CAPTURE_DOWN) return down[message_type(bytes)];
    if (bytes[0] < sizeof up / sizeof up[0]) name = up[bytes[0]];
    return name != NULL ? name : "another message";
}
