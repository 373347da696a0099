// Dispatchers and channels, with everything at once: each task ends in one way, once; limits are never exceeded; and the
// end is reached.
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/stress/fair_storm.h"

namespace sched {
namespace {

using test::FairStorm;

class FairStress : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(FairStress, EverythingAtOnce) {
  for (int round = 0; round < 24 / SCHED_STRESS_DIVISOR; ++round) {
    FairStorm storm(GetParam(), static_cast<std::uint32_t>(round));
    storm.play(4, 3'000);
    ASSERT_TRUE(storm.ends_well()) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, FairStress, ::testing::Values(1, 2, 16));

}  // namespace
}  // namespace sched
