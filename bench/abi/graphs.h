#pragma once

#include <libsched.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/abi/expect.h"
#include "bench/graph_rows.h"

// Graphs as graph_rows.h wants them, and what only ours have: names, handlers and commands.
namespace abi {

inline int run_nothing(libsched_job*, void*) { return 0; }

class Graph {
 public:
  Graph() { expect_ok("libsched_graph_create", libsched_graph_create(&graph_, 0, nullptr)); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() { libsched_graph_unref(graph_); }

  std::uint64_t add(const libsched_job_options& options) {
    std::uint64_t job = LIBSCHED_NO_JOB;
    const int status = libsched_graph_add(&job, graph_, &options, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_graph_add", status);
    return job;
  }
  void depend(std::uint64_t dependent, std::uint64_t dependency) {
    const int status =
        libsched_graph_depend(graph_, dependent, dependency, LIBSCHED_FINISHED, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_graph_depend", status);
  }
  void freeze() { expect_ok("libsched_graph_freeze", libsched_graph_freeze(graph_, nullptr)); }
  // All jobs have ended well, or this fails.
  void run(libsched_pool* pool, const libsched_run_options& options) {
    expect_ok("libsched_graph_run",
              libsched_graph_run(nullptr, graph_, pool, &options, nullptr, nullptr));
  }

 private:
  libsched_graph* graph_ = nullptr;
};

struct UnrefPool {
  void operator()(libsched_pool* pool) const { libsched_pool_unref(pool); }
};
using PoolHandle = std::unique_ptr<libsched_pool, UnrefPool>;

inline PoolHandle make_pool() {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool* pool = nullptr;
  options.workers = bench::kGraphWorkers;
  expect_ok("libsched_pool_create", libsched_pool_create(&pool, &options, nullptr));
  return PoolHandle(pool);
}

// names: nullptr, or one for each node.
inline std::unique_ptr<Graph> make_graph(const bench::Dag& dag,
                                         const std::vector<std::string>* names) {
  auto graph = std::make_unique<Graph>();
  std::vector<std::uint64_t> jobs(dag.nodes());
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  options.fn = run_nothing;
  for (std::uint32_t node = 0; node < dag.nodes(); ++node) {
    if (names != nullptr) options.name = (*names)[node].c_str();
    jobs[node] = graph->add(options);
    dag.each(node, [&](std::uint32_t other) { graph->depend(jobs[node], jobs[other]); });
  }
  graph->freeze();
  return graph;
}

class ComputeGraph {
 public:
  explicit ComputeGraph(const bench::Dag& dag) : graph_(make_graph(dag, nullptr)) {}
  void run() {
    libsched_run_options options = LIBSCHED_RUN_OPTIONS_INIT;
    options.flags = LIBSCHED_RUN_COMPUTE;
    graph_->run(pool_.get(), options);
  }

 private:
  const PoolHandle pool_ = make_pool();
  const std::unique_ptr<Graph> graph_;
};

inline bench::Pass dag_build() {
  return bench::build_dag([](const bench::Dag& dag) { return make_graph(dag, nullptr); });
}

inline bench::Pass dag_build_names() {
  std::vector<std::string> names;
  return bench::build_dag([&names](const bench::Dag& dag) {
    for (std::size_t node = names.size(); node < dag.nodes(); ++node) {
      names.push_back("src/part-" + std::to_string(node) + ".o");
    }
    return make_graph(dag, &names);
  });
}

inline bench::Pass dag_bytes() {
  const bench::Dag dag = bench::wavefront_dag();
  const auto start = bench::Clock::now();
  const std::size_t before = bench::resident_bytes();
  const auto graph = make_graph(dag, nullptr);
  const double grown = static_cast<double>(bench::resident_bytes()) - static_cast<double>(before);
  return {bench::seconds_since(start), grown / dag.nodes()};
}

inline int count_ends(const libsched_run_message* message, void* ends) {
  if (message->kind == LIBSCHED_MESSAGE_FINISHED) ++*static_cast<std::size_t*>(ends);
  return 0;
}

inline bench::Pass dag_handler() {
  constexpr std::size_t kJobs = 100'000;
  PoolHandle pool = make_pool();
  Graph graph;
  libsched_job_options job = LIBSCHED_JOB_OPTIONS_INIT;
  job.fn = run_nothing;
  for (std::size_t i = 0; i < kJobs; ++i) graph.add(job);
  std::size_t ends = 0;
  libsched_run_options options = LIBSCHED_RUN_OPTIONS_INIT;
  options.handler = count_ends;
  options.handler_data = &ends;
  graph.run(pool.get(), options);
  const auto start = bench::Clock::now();
  graph.run(pool.get(), options);
  const bench::Pass pass = bench::per_item(bench::seconds_since(start), kJobs);
  bench::check("messages of ends", ends, 2 * kJobs);
  return pass;
}

inline double run_commands(std::size_t commands) {
  static const char* const arguments[] = {"/bin/true", nullptr};
  Graph graph;
  libsched_job_options job = LIBSCHED_JOB_OPTIONS_INIT;
  job.argv = arguments;
  for (std::size_t i = 0; i < commands; ++i) graph.add(job);
  libsched_run_options options = LIBSCHED_RUN_OPTIONS_INIT;
  options.slots = bench::kInFlight;
  const auto start = bench::Clock::now();
  graph.run(nullptr, options);
  return bench::seconds_since(start);
}

}  // namespace abi
