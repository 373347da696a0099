#include <new>

#include "cancel.h"
#include "core/pool/batch_slice.h"
#include "group.h"
#include "guard.h"
#include "pool.h"

using sched::Batch;
using sched::Group;
using sched::Level;
using sched::Pool;
using sched::Status;
using sched::capi::check_cancel;
using sched::capi::check_optional;
using sched::capi::ErrorOut;
using sched::capi::Handle;

struct libsched_batch : Handle {
  explicit libsched_batch(Batch* batch) : Handle(LIBSCHED_KIND_BATCH), body(batch) {}
  Batch* const body;
};

static_assert(sched::kMaxBatchItems == LIBSCHED_MAX_BATCH_ITEMS);

namespace {

constexpr std::uint32_t kDefaultMax = 64;

Status submit_n(libsched_batch* batch, libsched_group* group, uint32_t priority,
                void* const* user_data, size_t n, const Pool::Waiting& waiting, size_t& accepted,
                sched::Error* error) {
  if (const Status status = Handle::check(batch, LIBSCHED_KIND_BATCH)) return status;
  if (const Status status = check_optional(group)) return status;
  Level level = Level::kNormal;
  if (const Status status = sched::capi::read_priority(priority, level, error)) return status;
  if (n == 0) return LIBSCHED_OK;
  Group* const body = group != nullptr ? group->body : nullptr;
  return batch->body->submit_n(body, level, user_data, n, waiting, accepted, error);
}

}  // namespace

extern "C" {

int libsched_batch_create(libsched_batch** out, libsched_pool* pool, libsched_batch_fn run_many,
                          libsched_discard_fn discard, uint32_t max, libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  if (run_many == nullptr) return details.done(LIBSCHED_E_NULL);
  if (const Status status = Handle::check(pool, LIBSCHED_KIND_POOL)) return details.done(status);
  if (max > LIBSCHED_MAX_BATCH_ITEMS) {
    return details.done(sched::fail(details.sink(), LIBSCHED_E_RANGE,
                                    "max is %u; at most %u are possible", max,
                                    LIBSCHED_MAX_BATCH_ITEMS));
  }
  return details.done(sched::capi::guarded([&] {
    Batch* batch = Batch::create(*pool->body, run_many, discard, max != 0 ? max : kDefaultMax);
    *out = new (std::nothrow) libsched_batch(batch);
    if (*out != nullptr) return LIBSCHED_OK;
    batch->drop(1);
    return -ENOMEM;
  }));
}

libsched_batch* libsched_batch_ref(libsched_batch* batch) {
  Handle::add(batch, LIBSCHED_KIND_BATCH);
  return batch;
}

void libsched_batch_unref(libsched_batch* batch) {
  if (!Handle::drop(batch, LIBSCHED_KIND_BATCH)) return;
  Batch* body = batch->body;
  delete batch;
  body->drop(1);
}

int libsched_batch_submit(libsched_batch* batch, libsched_group* group, uint32_t priority,
                          void* user_data) {
  size_t accepted = 0;
  return submit_n(batch, group, priority, &user_data, 1, Pool::Waiting{}, accepted, nullptr);
}

int libsched_batch_submit_n(size_t* accepted, libsched_batch* batch, libsched_group* group,
                            uint32_t priority, void* const* user_data, size_t n, int64_t timeout_ns,
                            libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  if (accepted == nullptr) return details.done(LIBSCHED_E_NULL);
  *accepted = 0;
  if (user_data == nullptr && n != 0) return details.done(LIBSCHED_E_NULL);
  if (const Status status = check_cancel(cancel)) return details.done(status);
  const Pool::Waiting waiting = sched::capi::waiting_of(timeout_ns, cancel);
  return details.done(
      submit_n(batch, group, priority, user_data, n, waiting, *accepted, details.sink()));
}

int libsched_batch_give_back(libsched_task* task, size_t first) {
  if (task == nullptr) return LIBSCHED_E_NULL;
  return task->slice != nullptr ? task->slice->give_back(first) : LIBSCHED_E_STATE;
}

int libsched_batch_stand_in(libsched_task* task) {
  if (task == nullptr) return LIBSCHED_E_NULL;
  return task->slice != nullptr ? task->slice->stand_in() : LIBSCHED_E_STATE;
}

}  // extern "C"
