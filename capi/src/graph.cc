#include "graph.h"

#include <new>

#include "guard.h"

using sched::JobGraph;
using sched::JobIndex;
using sched::JobRef;
using sched::JobSpec;
using sched::Status;
using sched::capi::ErrorOut;
using sched::capi::Handle;

namespace {

// A graph that the calling thread uses, for as long as it lives.
class Use {
 public:
  explicit Use(libsched_graph* graph) : status_(Handle::check(graph, libsched_graph::kKind)) {
    if (status_ != LIBSCHED_OK) return;
    if (graph->body->begin_use()) {
      graph_ = graph->body;
    } else {
      status_ = LIBSCHED_E_BUSY;
    }
  }
  ~Use() {
    if (graph_ != nullptr) graph_->end_use();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  Status status() const { return status_; }
  JobGraph* operator->() const { return graph_; }

 private:
  JobGraph* graph_ = nullptr;
  Status status_;
};

Status read_ref(const JobGraph& graph, uint64_t job, JobRef& out, sched::Error* error) {
  const JobIndex found = graph.graph().find(job);
  if (found == sched::kNoJob) {
    return sched::fail(error, LIBSCHED_E_STALE, "no job of this graph has the number %llu",
                       static_cast<unsigned long long>(job));
  }
  out = JobRef::of(found);
  return LIBSCHED_OK;
}

}  // namespace

namespace sched::capi {

Status read_kind(uint32_t kind, EdgeKind& out, Error* error) {
  if (kind > LIBSCHED_EARLY) {
    return fail(error, LIBSCHED_E_RANGE,
                "kind is %u; LIBSCHED_FINISHED (0) and LIBSCHED_EARLY (1) are possible", kind);
  }
  out = kind == LIBSCHED_EARLY ? EdgeKind::kEarly : EdgeKind::kFinished;
  return LIBSCHED_OK;
}

Status read_job(const libsched_job_options* given, JobSpec& out, Error* error) {
  if (given == nullptr) return fail(error, LIBSCHED_E_NULL, "options is NULL");
  libsched_job_options wanted;
  if (const Status status = read_options(given, wanted, error)) return status;
  constexpr uint64_t kKnown = LIBSCHED_JOB_FRESH | LIBSCHED_JOB_SHELL;
  if (const Status status = check_unused(wanted.flags & ~kKnown, 0, error)) return status;
  if (const Status status = read_priority(wanted.priority, out.job.level, error)) return status;
  if (wanted.timeout_ns < 0) {
    return fail(error, LIBSCHED_E_RANGE, "timeout_ns is %lld; 0 means for ever",
                static_cast<long long>(wanted.timeout_ns));
  }
  if (wanted.argv != nullptr && wanted.fn != nullptr) {
    return fail(error, LIBSCHED_E_RANGE, "a job has a function or a command, not both");
  }
  if (wanted.argv != nullptr && wanted.argv[0] == nullptr) {
    return fail(error, LIBSCHED_E_NULL, "argv has no program");
  }
  if (wanted.name != nullptr) out.name = wanted.name;
  out.job.cost = wanted.cost != 0 ? wanted.cost : 1;
  if (wanted.early_cost != 0) out.job.early_cost = wanted.early_cost;
  out.job.weight = wanted.weight != 0 ? wanted.weight : 1;
  if (wanted.limit_class != 0) out.job.limit_class = wanted.limit_class - 1;
  out.job.fresh = (wanted.flags & LIBSCHED_JOB_FRESH) != 0;
  out.fn = wanted.fn;
  out.user_data = wanted.user_data;
  out.discard = wanted.discard;
  out.arguments = wanted.argv;
  out.environment = wanted.envp;
  out.directory = wanted.cwd;
  out.shell = (wanted.flags & LIBSCHED_JOB_SHELL) != 0;
  out.retries = wanted.retries;
  if (wanted.timeout_ns != 0) out.timeout_ns = wanted.timeout_ns;
  return LIBSCHED_OK;
}

}  // namespace sched::capi

extern "C" {

void libsched_job_options_init(libsched_job_options* options) {
  sched::capi::init_options(options);
}

int libsched_graph_create(libsched_graph** out, uint32_t flags, libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  *out = nullptr;
  if ((flags & ~LIBSCHED_GRAPH_DOWNSTREAM) != 0) {
    return details.done(sched::fail(details.sink(), LIBSCHED_E_FLAGS,
                                    "flags is 0x%x; LIBSCHED_GRAPH_DOWNSTREAM is possible", flags));
  }
  return details.done(sched::capi::guarded([&] {
    const bool downstream = (flags & LIBSCHED_GRAPH_DOWNSTREAM) != 0;
    auto* body =
        new JobGraph(downstream ? JobGraph::Order::kDownstream : JobGraph::Order::kCriticalPath);
    *out = new (std::nothrow) libsched_graph(body);
    if (*out != nullptr) return LIBSCHED_OK;
    body->drop();
    return -ENOMEM;
  }));
}

libsched_graph* libsched_graph_ref(libsched_graph* graph) {
  Handle::add(graph, libsched_graph::kKind);
  return graph;
}

void libsched_graph_unref(libsched_graph* graph) {
  if (!Handle::drop(graph, libsched_graph::kKind)) return;
  JobGraph* const body = graph->body;
  delete graph;
  body->drop();
}

int libsched_graph_add(uint64_t* out, libsched_graph* graph, const libsched_job_options* options,
                       libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr) return details.done(LIBSCHED_E_NULL);
  const Use use(graph);
  if (use.status() != LIBSCHED_OK) return details.done(use.status());
  JobSpec spec;
  if (const Status status = sched::capi::read_job(options, spec, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    JobIndex job = sched::kNoJob;
    const Status status = use->add(job, spec, details.sink());
    if (status == LIBSCHED_OK) *out = use->graph().id(job);
    return status;
  }));
}

int libsched_graph_depend(libsched_graph* graph, uint64_t dependent, uint64_t dependency,
                          uint32_t kind, libsched_error** error) {
  ErrorOut details(error);
  const Use use(graph);
  if (use.status() != LIBSCHED_OK) return details.done(use.status());
  sched::EdgeKind edge = sched::EdgeKind::kFinished;
  JobRef from = JobRef::of(sched::kNoJob);
  JobRef to = from;
  const JobGraph& body = *use.operator->();
  if (const Status status = sched::capi::read_kind(kind, edge, details.sink())) {
    return details.done(status);
  }
  if (const Status status = read_ref(body, dependent, from, details.sink())) {
    return details.done(status);
  }
  if (const Status status = read_ref(body, dependency, to, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    return use->depend(from, {to, edge}, details.sink());
  }));
}

int libsched_graph_depend_name(libsched_graph* graph, const char* dependent, const char* dependency,
                               uint32_t kind, libsched_error** error) {
  ErrorOut details(error);
  const Use use(graph);
  if (use.status() != LIBSCHED_OK) return details.done(use.status());
  if (dependent == nullptr || dependency == nullptr || *dependent == '\0' || *dependency == '\0') {
    return details.done(
        sched::fail(details.sink(), LIBSCHED_E_NULL, "a name is NULL, or has no characters"));
  }
  sched::EdgeKind edge = sched::EdgeKind::kFinished;
  if (const Status status = sched::capi::read_kind(kind, edge, details.sink())) {
    return details.done(status);
  }
  return details.done(sched::capi::guarded([&] {
    if (use->graph().is_frozen()) {
      return sched::fail(details.sink(), LIBSCHED_E_STATE, "the graph is frozen");
    }
    return use->depend(use->named(dependent), {use->named(dependency), edge}, details.sink());
  }));
}

int libsched_graph_limit(uint32_t* out, libsched_graph* graph, const char* name, uint32_t most,
                         libsched_error** error) {
  ErrorOut details(error);
  if (out == nullptr || name == nullptr) return details.done(LIBSCHED_E_NULL);
  const Use use(graph);
  if (use.status() != LIBSCHED_OK) return details.done(use.status());
  if (most == 0) {
    return details.done(sched::fail(details.sink(), LIBSCHED_E_RANGE,
                                    "most is 0: no job of the class could ever start"));
  }
  return details.done(sched::capi::guarded([&] {
    *out = use->limit(name, most) + 1;
    return LIBSCHED_OK;
  }));
}

int libsched_graph_find(uint64_t* out, libsched_graph* graph, const char* name) {
  if (out == nullptr || name == nullptr) return LIBSCHED_E_NULL;
  const Use use(graph);
  if (use.status() != LIBSCHED_OK) return use.status();
  const JobIndex job = use->graph().find(std::string_view(name));
  if (job == sched::kNoJob) return LIBSCHED_E_EMPTY;
  *out = use->graph().id(job);
  return LIBSCHED_OK;
}

int libsched_graph_freeze(libsched_graph* graph, libsched_error** error) {
  ErrorOut details(error);
  const Use use(graph);
  if (use.status() != LIBSCHED_OK) return details.done(use.status());
  return details.done(sched::capi::guarded([&] { return use->prepare(details.sink()); }));
}

int libsched_graph_reset(libsched_graph* graph) {
  const Use use(graph);
  if (use.status() != LIBSCHED_OK) return use.status();
  use->reset();
  return LIBSCHED_OK;
}

}  // extern "C"
