/* crc32c.h - the Castagnoli checksum, for schema hashes and recordings.
 *
 * Place:   schema_init() runs it over field tables, the recorder over chunks.
 * Source:  RFC 3720 §12.1 and appendix B.4 (test vectors).
 */
#ifndef TICKWIRE_SHARED_CRC32C_H
#define TICKWIRE_SHARED_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues `crc` (0 to start) over bytes[0..length_bytes). */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length_bytes);

#endif
