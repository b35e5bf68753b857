// libdispatch parks the main thread in sigsuspend with a mask in read-only memory, and valgrind, which
// changes the mask in its place, dies of it. Loaded before libc, this hands valgrind a copy.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return syscall(SYS_rt_sigsuspend, &copy, 8);
}
