// Atomic words in memory that several processes map. Swift's Atomic can't be laid over memory that it did not make.
// Inline, because each is one instruction between the read and the reply of a verification.
#ifndef TOKEND_EPOCHS_H
#define TOKEND_EPOCHS_H

#include <stdint.h>

// What is read after it in the program is read after it in time.
static inline uint64_t clinux_word_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

// What was written before it in the program is seen by who sees it.
static inline void clinux_word_store(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

// Sequentially consistent. Returns the word as it was before.
static inline uint64_t clinux_word_add(uint64_t *word, uint64_t addend) {
    return __atomic_fetch_add(word, addend, __ATOMIC_SEQ_CST);
}

// Orders all that is before it in the program against all that is behind it, stores against loads too.
static inline void clinux_word_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

#endif
