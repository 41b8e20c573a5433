/* outbox.h - one's own input on its way to the server: a usercmd every 50 ms, sent when the link
 * takes it.
 *
 * Place:   view_send.c makes usercmds here and packs the unsent ones into the next input message.
 * Rule:    nothing is sent while the transport still holds bytes; then usercmds wait here, and
 *          beyond USERCMDS_PER_MESSAGE_MAX the two oldest become one that keeps the presses of
 *          both. After a pause longer than that, time is dropped, not made up for.
 */
#ifndef TICKWIRE_CLIENT_VIEW_OUTBOX_H
#define TICKWIRE_CLIENT_VIEW_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/tickclock.h"
#include "shared/message.h"

struct outbox {
    const struct field_table *table; /* borrowed */
    int32_t held[USERCMD_WORDS];     /* what the player holds down and points at now */
    int32_t pressed[USERCMD_WORDS];  /* buttons pressed since the last usercmd, held or not */
    uint32_t last_seq;
    bool is_started;
    uint64_t next_us; /* when the next usercmd is due */
    uint32_t period_us;
    struct usercmd unsent[USERCMDS_PER_MESSAGE_MAX]; /* oldest first */
    uint8_t unsent_count;
};

void outbox_init(struct outbox *o, const struct field_table *table);

/* Says what the player does now; words are brought into their range. */
void outbox_set_input(struct outbox *o, const int32_t words[USERCMD_WORDS]);

/* Makes up for `queued` usercmds that wait in the room: a client that runs ahead slows down a bit.
 */
void outbox_steer(struct outbox *o, unsigned queued);

/* Makes the usercmd that is due at `now_us`, if one is, for a player who sees the moment `seen`:
 * call it until it returns false. `*merged` receives true if the two oldest unsent became
 * unsent[0]. */
bool outbox_make(struct outbox *o, uint64_t now_us, struct moment seen, struct usercmd *made,
                 bool *merged);

/* Returns the usercmd that would be made next, as the input is now. */
struct usercmd outbox_next(const struct outbox *o, struct moment seen);

/* Returns how much of the time to the next usercmd is over, of WORDS_ONE. */
uint32_t outbox_part(const struct outbox *o, uint64_t now_us);

/* Moves the unsent usercmds into the message. */
void outbox_take(struct outbox *o, struct message_input *m);

#endif
