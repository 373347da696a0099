#include "group.h"

#include <cstring>
#include <new>

#include "cancel.h"
#include "guard.h"
#include "pool.h"

using sched::Group;
using sched::GroupOptions;
using sched::Level;
using sched::Pool;
using sched::Status;
using sched::Task;
using sched::capi::body_of;
using sched::capi::check_cancel;
using sched::capi::check_optional;
using sched::capi::ErrorOut;
using sched::capi::Handle;
using sched::capi::read_priority;

namespace {

Status check(const libsched_group* group) { return Handle::check(group, LIBSCHED_KIND_GROUP); }

Status read_group_options(const libsched_group_options& given, GroupOptions& out,
                          sched::Error* error) {
  if ((given.flags & ~LIBSCHED_GROUP_CANCEL_ON_FAILURE) != 0) {
    return sched::fail(error, LIBSCHED_E_FLAGS, "flags is 0x%x; only 0x%x is defined", given.flags,
                       LIBSCHED_GROUP_CANCEL_ON_FAILURE);
  }
  if (given.reserved != 0) {
    return sched::fail(error, LIBSCHED_E_FLAGS, "reserved is 0x%x; it must be 0", given.reserved);
  }
  if (const Status status = check_optional(given.parent)) return status;
  out.cancel_on_failure = given.flags != 0;
  out.parent = given.parent != nullptr ? given.parent->body : nullptr;
  out.on_complete = given.on_complete;
  out.user_data = given.user_data;
  return LIBSCHED_OK;
}

Status submit_n(libsched_group* group, uint32_t priority, libsched_task_fn fn,
                void* const* user_data, size_t n, libsched_discard_fn discard,
                const Pool::Waiting& waiting, size_t& accepted, sched::Error* error) {
  if (fn == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(group)) return status;
  Level level = Level::kNormal;
  if (const Status status = read_priority(priority, level, error)) return status;
  if (n == 0) return LIBSCHED_OK;
  const Group::Kind kind{reinterpret_cast<void*>(fn), discard, Task::Kind::kFunction};
  return group->body->submit_n(level, kind, user_data, n, waiting, accepted, error);
}

}  // namespace

extern "C" {

void libsched_group_options_init(libsched_group_options* options) {
  sched::capi::init_options(options);
}

void libsched_group_stats_init(libsched_group_stats* stats) { sched::capi::init_options(stats); }

int libsched_group_create(libsched_group** out, libsched_pool* pool,
                          const libsched_group_options* options, libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  if (const Status status = Handle::check(pool, LIBSCHED_KIND_POOL)) return details.done(status);
  libsched_group_options wanted;
  if (const Status status = sched::capi::read_options(options, wanted, details.sink())) {
    return details.done(status);
  }
  GroupOptions own;
  if (const Status status = read_group_options(wanted, own, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    Group* group = nullptr;
    if (const Status status = Group::create(group, *pool->body, own, details.sink())) return status;
    *out = new (std::nothrow) libsched_group(group);
    if (*out != nullptr) return LIBSCHED_OK;
    group->abandon();
    return -ENOMEM;
  }));
}

libsched_group* libsched_group_ref(libsched_group* group) {
  Handle::add(group, LIBSCHED_KIND_GROUP);
  return group;
}

void libsched_group_unref(libsched_group* group) {
  if (!Handle::drop(group, LIBSCHED_KIND_GROUP)) return;
  Group* body = group->body;
  delete group;
  body->abandon();
}

int libsched_group_submit(libsched_group* group, uint32_t priority, libsched_task_fn fn,
                          void* user_data, libsched_discard_fn discard) {
  if (fn == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(group)) return status;
  Level level = Level::kNormal;
  if (const Status status = read_priority(priority, level, nullptr)) return status;
  return group->body->submit(level, {reinterpret_cast<void*>(fn), discard, Task::Kind::kFunction},
                             user_data);
}

int libsched_group_submit_timed(libsched_group* group, uint32_t priority, libsched_task_fn fn,
                                void* user_data, libsched_discard_fn discard, int64_t timeout_ns,
                                libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  if (const Status status = check_cancel(cancel)) return details.done(status);
  const Pool::Waiting waiting = sched::capi::waiting_of(timeout_ns, cancel);
  size_t accepted = 0;
  return details.done(
      submit_n(group, priority, fn, &user_data, 1, discard, waiting, accepted, details.sink()));
}

int libsched_group_submit_n(size_t* accepted, libsched_group* group, uint32_t priority,
                            libsched_task_fn fn, void* const* user_data, size_t n,
                            libsched_discard_fn discard, int64_t timeout_ns,
                            libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  if (accepted == nullptr) return details.done(LIBSCHED_E_NULL);
  *accepted = 0;
  if (user_data == nullptr && n != 0) return details.done(LIBSCHED_E_NULL);
  if (const Status status = check_cancel(cancel)) return details.done(status);
  const Pool::Waiting waiting = sched::capi::waiting_of(timeout_ns, cancel);
  return details.done(
      submit_n(group, priority, fn, user_data, n, discard, waiting, *accepted, details.sink()));
}

int libsched_group_enter(libsched_group* group) {
  const Status status = check(group);
  return status != LIBSCHED_OK ? status : group->body->enter();
}

int libsched_group_leave(libsched_group* group, int code) {
  const Status status = check(group);
  return status != LIBSCHED_OK ? status : group->body->leave(code);
}

int libsched_group_close(libsched_group* group) {
  const Status status = check(group);
  if (status == LIBSCHED_OK) group->body->close();
  return status;
}

int libsched_group_wait(int* code, libsched_group* group, uint32_t flags, int64_t timeout_ns,
                        libsched_cancel* cancel, libsched_error** error) {
  ErrorOut details(error);
  int ignored = 0;
  int& result = code != nullptr ? *code : ignored;
  result = 0;
  if (const Status status = check(group)) return details.done(status);
  if (const Status status = check_cancel(cancel)) return details.done(status);
  if ((flags & ~LIBSCHED_ISOLATED) != 0) {
    return details.done(sched::fail(details.sink(), LIBSCHED_E_FLAGS,
                                    "flags is 0x%x; only 0x%x is defined", flags,
                                    LIBSCHED_ISOLATED));
  }
  return details.done(
      group->body->wait(result, flags != 0, timeout_ns, body_of(cancel), details.sink()));
}

int libsched_group_cancel(libsched_group* group) {
  const Status status = check(group);
  if (status == LIBSCHED_OK) group->body->cancel();
  return status;
}

int libsched_group_reset(libsched_group* group) {
  const Status status = check(group);
  return status != LIBSCHED_OK ? status : group->body->reset();
}

int libsched_group_get_stats(libsched_group_stats* out, libsched_group* group) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(group)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  Group::Stats stats;
  group->body->stats(stats);
  out->submitted = stats.submitted;
  out->started = stats.started;
  out->completed = stats.completed;
  out->failed = stats.failed;
  out->cancelled = stats.cancelled;
  out->queued = stats.queued;
  out->active = stats.active;
  out->entered = stats.entered;
  out->groups = stats.groups;
  return LIBSCHED_OK;
}

}  // extern "C"
