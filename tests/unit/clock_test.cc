#include "core/sys/clock.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "core/pool/task.h"
#include "tests/unit/support.h"

namespace sched::sys {
namespace {

std::int64_t fake_now;

class Clock : public ::testing::Test {
 protected:
  Clock() {
    fake_now = 5'000'000'123;
    calls.clock_gettime = [](clockid_t, timespec* out) {
      *out = {fake_now / 1'000'000'000, fake_now % 1'000'000'000};
      return 0;
    };
  }
  test::RealCalls restore_;
};

TEST_F(Clock, Now) {
  EXPECT_EQ(now_ns(), 5'000'000'123);
  EXPECT_EQ(coarse_now_ns(), 5'000'000'123);
}

TEST_F(Clock, ZeroIsOverAtOnce) {
  const Deadline deadline(0);
  EXPECT_TRUE(deadline.over());
  EXPECT_EQ(deadline.remaining_ns(), 0);
}

TEST_F(Clock, NegativeIsNeverOver) {
  for (const std::int64_t timeout : {std::int64_t{-1}, INT64_MIN}) {
    const Deadline deadline(timeout);
    fake_now = INT64_MAX;
    EXPECT_FALSE(deadline.over());
    EXPECT_LT(deadline.remaining_ns(), 0);
  }
}

TEST_F(Clock, ADeadlineCountsFromItsConstruction) {
  const Deadline deadline(1'000);
  EXPECT_FALSE(deadline.over());
  EXPECT_EQ(deadline.remaining_ns(), 1'000);
  fake_now += 999;
  EXPECT_FALSE(deadline.over());
  EXPECT_EQ(deadline.remaining_ns(), 1);
  fake_now += 1;
  EXPECT_TRUE(deadline.over());
  EXPECT_EQ(deadline.remaining_ns(), 0);
  fake_now += 1'000'000;
  EXPECT_TRUE(deadline.over());
  EXPECT_EQ(deadline.remaining_ns(), 0) << "never negative, which would mean for ever";
}

TEST_F(Clock, TheLongestTimeoutDoesNotOverflow) {
  const Deadline deadline(INT64_MAX);
  EXPECT_FALSE(deadline.over());
  EXPECT_GT(deadline.remaining_ns(), INT64_MAX / 2);
  fake_now = INT64_MAX - 1;
  EXPECT_FALSE(deadline.over());
}

// A task's time of submit has 32 bits.
TEST_F(Clock, AgesOfTasksWrapAround) {
  for (const std::int64_t then :
       {std::int64_t{1} << 20, (std::int64_t{1} << 52) - (std::int64_t{1} << 22)}) {
    fake_now = then;
    const std::uint32_t submitted = Task::clock();
    EXPECT_EQ(Task::age_ns(submitted), 0u);
    fake_now = then + (std::int64_t{10} << 20);
    EXPECT_EQ(Task::age_ns(submitted), std::uint64_t{10} << 20);
    fake_now = then - (std::int64_t{1} << 20);
    EXPECT_EQ(Task::age_ns(submitted), 0u) << "a clock that is behind";
  }
}

TEST_F(Clock, TasksComeOutOfTheQueuesAsTheyWentIn) {
  const auto fn = [](libsched_task*, void*) { return 0; };
  const auto discard = [](void*) {};
  int data = 0;
  const Task task = Task::of(fn, &data, discard, 0xFEDCBA98u);
  Task::Item item = task.pack();
  item[3] = (item[3] & ~std::uint64_t{0xFF}) | 0x7F;  // the injector's own bits
  const Task back = Task::unpack(item);
  EXPECT_EQ(back.fn(), task.fn());
  EXPECT_EQ(back.kind, Task::Kind::kFunction);
  EXPECT_EQ(back.user_data, &data);
  EXPECT_EQ(back.discard, task.discard);
  EXPECT_EQ(back.submitted, 0xFEDCBA98u);
}

}  // namespace
}  // namespace sched::sys
