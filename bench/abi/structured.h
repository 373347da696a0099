#pragma once

#include <libsched.h>

#include <cstdlib>

#include "bench/abi/pool.h"
#include "bench/structured_rows.h"

// How structured_rows.h forks, spawns and divides through the C interface.
namespace abi {

struct Fib {
  int n;
  std::uint64_t result;
};

inline std::uint64_t fib(int n);

inline int fib_task(libsched_task*, void* data) {
  Fib& own = *static_cast<Fib*>(data);
  own.result = fib(own.n);
  return 0;
}

inline std::uint64_t fib(int n) {
  if (n < 2) return static_cast<std::uint64_t>(n);
  libsched_frame frame;
  Fib first{n - 1, 0};
  if (libsched_fork(&frame, fib_task, &first) != LIBSCHED_OK) std::abort();
  const std::uint64_t second = fib(n - 2);
  if (libsched_join(&frame) != LIBSCHED_OK) std::abort();
  return first.result + second;
}

template <unsigned workers>
bench::Pass fork_join() {
  Pool pool(workers);
  return bench::fork_join([&pool] {
    Fib root{bench::kFib, 0};
    pool.run(fib_task, &root);
    return root.result;
  });
}

// The pool comes with the task, as a program's own data would.
struct TreeTask {
  libsched_pool* pool;
  bench::TreeNode* node;

  static int run(libsched_task*, void* data) {
    const TreeTask& own = *static_cast<TreeTask*>(data);
    own.node->visit([pool = own.pool](auto& children) {
      std::array<TreeTask, bench::kFanOut> tasks;
      std::array<void*, bench::kFanOut> pointers;
      libsched_group* group = nullptr;
      expect_ok("libsched_group_create", libsched_group_create(&group, pool, nullptr, nullptr));
      for (std::size_t i = 0; i < children.size(); ++i) {
        tasks[i] = {pool, &children[i]};
        pointers[i] = &tasks[i];
      }
      std::size_t accepted = 0;
      expect_ok("libsched_group_submit_n",
                libsched_group_submit_n(&accepted, group, LIBSCHED_NORMAL, &TreeTask::run,
                                        pointers.data(), pointers.size(), nullptr, LIBSCHED_FOREVER,
                                        nullptr, nullptr));
      bench::check("libsched_group_submit_n, accepted", accepted, pointers.size());
      expect_ok("libsched_group_wait",
                libsched_group_wait(nullptr, group, 0, LIBSCHED_FOREVER, nullptr, nullptr));
      libsched_group_unref(group);
    });
    return 0;
  }
};

template <unsigned workers>
bench::Pass group_tree() {
  Pool pool(workers);
  return bench::group_tree([&pool](bench::TreeNode& root) {
    pool.expect_tasks(bench::kTreeTasks - 1);
    TreeTask task{pool.handle(), &root};
    pool.run(&TreeTask::run, &task);
  });
}

class Loop {
 public:
  explicit Loop(unsigned workers) : pool_(workers) {}

  template <class Body>
  void run(std::uint64_t n, Body body) {
    pool_.expect_tasks(1);
    const auto chunk = [](libsched_task*, std::uint64_t begin, std::uint64_t end, void* data) {
      (*static_cast<Body*>(data))(begin, end);
      return 0;
    };
    expect_ok("libsched_parallel_for_each_chunk",
              libsched_parallel_for_each_chunk(nullptr, pool_.handle(), LIBSCHED_NORMAL, 0, n, 0,
                                               chunk, &body, nullptr, nullptr));
  }

 private:
  Pool pool_;
};

}  // namespace abi
