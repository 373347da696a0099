#include "core/process/process.h"

#include <algorithm>
#include <new>

#include "cancel.h"
#include "core/pool/blocking.h"
#include "guard.h"
#include "jobserver.h"
#include "queue.h"

using sched::Command;
using sched::OutputHeader;
using sched::Process;
using sched::ProcessResult;
using sched::Status;
using sched::capi::check_cancel;
using sched::capi::ErrorOut;
using sched::capi::Handle;
using sched::sys::SpawnPlan;

struct libsched_process : Handle {
  explicit libsched_process(Process* process) : Handle(LIBSCHED_KIND_PROCESS), body(process) {}
  Process* body;
};

static_assert(Command::kLongestLine == LIBSCHED_PROCESS_MAX_LINE);
static_assert(Command::kGraceNs == LIBSCHED_PROCESS_GRACE_NS);
static_assert(Command::kLingerNs == LIBSCHED_PROCESS_LINGER_NS);
static_assert(OutputHeader::kOutput == LIBSCHED_PROCESS_STDOUT);
static_assert(OutputHeader::kErrors == LIBSCHED_PROCESS_STDERR);
static_assert(OutputHeader::kContinues == LIBSCHED_PROCESS_CONTINUES);
static_assert(OutputHeader::kUnfinished == LIBSCHED_PROCESS_UNFINISHED);
static_assert(OutputHeader::kCut == LIBSCHED_PROCESS_CUT);
static_assert(sizeof(OutputHeader) == sizeof(libsched_process_output));
static_assert(static_cast<unsigned>(ProcessResult::State::kUnknown) == LIBSCHED_PROCESS_UNKNOWN);
static_assert(static_cast<unsigned>(ProcessResult::State::kExited) == LIBSCHED_PROCESS_EXITED);
static_assert(static_cast<unsigned>(ProcessResult::State::kSignaled) == LIBSCHED_PROCESS_SIGNALED);
static_assert(sched::sys::kLastSignal == 64);

namespace {

constexpr uint64_t kLongestLine = uint64_t{1} << 24;
constexpr uint64_t kFlags = LIBSCHED_PROCESS_SHELL | LIBSCHED_PROCESS_STDIN |
                            LIBSCHED_PROCESS_NO_GROUP | LIBSCHED_PROCESS_CHUNKS |
                            LIBSCHED_PROCESS_KILL_ON_UNREF | LIBSCHED_PROCESS_BROKER;

Status check(const libsched_process* process) {
  return Handle::check(process, LIBSCHED_KIND_PROCESS);
}

// A queue that messages of that form are to go to.
Status read_queue(libsched_queue* queue, bool bytes, const char* name, sched::capi::Queue*& out,
                  sched::Error* error) {
  if (const Status status = sched::capi::check_queue(queue, bytes)) {
    return sched::fail(error, status, "%s: %s; it must be a queue of %s", name,
                       sched::status_message(status), bytes ? "bytes" : "pointers");
  }
  out = queue->body;
  if (!out->closed()) return LIBSCHED_OK;
  return sched::fail(error, LIBSCHED_E_CLOSED, "%s is closed", name);
}

Status read_stream(uint32_t to, libsched_queue* queue, bool may_merge, const char* name,
                   Command::Stream& out, sched::capi::Queue*& out_queue, sched::Error* error) {
  using Stream = Command::Stream;
  constexpr Stream kStreams[] = {Stream::kInherited, Stream::kNothing, Stream::kQueue,
                                 Stream::kMerged};
  if (to > (may_merge ? LIBSCHED_PROCESS_MERGE : LIBSCHED_PROCESS_QUEUE)) {
    return sched::fail(error, LIBSCHED_E_RANGE,
                       "%s_to is %u; LIBSCHED_PROCESS_INHERIT, _NULL%s_QUEUE%s are possible", name,
                       to, may_merge ? ", " : " and ", may_merge ? " and _MERGE" : "");
  }
  out = kStreams[to];
  if (out != Stream::kQueue) {
    if (queue == nullptr) return LIBSCHED_OK;
    return sched::fail(error, LIBSCHED_E_RANGE,
                       "%s_queue is set, but %s_to is not LIBSCHED_PROCESS_QUEUE", name, name);
  }
  if (queue == nullptr) {
    return sched::fail(error, LIBSCHED_E_NULL, "%s_queue is NULL for LIBSCHED_PROCESS_QUEUE", name);
  }
  if (const Status status = read_queue(queue, true, name, out_queue, error)) return status;
  const uint64_t bound = out_queue->byte_bound();
  if (bound == 0 || bound > sizeof(OutputHeader)) return LIBSCHED_OK;
  return sched::fail(error, LIBSCHED_E_RANGE,
                     "%s_queue holds %llu bytes; at least %zu are needed for one message", name,
                     static_cast<unsigned long long>(bound), sizeof(OutputHeader) + 1);
}

Status read_streams(const libsched_process_options& wanted, Command& out, sched::Error* error) {
  if (const Status status = read_stream(wanted.stdout_to, wanted.stdout_queue, false, "stdout",
                                        out.output, out.output_queue, error)) {
    return status;
  }
  if (const Status status = read_stream(wanted.stderr_to, wanted.stderr_queue, true, "stderr",
                                        out.errors, out.error_queue, error)) {
    return status;
  }
  if (wanted.max_line > kLongestLine) {
    return sched::fail(error, LIBSCHED_E_RANGE, "max_line is %llu; at most %llu is possible",
                       static_cast<unsigned long long>(wanted.max_line),
                       static_cast<unsigned long long>(kLongestLine));
  }
  if (wanted.max_line != 0) out.longest_line = wanted.max_line;
  if (wanted.max_output != 0) out.most_output = wanted.max_output;
  out.inherits_input = (wanted.flags & LIBSCHED_PROCESS_STDIN) != 0;
  out.chunks = (wanted.flags & LIBSCHED_PROCESS_CHUNKS) != 0;
  return LIBSCHED_OK;
}

Status read_life(const libsched_process_options& wanted, Command& out, sched::Error* error) {
  if (wanted.timeout_ns < 0) {
    return sched::fail(error, LIBSCHED_E_RANGE, "timeout_ns is %lld; 0 means for ever",
                       static_cast<long long>(wanted.timeout_ns));
  }
  out.timeout_ns = wanted.timeout_ns != 0 ? wanted.timeout_ns : LIBSCHED_FOREVER;
  if (wanted.grace_ns != 0) out.grace_ns = wanted.grace_ns;
  if (wanted.linger_ns != 0) out.linger_ns = wanted.linger_ns;
  out.kill_on_abandon = (wanted.flags & LIBSCHED_PROCESS_KILL_ON_UNREF) != 0;
  out.tag = wanted.tag;
  return wanted.done != nullptr ? read_queue(wanted.done, false, "done", out.done_queue, error)
                                : LIBSCHED_OK;
}

void read_program(const libsched_process_options& wanted, Command& out) {
  out.arguments = wanted.argv;
  out.shell = (wanted.flags & LIBSCHED_PROCESS_SHELL) != 0;
  out.environment = wanted.envp;
  out.set = wanted.env_set;
  out.unset = wanted.env_unset;
  out.directory = wanted.cwd;
  out.inherited = wanted.inherit;
  out.inherited_count = wanted.inherit_count;
  out.own_group = (wanted.flags & LIBSCHED_PROCESS_NO_GROUP) == 0;
  const uint64_t limits[SpawnPlan::kLimits] = {wanted.cpu_seconds, wanted.memory_bytes,
                                               wanted.open_files, wanted.core_bytes};
  std::transform(limits, limits + SpawnPlan::kLimits, out.limits,
                 [](uint64_t limit) { return limit != 0 ? limit : SpawnPlan::kNoLimit; });
  if (wanted.core_bytes == LIBSCHED_PROCESS_NO_CORE) out.limits[SpawnPlan::kCoreSize] = 0;
}

Status read_jobserver(const libsched_process_options& wanted, Command& out, sched::Error* error) {
  out.brokered = (wanted.flags & LIBSCHED_PROCESS_BROKER) != 0;
  if (wanted.jobserver == nullptr) {
    if (!out.brokered) return LIBSCHED_OK;
    return sched::fail(error, LIBSCHED_E_NULL,
                       "jobserver is NULL, and LIBSCHED_PROCESS_BROKER set");
  }
  const Status status = Handle::check(wanted.jobserver, LIBSCHED_KIND_JOBSERVER);
  if (status != LIBSCHED_OK) return sched::fail(error, status, "jobserver is no live jobserver");
  out.jobserver = wanted.jobserver->body;
  return LIBSCHED_OK;
}

Status read_process_options(const libsched_process_options* given, Command& out,
                            sched::Error* error) {
  if (given == nullptr) return sched::fail(error, LIBSCHED_E_NULL, "options is NULL");
  libsched_process_options wanted;
  if (const Status status = sched::capi::read_options(given, wanted, error)) return status;
  if (const Status status = sched::capi::check_unused(wanted.flags & ~kFlags, 0, error)) {
    return status;
  }
  if (wanted.inherit == nullptr && wanted.inherit_count != 0) {
    return sched::fail(error, LIBSCHED_E_NULL, "inherit is NULL, inherit_count is %zu",
                       wanted.inherit_count);
  }
  read_program(wanted, out);
  if (const Status status = read_jobserver(wanted, out, error)) return status;
  if (const Status status = read_streams(wanted, out, error)) return status;
  return read_life(wanted, out, error);
}

void fill_result(libsched_process_result& out, const ProcessResult& result) {
  out.tag = result.tag;
  out.state = static_cast<uint32_t>(result.state);
  out.flags = (result.timed_out ? LIBSCHED_PROCESS_TIMED_OUT : 0) |
              (result.stopped ? LIBSCHED_PROCESS_STOPPED : 0) |
              (result.core ? LIBSCHED_PROCESS_CORE : 0) |
              (result.bytes_dropped != 0 ? LIBSCHED_PROCESS_DROPPED : 0) |
              (result.held ? LIBSCHED_PROCESS_HELD : 0);
  out.code = result.code;
  out.signal = result.signal;
  out.start_ns = result.start_ns;
  out.end_ns = result.end_ns;
  out.user_ns = static_cast<uint64_t>(result.user_ns);
  out.system_ns = static_cast<uint64_t>(result.system_ns);
  out.max_rss = result.most_memory;
  out.bytes_read = result.bytes_read;
  out.bytes_dropped = result.bytes_dropped;
}

}  // namespace

extern "C" {

void libsched_process_options_init(libsched_process_options* options) {
  sched::capi::init_options(options);
}

int libsched_process_spawn(libsched_process** out, const libsched_process_options* options,
                           libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  Command command;
  if (const Status status = read_process_options(options, command, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    // First, since a process that has begun cannot be taken back.
    auto handle = std::make_unique<libsched_process>(nullptr);
    const Status status = Process::spawn(handle->body, command, details.sink());
    if (status == LIBSCHED_OK) *out = handle.release();
    return status;
  }));
}

libsched_process* libsched_process_ref(libsched_process* process) {
  Handle::add(process, LIBSCHED_KIND_PROCESS);
  return process;
}

void libsched_process_unref(libsched_process* process) {
  if (!Handle::drop(process, LIBSCHED_KIND_PROCESS)) return;
  Process* const body = process->body;
  delete process;
  body->abandon();
}

int libsched_process_pid(int64_t* out, libsched_process* process) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = check(process);
  if (status == LIBSCHED_OK) *out = process->body->pid();
  return status;
}

void libsched_process_result_init(libsched_process_result* result) {
  sched::capi::init_options(result);
}

int libsched_process_wait(libsched_process_result* result, libsched_process* process,
                          int64_t timeout_ns, libsched_cancel* cancel) {
  if (const Status status = check(process)) return status;
  if (const Status status = check_cancel(cancel)) return status;
  if (result != nullptr) {
    // Before the wait, not after it.
    if (const Status status = sched::capi::check_output(*result)) return status;
  }
  ProcessResult how;
  const Status status =
      process->body->wait<sched::Blocking>(how, timeout_ns, sched::capi::body_of(cancel));
  if (status != LIBSCHED_OK || result == nullptr) return status;
  static_cast<void>(sched::capi::begin_output(result));
  fill_result(*result, how);
  return LIBSCHED_OK;
}

int libsched_process_stop(libsched_process* process, int64_t grace_ns) {
  const Status status = check(process);
  return status != LIBSCHED_OK ? status : process->body->stop(grace_ns);
}

int libsched_process_kill(libsched_process* process, int32_t signal) {
  if (const Status status = check(process)) return status;
  if (signal < 1 || signal > sched::sys::kLastSignal) return LIBSCHED_E_RANGE;
  return process->body->kill(signal);
}

}  // extern "C"
