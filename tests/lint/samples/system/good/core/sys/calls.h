#include <pthread.h>
#include <sys/mman.h>
long gettid() { return syscall(186); }
