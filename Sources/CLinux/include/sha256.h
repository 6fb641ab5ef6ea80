#ifndef TOKEND_SHA256_H
#define TOKEND_SHA256_H

// SHA-256 (FIPS 180-4) is in C because the processor's own instructions for it are reached by
// intrinsics, which want a target attribute on the function that uses them. The rest is here with
// them so that one token is hashed by one call.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Who computes: the fastest code this processor has, or the portable code whatever the processor has.
/// The second is for tests, which hold each path to the same answers.
enum clinux_sha256_path { CLINUX_SHA256_FASTEST, CLINUX_SHA256_PORTABLE };

/// Advances `state` (eight words, a to h) over `count` whole blocks of 64 bytes.
void clinux_sha256_blocks(enum clinux_sha256_path path, uint32_t *state, const uint8_t *blocks, size_t count);

/// Writes the 32 bytes of the digest of `bytes`. `bytes` may be NULL when `count` is 0.
/// What it copies of `bytes` it erases again.
void clinux_sha256(enum clinux_sha256_path path, const uint8_t *bytes, size_t count, uint8_t *digest);

/// Zeroes memory that is about to go out of use. The empty assembly says that somebody may still read it,
/// so the compiler keeps the stores; unlike explicit_bzero it is inlined where the count is known.
static inline void clinux_erase(void *bytes, size_t count) {
    if (count == 0) return;  // memset doesn't take NULL, whatever the count
    memset(bytes, 0, count);
    __asm__ volatile("" : : "r"(bytes) : "memory");
}

#endif
