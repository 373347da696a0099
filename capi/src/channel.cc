#include "core/fair/channel.h"

#include <new>

#include "cancel.h"
#include "dispatcher.h"
#include "guard.h"

using sched::Channel;
using sched::ChannelOptions;
using sched::Handlers;
using sched::Status;
using sched::capi::check_cancel;
using sched::capi::ErrorOut;
using sched::capi::Handle;

struct libsched_channel : Handle {
  explicit libsched_channel(Channel* channel) : Handle(LIBSCHED_KIND_CHANNEL), body(channel) {}
  Channel* const body;
};

namespace {

using Waiting = Channel::Waiting;
using Way = Channel::Way;

Status check(const libsched_channel* channel) {
  return Handle::check(channel, LIBSCHED_KIND_CHANNEL);
}

Waiting waiting_of(int64_t timeout_ns, libsched_cancel* cancel) {
  return {Way::kWait, timeout_ns, sched::capi::body_of(cancel)};
}

Status read_channel_options(const libsched_channel_options& given, ChannelOptions& out,
                            sched::Error* error) {
  if (const Status status = sched::capi::check_unused(given.flags, given.reserved, error)) {
    return status;
  }
  if (given.weight > LIBSCHED_MAX_WEIGHT) {
    return sched::fail(error, LIBSCHED_E_RANGE, "weight is %u; at most %u is possible",
                       given.weight, LIBSCHED_MAX_WEIGHT);
  }
  out.name = given.name;
  out.bound = given.bound;
  out.weight = given.weight != 0 ? given.weight : 1;
  out.limit = given.limit;
  return sched::capi::read_priority(given.priority, out.level, error);
}

// For the dispatcher's functions.
Status send_n(libsched_channel* channel, void* const* user_data, size_t n, const Waiting& waiting,
              size_t& accepted) {
  const Handlers& handlers = channel->body->default_handlers();
  if (handlers.work == nullptr) return LIBSCHED_E_STATE;
  return channel->body->send(handlers, user_data, n, waiting, accepted);
}

Status send(libsched_channel* channel, void* user_data, const Waiting& waiting) {
  if (const Status status = check(channel)) return status;
  size_t accepted = 0;
  return send_n(channel, &user_data, 1, waiting, accepted);
}

}  // namespace

extern "C" {

void libsched_channel_options_init(libsched_channel_options* options) {
  sched::capi::init_options(options);
}

int libsched_channel_create(libsched_channel** out, libsched_dispatcher* dispatcher,
                            const libsched_channel_options* options, libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  if (const Status status = Handle::check(dispatcher, LIBSCHED_KIND_DISPATCHER)) {
    return details.done(status);
  }
  libsched_channel_options given;
  if (const Status status = sched::capi::read_options(options, given, details.sink())) {
    return details.done(status);
  }
  ChannelOptions wanted;
  if (const Status status = read_channel_options(given, wanted, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    Channel* body = nullptr;
    const Status status = Channel::create(body, *dispatcher->body, wanted, details.sink());
    if (status != LIBSCHED_OK) return status;
    *out = new (std::nothrow) libsched_channel(body);
    if (*out != nullptr) return LIBSCHED_OK;
    body->abandon();
    return -ENOMEM;
  }));
}

libsched_channel* libsched_channel_ref(libsched_channel* channel) {
  Handle::add(channel, LIBSCHED_KIND_CHANNEL);
  return channel;
}

void libsched_channel_unref(libsched_channel* channel) {
  if (!Handle::drop(channel, LIBSCHED_KIND_CHANNEL)) return;
  Channel* body = channel->body;
  delete channel;
  body->abandon();
}

const char* libsched_channel_name(libsched_channel* channel) {
  return check(channel) == LIBSCHED_OK ? channel->body->name() : nullptr;
}

int libsched_channel_send(libsched_channel* channel, void* user_data, int64_t timeout_ns,
                          libsched_cancel* cancel) {
  if (const Status status = check_cancel(cancel)) return status;
  return send(channel, user_data, waiting_of(timeout_ns, cancel));
}

int libsched_channel_try_send(libsched_channel* channel, void* user_data) {
  return send(channel, user_data, {Way::kTry, 0, nullptr});
}

int libsched_channel_send_n(size_t* accepted, libsched_channel* channel, void* const* user_data,
                            size_t n, int64_t timeout_ns, libsched_cancel* cancel) {
  if (accepted == nullptr) return LIBSCHED_E_NULL;
  *accepted = 0;
  if (user_data == nullptr && n != 0) return LIBSCHED_E_NULL;
  if (const Status status = check(channel)) return status;
  if (const Status status = check_cancel(cancel)) return status;
  if (n == 0) return LIBSCHED_OK;
  return send_n(channel, user_data, n, waiting_of(timeout_ns, cancel), *accepted);
}

int libsched_channel_send_task(libsched_channel* channel, libsched_task_fn work,
                               libsched_finalize_fn finalize, void* user_data,
                               libsched_discard_fn discard, int64_t timeout_ns,
                               libsched_cancel* cancel) {
  if (work == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(channel)) return status;
  if (const Status status = check_cancel(cancel)) return status;
  size_t accepted = 0;
  return channel->body->send({work, finalize, discard}, &user_data, 1,
                             waiting_of(timeout_ns, cancel), accepted);
}

int libsched_channel_len(uint64_t* out, libsched_channel* channel) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = check(channel);
  if (status == LIBSCHED_OK) *out = channel->body->size();
  return status;
}

int libsched_channel_in_flight(uint64_t* out, libsched_channel* channel) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = check(channel);
  if (status == LIBSCHED_OK) *out = channel->body->in_flight();
  return status;
}

int libsched_channel_close(libsched_channel* channel) {
  const Status status = check(channel);
  if (status == LIBSCHED_OK) channel->body->close();
  return status;
}

int libsched_channel_clear(uint64_t* dropped, uint64_t* cancelled, libsched_channel* channel) {
  if (dropped != nullptr) *dropped = 0;
  if (cancelled != nullptr) *cancelled = 0;
  if (const Status status = check(channel)) return status;
  const Channel::Cleared cleared = channel->body->clear();
  if (dropped != nullptr) *dropped = cleared.dropped;
  if (cancelled != nullptr) *cancelled = cleared.cancelled;
  return LIBSCHED_OK;
}

int libsched_channel_pause(libsched_channel* channel) {
  const Status status = check(channel);
  return status != LIBSCHED_OK ? status : channel->body->pause();
}

int libsched_channel_resume(libsched_channel* channel) {
  const Status status = check(channel);
  return status != LIBSCHED_OK ? status : channel->body->resume();
}

int libsched_channel_set_limit(libsched_channel* channel, uint32_t limit) {
  const Status status = check(channel);
  if (status == LIBSCHED_OK) channel->body->set_limit(limit);
  return status;
}

void libsched_channel_stats_init(libsched_channel_stats* stats) {
  sched::capi::init_options(stats);
}

int libsched_channel_get_stats(libsched_channel_stats* out, libsched_channel* channel) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(channel)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  const Channel::Stats stats = channel->body->stats();
  out->queued = stats.queued;
  out->running = stats.running;
  out->done = stats.done;
  out->failed = stats.failed;
  out->cancelled = stats.cancelled;
  out->longest_wait_ns = stats.longest_wait_ns;
  out->turns = stats.turns;
  out->limit = stats.limit;
  out->paused = stats.paused ? 1 : 0;
  return LIBSCHED_OK;
}

}  // extern "C"
