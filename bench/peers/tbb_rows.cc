// oneTBB: concurrent_queue, task_group, task_arena::enqueue, parallel_for, and the flow graph.

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "bench/graph_rows.h"
#include "bench/pool_rows.h"
#include "bench/queue_rows.h"
#include "bench/structured_rows.h"

namespace {

struct Queue {
  tbb::concurrent_queue<std::uint64_t> queue;

  struct Producer {
    explicit Producer(Queue& q) : queue(q.queue) {}
    void push(std::uint64_t item) { queue.push(item); }
    tbb::concurrent_queue<std::uint64_t>& queue;
  };
  struct Consumer {
    explicit Consumer(Queue& q) : queue(q.queue) {}
    bench::Take take(std::uint64_t& item) {
      return queue.try_pop(item) ? bench::Take::kOk : bench::Take::kEmpty;
    }
    tbb::concurrent_queue<std::uint64_t>& queue;
  };
};

// The submitter is a master thread of the arena, as a caller of task_group is; the workers come on top of it.
class Group {
 public:
  explicit Group(unsigned) {}
  void begin(std::size_t) {}
  void submit_empty() {
    group_.run([] {});
  }
  void submit_stamp(std::atomic<std::int64_t>* started) {
    group_.run([started] { bench::stamp(*started); });
  }
  void submit_gate(bench::Gate* gate) {
    group_.run([gate] { gate->hold(); });
  }
  void wait() { group_.wait(); }

 private:
  tbb::task_group group_;
};

// An enqueued task reports to nobody, so the tasks count themselves. The counter is static, so that an empty task
// captures nothing.
class Arena {
 public:
  explicit Arena(unsigned workers) : arena_(static_cast<int>(workers), 0) {}
  void begin(std::size_t tasks) { left_.store(tasks, std::memory_order_relaxed); }
  void submit_empty() {
    arena_.enqueue([] { done(); });
  }
  void submit_stamp(std::atomic<std::int64_t>* started) {
    arena_.enqueue([started] {
      bench::stamp(*started);
      done();
    });
  }
  void submit_gate(bench::Gate* gate) {
    arena_.enqueue([gate] {
      gate->hold();
      done();
    });
  }
  void wait() {
    while (left_.load(std::memory_order_acquire) != 0) {
      all_done_.wait(false, std::memory_order_acquire);
      all_done_.exchange(false,
                         std::memory_order_acq_rel);  // it may be left over from the round before
    }
  }

 private:
  static void done() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      all_done_.store(true, std::memory_order_release);
      all_done_.notify_one();
    }
  }

  static inline std::atomic<std::uint64_t> left_{0};
  static inline std::atomic<bool> all_done_{false};
  tbb::task_arena arena_;
};

std::uint64_t fib(int n) {
  if (n < 2) return static_cast<std::uint64_t>(n);
  std::uint64_t first = 0;
  tbb::task_group group;
  group.run([&first, n] { first = fib(n - 1); });
  const std::uint64_t second = fib(n - 2);
  group.wait();
  return first + second;
}

// The caller is one of the workers.
template <int workers>
bench::Pass fork_join() {
  tbb::task_arena arena(workers, 1);
  return bench::fork_join([&arena] { return arena.execute([] { return fib(bench::kFib); }); });
}

void visit(bench::TreeNode& node) {
  node.visit([](auto& children) {
    tbb::task_group group;
    for (bench::TreeNode& child : children) group.run([&child] { visit(child); });
    group.wait();
  });
}

template <int workers>
bench::Pass group_tree() {
  tbb::task_arena arena(workers, 1);
  return bench::group_tree(
      [&arena](bench::TreeNode& root) { arena.execute([&root] { visit(root); }); });
}

class Loop {
 public:
  explicit Loop(unsigned workers) : arena_(static_cast<int>(workers), 1) {}

  template <class Body>
  void run(std::uint64_t n, Body body) {
    arena_.execute([n, &body] {
      tbb::parallel_for(tbb::blocked_range<std::uint64_t>(0, n),
                        [&body](const tbb::blocked_range<std::uint64_t>& part) {
                          body(part.begin(), part.end());
                        });
    });
  }

 private:
  tbb::task_arena arena_;
};

class FlowGraph {
 public:
  explicit FlowGraph(const bench::Dag& dag) {
    for (std::uint32_t node = 0; node < dag.nodes(); ++node) {
      nodes_.emplace_back(graph_, [](const tbb::flow::continue_msg&) {});
      dag.each(node,
               [&](std::uint32_t other) { tbb::flow::make_edge(nodes_[other], nodes_[node]); });
      if (dag.count(node) == 0) roots_.push_back(node);
    }
  }
  void run() {
    for (const std::uint32_t root : roots_) nodes_[root].try_put({});
    graph_.wait_for_all();
  }

 private:
  tbb::flow::graph graph_;
  std::deque<tbb::flow::continue_node<tbb::flow::continue_msg>> nodes_;
  std::vector<std::uint32_t> roots_;
};

// What one writes by hand: a counter for each node, and the first successor that is ready goes on in the same task.
class Counters {
 public:
  explicit Counters(const bench::Dag& dag) : nodes_(dag.nodes()) {
    std::vector<std::uint32_t> counts(dag.nodes() + 1);
    for (const std::uint32_t other : dag.dependencies) ++counts[other];
    std::uint32_t sum = 0;
    for (std::uint32_t node = 0; node < dag.nodes(); ++node) {
      nodes_[node].begin = nodes_[node].end = sum;
      sum += counts[node];
      nodes_[node].degree = dag.count(node);
      nodes_[node].waits.store(nodes_[node].degree);
      if (dag.count(node) == 0) roots_.push_back(node);
    }
    successors_.resize(sum);
    for (std::uint32_t node = 0; node < dag.nodes(); ++node) {
      dag.each(node, [&](std::uint32_t other) { successors_[nodes_[other].end++] = node; });
    }
  }
  void run() {
    for (const std::uint32_t root : roots_) {
      group_.run([this, root] { visit(root); });
    }
    group_.wait();
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Node {
    std::atomic<std::uint32_t> waits{0};
    std::uint32_t degree = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  void visit(std::uint32_t node) {
    while (node != kNone) {
      std::uint32_t next = kNone;
      for (std::uint32_t i = nodes_[node].begin; i < nodes_[node].end; ++i) {
        const std::uint32_t other = successors_[i];
        if (nodes_[other].waits.fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
        nodes_[other].waits.store(nodes_[other].degree,
                                  std::memory_order_relaxed);  // of the next run
        if (next == kNone) {
          next = other;
        } else {
          group_.run([this, other] { visit(other); });
        }
      }
      node = next;
    }
  }

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> successors_;
  std::vector<std::uint32_t> roots_;
  tbb::task_group group_;
};

// The caller is one of the workers.
template <class G, bench::Dag (*make)()>
bench::Pass dag() {
  tbb::task_arena arena(static_cast<int>(bench::kGraphWorkers), 1);
  return arena.execute([] { return bench::run_dag<G>(make); });
}

bench::Pass flow_build() {
  return bench::build_dag([](const bench::Dag& dag) { return std::make_unique<FlowGraph>(dag); });
}

template <bench::Pass (*row)()>
bench::Pass as_master() {
  tbb::task_arena arena(static_cast<int>(bench::kWorkers) + 1, 1);
  return arena.execute(row);
}

}  // namespace

int main(int argc, char** argv) {
  // One more than the workers, for the master; without it TBB starts no more workers than CPUs less one.
  tbb::global_control parallelism(tbb::global_control::max_allowed_parallelism,
                                  bench::kWorkers + 1);
  bench::add_injector_rows<Queue>();
  bench::add_row("submit-1m/group", as_master<bench::submit_1m<Group>>);
  bench::add_row("submit-1m/enqueue", bench::submit_1m<Arena>);
  bench::add_row("wake/group", as_master<bench::wake<Group>>);
  bench::add_row("wake/enqueue", bench::wake<Arena>);
  bench::add_row("idle/group", as_master<bench::idle<Group>>);
  bench::add_row("queued-bytes/group", as_master<bench::queued_bytes<Group>>);
  bench::add_row("queued-bytes/enqueue", bench::queued_bytes<Arena>);
  bench::add_row("fork-join-1w", fork_join<1>);
  bench::add_row("fork-join-2w", fork_join<2>);
  bench::add_row("group-tree-1w", group_tree<1>);
  bench::add_row("group-tree-2w", group_tree<2>);
  bench::add_loop_rows<Loop>();
  bench::add_row("dag-random/flow", dag<FlowGraph, bench::random_dag>);
  bench::add_row("dag-random/counters", dag<Counters, bench::random_dag>);
  bench::add_row("dag-wavefront/flow", dag<FlowGraph, bench::wavefront_dag>);
  bench::add_row("dag-wavefront/counters", dag<Counters, bench::wavefront_dag>);
  bench::add_row("dag-build", flow_build);
  return bench::run(argc, argv);
}
