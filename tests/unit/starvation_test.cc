#include "core/queue/starvation.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <unordered_set>
#include <vector>

namespace sched {
namespace {

// All that the future depends on: the class under test, and how often in a row waiting work was really passed over.
struct State {
  Starvation starvation;
  std::uint32_t passed_normal = 0;
  std::uint32_t passed_low = 0;

  std::uint64_t key() const {
    static_assert(sizeof(Starvation) == 4 * sizeof(std::uint32_t), "two bounds and two counts");
    const auto words = std::bit_cast<std::array<std::uint32_t, 4>>(starvation);
    std::uint64_t key = 0;
    for (const std::uint32_t word : {words[1], words[3], passed_normal, passed_low}) {
      key = key << 16 | word;
    }
    return key;
  }
};

// Books selections of the level, as StealingQueue does.
void book(Starvation& starvation, Level level, LevelMask waiting, LevelMask stale,
          std::uint32_t selections) {
  for (const Level below : {Level::kNormal, Level::kLow}) {
    const bool waits = (waiting & bit_of(below)) != 0;
    if (below != level && (waits || ((stale & bit_of(below)) != 0 && starvation.waits(below)))) {
      starvation.passed_over(below, selections);
    } else {
      starvation.reset(below);
    }
  }
}

// One selection, as StealingQueue::next makes it. Levels in `stale` hold nothing, though their hints say so; that only
// matters where the class asks for it. False: nothing can be selected.
bool select(State& state, LevelMask waiting, LevelMask stale, LevelMask allowed, Level& level) {
  Starvation& starvation = state.starvation;
  const auto find = [&] {
    LevelMask unasked = allowed;
    while (starvation.due(unasked, level)) {
      if ((waiting & bit_of(level)) != 0) return true;
      starvation.reset(level);
      unasked &= ~bit_of(level);
    }
    for (const Level here : kAllLevels) {
      level = here;
      if ((waiting & allowed & bit_of(here)) != 0) return true;
    }
    return false;
  };
  if (!find()) return false;
  book(starvation, level, waiting, stale, 1);
  return true;
}

// Lets an adversary choose, before every selection, at which levels work waits and which are allowed, in every possible
// order: visits all states that can be reached. Returns the longest runs of selections that passed over waiting work.
struct Longest {
  std::uint32_t normal = 0;
  std::uint32_t low = 0;
};
constexpr std::uint32_t kTooMany = 100;  // a run that is longer than any bound here
enum class Credit { kUnused, kUsed };
Longest explore(StarvationBounds bounds, const std::vector<LevelMask>& masks, bool stale_hints,
                Credit use = Credit::kUnused) {
  Longest longest;
  std::unordered_set<std::uint64_t> seen;
  std::vector<State> open{State{Starvation(bounds)}};
  seen.insert(open.back().key());
  while (!open.empty()) {
    const State state = open.back();
    open.pop_back();
    const auto visit = [&](LevelMask waiting, LevelMask stale, LevelMask allowed) {
      State next = state;
      Level level = Level::kHigh;
      if (!select(next, waiting, stale, allowed, level)) return;
      const auto count = [&](State& at, LevelMask passed_levels, std::uint32_t selections) {
        const auto count_one = [&](Level here, std::uint32_t& passed, std::uint32_t& most) {
          // A level that is not allowed (a cap) may be passed over.
          const bool passed_over = here != level && (passed_levels & allowed & bit_of(here)) != 0;
          passed = passed_over ? passed + selections : 0;
          most = std::max(most, passed);
          passed = std::min(passed, kTooMany);
        };
        count_one(Level::kNormal, at.passed_normal, longest.normal);
        count_one(Level::kLow, at.passed_low, longest.low);
        if (seen.insert(at.key()).second) open.push_back(at);
      };
      count(next, waiting, 1);
      const std::uint32_t credit = next.starvation.credit(level, waiting | stale);
      if (use == Credit::kUnused || credit == 0 || credit == kNoBound) return;
      // Meanwhile other levels may begin to wait; these are the caller's to look for.
      for (LevelMask arrived = 0; arrived <= kEveryLevel; ++arrived) {
        State later = next;
        book(later.starvation, level, waiting | arrived, stale, credit);
        count(later, waiting, credit);
      }
    };
    for (LevelMask waiting = 1; waiting <= kEveryLevel; ++waiting) {
      for (const LevelMask allowed : masks) {
        visit(waiting, 0, allowed);
        if (stale_hints) visit(waiting, kEveryLevel & ~waiting, allowed);
      }
    }
  }
  return longest;
}

const std::vector<LevelMask> kNoCaps = {kEveryLevel};
const std::vector<LevelMask> kAllMasks = {1, 2, 3, 4, 5, 6, 7};

void expect_exact(StarvationBounds bounds, const std::vector<LevelMask>& masks, bool stale_hints,
                  Credit use = Credit::kUnused) {
  const Longest longest = explore(bounds, masks, stale_hints, use);
  EXPECT_EQ(longest.normal, bounds.normal) << "bounds " << bounds.normal << " and " << bounds.low;
  EXPECT_EQ(longest.low, bounds.low) << "bounds " << bounds.normal << " and " << bounds.low;
}

TEST(Starvation, BoundsAreKeptAndReached) {
  for (const StarvationBounds bounds : {StarvationBounds{1, 2},
                                        {1, 3},
                                        {1, 64},
                                        {2, 2},
                                        {2, 3},
                                        {3, 2},
                                        {8, 2},
                                        {8, 9},
                                        {9, 8},
                                        {64, 8},
                                        {8, 64}}) {
    expect_exact(bounds, kNoCaps, false);
  }
}

TEST(Starvation, StaleHintsDoNotStretchTheBounds) {
  for (const StarvationBounds bounds : {StarvationBounds{1, 2}, {2, 2}, {3, 7}, {7, 3}, {5, 5}}) {
    expect_exact(bounds, kNoCaps, true);
  }
}

TEST(Starvation, BoundsAreKeptWhileLevelsComeAndGo) {
  for (const StarvationBounds bounds : {StarvationBounds{1, 2}, {2, 2}, {2, 5}, {3, 4}, {4, 7}}) {
    expect_exact(bounds, kAllMasks, true);
  }
}

// Who runs as much as the credit allows behind every selection keeps the bounds, whatever begins to wait meanwhile.
TEST(Starvation, CreditKeepsTheBounds) {
  for (const StarvationBounds bounds :
       {StarvationBounds{1, 2}, {1, 64}, {2, 2}, {2, 3}, {3, 2}, {8, 9}, {9, 8}, {8, 64}}) {
    expect_exact(bounds, kNoCaps, false, Credit::kUsed);
    expect_exact(bounds, kNoCaps, true, Credit::kUsed);
  }
}

// Everything waits always. Returns how often each level was selected.
std::vector<int> selections(StarvationBounds bounds, int count) {
  State state{Starvation(bounds)};
  std::vector<int> counts(kLevels);
  for (int i = 0; i < count; ++i) {
    Level level = Level::kLow;
    EXPECT_TRUE(select(state, kEveryLevel, 0, kEveryLevel, level));
    ++counts[static_cast<std::size_t>(index_of(level))];
  }
  return counts;
}

TEST(Starvation, NoBoundIsStrictOrder) {
  EXPECT_EQ(selections({kNoBound, kNoBound}, 10'000), (std::vector<int>{10'000, 0, 0}));
  EXPECT_EQ(selections({3, kNoBound}, 10'000), (std::vector<int>{7'500, 2'500, 0}));
  EXPECT_EQ(selections({kNoBound, 4}, 10'000), (std::vector<int>{8'000, 0, 2'000}));
}

TEST(Starvation, DefaultBounds) {
  const StarvationBounds bounds;
  EXPECT_EQ(bounds.normal, 8u);
  EXPECT_EQ(bounds.low, 64u);
  const std::vector<int> counts = selections(bounds, 6'500);
  EXPECT_GE(counts[2], 6'500 / 65);
  EXPECT_GE(counts[1], 6'500 / 9);
  EXPECT_GE(counts[0], 5'600) << "the bounds cost High no more than they must";
}

}  // namespace
}  // namespace sched
