#include "CLinux.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

int clinux_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int clinux_unix_socket(int nonblocking) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
}

uint32_t clinux_set_group_of_files(uint32_t group) { return (uint32_t)setfsgid(group); }

void clinux_refuse_descriptors(int socket) {
    int no = 0;
    (void)setsockopt(socket, SOL_SOCKET, SO_PASSRIGHTS, &no, sizeof no);
}

int clinux_peer_credentials(int socket, struct clinux_peer *peer) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
    peer->pid = credentials.pid;
    peer->uid = credentials.uid;
    peer->gid = credentials.gid;
    return 0;
}

int clinux_peer_groups(int socket, uint32_t *groups, int capacity) {
    socklen_t size = (socklen_t)((size_t)capacity * sizeof *groups);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) return -1;
    return (int)(size / sizeof *groups);
}

int clinux_random(void *bytes, size_t count) {
    ssize_t got;
    do got = getrandom(bytes, count, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -1;
    if ((size_t)got == count) return 0;
    errno = EIO;
    return -1;
}

int clinux_set_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int clinux_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void clinux_trim_memory(void) { malloc_trim(0); }

// The segments of a program or library that nothing can have written to: what was read of its file, and can be again.
static int release_code(struct dl_phdr_info *object, size_t size, void *page_size) {
    (void)size;
    const uintptr_t mask = ~(*(const uintptr_t *)page_size - 1);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        const uintptr_t end = (start + segment->p_memsz) & mask;
        if (end > (start & mask)) madvise((void *)(start & mask), end - (start & mask), MADV_DONTNEED);
    }
    return 0;
}

void clinux_release_code(void) {
    uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(release_code, &page_size);
}

int64_t clinux_file_system_type(int descriptor) {
    struct statfs information;
    return fstatfs(descriptor, &information) == 0 ? (int64_t)information.f_type : -1;
}

// Of the Swift runtime, which every program has that is linked with this.
extern void *swift_retain(void *object);

void clinux_retain_object(void *object) { swift_retain(object); }
