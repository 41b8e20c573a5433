/* disk_shim.c - a disk that fails on demand: preloaded into a server, it answers for the files of
 * one folder as the fault file says at each call.
 *
 * Use:     DISK_DIR=folder DISK_FAULT=file LD_PRELOAD=disk_shim.so; the file holds one word, "full",
 *          "readonly" or "slow 2500" (every sync takes that many ms), or nothing.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct fault {
    char word[32];
    unsigned ms;
};

static int is_watched(int fd)
{
    const char *dir = getenv("DISK_DIR");
    char link[64], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (dir == NULL || length < 0) return 0;
    path[length] = '\0';
    return strncmp(path, dir, strlen(dir)) == 0;
}

static struct fault current_fault(int fd)
{
    struct fault fault = {.word = ""};
    int before = errno;
    const char *name = getenv("DISK_FAULT");
    FILE *file = name != NULL && is_watched(fd) ? fopen(name, "r") : NULL;
    if (file != NULL) {
        if (fscanf(file, "%31s %u", fault.word, &fault.ms) < 1) fault.word[0] = '\0';
        fclose(file);
    }
    errno = before;
    return fault;
}

/* Returns whether a write must fail, with errno set. */
static int refuses(int fd)
{
    struct fault fault = current_fault(fd);
    if (strcmp(fault.word, "full") == 0)
        errno = ENOSPC;
    else if (strcmp(fault.word, "readonly") == 0)
        errno = EROFS;
    else
        return 0;
    return 1;
}

static void dawdle(int fd)
{
    struct fault fault = current_fault(fd);
    if (strcmp(fault.word, "slow") != 0) return;
    struct timespec pause = {fault.ms / 1000, (long)(fault.ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd)
{
    dawdle(fd);
    return REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    dawdle(fd);
    return REAL(fdatasync)(fd);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    return refuses(fd) ? -1 : REAL(write)(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return refuses(fd) ? -1 : REAL(pwrite)(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
    return refuses(fd) ? -1 : REAL(pwrite64)(fd, bytes, length, at);
}
