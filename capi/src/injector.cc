#include "core/queue/shared.h"
#include "deque.h"
#include "guard.h"

using sched::Status;
using sched::capi::Handle;
using sched::capi::read_limit;

struct libsched_injector : Handle {
  explicit libsched_injector(libsched_discard_fn discard)
      : Handle(LIBSCHED_KIND_INJECTOR), body(discard) {}
  sched::SharedInjector body;
};

extern "C" {

void libsched_injector_options_init(libsched_injector_options* options) {
  sched::capi::init_options(options);
}

int libsched_injector_create(libsched_injector** out, const libsched_injector_options* options) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  libsched_injector_options wanted;
  if (const Status status = sched::capi::read_options(options, wanted)) return status;
  if (wanted.flags != 0) return LIBSCHED_E_FLAGS;
  return sched::capi::guarded([&] {
    *out = new libsched_injector(wanted.discard);
    return LIBSCHED_OK;
  });
}

libsched_injector* libsched_injector_ref(libsched_injector* injector) {
  Handle::add(injector, LIBSCHED_KIND_INJECTOR);
  return injector;
}

void libsched_injector_unref(libsched_injector* injector) {
  if (!Handle::drop(injector, LIBSCHED_KIND_INJECTOR)) return;
  injector->body.clear();
  delete injector;
}

int libsched_injector_push(libsched_injector* injector, void* item) {
  const Status status = Handle::check(injector, LIBSCHED_KIND_INJECTOR);
  return status != LIBSCHED_OK ? status : injector->body.push(item);
}

int libsched_injector_push_n(size_t* accepted, libsched_injector* injector, void* const* items,
                             size_t n) {
  if (accepted == nullptr || (items == nullptr && n != 0)) return LIBSCHED_E_NULL;
  *accepted = 0;
  const Status status = Handle::check(injector, LIBSCHED_KIND_INJECTOR);
  return status != LIBSCHED_OK ? status : injector->body.push_n(items, n, *accepted);
}

int libsched_injector_steal(void** out, libsched_injector* injector) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(injector, LIBSCHED_KIND_INJECTOR);
  return status != LIBSCHED_OK ? status : injector->body.steal(*out);
}

int libsched_injector_steal_batch(libsched_injector* injector, libsched_deque* destination,
                                  uint32_t limit) {
  if (const Status status = Handle::check(injector, LIBSCHED_KIND_INJECTOR)) return status;
  if (const Status status = Handle::check(destination, LIBSCHED_KIND_DEQUE)) return status;
  return injector->body.steal_batch(*destination->body, read_limit(limit, sched::kMaxBatch));
}

int libsched_injector_steal_batch_and_pop(void** out, libsched_injector* injector,
                                          libsched_deque* destination, uint32_t limit) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = Handle::check(injector, LIBSCHED_KIND_INJECTOR)) return status;
  if (const Status status = Handle::check(destination, LIBSCHED_KIND_DEQUE)) return status;
  return injector->body.steal_batch_and_pop(*destination->body,
                                            read_limit(limit, sched::kMaxBatch + 1), *out);
}

int libsched_injector_len(uint64_t* out, libsched_injector* injector) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(injector, LIBSCHED_KIND_INJECTOR);
  if (status == LIBSCHED_OK) *out = injector->body.size();
  return status;
}

}  // extern "C"
