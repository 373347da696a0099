#include <new>

#include "cancel.h"
#include "core/pool/fork_frame.h"
#include "core/pool/parallel_for.h"
#include "guard.h"
#include "pool.h"

using sched::ForkFrame;
using sched::Level;
using sched::Status;
using sched::capi::ErrorOut;
using sched::capi::Handle;

static_assert(sizeof(ForkFrame) <= sizeof(libsched_frame));
static_assert(alignof(ForkFrame) <= alignof(libsched_frame));

namespace {

// Runs a chunk index by index.
struct Indices {
  libsched_index_fn fn;
  void* user_data;

  static int run(libsched_task* task, std::uint64_t begin, std::uint64_t end, void* self) {
    const Indices& indices = *static_cast<Indices*>(self);
    int code = 0;
    while (begin != end && code == 0) code = indices.fn(task, begin++, indices.user_data);
    return code;
  }
};

int loop(int* code, libsched_pool* pool, uint32_t priority, const sched::Loop& loop,
         libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  int ignored = 0;
  int& failed = code != nullptr ? *code : ignored;
  failed = 0;
  if (loop.fn == nullptr) return details.done(LIBSCHED_E_NULL);
  if (const Status status = sched::capi::check_both(pool, cancel)) return details.done(status);
  Level level = Level::kNormal;
  if (const Status status = sched::capi::read_priority(priority, level, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    return sched::parallel_for(*pool->body, level, loop, sched::capi::body_of(cancel), failed,
                               details.sink());
  }));
}

}  // namespace

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

int libsched_parallel_for(int* code, libsched_pool* pool, uint32_t priority, uint64_t begin,
                          uint64_t end, uint64_t grain, libsched_index_fn fn, void* user_data,
                          libsched_cancel* cancel, libsched_error** error) {
  Indices indices{fn, user_data};
  return loop(code, pool, priority,
              {begin, end, grain, fn != nullptr ? &Indices::run : nullptr, &indices}, cancel,
              error);
}

int libsched_parallel_for_each_chunk(int* code, libsched_pool* pool, uint32_t priority,
                                     uint64_t begin, uint64_t end, uint64_t grain,
                                     libsched_chunk_fn fn, void* user_data, libsched_cancel* cancel,
                                     libsched_error** error) {
  return loop(code, pool, priority, {begin, end, grain, fn, user_data}, cancel, error);
}

}  // extern "C"
