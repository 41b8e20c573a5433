#include "tests/lib/scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/record/tape.h"
#include "shared/check.h"

void scratch_open(struct scratch *s)
{
    const char *parent = getenv("TMPDIR");
    snprintf(s->dir, sizeof s->dir, "%.40s/tickwire-XXXXXX", parent != NULL ? parent : "/tmp");
    ASSERT(mkdtemp(s->dir) != NULL);
    snprintf(s->path, sizeof s->path, "%s/match.db", s->dir);
}

void scratch_close(struct scratch *s)
{
    struct dirent *file;
    DIR *folder = opendir(s->dir);
    while (folder != NULL && (file = readdir(folder)) != NULL)
        unlinkat(dirfd(folder), file->d_name, 0);
    if (folder != NULL) closedir(folder);
    rmdir(s->dir);
}

void scratch_record(struct scratch *s, const struct match_settings *settings, uint32_t tick_count,
                    scratch_hook *hook, void *context)
{
    struct match *match = match_create(settings);
    struct recording_head head;
    struct tape *tape;
    struct error error;
    match_describe(match, &head);
    ASSERT(tape_create(&tape, s->path, &head, &error) == RESULT_OK);
    for (uint32_t i = 0; i < tick_count; i++) {
        struct frame *frame = match_step(match);
        if (hook != NULL && !hook(context, frame)) continue;
        ASSERT(tape_append(tape, frame, &error) == RESULT_OK);
    }
    ASSERT(tape_finish(tape, "the match is over", NULL, head.started_ms + 50 * tick_count,
                       &error) == RESULT_OK);
    tape_destroy(tape);
    match_destroy(match);
}
