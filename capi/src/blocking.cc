#include "core/pool/blocking.h"

#include <libsched.h>

#include "core/pool/task.h"

extern "C" {

int libsched_blocking_begin(void) { return sched::begin_blocking(sched::current()); }

int libsched_blocking_end(void) { return sched::end_own_blocking(sched::current()); }

}  // extern "C"
