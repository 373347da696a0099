#include "core/pool/options.h"
#include "core/queue/shared.h"
#include "core/sys/cpus.h"
#include "guard.h"
#include "handle.h"

using sched::Level;
using sched::Status;
using sched::capi::Handle;
using sched::capi::read_priority;

static_assert(LIBSCHED_NO_BOUND == sched::kNoBound);
static_assert(LIBSCHED_MAX_WORKERS == sched::kMaxWorkers);

struct libsched_stealing_queue : Handle {
  libsched_stealing_queue(std::uint32_t contexts, sched::StarvationBounds bounds,
                          std::uint64_t seed, libsched_discard_fn discard)
      : Handle(LIBSCHED_KIND_STEALING_QUEUE), body(contexts, bounds, seed, discard) {}
  sched::SharedStealingQueue body;
};

extern "C" {

void libsched_stealing_queue_options_init(libsched_stealing_queue_options* options) {
  sched::capi::init_options(options);
}

int libsched_stealing_queue_create(libsched_stealing_queue** out,
                                   const libsched_stealing_queue_options* options) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  libsched_stealing_queue_options wanted;
  if (const Status status = sched::capi::read_options(options, wanted)) return status;
  if (wanted.flags != 0) return LIBSCHED_E_FLAGS;
  if (wanted.contexts > LIBSCHED_MAX_WORKERS) return LIBSCHED_E_RANGE;
  sched::StarvationBounds bounds;
  if (wanted.normal_bound != 0) bounds.normal = wanted.normal_bound;
  if (wanted.low_bound != 0) bounds.low = wanted.low_bound;
  if (const Status status = sched::check_bounds(bounds, nullptr)) return status;
  return sched::capi::guarded([&] {
    if (wanted.contexts == 0) wanted.contexts = sched::default_contexts();
    *out = new libsched_stealing_queue(wanted.contexts, bounds, wanted.seed, wanted.discard);
    return LIBSCHED_OK;
  });
}

libsched_stealing_queue* libsched_stealing_queue_ref(libsched_stealing_queue* queue) {
  Handle::add(queue, LIBSCHED_KIND_STEALING_QUEUE);
  return queue;
}

void libsched_stealing_queue_unref(libsched_stealing_queue* queue) {
  if (!Handle::drop(queue, LIBSCHED_KIND_STEALING_QUEUE)) return;
  queue->body.clear();
  delete queue;
}

int libsched_stealing_queue_contexts(uint32_t* out, libsched_stealing_queue* queue) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(queue, LIBSCHED_KIND_STEALING_QUEUE);
  if (status == LIBSCHED_OK) *out = queue->body.contexts();
  return status;
}

int libsched_stealing_queue_submit(libsched_stealing_queue* queue, uint32_t priority, void* item) {
  if (const Status status = Handle::check(queue, LIBSCHED_KIND_STEALING_QUEUE)) return status;
  Level level = Level::kNormal;
  if (const Status status = read_priority(priority, level)) return status;
  return queue->body.submit(level, item);
}

int libsched_stealing_queue_submit_local(libsched_stealing_queue* queue, uint32_t context,
                                         uint32_t priority, void* item) {
  if (const Status status = Handle::check(queue, LIBSCHED_KIND_STEALING_QUEUE)) return status;
  Level level = Level::kNormal;
  if (const Status status = read_priority(priority, level)) return status;
  return queue->body.submit_local(context, level, item);
}

int libsched_stealing_queue_next(void** out, uint32_t* priority, libsched_stealing_queue* queue,
                                 uint32_t context) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = Handle::check(queue, LIBSCHED_KIND_STEALING_QUEUE)) return status;
  Level level = Level::kNormal;
  const Status status = queue->body.next(context, *out, level);
  if (status == LIBSCHED_OK && priority != nullptr) *priority = sched::capi::priority_of(level);
  return status;
}

int libsched_stealing_queue_len(uint64_t* out, libsched_stealing_queue* queue, uint32_t priority) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = Handle::check(queue, LIBSCHED_KIND_STEALING_QUEUE)) return status;
  Level level = Level::kNormal;
  if (const Status status = read_priority(priority, level)) return status;
  *out = queue->body.size(level);
  return LIBSCHED_OK;
}

}  // extern "C"
