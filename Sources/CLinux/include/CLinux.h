// What the daemon needs of Linux and Glibc's Swift module does not show: either the header is not part of that module
// (epoll, eventfd), or the declaration wants _GNU_SOURCE (accept4, struct ucred), or it is variadic or a macro.
// _GNU_SOURCE itself stays in the .c files: defined here it would change types that the Glibc module defines too.
#ifndef TOKEND_CLINUX_H
#define TOKEND_CLINUX_H

#include "epochs.h"
#include "sha256.h"

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC.
int clinux_accept(int listener);

// socket(2) for AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, and SOCK_NONBLOCK when asked.
int clinux_unix_socket(int nonblocking);

// setfsgid(2): the group of the files that this thread makes. Gives the one before; without the right nothing changes.
uint32_t clinux_set_group_of_files(uint32_t group);

// SO_PASSRIGHTS of Linux 6.16: whoever sends descriptors along to this socket, or to one accepted from it, fails with EPERM.
// An older kernel has them thrown away when the bytes are read.
void clinux_refuse_descriptors(int socket);

struct clinux_peer {
    int32_t pid;
    uint32_t uid, gid;
};

// SO_PEERCRED, see unix(7): effective ids of the peer at connect(2), translated into our user namespace.
int clinux_peer_credentials(int socket, struct clinux_peer *peer);

// SO_PEERGROUPS: fills groups, returns how many there are, or -1 with errno; ERANGE when capacity is too small.
int clinux_peer_groups(int socket, uint32_t *groups, int capacity);

// getrandom(2) of exactly count bytes; count is at most 256, which the call never cuts short.
int clinux_random(void *bytes, size_t count);

// prctl(PR_SET_DUMPABLE, 0): no core dump, no ptrace and no /proc/PID/mem for others of the same uid.
int clinux_set_undumpable(void);

// pthread_setname_np(3) of the calling thread; at most 15 bytes.
void clinux_name_thread(const char *name);

// ioctl(TIOCGWINSZ): columns of the terminal, 0 when it is none.
int clinux_terminal_columns(int descriptor);

// One more reference to a Swift object, by a call that the Swift compiler doesn't know as such: one of its own it may move
// past a store, an atomic one too, because in its eyes no store can end an object.
void clinux_retain_object(void *object);

// malloc_trim(3): free memory goes back to the kernel, from the middle of each arena too.
void clinux_trim_memory(void);

// Has the kernel forget, for this process, the pages of its programs and libraries that can't have been changed. The next
// touch of one finds it in the file, or in the kernel's memory of it: madvise(2), MADV_DONTNEED.
void clinux_release_code(void);

// The file system type of an open file, statfs(2) f_type.
int64_t clinux_file_system_type(int descriptor);

/// Has the processor fetch the line of memory at an address, which may be any, while it goes on.
static inline void clinux_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
