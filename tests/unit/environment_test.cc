#include "core/jobserver/environment.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

namespace sched {
namespace {

std::vector<std::string> made(const std::string& makeflags, std::vector<const char*> base) {
  base.push_back(nullptr);
  char** const environment = make_environment(makeflags, base.data());
  std::vector<std::string> entries;
  for (char** entry = environment; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  free_environment(environment);
  return entries;
}

using Entries = std::vector<std::string>;

TEST(Environment, ReplacesWhatNamesAJobserver) {
  EXPECT_EQ(made(" -j2", {"A=1", "MAKEFLAGS=x", "B=2", "MFLAGS=x", "CARGO_MAKEFLAGS=x", "C=3"}),
            (Entries{"A=1", "B=2", "C=3", "MAKEFLAGS= -j2"}));
  EXPECT_EQ(made("x", {}), Entries{"MAKEFLAGS=x"});
  EXPECT_EQ(made("x", {"MAKEFLAGS=", "MAKEFLAGS=twice"}), Entries{"MAKEFLAGS=x"});
}

TEST(Environment, LeavesOthersAlone) {
  const std::vector<const char*> others = {
      "MAKEFLAGS", "MAKEFLAGS2=x", "AMAKEFLAGS=x", "makeflags=x", "MFLAG=x", "=",
      "",          "A=MAKEFLAGS=x"};
  Entries want(others.begin(), others.end());
  want.emplace_back("MAKEFLAGS=y");
  EXPECT_EQ(made("y", others), want);
}

TEST(Environment, WithoutAValueItIsACopy) {
  EXPECT_EQ(made("", {"MAKEFLAGS=x", "CARGO_MAKEFLAGS=y", "A=1"}),
            (Entries{"MAKEFLAGS=x", "CARGO_MAKEFLAGS=y", "A=1"}));
  EXPECT_EQ(made("", {}), Entries{});
}

TEST(Environment, LongValues) {
  const std::string value(100'000, 'x');
  const std::string entry = "A=" + std::string(100'000, 'y');
  EXPECT_EQ(made(value, {entry.c_str()}), (Entries{entry, "MAKEFLAGS=" + value}));
}

TEST(Environment, ItsOwn) {
  ASSERT_EQ(setenv("LIBSCHED_TEST", "value", 1), 0);
  char** const environment = make_environment("x", nullptr);
  ASSERT_EQ(unsetenv("LIBSCHED_TEST"), 0);
  bool found = false;
  for (char** entry = environment; *entry != nullptr; ++entry) {
    found = found || std::string(*entry) == "LIBSCHED_TEST=value";
  }
  EXPECT_TRUE(found);
  free_environment(environment);
  free_environment(nullptr);
}

}  // namespace
}  // namespace sched
