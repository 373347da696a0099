#include "dispatcher.h"

#include <new>

#include "cancel.h"
#include "guard.h"
#include "pool.h"

using sched::Dispatcher;
using sched::Handlers;
using sched::Status;
using sched::capi::body_of;
using sched::capi::check_cancel;
using sched::capi::ErrorOut;
using sched::capi::Handle;

namespace {

Status check(const libsched_dispatcher* dispatcher) {
  return Handle::check(dispatcher, LIBSCHED_KIND_DISPATCHER);
}

}  // namespace

extern "C" {

void libsched_dispatcher_options_init(libsched_dispatcher_options* options) {
  sched::capi::init_options(options);
}

int libsched_dispatcher_create(libsched_dispatcher** out, libsched_pool* pool,
                               const libsched_dispatcher_options* options, libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  if (const Status status = Handle::check(pool, LIBSCHED_KIND_POOL)) return details.done(status);
  libsched_dispatcher_options wanted;
  if (const Status status = sched::capi::read_options(options, wanted, details.sink())) {
    return details.done(status);
  }
  if (const Status status =
          sched::capi::check_unused(wanted.flags, wanted.reserved, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    const Handlers handlers{wanted.work, wanted.finalize, wanted.discard};
    Dispatcher* body = nullptr;
    const Status status =
        Dispatcher::create(body, *pool->body, handlers, wanted.limit, details.sink());
    if (status != LIBSCHED_OK) return status;
    *out = new (std::nothrow) libsched_dispatcher(body);
    if (*out != nullptr) return LIBSCHED_OK;
    body->abandon();
    return -ENOMEM;
  }));
}

libsched_dispatcher* libsched_dispatcher_ref(libsched_dispatcher* dispatcher) {
  Handle::add(dispatcher, LIBSCHED_KIND_DISPATCHER);
  return dispatcher;
}

void libsched_dispatcher_unref(libsched_dispatcher* dispatcher) {
  if (!Handle::drop(dispatcher, LIBSCHED_KIND_DISPATCHER)) return;
  Dispatcher* body = dispatcher->body;
  delete dispatcher;
  body->abandon();
}

int libsched_dispatcher_set_limit(libsched_dispatcher* dispatcher, uint32_t limit) {
  const Status status = check(dispatcher);
  if (status == LIBSCHED_OK) dispatcher->body->set_limit(limit);
  return status;
}

int libsched_dispatcher_pause(libsched_dispatcher* dispatcher) {
  const Status status = check(dispatcher);
  return status != LIBSCHED_OK ? status : dispatcher->body->pause();
}

int libsched_dispatcher_resume(libsched_dispatcher* dispatcher) {
  const Status status = check(dispatcher);
  return status != LIBSCHED_OK ? status : dispatcher->body->resume();
}

int libsched_dispatcher_wait(libsched_dispatcher* dispatcher, int64_t timeout_ns,
                             libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  if (const Status status = check(dispatcher)) return details.done(status);
  if (const Status status = check_cancel(cancel)) return details.done(status);
  return details.done(dispatcher->body->wait(timeout_ns, body_of(cancel), details.sink()));
}

int libsched_dispatcher_shutdown(libsched_dispatcher* dispatcher, uint32_t mode, int64_t timeout_ns,
                                 libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  if (const Status status = check(dispatcher)) return details.done(status);
  if (const Status status = check_cancel(cancel)) return details.done(status);
  if (const Status status = sched::capi::check_mode(mode, details.sink())) {
    return details.done(status);
  }
  return details.done(dispatcher->body->shutdown(mode == LIBSCHED_CANCEL, timeout_ns,
                                                 body_of(cancel), details.sink()));
}

void libsched_dispatcher_stats_init(libsched_dispatcher_stats* stats) {
  sched::capi::init_options(stats);
}

int libsched_dispatcher_get_stats(libsched_dispatcher_stats* out, libsched_dispatcher* dispatcher) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(dispatcher)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  const Dispatcher::Stats stats = dispatcher->body->stats();
  out->channels = stats.channels;
  out->queued = stats.queued;
  out->running = stats.running;
  out->done = stats.done;
  out->failed = stats.failed;
  out->cancelled = stats.cancelled;
  out->limit = stats.limit;
  out->paused = stats.paused ? 1 : 0;
  return LIBSCHED_OK;
}

}  // extern "C"
