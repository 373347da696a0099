#include "deque.h"

#include "guard.h"

using sched::Flavor;
using sched::SharedDeque;
using sched::Status;
using sched::capi::Handle;
using sched::capi::read_limit;

static_assert(LIBSCHED_MAX_BATCH == sched::kMaxBatch);

struct libsched_stealer : Handle {
  explicit libsched_stealer(SharedDeque* deque) : Handle(LIBSCHED_KIND_STEALER), body(deque) {}
  SharedDeque* const body;  // holds one of its references
};

extern "C" {

void libsched_deque_options_init(libsched_deque_options* options) {
  sched::capi::init_options(options);
}

int libsched_deque_create(libsched_deque** out, const libsched_deque_options* options) {
  constexpr std::uint64_t kMostCapacity = std::uint64_t{1} << 40;
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  libsched_deque_options wanted;
  if (const Status status = sched::capi::read_options(options, wanted)) return status;
  if (wanted.flags != 0) return LIBSCHED_E_FLAGS;
  if (wanted.flavor > LIBSCHED_LIFO || wanted.max_capacity > kMostCapacity) return LIBSCHED_E_RANGE;
  return sched::capi::guarded([&] {
    const Flavor flavor = wanted.flavor == LIBSCHED_LIFO ? Flavor::kLifo : Flavor::kFifo;
    auto* deque = new SharedDeque(flavor, wanted.max_capacity, wanted.discard);
    *out = new (std::nothrow) libsched_deque(deque);
    if (*out != nullptr) return LIBSCHED_OK;
    deque->unref();
    return -ENOMEM;
  });
}

libsched_deque* libsched_deque_ref(libsched_deque* deque) {
  Handle::add(deque, LIBSCHED_KIND_DEQUE);
  return deque;
}

void libsched_deque_unref(libsched_deque* deque) {
  if (!Handle::drop(deque, LIBSCHED_KIND_DEQUE)) return;
  SharedDeque* body = deque->body;
  delete deque;
  body->unref();
}

int libsched_deque_push(libsched_deque* deque, void* item) {
  const Status status = Handle::check(deque, LIBSCHED_KIND_DEQUE);
  return status != LIBSCHED_OK ? status : deque->body->push(item);
}

int libsched_deque_pop(void** out, libsched_deque* deque) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(deque, LIBSCHED_KIND_DEQUE);
  return status != LIBSCHED_OK ? status : deque->body->pop(*out);
}

int libsched_deque_shrink(libsched_deque* deque) {
  const Status status = Handle::check(deque, LIBSCHED_KIND_DEQUE);
  return status != LIBSCHED_OK ? status : deque->body->shrink();
}

int libsched_deque_len(uint64_t* out, libsched_deque* deque) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(deque, LIBSCHED_KIND_DEQUE);
  if (status == LIBSCHED_OK) *out = deque->body->size();
  return status;
}

int libsched_stealer_create(libsched_stealer** out, libsched_deque* deque) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  if (const Status status = Handle::check(deque, LIBSCHED_KIND_DEQUE)) return status;
  *out = new (std::nothrow) libsched_stealer(deque->body);
  if (*out == nullptr) return -ENOMEM;
  deque->body->ref();
  return LIBSCHED_OK;
}

libsched_stealer* libsched_stealer_ref(libsched_stealer* stealer) {
  Handle::add(stealer, LIBSCHED_KIND_STEALER);
  return stealer;
}

void libsched_stealer_unref(libsched_stealer* stealer) {
  if (!Handle::drop(stealer, LIBSCHED_KIND_STEALER)) return;
  SharedDeque* body = stealer->body;
  delete stealer;
  body->unref();
}

int libsched_stealer_steal(void** out, libsched_stealer* stealer) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(stealer, LIBSCHED_KIND_STEALER);
  return status != LIBSCHED_OK ? status : stealer->body->steal(*out);
}

int libsched_stealer_steal_batch(libsched_stealer* stealer, libsched_deque* destination,
                                 uint32_t limit) {
  if (const Status status = Handle::check(stealer, LIBSCHED_KIND_STEALER)) return status;
  if (const Status status = Handle::check(destination, LIBSCHED_KIND_DEQUE)) return status;
  return stealer->body->steal_batch(*destination->body, read_limit(limit, sched::kMaxBatch));
}

int libsched_stealer_steal_batch_and_pop(void** out, libsched_stealer* stealer,
                                         libsched_deque* destination, uint32_t limit) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = Handle::check(stealer, LIBSCHED_KIND_STEALER)) return status;
  if (const Status status = Handle::check(destination, LIBSCHED_KIND_DEQUE)) return status;
  return stealer->body->steal_batch_and_pop(*destination->body,
                                            read_limit(limit, sched::kMaxBatch + 1), *out);
}

int libsched_stealer_len(uint64_t* out, libsched_stealer* stealer) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(stealer, LIBSCHED_KIND_STEALER);
  if (status == LIBSCHED_OK) *out = stealer->body->size();
  return status;
}

}  // extern "C"
