#include "shared/host/digest.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include "shared/check.h"

static void hash(const EVP_MD *kind, const uint8_t *bytes, size_t length_bytes, uint8_t *digest)
{
    ASSERT(EVP_Digest(bytes, length_bytes, digest, NULL, kind, NULL) == 1);
}

void digest_sha1(const uint8_t *bytes, size_t length_bytes, uint8_t digest[DIGEST_SHA1_BYTES])
{
    hash(EVP_sha1(), bytes, length_bytes, digest);
}

void digest_sha256(const uint8_t *bytes, size_t length_bytes, uint8_t digest[DIGEST_SHA256_BYTES])
{
    hash(EVP_sha256(), bytes, length_bytes, digest);
}

void digest_random(void *bytes, size_t length_bytes)
{
    uint8_t *next = bytes;

    while (length_bytes > 0) {
        ssize_t got = getrandom(next, length_bytes, 0);
        if (got < 0 && errno == EINTR) continue;
        ASSERT(got > 0);
        next += got;
        length_bytes -= (size_t)got;
    }
}

bool digest_is_equal(const void *a, const void *b, size_t length_bytes)
{
    return CRYPTO_memcmp(a, b, length_bytes) == 0;
}
