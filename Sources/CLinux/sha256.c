#include "sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>
#include <stdbool.h>
#endif

#define BLOCK 64
#define DIGEST 32
/// A message's last block ends with its length in bits.
#define LENGTH 8

/// Round constants: the first 32 bits of the fractions of the cube roots of the first 64 primes.
_Alignas(16) static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t load_big_endian(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return __builtin_bswap32(word);
}

static inline void store_big_endian(uint8_t *bytes, uint32_t word) {
    word = __builtin_bswap32(word);
    memcpy(bytes, &word, sizeof word);
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the loads and stores above swap bytes: they are for little-endian processors"
#endif

static inline uint32_t rotate_right(uint32_t word, int count) { return word >> count | word << (32 - count); }

/// FIPS 180-4, 6.2.2, as written there. The schedule is kept as the last 16 words, in a ring.
static void blocks_portable(uint32_t *state, const uint8_t *block, size_t count) {
    uint32_t schedule[16];
    for (; count > 0; count--, block += BLOCK) {
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
#pragma clang loop unroll_count(16)  // one turn of the ring, so that its places are constants
        for (int round = 0; round < 64; round++) {
            uint32_t *word = &schedule[round & 15];
            if (round < 16) {
                *word = load_big_endian(block + 4 * round);
            } else {
                uint32_t w15 = schedule[(round + 1) & 15], w2 = schedule[(round + 14) & 15];
                uint32_t sigma0 = rotate_right(w15, 7) ^ rotate_right(w15, 18) ^ w15 >> 3;
                uint32_t sigma1 = rotate_right(w2, 17) ^ rotate_right(w2, 19) ^ w2 >> 10;
                *word += sigma0 + schedule[(round + 9) & 15] + sigma1;
            }
            uint32_t choice = (e & f) ^ (~e & g), majority = (a & b) ^ (a & c) ^ (b & c);
            uint32_t sum0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
            uint32_t sum1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
            uint32_t t1 = h + sum1 + choice + round_constants[round] + *word, t2 = sum0 + majority;
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
    clinux_erase(schedule, sizeof schedule);
}

#if defined(__x86_64__)

/// The same on the processor's instructions. Only SSE registers: the upper halves of the AVX ones stay
/// untouched, so there is no transition to pay for.
///
/// sha256rnds2 does two rounds and wants the state as two vectors, named here as Intel does by what they hold from
/// the highest lane down: ABEF and CDGH. It takes both and gives the new ABEF; the old ABEF is the new CDGH, so two
/// of them in turn leave both names right again.
__attribute__((target("sha,sse4.1,ssse3")))
static void blocks_accelerated(uint32_t *state, const uint8_t *block, size_t count) {
    const __m128i swap_each_word = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    enum { swap_pairs = 0xb1 };  // lanes 1 0 3 2
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), swap_pairs);
    __m128i fehg = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), swap_pairs);
    __m128i abef = _mm_unpacklo_epi64(fehg, badc), cdgh = _mm_unpackhi_epi64(fehg, badc);

    for (; count > 0; count--, block += BLOCK) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i words[4];  // the last 16 words of the schedule, four to a vector, in a ring
#pragma clang loop unroll(full)
        for (int step = 0; step < 16; step++) {
            __m128i *now = &words[step & 3];
            if (step < 4) {
                *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * step)), swap_each_word);
            } else {
                const __m128i last = words[(step + 3) & 3];
                const __m128i seven_back = _mm_alignr_epi8(last, words[(step + 2) & 3], 4);
                const __m128i sums = _mm_add_epi32(_mm_sha256msg1_epu32(*now, words[(step + 1) & 3]), seven_back);
                *now = _mm_sha256msg2_epu32(sums, last);
            }
            __m128i addends = _mm_add_epi32(*now, _mm_load_si128((const __m128i *)(round_constants + 4 * step)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, addends);
            addends = _mm_shuffle_epi32(addends, 0x0e);  // the upper two words
            abef = _mm_sha256rnds2_epu32(abef, cdgh, addends);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }

    badc = _mm_unpackhi_epi64(abef, cdgh), fehg = _mm_unpacklo_epi64(abef, cdgh);
    _mm_storeu_si128((__m128i *)state, _mm_shuffle_epi32(badc, swap_pairs));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_shuffle_epi32(fehg, swap_pairs));
}

static bool processor_has_sha(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_SHA)) return false;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSSE3) && (c & bit_SSE4_1);
}

static bool is_accelerated(void) {
    // Asked once: cpuid leaves a virtual machine, which takes microseconds. Two threads that ask together find the
    // same, so an ordinary byte would do but for the data race; a relaxed load costs no more than one.
    static _Atomic unsigned char answer;  // 0 not asked yet, 1 no, 2 yes
    unsigned char known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (__builtin_expect(known == 0, 0)) {
        known = processor_has_sha() ? 2 : 1;
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return known == 2;
}

void clinux_sha256_blocks(enum clinux_sha256_path path, uint32_t *state, const uint8_t *blocks, size_t count) {
    if (path == CLINUX_SHA256_FASTEST && is_accelerated()) {
        blocks_accelerated(state, blocks, count);
    } else {
        blocks_portable(state, blocks, count);
    }
}

#else

void clinux_sha256_blocks(enum clinux_sha256_path path, uint32_t *state, const uint8_t *blocks, size_t count) {
    (void)path;
    blocks_portable(state, blocks, count);
}

#endif

void clinux_sha256(enum clinux_sha256_path path, const uint8_t *bytes, size_t count, uint8_t *digest) {
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const size_t whole = count / BLOCK, rest = count % BLOCK;
    if (whole > 0) clinux_sha256_blocks(path, state, bytes, whole);

    // The padding: one bit, zeroes, the length. With up to 55 bytes left over it fits their block: the whole of a
    // token is so one block, whose layout is
    //
    //      0                        rest            56              64
    //      | what is left of bytes | 80 | 00 … 00 | length in bits |
    uint8_t last[2 * BLOCK] = {0};
    const size_t padded = rest < BLOCK - LENGTH ? BLOCK : 2 * BLOCK;
    if (rest > 0) memcpy(last, bytes + whole * BLOCK, rest);
    last[rest] = 0x80;
    store_big_endian(last + padded - 8, (uint32_t)((uint64_t)count >> 29));
    store_big_endian(last + padded - 4, (uint32_t)((uint64_t)count << 3));
    clinux_sha256_blocks(path, state, last, padded / BLOCK);
    clinux_erase(last, padded);

    for (int word = 0; word < DIGEST / 4; word++) store_big_endian(digest + 4 * word, state[word]);
}
