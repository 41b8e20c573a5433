#include "tools/replay/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "shared/host/clock.h"

#define EVERY_MS 100
#define CELLS    30

void progress_begin(struct progress *p, const char *what, bool prints)
{
    bool has_terminal = isatty(STDERR_FILENO) != 0;
    bool would_mix = prints && isatty(STDOUT_FILENO) != 0;
    *p = (struct progress){
        .what = what, .is_shown = has_terminal && !would_mix, .start_ms = clock_monotonic_ms()};
}

void progress_show(struct progress *p, uint64_t done, uint64_t all)
{
    uint64_t now_ms = p->is_shown ? clock_monotonic_ms() : 0;
    if (!p->is_shown || all == 0 || now_ms < p->drawn_ms + EVERY_MS) return;
    p->drawn_ms = now_ms;
    uint64_t passed_ms = now_ms - p->start_ms;
    uint64_t left_s = done > 0 ? passed_ms * (all - done) / done / 1000 : 0;
    char bar[CELLS + 1];
    for (unsigned i = 0; i < CELLS; i++)
        bar[i] = i < done * CELLS / all ? '#' : '.';
    bar[CELLS] = '\0';
    fprintf(stderr, "\r%s [%s] %3u%%  %llu s left  ", p->what, bar, (unsigned)(done * 100 / all),
            (unsigned long long)left_s);
}

void progress_end(struct progress *p)
{
    if (p->drawn_ms != 0) fprintf(stderr, "\r\033[K");
    p->drawn_ms = 0;
}
