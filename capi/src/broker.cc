#include "core/jobserver/broker.h"

#include <new>

#include "cancel.h"
#include "core/jobserver/environment.h"
#include "core/pool/blocking.h"
#include "guard.h"
#include "jobserver.h"

using sched::Broker;
using sched::Status;
using sched::capi::check_cancel;
using sched::capi::ErrorOut;
using sched::capi::Handle;

struct libsched_broker : Handle {
  explicit libsched_broker(Broker* broker) : Handle(LIBSCHED_KIND_BROKER), body(broker) {}
  Broker* const body;
};

namespace {

Status check(const libsched_broker* broker) { return Handle::check(broker, LIBSCHED_KIND_BROKER); }

}  // namespace

extern "C" {

int libsched_broker_create(libsched_broker** out, libsched_jobserver* jobserver,
                           libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  if (const Status status = Handle::check(jobserver, LIBSCHED_KIND_JOBSERVER)) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    Broker* body = nullptr;
    const Status status = Broker::create(body, *jobserver->body, details.sink());
    if (status != LIBSCHED_OK) return status;
    *out = new (std::nothrow) libsched_broker(body);
    if (*out != nullptr) return LIBSCHED_OK;
    body->drop();
    return -ENOMEM;
  }));
}

libsched_broker* libsched_broker_ref(libsched_broker* broker) {
  Handle::add(broker, LIBSCHED_KIND_BROKER);
  return broker;
}

void libsched_broker_unref(libsched_broker* broker) {
  if (!Handle::drop(broker, LIBSCHED_KIND_BROKER)) return;
  Broker* const body = broker->body;
  delete broker;
  body->drop();
}

const char* libsched_broker_makeflags(libsched_broker* broker) {
  return check(broker) == LIBSCHED_OK ? broker->body->child_access().makeflags.c_str() : nullptr;
}

int libsched_broker_envp(char*** out, libsched_broker* broker, const char* const* base) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  if (const Status status = check(broker)) return status;
  return sched::capi::guarded([&] {
    *out = sched::make_environment(broker->body->child_access().makeflags, base);
    return LIBSCHED_OK;
  });
}

int libsched_broker_child_fds(int* read_fd, int* write_fd, libsched_broker* broker) {
  if (read_fd == nullptr || write_fd == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(broker)) return status;
  if (broker->body->started()) return LIBSCHED_E_STATE;
  *read_fd = broker->body->child_access().read_fd;
  *write_fd = broker->body->child_access().write_fd;
  return LIBSCHED_OK;
}

int libsched_broker_start(libsched_broker* broker) {
  if (const Status status = check(broker)) return status;
  return sched::capi::guarded([&] { return broker->body->start(); });
}

int libsched_broker_wait(libsched_broker* broker, int64_t timeout_ns, libsched_cancel* cancel) {
  if (const Status status = check(broker)) return status;
  if (const Status status = check_cancel(cancel)) return status;
  return broker->body->wait<sched::Blocking>(timeout_ns, sched::capi::body_of(cancel));
}

void libsched_broker_stats_init(libsched_broker_stats* stats) { sched::capi::init_options(stats); }

int libsched_broker_get_stats(libsched_broker_stats* out, libsched_broker* broker) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(broker)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  const Broker::Stats stats = broker->body->stats();
  out->offered = stats.offered;
  out->taken = stats.taken;
  out->total = stats.total;
  out->rescued = stats.rescued;
  out->extra = stats.extra;
  out->over = stats.over ? 1 : 0;
  return LIBSCHED_OK;
}

}  // extern "C"
