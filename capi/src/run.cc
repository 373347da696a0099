#include "core/graph/run.h"

#include <memory>
#include <new>
#include <vector>

#include "cancel.h"
#include "core/graph/compute_run.h"
#include "core/graph/result.h"
#include "core/graph/trace.h"
#include "core/sys/cpus.h"
#include "graph.h"
#include "guard.h"
#include "jobserver.h"
#include "pool.h"

using sched::JobIndex;
using sched::JobRecord;
using sched::JobSpec;
using sched::JobState;
using sched::MessageKind;
using sched::Result;
using sched::Run;
using sched::RunOptions;
using sched::Status;
using sched::capi::ErrorOut;
using sched::capi::Handle;

struct libsched_result : Handle {
  static constexpr uint32_t kKind = LIBSCHED_KIND_RESULT;
  libsched_result() : Handle(kKind) {}
  std::unique_ptr<Result> body;
};

static_assert(static_cast<unsigned>(JobState::kPending) == LIBSCHED_JOB_IS_PENDING);
static_assert(static_cast<unsigned>(JobState::kDone) == LIBSCHED_JOB_IS_DONE);
static_assert(static_cast<unsigned>(JobState::kFresh) == LIBSCHED_JOB_IS_FRESH);
static_assert(static_cast<unsigned>(JobState::kFailed) == LIBSCHED_JOB_IS_FAILED);
static_assert(static_cast<unsigned>(JobState::kSkipped) == LIBSCHED_JOB_IS_SKIPPED);
static_assert(static_cast<unsigned>(JobState::kCancelled) == LIBSCHED_JOB_IS_CANCELLED);
static_assert(static_cast<unsigned>(MessageKind::kOutput) == LIBSCHED_MESSAGE_STDOUT);
static_assert(static_cast<unsigned>(MessageKind::kErrors) == LIBSCHED_MESSAGE_STDERR);
static_assert(static_cast<unsigned>(MessageKind::kStarted) == LIBSCHED_MESSAGE_STARTED);
static_assert(static_cast<unsigned>(MessageKind::kEarly) == LIBSCHED_MESSAGE_EARLY);
static_assert(static_cast<unsigned>(MessageKind::kFinished) == LIBSCHED_MESSAGE_FINISHED);
static_assert(static_cast<unsigned>(MessageKind::kAgain) == LIBSCHED_MESSAGE_AGAIN);
static_assert(static_cast<unsigned>(MessageKind::kOwn) == LIBSCHED_MESSAGE_OWN);
static_assert(static_cast<unsigned>(MessageKind::kWaits) == LIBSCHED_MESSAGE_WAITS);
static_assert(static_cast<unsigned>(MessageKind::kClamped) == LIBSCHED_MESSAGE_CLAMPED);
static_assert(RunOptions::kMostSlots == LIBSCHED_MAX_SLOTS);
static_assert(RunOptions::kMessageBytes == uint64_t{1} << 20);
static_assert(RunOptions::kGroupBytes == uint64_t{16} << 20);

namespace {

struct Handler {
  libsched_run_handler_fn fn;
  void* user_data;
};

uint64_t id_of(const Run& run, JobIndex job) {
  return job == sched::kNoJob ? LIBSCHED_NO_JOB : run.id(job);
}

int hand_over(const sched::RunMessage& message, void* data) {
  const Handler& handler = *static_cast<Handler*>(data);
  libsched_run_message out{};
  out.struct_size = sizeof out;
  out.run = reinterpret_cast<libsched_run*>(message.run);
  out.job = message.run->id(message.job);
  out.name = message.name;
  out.kind = static_cast<uint32_t>(message.kind);
  out.flags = message.flags;
  out.state = static_cast<uint32_t>(message.event.state);
  out.attempt = message.event.attempt;
  out.code = message.event.code;
  out.signal = message.event.signal;
  out.tainted = message.event.tainted ? 1 : 0;
  out.blocked_by = id_of(*message.run, message.event.blocked_by);
  out.ended = message.event.ended;
  out.total = message.event.total;
  out.data = message.data;
  out.size = message.size;
  return handler.fn(&out, handler.user_data);
}

Status read_run_options(const libsched_run_options* given, const libsched_pool* pool,
                        RunOptions& out, Handler& handler, sched::Error* error) {
  libsched_run_options wanted;
  if (const Status status = sched::capi::read_options(given, wanted, error)) return status;
  constexpr uint64_t kKnown =
      LIBSCHED_RUN_KILL | LIBSCHED_RUN_KEEP_TOKENS | LIBSCHED_RUN_COMPUTE | LIBSCHED_RUN_BROKERS;
  if (const Status status =
          sched::capi::check_unused(wanted.flags & ~kKnown, wanted.reserved, error)) {
    return status;
  }
  if (wanted.slots > LIBSCHED_MAX_SLOTS) {
    return sched::fail(error, LIBSCHED_E_RANGE, "slots is %u; at most %u are possible",
                       wanted.slots, LIBSCHED_MAX_SLOTS);
  }
  if (wanted.output > LIBSCHED_OUTPUT_NULL) {
    return sched::fail(error, LIBSCHED_E_RANGE,
                       "output is %u; LIBSCHED_OUTPUT_STREAM (0) to _NULL (3) are possible",
                       wanted.output);
  }
  if (wanted.output == LIBSCHED_OUTPUT_GROUP && wanted.handler == nullptr) {
    return sched::fail(error, LIBSCHED_E_RANGE, "LIBSCHED_OUTPUT_GROUP needs a handler");
  }
  if (wanted.jobserver != nullptr) {
    if (const Status status = Handle::check(wanted.jobserver, libsched_jobserver::kKind)) {
      return sched::fail(error, status, "jobserver: %s", sched::status_message(status));
    }
    out.jobserver = wanted.jobserver->body;
  } else if ((wanted.flags & LIBSCHED_RUN_BROKERS) != 0) {
    return sched::fail(error, LIBSCHED_E_NULL, "jobserver is NULL, and LIBSCHED_RUN_BROKERS set");
  }
  out.slots = wanted.slots;
  if (out.slots == 0 && pool != nullptr) out.slots = pool->body->workers();
  if (out.slots == 0) out.slots = sched::sys::usable_cpus();
  using Output = RunOptions::Output;
  constexpr Output kOutputs[] = {Output::kStream, Output::kGroup, Output::kInherit,
                                 Output::kNothing};
  out.output = kOutputs[wanted.output];
  out.kill = (wanted.flags & LIBSCHED_RUN_KILL) != 0;
  out.keep_tokens = (wanted.flags & LIBSCHED_RUN_KEEP_TOKENS) != 0;
  out.brokers = (wanted.flags & LIBSCHED_RUN_BROKERS) != 0;
  out.compute = (wanted.flags & LIBSCHED_RUN_COMPUTE) != 0;
  if (wanted.max_failures != 0) out.max_failures = wanted.max_failures;
  if (wanted.message_bytes != 0) out.message_bytes = wanted.message_bytes;
  if (wanted.group_bytes != 0) out.group_bytes = wanted.group_bytes;
  if (wanted.grace_ns != 0) out.grace_ns = wanted.grace_ns;
  if (wanted.handler != nullptr) {
    handler = {wanted.handler, wanted.handler_data};
    out.handler = hand_over;
    out.handler_data = &handler;
  }
  return LIBSCHED_OK;
}

Status check_run(const Run* run) {
  if (run == nullptr) return LIBSCHED_E_NULL;
  return run->forked() ? LIBSCHED_E_FORKED : LIBSCHED_OK;
}

Run* run_of(libsched_run* run) { return reinterpret_cast<Run*>(run); }

// LIBSCHED_OK for a job whose slots are counted.
Status check_slots(const libsched_job* job) {
  if (job == nullptr) return LIBSCHED_E_NULL;
  if (job->run == nullptr) return LIBSCHED_E_STATE;
  return check_run(job->run);
}

Status tell(libsched_job* job, const void* data, size_t size, bool bounded) {
  if (job == nullptr || (data == nullptr && size != 0)) return LIBSCHED_E_NULL;
  if (job->run == nullptr) return job->compute->forked() ? LIBSCHED_E_FORKED : LIBSCHED_OK;
  if (const Status status = check_run(job->run)) return status;
  return sched::capi::guarded([&] { return job->run->tell(*job, data, size, bounded); });
}

Status read_dependencies(Run& run, const libsched_dependency* given, size_t count,
                         std::vector<sched::Dependency>& out, sched::Error* error) {
  if (given == nullptr && count != 0) {
    return sched::fail(error, LIBSCHED_E_NULL, "dependencies is NULL, count is %zu", count);
  }
  for (size_t i = 0; i < count; ++i) {
    sched::EdgeKind kind = sched::EdgeKind::kFinished;
    if (const Status status = sched::capi::read_kind(given[i].kind, kind, error)) return status;
    if (const Status status = sched::capi::check_unused(0, given[i].reserved, error)) return status;
    const bool named = given[i].job == LIBSCHED_NO_JOB;
    if (named && given[i].name == nullptr) {
      return sched::fail(error, LIBSCHED_E_NULL, "dependency %zu has no number and no name", i);
    }
    const JobIndex job = named ? run.find(std::string_view(given[i].name)) : run.find(given[i].job);
    if (job == sched::kNoJob && named) {
      return sched::fail(error, -ENOENT, "no job is named \"%s\"", given[i].name);
    }
    if (job == sched::kNoJob) {
      return sched::fail(error, LIBSCHED_E_STALE, "no job of this run has the number %llu",
                         static_cast<unsigned long long>(given[i].job));
    }
    out.push_back({sched::JobRef::of(job), kind});
  }
  return LIBSCHED_OK;
}

Status check(const libsched_result* result) {
  return Handle::check(result, libsched_result::kKind);
}

void fill_job(libsched_job_result& out, const Result& result, JobIndex job) {
  const JobRecord& record = result.records[job];
  out.job = result.id(job);
  out.name = result.name(job);
  out.state = static_cast<uint32_t>(record.state);
  out.attempts = record.attempts;
  out.code = record.code;
  out.signal = record.signal;
  if (record.blocked_by != sched::kNoJob) out.blocked_by = result.id(record.blocked_by);
  out.tainted = record.tainted ? 1 : 0;
  out.ready_ns = record.ready_ns;
  out.token_ns = record.token_ns;
  out.start_ns = record.start_ns;
  out.early_ns = record.early_ns;
  out.end_ns = record.end_ns;
}

}  // namespace

extern "C" {

void libsched_run_options_init(libsched_run_options* options) {
  sched::capi::init_options(options);
}

int libsched_graph_run(libsched_result** out, libsched_graph* graph, libsched_pool* pool,
                       const libsched_run_options* options, libsched_cancel* cancel,
                       libsched_error** error) {
  ErrorOut details(error);
  if (out != nullptr) *out = nullptr;
  if (const Status status = Handle::check(graph, libsched_graph::kKind)) {
    return details.done(status);
  }
  if (pool != nullptr) {
    if (const Status status = Handle::check(pool, LIBSCHED_KIND_POOL)) return details.done(status);
  }
  if (const Status status = sched::capi::check_cancel(cancel)) return details.done(status);
  RunOptions wanted;
  wanted.wants_result = out != nullptr;
  Handler handler{};
  if (const Status status = read_run_options(options, pool, wanted, handler, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    // Both are held by the run, whose user may let go of them meanwhile.
    struct Hold {
      explicit Hold(sched::JobGraph* held) : graph(held) { graph->add_reference(); }
      ~Hold() noexcept(false) { graph->drop(); }  // a discard may end its thread
      sched::JobGraph* const graph;
    } const hold(graph->body);
    struct HoldPool {
      explicit HoldPool(libsched_pool* held) : pool(libsched_pool_ref(held)) {}
      ~HoldPool() noexcept(false) { libsched_pool_unref(pool); }
      libsched_pool* const pool;
    } const hold_pool(pool);
    auto result = std::make_unique<libsched_result>();
    const Status status =
        Run::run(result->body, *hold.graph, pool != nullptr ? pool->body : nullptr, wanted,
                 sched::capi::body_of(cancel), details.sink());
    if (result->body != nullptr && out != nullptr) *out = result.release();
    return status;
  }));
}

uint64_t libsched_job_id(libsched_job* job) {
  if (job == nullptr) return LIBSCHED_NO_JOB;
  return job->run != nullptr ? job->run->id(job->job) : job->compute->id(job->job);
}

libsched_run* libsched_job_run(libsched_job* job) {
  return job != nullptr ? reinterpret_cast<libsched_run*>(job->run) : nullptr;
}

int libsched_job_cancelled(libsched_job* job) {
  if (job == nullptr) return 0;
  const bool run_is = job->run != nullptr ? job->run->is_cancelled() : job->compute->is_cancelled();
  return run_is || job->is_cancelled() ? 1 : 0;
}

int libsched_job_signal_early(libsched_job* job) {
  if (job == nullptr) return LIBSCHED_E_NULL;
  if (job->run == nullptr) {
    return job->compute->forked() ? LIBSCHED_E_FORKED : job->compute->signal_early(*job);
  }
  const Status status = check_run(job->run);
  return status != LIBSCHED_OK ? status : job->run->signal_early(job->job);
}

int libsched_job_message(libsched_job* job, const void* data, size_t size) {
  return tell(job, data, size, false);
}

int libsched_job_message_bounded(libsched_job* job, const void* data, size_t size) {
  return tell(job, data, size, true);
}

int libsched_job_try_slots(libsched_job* job, uint32_t more) {
  if (const Status status = check_slots(job)) return status;
  return sched::capi::guarded([&] { return job->run->grow(*job, more); });
}

int libsched_job_release_slots(libsched_job* job, uint32_t fewer) {
  const Status status = check_slots(job);
  return status != LIBSCHED_OK ? status : job->run->shrink(*job, fewer);
}

int libsched_run_add(uint64_t* out, libsched_run* run, const libsched_job_options* options,
                     const libsched_dependency* dependencies, size_t count,
                     libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  Run* const body = run_of(run);
  if (const Status status = check_run(body)) return details.done(status);
  JobSpec spec;
  if (const Status status = sched::capi::read_job(options, spec, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    std::vector<sched::Dependency> waits;
    const Status status = read_dependencies(*body, dependencies, count, waits, details.sink());
    return status != LIBSCHED_OK ? status : body->add(*out, spec, waits, details.sink());
  }));
}

int libsched_run_signal_early(libsched_run* run, uint64_t job) {
  Run* const body = run_of(run);
  if (const Status status = check_run(body)) return status;
  const JobIndex found = body->find(job);
  return found == sched::kNoJob ? LIBSCHED_E_STALE : body->signal_early(found);
}

int libsched_run_cancel(libsched_run* run) {
  Run* const body = run_of(run);
  const Status status = check_run(body);
  if (status == LIBSCHED_OK) body->stop();
  return status;
}

int libsched_run_hold(libsched_run* run) {
  const Status status = check_run(run_of(run));
  return status != LIBSCHED_OK ? status : run_of(run)->hold();
}

void libsched_run_release(libsched_run* run) {
  if (check_run(run_of(run)) == LIBSCHED_OK) run_of(run)->release();
}

libsched_result* libsched_result_ref(libsched_result* result) {
  Handle::add(result, libsched_result::kKind);
  return result;
}

void libsched_result_unref(libsched_result* result) {
  if (Handle::drop(result, libsched_result::kKind)) delete result;
}

void libsched_run_summary_init(libsched_run_summary* summary) {
  sched::capi::init_options(summary);
}

int libsched_result_get_summary(libsched_run_summary* out, libsched_result* result) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(result)) return status;
  if (const Status status = sched::capi::begin_output(out)) return status;
  const Result& body = *result->body;
  const Result::Summary summary = body.summary();
  const auto count = [&](JobState state) { return summary.count[static_cast<size_t>(state)]; };
  out->status = body.status;
  out->slots = body.slots;
  out->jobs = body.size();
  out->done = count(JobState::kDone);
  out->fresh = count(JobState::kFresh);
  out->failed = count(JobState::kFailed);
  out->skipped = count(JobState::kSkipped);
  out->cancelled = count(JobState::kCancelled);
  out->tainted = summary.tainted;
  out->peak = body.peak;
  out->makespan_ns = summary.makespan_ns;
  out->critical_path_ns = summary.critical_path_ns;
  out->work_ns = summary.work_ns;
  return LIBSCHED_OK;
}

void libsched_job_result_init(libsched_job_result* result) { sched::capi::init_options(result); }

int libsched_result_job(libsched_job_result* out, libsched_result* result, uint64_t job) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(result)) return status;
  const JobIndex found = result->body->find(job);
  if (found == sched::kNoJob) return LIBSCHED_E_STALE;
  if (const Status status = sched::capi::begin_output(out)) return status;
  fill_job(*out, *result->body, found);
  return LIBSCHED_OK;
}

int libsched_result_at(libsched_job_result* out, libsched_result* result, uint64_t index) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = check(result)) return status;
  if (index >= result->body->size()) return LIBSCHED_E_RANGE;
  if (const Status status = sched::capi::begin_output(out)) return status;
  fill_job(*out, *result->body, static_cast<JobIndex>(index));
  return LIBSCHED_OK;
}

int libsched_result_write_trace(libsched_result* result, const char* path, libsched_error** error) {
  ErrorOut details(error);
  if (path == nullptr) return details.done(LIBSCHED_E_NULL);
  if (const Status status = check(result)) return details.done(status);
  return details.done(sched::capi::guarded(
      [&] { return sched::write_trace(*result->body, path, details.sink()); }));
}

}  // extern "C"
