#include "core/process/process.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <memory>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::kPatienceNs;

struct NoSection {
  NoSection() {}
};

// What becomes of a companion.
struct Steps {
  std::atomic<int> started{0};
  std::atomic<int> ended{0};
  std::atomic<int> gone{0};
};

class Counting final : public Companion {
 public:
  explicit Counting(Steps& steps) : steps_(steps) {}
  ~Counting() override { ++steps_.gone; }
  void started() noexcept override {
    EXPECT_EQ(steps_.ended, 0);
    ++steps_.started;
  }
  void ended(const ProcessResult&) noexcept override {
    EXPECT_EQ(steps_.started, 1);
    ++steps_.ended;
  }

 private:
  Steps& steps_;
};

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() {
    command.arguments = arguments;
    command.companion = std::make_unique<Counting>(steps);
  }
  const char* arguments[2] = {"/bin/true", nullptr};
  Steps steps;
  Command command;
  Process* process = nullptr;
};

TEST_F(ProcessTest, CompanionsSeeTheStartAndTheEnd) {
  ASSERT_EQ(Process::spawn(process, command, nullptr), LIBSCHED_OK);
  EXPECT_EQ(steps.started, 1);
  ProcessResult result;
  ASSERT_EQ(process->wait<NoSection>(result, kPatienceNs, nullptr), LIBSCHED_OK);
  EXPECT_EQ(steps.ended, 1) << "before anybody is told";
  EXPECT_EQ(steps.gone, 0);
  process->abandon();
  EXPECT_TRUE(test::comes_true([this] { return steps.gone == 1; }));
}

TEST_F(ProcessTest, CompanionsOfFailedStartsStayTheCallers) {
  arguments[0] = "/no/such/program";
  Error error;
  EXPECT_EQ(Process::spawn(process, command, &error), -ENOENT);
  EXPECT_EQ(error.message, "exec: /no/such/program: No such file or directory");
  EXPECT_EQ(process, nullptr);
  EXPECT_EQ(steps.started, 0);
  EXPECT_EQ(steps.ended, 0);
  EXPECT_EQ(steps.gone, 0);
  command.companion.reset();
  EXPECT_EQ(steps.gone, 1);
}

TEST_F(ProcessTest, WaitsThatSleepAreSections) {
  static std::atomic<int> now;
  static std::atomic<int> all;
  struct Section {
    Section() { ++now, ++all; }
    ~Section() { --now; }
  };
  now = all = 0;
  const char* const sleeper[] = {"/bin/sleep", "1000", nullptr};
  command.arguments = sleeper;
  ASSERT_EQ(Process::spawn(process, command, nullptr), LIBSCHED_OK);
  ProcessResult result;
  EXPECT_EQ(process->wait<Section>(result, 0, nullptr), LIBSCHED_E_TIMEOUT);
  EXPECT_EQ(all, 0);
  EXPECT_EQ(process->wait<Section>(result, 1, nullptr), LIBSCHED_E_TIMEOUT);
  EXPECT_EQ(all, 1);
  EXPECT_EQ(now, 0);
  EXPECT_EQ(process->kill(sys::kKill), LIBSCHED_OK);
  EXPECT_EQ(process->wait<Section>(result, kPatienceNs, nullptr), LIBSCHED_OK);
  EXPECT_EQ(result.signal, sys::kKill);
  process->abandon();
  // The reactor has it too, and its companion counts in this object.
  EXPECT_TRUE(test::comes_true([this] { return steps.gone == 1; }));
}

}  // namespace
}  // namespace sched
