#include "server/http/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shared/host/error.h"

/* The page is asked for anew each time and answered 304 if it is the same: a new build is seen at
 * once. Pictures and sounds may be a while old. */
#define CACHE_CHECK "no-cache"
#define CACHE_HOUR  "public, max-age=3600"

static const struct file_type {
    const char *suffix, *type, *cache;
    bool is_compressible; /* those that are not compressed already */
} types[] = {
    {".html", "text/html; charset=utf-8", CACHE_CHECK, true},
    {".js", "text/javascript; charset=utf-8", CACHE_CHECK, true},
    {".mjs", "text/javascript; charset=utf-8", CACHE_CHECK, true},
    {".css", "text/css; charset=utf-8", CACHE_CHECK, true},
    {".wasm", "application/wasm", CACHE_CHECK, true},
    {".json", "application/json", CACHE_CHECK, true},
    {".map", "application/json", CACHE_CHECK, true},
    {".txt", "text/plain; charset=utf-8", CACHE_CHECK, true},
    {".png", "image/png", CACHE_HOUR, false},
    {".jpg", "image/jpeg", CACHE_HOUR, false},
    {".svg", "image/svg+xml", CACHE_HOUR, true},
    {".ico", "image/x-icon", CACHE_HOUR, true},
    {".webp", "image/webp", CACHE_HOUR, false},
    {".wav", "audio/wav", CACHE_HOUR, true},
    {".ogg", "audio/ogg", CACHE_HOUR, false},
    {".mp3", "audio/mpeg", CACHE_HOUR, false},
    {".ttf", "font/ttf", CACHE_HOUR, true},
    {".woff2", "font/woff2", CACHE_HOUR, false},
    {"", "application/octet-stream", CACHE_CHECK, false},
};

/* Paths that are pages of the one program that index.html loads. */
static const struct page {
    const char *path;
    bool is_prefix;
} pages[] = {{"/", false}, {"/replays", false}, {"/replay/", true}};

bool files_find_root(char *path, size_t capacity_bytes)
{
    static const char *const beside[] = {"web", "../share/tickwire/web"};
    char program[FILES_PATH_BYTES_MAX];

    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return false;
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        int written = snprintf(path, capacity_bytes, "%s/%s", program, beside[i]);
        if ((size_t)written < capacity_bytes && access(path, R_OK | X_OK) == 0) return true;
    }
    return false;
}

enum result files_init(struct files *files, const char *root, struct error *error)
{
    files->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (files->root_fd >= 0) return RESULT_OK;
    return error_set(error, RESULT_IO, "web root %.180s: %s", root, strerror(errno));
}

void files_deinit(struct files *files)
{
    if (files->root_fd > 0) (void)close(files->root_fd);
    files->root_fd = -1;
}

static bool is_page(const char *path)
{
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        const struct page *page = &pages[i];
        if (page->is_prefix && strncmp(path, page->path, strlen(page->path)) == 0) return true;
        if (!page->is_prefix && strcmp(path, page->path) == 0) return true;
    }
    return false;
}

/* What openat2() would refuse is refused here already, in words of HTTP; and so is what it would
 * allow: names that begin with a dot, and empty ones, are nobody's business. */
static enum result check_segments(const char *path)
{
    if (strchr(path, '\\') != NULL) return RESULT_INVALID;
    for (const char *segment = path; segment != NULL; segment = strchr(segment + 1, '/')) {
        if (segment[0] != '/' || segment[1] == '.' || segment[1] == '/' || segment[1] == '\0')
            return RESULT_CLOSED;
    }
    return RESULT_OK;
}

enum result files_map_path(struct http_text path, char out[FILES_PATH_BYTES_MAX])
{
    char decoded[FILES_PATH_BYTES_MAX];
    size_t length;

    enum result r = http_percent_decode(path, false, decoded, sizeof decoded, &length);
    if (r != RESULT_OK) return r == RESULT_TOO_BIG ? RESULT_CLOSED : RESULT_INVALID;
    if (is_page(decoded)) {
        strcpy(out, "index.html");
        return RESULT_OK;
    }
    r = check_segments(decoded);
    if (r == RESULT_OK) memcpy(out, decoded + 1, length);
    return r;
}

static int open_beneath(int root_fd, const char *path)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, root_fd, path, &how, sizeof how);
}

static const struct file_type *type_of(const char *path)
{
    const struct file_type *type = types;
    size_t length = strlen(path);

    /* The last row's empty suffix fits everything. */
    for (;; type++) {
        size_t suffix = strlen(type->suffix);
        if (suffix <= length && strcmp(path + length - suffix, type->suffix) == 0) return type;
    }
}

enum result files_open(const struct files *files, struct http_text path, struct file *file)
{
    char inside[FILES_PATH_BYTES_MAX];
    struct stat status;

    enum result r = files_map_path(path, inside);
    if (r != RESULT_OK) return r;
    if (files->root_fd < 0) return RESULT_CLOSED;
    file->fd = open_beneath(files->root_fd, inside);
    if (file->fd < 0) return RESULT_CLOSED;
    if (fstat(file->fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(file->fd);
        return RESULT_CLOSED;
    }
    const struct file_type *type = type_of(inside);
    file->bytes = (uint64_t)status.st_size;
    file->inode = (uint64_t)status.st_ino;
    file->is_compressible = type->is_compressible;
    file->type = type->type;
    file->cache = type->cache;
    (void)snprintf(file->etag, sizeof file->etag, "\"%llx-%llx%05lx\"",
                   (unsigned long long)status.st_size, (unsigned long long)status.st_mtim.tv_sec,
                   (unsigned long)status.st_mtim.tv_nsec / 1000);
    return RESULT_OK;
}
