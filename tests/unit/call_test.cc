#include "core/base/call.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <new>
#include <stdexcept>
#include <string>

#include "core/base/random.h"

namespace sched {
namespace {

struct Told {
  int status = 0;
  std::string text;
  int times = 0;
  auto hear() {
    return [this](int code, const char* message) {
      status = code;
      text = message;
      ++times;
    };
  }
};

TEST(Call, ResultsComeThrough) {
  Told told;
  EXPECT_EQ(call_user([] { return 0; }, told.hear()), 0);
  EXPECT_EQ(call_user([] { return -5; }, told.hear()), -5);
  EXPECT_EQ(told.times, 0);
}

TEST(Call, Exceptions) {
  Told told;
  EXPECT_EQ(call_user([]() -> int { throw std::runtime_error("why"); }, told.hear()),
            LIBSCHED_E_EXCEPTION);
  EXPECT_EQ(told.status, LIBSCHED_E_EXCEPTION);
  EXPECT_EQ(told.text, "why");
  EXPECT_EQ(call_user([]() -> int { throw std::bad_alloc(); }, told.hear()), LIBSCHED_E_EXCEPTION);
  EXPECT_EQ(told.text, std::bad_alloc().what());
  EXPECT_EQ(call_user([]() -> int { throw 7; }, told.hear()), LIBSCHED_E_EXCEPTION);
  EXPECT_EQ(told.text, "");
  EXPECT_EQ(call_user([]() -> int { throw "a text that is no exception's"; }, told.hear()),
            LIBSCHED_E_EXCEPTION);
  EXPECT_EQ(told.text, "");
  EXPECT_EQ(told.times, 4);
}

struct Unwinding {
  Told told;
  bool returned = false;
};

void* exit_inside(void* data) {
  auto& here = *static_cast<Unwinding*>(data);
  call_user([]() -> int { pthread_exit(nullptr); }, here.told.hear());
  here.returned = true;
  return nullptr;
}

TEST(Call, AForcedUnwindGoesOn) {
  Unwinding unwinding;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, exit_inside, &unwinding), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_FALSE(unwinding.returned);
  EXPECT_EQ(unwinding.told.times, 1);
  EXPECT_EQ(unwinding.told.status, LIBSCHED_E_UNWOUND);
  EXPECT_EQ(unwinding.told.text, "");
}

TEST(Random, StaysBelowItsLimitAndReachesEverything) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    Random random(seed);
    std::uint32_t counts[7] = {};
    for (int i = 0; i < 70'000; ++i) {
      const std::uint32_t value = random.below(7);
      ASSERT_LT(value, 7u);
      ++counts[value];
    }
    for (const std::uint32_t count : counts) EXPECT_NEAR(count, 10'000, 1'000);
    EXPECT_EQ(random.below(1), 0u);
  }
}

TEST(Random, RepeatsItselfFromItsSeed) {
  Random a(5);
  Random b(5);
  Random c(6);
  int same = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint32_t value = a.below(1'000'000);
    EXPECT_EQ(value, b.below(1'000'000));
    same += value == c.below(1'000'000) ? 1 : 0;
  }
  EXPECT_LT(same, 5);
}

}  // namespace
}  // namespace sched
