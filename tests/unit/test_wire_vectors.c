/* The golden vectors of the wire: today's code writes the very file that is kept. What changes it
 * changes the protocol: PROTOCOL_VERSION and PROTOCOL.md then change with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/wire_vectors.h"

#define VECTORS "tests/vectors/wire.json"

static char made[WIRE_VECTORS_BYTES_MAX], kept[WIRE_VECTORS_BYTES_MAX];

static void write_file(size_t length)
{
    FILE *file = fopen(VECTORS, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(made, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(the_kept_vectors_are_written_anew)
{
    size_t made_bytes = wire_vectors_write(made, sizeof made);
    ck_assert_uint_gt(made_bytes, 0);
    if (getenv("TICKWIRE_WRITE_VECTORS") != NULL) write_file(made_bytes);

    FILE *file = fopen(VECTORS, "rb");
    ck_assert_ptr_nonnull(file);
    size_t kept_bytes = fread(kept, 1, sizeof kept, file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_uint_eq(kept_bytes, made_bytes);
    ck_assert(memcmp(kept, made, made_bytes) == 0);
}
END_TEST

START_TEST(what_does_not_fit_is_not_written)
{
    ck_assert_uint_eq(wire_vectors_write(made, 1000), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("wire_vectors");

    tcase_add_test(tests, the_kept_vectors_are_written_anew);
    tcase_add_test(tests, what_does_not_fit_is_not_written);
    return suite_run("wire_vectors", tests);
}
