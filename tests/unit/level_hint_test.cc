#include "core/queue/level_hint.h"

#include <gtest/gtest.h>

#include "tests/unit/hook_sync.h"

namespace sched {
namespace {

using Hint = LevelHint<test::HookSync>;

TEST(LevelHint, IsDownUntilRaised) {
  Hint hint;
  EXPECT_FALSE(hint.raised());
  hint.raise();
  EXPECT_TRUE(hint.raised());
  hint.raise();
  EXPECT_TRUE(hint.raised());
}

TEST(LevelHint, GoesDownOnlyWhenTheLookFindsNothing) {
  Hint hint;
  int looks = 0;
  hint.lower([&] { return ++looks, false; });
  EXPECT_EQ(looks, 0) << "it is down";
  hint.raise();
  hint.lower([&] { return ++looks, true; });
  EXPECT_EQ(looks, 1);
  EXPECT_TRUE(hint.raised());
  hint.lower([&] { return ++looks, false; });
  EXPECT_EQ(looks, 2);
  EXPECT_FALSE(hint.raised());
  hint.raise();
  EXPECT_TRUE(hint.raised());
}

TEST(LevelHint, StaysUpDuringTheLook) {
  Hint hint;
  hint.raise();
  hint.lower([&] {
    EXPECT_TRUE(hint.raised());
    return false;
  });
  EXPECT_FALSE(hint.raised());
}

TEST(LevelHint, APushDuringTheLookKeepsItUp) {
  Hint hint;
  hint.raise();
  hint.lower([&] {
    hint.raise();
    return false;  // it looked before the push
  });
  EXPECT_TRUE(hint.raised());
}

TEST(LevelHint, OnlyOneLowersAtATime) {
  Hint hint;
  hint.raise();
  int looks = 0;
  hint.lower([&] {
    hint.lower([&] { return ++looks, false; });
    EXPECT_TRUE(hint.raised());
    return ++looks, false;
  });
  EXPECT_EQ(looks, 1);
  EXPECT_FALSE(hint.raised());
}

// A mark that stands again must not be taken for the one that was set first.
TEST(LevelHint, AnOldMarkIsNotMistakenForANewOne) {
  Hint hint;
  hint.raise();
  bool inner = false;
  hint.lower([&] {
    hint.raise();  // an item comes; it removes the mark
    hint.lower([&] {
      inner = true;
      return true;  // a second search sees the item
    });
    EXPECT_TRUE(hint.raised());
    return false;  // the first one looked before the push
  });
  EXPECT_TRUE(inner);
  EXPECT_TRUE(hint.raised());
}

// An item comes between the last look and the lowering, and again between two lowerings: every compare-exchange is a place
// where a push can come first.
TEST(LevelHint, APushBeforeAnyStepKeepsItUp) {
  for (int step = 0; step < 2; ++step) {
    const test::NoHooks clean;
    Hint hint;
    hint.raise();
    bool item = false;
    int exchanges = 0;
    test::before_exchange = [&](std::memory_order) {
      if (exchanges++ != step) return;
      item = true;
      hint.raise();
    };
    hint.lower([&] { return item; });
    EXPECT_EQ(exchanges, 2);
    EXPECT_TRUE(hint.raised()) << "step " << step;
  }
}

}  // namespace
}  // namespace sched
