#include "jobserver.h"

#include <memory>
#include <new>

#include "cancel.h"
#include "core/jobserver/environment.h"
#include "core/pool/blocking.h"
#include "guard.h"
#include "queue.h"

using sched::Jobserver;
using sched::JobserverAuth;
using sched::ServedPool;
using sched::Status;
using sched::capi::check_cancel;
using sched::capi::ErrorOut;
using sched::capi::Handle;

static_assert(static_cast<unsigned>(JobserverAuth::Kind::kNone) == LIBSCHED_JOBSERVER_NONE);
static_assert(static_cast<unsigned>(JobserverAuth::Kind::kPipe) == LIBSCHED_JOBSERVER_PIPE);
static_assert(static_cast<unsigned>(JobserverAuth::Kind::kFifo) == LIBSCHED_JOBSERVER_FIFO);
static_assert(static_cast<unsigned>(JobserverAuth::Kind::kDisabled) == LIBSCHED_JOBSERVER_DISABLED);
static_assert(static_cast<unsigned>(JobserverAuth::Kind::kUnsupported) ==
              LIBSCHED_JOBSERVER_UNSUPPORTED);
static_assert(static_cast<unsigned>(JobserverAuth::Kind::kMalformed) ==
              LIBSCHED_JOBSERVER_MALFORMED);

namespace {

Status check(const libsched_jobserver* jobserver) {
  return Handle::check(jobserver, LIBSCHED_KIND_JOBSERVER);
}

// Makes the handle of a jobserver that begin(body) has begun.
template <class Begin>
Status create(libsched_jobserver** out, Begin begin) {
  return sched::capi::guarded([&] {
    Jobserver* body = nullptr;
    if (const Status status = begin(body)) return status;
    *out = new (std::nothrow) libsched_jobserver(body);
    if (*out != nullptr) return LIBSCHED_OK;
    body->abandon();
    return -ENOMEM;
  });
}

Status read_jobserver_options(const libsched_jobserver_options* given, Jobserver::Options& out,
                              sched::Error* error) {
  libsched_jobserver_options wanted;
  if (const Status status = sched::capi::read_options(given, wanted, error)) return status;
  constexpr uint64_t kKnown = LIBSCHED_JOBSERVER_LAST_WINS | LIBSCHED_JOBSERVER_EXPLICIT;
  if (const Status status =
          sched::capi::check_unused(wanted.flags & ~kKnown, wanted.reserved, error)) {
    return status;
  }
  out.makeflags = wanted.makeflags;
  out.last_wins = (wanted.flags & LIBSCHED_JOBSERVER_LAST_WINS) != 0;
  out.explicit_only = (wanted.flags & LIBSCHED_JOBSERVER_EXPLICIT) != 0;
  out.fallback = wanted.fallback != 0 ? wanted.fallback : 1;
  return LIBSCHED_OK;
}

// A request whose token goes into a queue; gone once it was granted.
class QueuedRequest final : public sched::TokenRequest {
 public:
  explicit QueuedRequest(sched::capi::Queue& queue) : TokenRequest(Kind::kIsTold), queue_(queue) {
    queue_.hold();
  }
  ~QueuedRequest() { queue_.drop(); }
  QueuedRequest(const QueuedRequest&) = delete;
  QueuedRequest& operator=(const QueuedRequest&) = delete;

  bool granted(uint64_t token, Status) override {
    void* const message = reinterpret_cast<void*>(static_cast<uintptr_t>(token));
    return queue_.push(message, {sched::capi::Queue::Way::kAnyway}) == LIBSCHED_OK;
  }
  void spent() override { delete this; }

 private:
  sched::capi::Queue& queue_;
};

void fill(libsched_jobserver_stats& out, const Jobserver::Stats& stats) {
  out.slots = stats.slots;
  out.available = stats.available;
  out.held = stats.held;
  out.brokered = stats.brokered;
  out.outstanding = stats.outstanding;
  out.extra = stats.extra;
  out.lost = stats.lost;
  out.waiting = stats.waiting;
}

}  // namespace

extern "C" {

void libsched_jobserver_options_init(libsched_jobserver_options* options) {
  sched::capi::init_options(options);
}

int libsched_jobserver_inherit(libsched_jobserver** out, const libsched_jobserver_options* options,
                               libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  Jobserver::Options wanted;
  if (const Status status = read_jobserver_options(options, wanted, details.sink())) {
    return details.done(status);
  }
  return details.done(create(
      out, [&](Jobserver*& body) { return Jobserver::inherit(body, wanted, details.sink()); }));
}

int libsched_jobserver_serve(libsched_jobserver** out, uint32_t slots, uint32_t style,
                             uint32_t flags, libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  if (const Status status = sched::capi::check_unused(
          flags & ~uint64_t{LIBSCHED_JOBSERVER_EXPLICIT}, 0, details.sink())) {
    return details.done(status);
  }
  if (slots == 0) {
    return details.done(sched::fail(details.sink(), LIBSCHED_E_RANGE,
                                    "slots is 0; the process' own slot counts, so 1 is the least"));
  }
  ServedPool::Style wanted = ServedPool::Style::kPipe;
  switch (style) {
    case LIBSCHED_JOBSERVER_PIPE:
      break;
    case LIBSCHED_JOBSERVER_FIFO:
      wanted = ServedPool::Style::kFifo;
      break;
    case LIBSCHED_JOBSERVER_BOTH:
      wanted = ServedPool::Style::kBoth;
      break;
    default:
      return details.done(sched::fail(details.sink(), LIBSCHED_E_RANGE,
                                      "style is %u; LIBSCHED_JOBSERVER_PIPE, "
                                      "LIBSCHED_JOBSERVER_FIFO and LIBSCHED_JOBSERVER_BOTH are "
                                      "possible",
                                      style));
  }
  const bool explicit_only = flags != 0;
  return details.done(create(out, [&](Jobserver*& body) {
    return Jobserver::serve(body, wanted, slots, explicit_only, details.sink());
  }));
}

libsched_jobserver* libsched_jobserver_ref(libsched_jobserver* jobserver) {
  Handle::add(jobserver, LIBSCHED_KIND_JOBSERVER);
  return jobserver;
}

void libsched_jobserver_unref(libsched_jobserver* jobserver) {
  if (!Handle::drop(jobserver, LIBSCHED_KIND_JOBSERVER)) return;
  Jobserver* body = jobserver->body;
  delete jobserver;
  body->abandon();
}

int libsched_jobserver_acquire(uint64_t* token, libsched_jobserver* jobserver, int64_t timeout_ns,
                               libsched_cancel* cancel) {
  if (token == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(jobserver)) return status;
  if (const Status status = check_cancel(cancel)) return status;
  return jobserver->body->acquire<sched::Blocking>(*token, timeout_ns,
                                                   sched::capi::body_of(cancel));
}

int libsched_jobserver_try_acquire(uint64_t* token, libsched_jobserver* jobserver) {
  if (token == nullptr) return LIBSCHED_E_NULL;
  const Status status = check(jobserver);
  return status != LIBSCHED_OK ? status : jobserver->body->try_acquire(*token);
}

int libsched_jobserver_acquire_into(libsched_jobserver* jobserver, libsched_queue* queue) {
  if (const Status status = check(jobserver)) return status;
  if (const Status status = sched::capi::check_queue(queue, false)) return status;
  return sched::capi::guarded([&] {
    auto request = std::make_unique<QueuedRequest>(*queue->body);
    const Status status = jobserver->body->request(*request);
    if (status == LIBSCHED_OK) static_cast<void>(request.release());
    return status;
  });
}

int libsched_jobserver_acquire_call(libsched_jobserver* jobserver, libsched_token_fn fn,
                                    void* user_data, libsched_discard_fn discard) {
  if (fn == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(jobserver)) return status;
  return sched::capi::guarded(
      [&] { return jobserver->body->call_with_token(fn, user_data, discard); });
}

int libsched_jobserver_withdraw(uint64_t* withdrawn, libsched_jobserver* jobserver) {
  if (withdrawn != nullptr) *withdrawn = 0;
  if (const Status status = check(jobserver)) return status;
  const uint64_t count = jobserver->body->withdraw_all();
  if (withdrawn != nullptr) *withdrawn = count;
  return LIBSCHED_OK;
}

int libsched_jobserver_release(libsched_jobserver* jobserver, uint64_t token) {
  const Status status = check(jobserver);
  return status != LIBSCHED_OK ? status : jobserver->body->release(token);
}

int libsched_jobserver_release_all(libsched_jobserver* jobserver) {
  const Status status = check(jobserver);
  if (status == LIBSCHED_OK) jobserver->body->release_all();
  return status;
}

void libsched_jobserver_info_init(libsched_jobserver_info* info) {
  sched::capi::init_options(info);
}

int libsched_jobserver_get_info(libsched_jobserver_info* out, libsched_jobserver* jobserver) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(jobserver)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  const sched::JobserverInfo& info = jobserver->body->info();
  out->kind = static_cast<uint32_t>(info.kind);
  out->status = info.status;
  out->dry_run = info.flags.dry_run ? 1 : 0;
  out->jobs = info.flags.jobs;
  out->variable = info.variable.c_str();
  out->word = info.word.c_str();
  out->message = info.message.c_str();
  return LIBSCHED_OK;
}

void libsched_jobserver_stats_init(libsched_jobserver_stats* stats) {
  sched::capi::init_options(stats);
}

int libsched_jobserver_get_stats(libsched_jobserver_stats* out, libsched_jobserver* jobserver) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(jobserver)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  fill(*out, jobserver->body->stats());
  return LIBSCHED_OK;
}

int libsched_jobserver_shutdown(libsched_jobserver_stats* report, libsched_jobserver* jobserver) {
  if (const Status status = check(jobserver)) return status;
  if (report != nullptr) {
    if (const Status status = sched::capi::begin_output(report)) return status;
  }
  const Jobserver::Stats stats = jobserver->body->shutdown();
  if (report != nullptr) fill(*report, stats);
  return LIBSCHED_OK;
}

const char* libsched_jobserver_makeflags(libsched_jobserver* jobserver) {
  if (check(jobserver) != LIBSCHED_OK) return nullptr;
  const std::string& makeflags = jobserver->body->child_access().makeflags;
  return makeflags.empty() ? nullptr : makeflags.c_str();
}

int libsched_jobserver_envp(char*** out, libsched_jobserver* jobserver, const char* const* base) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  if (const Status status = check(jobserver)) return status;
  return sched::capi::guarded([&] {
    *out = sched::make_environment(jobserver->body->child_access().makeflags, base);
    return LIBSCHED_OK;
  });
}

void libsched_envp_free(char** envp) { sched::free_environment(envp); }

int libsched_jobserver_child_fds(int* read_fd, int* write_fd, libsched_jobserver* jobserver) {
  if (read_fd == nullptr || write_fd == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(jobserver)) return status;
  const sched::ChildAccess& access = jobserver->body->child_access();
  if (access.makeflags.empty()) return LIBSCHED_E_STATE;
  *read_fd = access.read_fd;
  *write_fd = access.write_fd;
  return LIBSCHED_OK;
}

}  // extern "C"
