#include <libsched.h>
#include <new>
#include "core/pool/fork_frame.h"
using sched::ForkFrame;
static_assert(sizeof(ForkFrame) <= sizeof(libsched_frame));
extern "C" {
int libsched_fork(libsched_frame* frame, libsched_task_fn fn, void* user_data) {
  if (frame == nullptr || fn == nullptr) return LIBSCHED_E_NULL;
  sched::fork(*new (static_cast<void*>(frame)) ForkFrame, fn, user_data);
  return LIBSCHED_OK;
}
int libsched_join(libsched_frame* frame) {
  if (frame == nullptr) return LIBSCHED_E_NULL;
  return sched::join(*reinterpret_cast<ForkFrame*>(frame));
}
}
