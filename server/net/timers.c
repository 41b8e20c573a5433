#include "server/net/timers.h"

#include <stddef.h>

#include "shared/check.h"

static void list_init(struct timer *head)
{
    head->next = head->previous = head;
}

static void list_append(struct timer *head, struct timer *timer)
{
    timer->previous = head->previous;
    timer->next = head;
    head->previous->next = timer;
    head->previous = timer;
}

static void list_remove(struct timer *timer)
{
    timer->previous->next = timer->next;
    timer->next->previous = timer->previous;
    timer->next = timer->previous = NULL;
}

void timers_init(struct timers *timers, uint64_t now_ms)
{
    for (unsigned i = 0; i < TIMERS_SLOT_COUNT; i++)
        list_init(&timers->slots[i]);
    timers->next_slot = now_ms / TIMERS_SLOT_MS;
    timers->set_count = 0;
}

/* A deadline is due once the whole slot it lies in has passed. One already due goes to the next
 * slot to be looked at; one a turn of the wheel or more ahead is met early and left there. */
void timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ms)
{
    timers_cancel(timers, timer);
    uint64_t slot = deadline_ms / TIMERS_SLOT_MS;
    if (slot < timers->next_slot) slot = timers->next_slot;
    timer->deadline_ms = deadline_ms;
    list_append(&timers->slots[slot % TIMERS_SLOT_COUNT], timer);
    timers->set_count++;
}

void timers_cancel(struct timers *timers, struct timer *timer)
{
    if (timer->next == NULL) return;
    ASSERT(timers->set_count > 0);
    list_remove(timer);
    timers->set_count--;
}

static void expire_slot(struct timers *timers, struct timer *head, uint64_t now_ms)
{
    struct timer due;

    /* The whole list moves over first, so that what the callbacks set is not met again. */
    if (head->next == head) return;
    due = *head;
    due.next->previous = due.previous->next = &due;
    list_init(head);

    while (due.next != &due) {
        struct timer *timer = due.next;
        list_remove(timer);
        if (timer->deadline_ms > now_ms) {
            list_append(head, timer);
            continue;
        }
        timers->set_count--;
        timer->expired(timer);
    }
}

void timers_advance(struct timers *timers, uint64_t now_ms)
{
    uint64_t end = now_ms / TIMERS_SLOT_MS;
    uint64_t behind = end > timers->next_slot ? end - timers->next_slot : 0;

    /* After a long sleep one turn of the wheel meets everything. */
    if (behind > TIMERS_SLOT_COUNT) timers->next_slot = end - TIMERS_SLOT_COUNT;
    while (timers->next_slot < end) {
        uint64_t slot = timers->next_slot++;
        expire_slot(timers, &timers->slots[slot % TIMERS_SLOT_COUNT], now_ms);
    }
}
