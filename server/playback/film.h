/* film.h - a recording as the frames of a room of this build.
 *
 * Place:   a playback (playback.h) seeks and steps it; the frames go the way of a room's to one
 *          session. server/record/reader reads the file; what its tables call otherwise than this
 *          build's is led there by name (table_map.h).
 * Delay:   of a match that is still played, or has just ended, the newest ticks are held back.
 *          Ticks follow each other by at least 50 ms, so what lies `n` ticks before the newest one
 *          written was due at least n * 50 ms ago.
 * Memory:  the reader's, the frames that are held (a few), and the room that stands for the match:
 *          it has settings, schema and map, but no world, and lives as long as the film.
 * Threads: one; frames may be released by any (frame.h).
 */
#ifndef TICKWIRE_SERVER_PLAYBACK_FILM_H
#define TICKWIRE_SERVER_PLAYBACK_FILM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/record/reader.h"
#include "server/room/room.h"
#include "shared/result.h"

struct film;

/* Opens the recording at `path`. RESULT_CLOSED: there is no such recording. RESULT_AGAIN: it may
 * not be seen yet, or is locked. Anything else: it cannot be played; the error says why. */
enum result film_open(struct film **film, const char *path, uint32_t delay_ms, uint64_t wall_ms,
                      struct error *error);

/* Every frame must have been released; accepts NULL. */
void film_close(struct film *f);

const struct room *film_room(const struct film *f);

/* What may be sought now; last_tick grows with film_refresh() while the match is played. */
uint32_t film_first_tick(const struct film *f);
uint32_t film_last_tick(const struct film *f);
bool film_is_running(const struct film *f); /* or has just ended, and is not all to be seen yet */
enum result film_refresh(struct film *f, uint64_t wall_ms, struct error *error);

/* Goes to `tick`, or to the nearest after it that there is. What happened there is not told. */
enum result film_seek(struct film *f, uint32_t tick, struct error *error);

/* Goes on by `ticks`, at most to film_last_tick(). RESULT_CLOSED: it stands at the end already. */
enum result film_step(struct film *f, uint32_t ticks, struct error *error);

/* Of the tick where it stands. */
uint32_t film_tick(const struct film *f);

/* Returns a frame of the present tick, with what happened in the ticks stepped over; one reference,
 * the caller's. NULL: all are held. */
struct frame *film_take_frame(struct film *f, uint32_t epoch, uint64_t due_us);

/* The file, for what is told about it. */
struct reader *film_reader(struct film *f);

#endif
