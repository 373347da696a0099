// A jobserver without memory: each allocation fails once. Nobody hangs, nothing is lost, and what may not throw does not.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "core/jobserver/broker.h"
#include "core/jobserver/jobserver.h"
#include "tests/unit/failing_new.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

struct NoSection {
  NoSection() {}
};

constexpr std::uint32_t kSlots = 40;  // more than the first block of the table

int open_files() {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

// What may throw.
template <class Fn>
Status guarded(Fn fn) {
  try {
    return fn();
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
}

std::atomic<int> calls;
std::atomic<int> discards;

void live(ServedPool::Style style, std::vector<std::uint64_t>& held) noexcept {
  Jobserver* jobserver = nullptr;
  if (guarded([&] { return Jobserver::serve(jobserver, style, kSlots, false, nullptr); }) !=
      LIBSCHED_OK) {
    EXPECT_EQ(jobserver, nullptr);
    return;
  }
  std::uint64_t token = 0;
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    const Status status = jobserver->try_acquire(token);
    if (status == LIBSCHED_OK) held.push_back(token);
    EXPECT_TRUE(status == LIBSCHED_OK || status == -ENOMEM);
  }
  static_cast<void>(jobserver->acquire<NoSection>(token, 1000, nullptr));
  int made = 0;
  for (int i = 0; i < 3; ++i) {
    const Status status = guarded([&] {
      return jobserver->call_with_token([](std::uint64_t, void*) { ++calls; }, nullptr,
                                        [](void*) { ++discards; });
    });
    made += status == LIBSCHED_OK ? 1 : 0;
  }
  Broker* broker = nullptr;
  if (guarded([&] { return Broker::create(broker, *jobserver, nullptr); }) == LIBSCHED_OK) {
    if (guarded([&] { return broker->start(); }) == LIBSCHED_OK) {
      EXPECT_EQ(broker->wait<NoSection>(test::kPatienceNs, nullptr), LIBSCHED_OK);
    }
    broker->drop();
  }
  for (const std::uint64_t each : held) EXPECT_EQ(jobserver->release(each), LIBSCHED_OK);
  const Jobserver::Stats stats = jobserver->stats();
  EXPECT_EQ(stats.lost, 0u);
  EXPECT_EQ(stats.outstanding, 0u);
  EXPECT_EQ(stats.extra, 0u);
  EXPECT_EQ(stats.brokered, 0u);
  jobserver->abandon();
  EXPECT_TRUE(test::comes_true([&] { return calls + discards == made; }));
}

TEST(JobserverMemory, EachAllocationFailsOnce) {
  std::string folder = "/tmp/libsched-unit-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ::setenv("TMPDIR", folder.c_str(), 1);
  for (const auto style : {ServedPool::Style::kPipe, ServedPool::Style::kBoth}) {
    for (int place = 0; place < 200; ++place) {
      SCOPED_TRACE(place);
      const int files = open_files();
      calls = discards = 0;
      std::vector<std::uint64_t> held;
      held.reserve(kSlots);
      long left = 0;
      {
        const test::ScarceMemory scarce(place);
        live(style, held);
        left = test::allocations_left;
      }
      ASSERT_TRUE(test::comes_true([&] { return open_files() == files; }));
      if (HasFailure()) return;
      if (left > 0) break;  // there were not so many
    }
  }
  EXPECT_EQ(::rmdir(folder.c_str()), 0) << "something is left";
}

}  // namespace
}  // namespace sched
