#include "core/pool/options.h"

#include <gtest/gtest.h>

#include <string>

namespace sched {
namespace {

// The error must say which value was wrong and what would be right.
void expect_range(const PoolOptions& options, std::initializer_list<const char*> words) {
  Error error;
  EXPECT_EQ(options.check(&error), LIBSCHED_E_RANGE);
  EXPECT_EQ(error.status, LIBSCHED_E_RANGE);
  EXPECT_EQ(error.os_errno, 0);
  for (const char* word : words) {
    EXPECT_NE(error.message.find(word), std::string::npos)
        << "\"" << word << "\" in: " << error.message;
  }
  EXPECT_EQ(options.check(nullptr), LIBSCHED_E_RANGE) << "nobody needs to ask why";
}

void expect_good(const PoolOptions& options) {
  Error error;
  EXPECT_EQ(options.check(&error), LIBSCHED_OK) << error.message;
  EXPECT_EQ(error.status, LIBSCHED_OK);
}

TEST(Options, DefaultsAreGood) { expect_good(PoolOptions{}); }

TEST(Options, Workers) {
  PoolOptions options;
  options.workers = kMaxWorkers;
  expect_good(options);
  options.workers = kMaxWorkers + 1;
  expect_range(options, {"workers", "1025", "1024"});
}

TEST(Options, Bounds) {
  PoolOptions options;
  options.bounds = {1, 2};
  expect_good(options);
  options.bounds = {kNoBound, kNoBound};
  expect_good(options);
  options.bounds = {0, 64};
  expect_range(options, {"normal_bound", "0", "1"});
  options.bounds = {8, 1};
  expect_range(options, {"low_bound", "1", "2"});
}

TEST(Options, StackSize) {
  PoolOptions options;
  options.stack_size = 64 * 1024;
  expect_good(options);
  options.stack_size = 64 * 1024 - 1;
  expect_range(options, {"stack_size", "65535", "65536"});
  options.stack_size = UINT64_MAX;
  expect_range(options, {"stack_size", "18446744073709551615"});
}

TEST(Options, Affinity) {
  PoolOptions options;
  options.affinity = {0, 1023};
  expect_good(options);
  options.affinity = {3, 1024, 5};
  expect_range(options, {"affinity[1]", "1024", "1023"});
  Error error;
  EXPECT_EQ(options.check(&error), LIBSCHED_E_RANGE);
  EXPECT_EQ(error.offset, 1u) << "which of them";
}

TEST(Options, ErrnosAreKeptAsNumbers) {
  Error error;
  EXPECT_EQ(fail(&error, -12, "%s %d", "text", 5), -12);
  EXPECT_EQ(error.os_errno, 12);
  EXPECT_EQ(error.message, "text 5");
  EXPECT_EQ(fail(nullptr, -12, "%d", 1), -12);
  EXPECT_EQ(fail(&error, LIBSCHED_E_FULL, "%s", std::string(10'000, 'x').c_str()), LIBSCHED_E_FULL);
  EXPECT_GT(error.message.size(), 100u);
}

}  // namespace
}  // namespace sched
