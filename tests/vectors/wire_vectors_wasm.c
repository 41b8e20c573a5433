/* wire_vectors_wasm.c - the golden vectors as a WebAssembly module without imports, for
 * wire.test.mjs: write() fills the text that text_at() tells.
 */
#include <stdint.h>

#include "shared/check.h"
#include "tests/unit/wire_vectors.h"

/* Defines a function that the test can call, and declares it, for nothing else does. */
#define EXPORT(type, name, parameters) \
    type name parameters;              \
    __attribute__((export_name(#name))) type name parameters

static char text[WIRE_VECTORS_BYTES_MAX];

_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    (void)condition, (void)file, (void)line;
    __builtin_trap();
}

EXPORT(char *, text_at, (void))
{
    return text;
}

EXPORT(uint32_t, write, (void))
{
    return (uint32_t)wire_vectors_write(text, sizeof text);
}
