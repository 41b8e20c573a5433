/* show.h - a tick of a recording as text or JSON, in the words of its own field table.
 *
 * Place:   play, seek, dump, export and verify print with it.
 * Rules:   values are in units, as exact as they were simulated. Texts from a file may be anything:
 *          what a terminal would obey is shown as a dot.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_SHOW_H
#define TICKWIRE_TOOLS_REPLAY_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "server/record/reader.h"
#include "shared/json_write.h"

#define SHOW_EVENTS_MAX 1024 /* of one tick; a room's limit is far below */

struct show {
    struct reader *reader;                          /* borrowed */
    struct recording_event events[SHOW_EVENTS_MAX]; /* of the tick last asked for */
    char *json;                                     /* owned */
    size_t json_capacity_bytes;
};

void show_init(struct show *s, struct reader *reader);
void show_deinit(struct show *s);

/* "1:02.50", a time from the match's start. */
void show_time(char text[24], const struct reader_info *info, uint32_t tick);

/* "12.5 MB" */
void show_bytes(char text[24], uint64_t bytes);

/* "2026-01-31 12:00:00" UTC */
void show_date(char text[32], uint64_t wall_ms);

/* Prints a text of the file's. */
void show_text(const char *text, size_t length_bytes);

/* Print one line each, for the tick where the reader stands. */
void show_tick_line(const struct reader *r);
bool show_has_happenings(struct show *s);
void show_happenings(struct show *s); /* events, chat, comings and goings */
void show_entities(const struct reader *r);
void show_globals(const struct reader *r);
void show_inputs(const struct reader *r);
void show_words(const struct reader *r); /* of every slot, named, as they are */

/* Prints the tick as one JSON object: tick, globals, entities, events; usercmds if they are
 * decoded. RESULT_IO: no memory. */
enum result show_json(struct show *s, struct error *error);

/* Prints one event as a JSON object. */
void show_event_json(const struct reader *r, const struct recording_event *e);

/* Puts the usercmds of the tick, if they are decoded, as a member "usercmds". */
void show_put_inputs(struct json_writer *w, const struct reader *r);

/* One key of a JSON object: a text, or a number if `text` is NULL. */
struct show_fact {
    const char *key, *text;
    uint64_t number;
};

/* Prints them as one JSON object. */
void show_facts(const struct show_fact *facts, size_t count);

/* A value of the entity's words in units. */
void show_put_value(struct json_writer *w, const struct field *f, int32_t word);

#endif
