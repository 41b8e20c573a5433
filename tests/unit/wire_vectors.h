/* wire_vectors.h - the golden vectors of the wire, made anew: the same bytes on every build.
 *
 * Place:   test_wire_vectors.c compares the text with tests/vectors/wire.json and decodes what
 *          stands there; tests/vectors/wire.test.mjs has the wasm build write it and compares too,
 *          and reads the vectors with a decoder of its own, written from shared/PROTOCOL.md.
 * Memory:  static; freestanding, like what it tests.
 */
#ifndef TICKWIRE_TESTS_UNIT_WIRE_VECTORS_H
#define TICKWIRE_TESTS_UNIT_WIRE_VECTORS_H

#include <stddef.h>

#define WIRE_VECTORS_BYTES_MAX (1u << 20)

/* Writes the whole JSON file. Returns its length, 0 if it did not fit. */
size_t wire_vectors_write(char *text, size_t capacity_bytes);

#endif
