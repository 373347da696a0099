#include "core/jobserver/token_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

std::uint64_t put(TokenTable& table, std::uint8_t byte, bool implicit = false) {
  EXPECT_TRUE(table.reserve());
  return table.put({implicit, byte});
}

std::string drained(TokenTable& table, bool lent_too = true) {
  std::string bytes;
  table.drain([&](std::uint8_t byte) { bytes += static_cast<char>(byte); }, lent_too);
  return bytes;
}

TEST(TokenTable, GivesBackWhatWasPut) {
  TokenTable table;
  const std::uint64_t implicit = put(table, 0, true);
  const std::uint64_t token = put(table, 255);
  EXPECT_NE(implicit, token);
  EXPECT_EQ(table.explicit_count(), 1u);
  EXPECT_TRUE(table.look(implicit).implicit);
  EXPECT_EQ(table.look(token).byte, 255);
  const auto taken = table.take(token);
  ASSERT_TRUE(taken);
  EXPECT_FALSE(taken->implicit);
  EXPECT_EQ(taken->byte, 255);
  EXPECT_TRUE(table.take(implicit)->implicit);
  EXPECT_EQ(table.explicit_count(), 0u);
}

TEST(TokenTable, AnEmptyOneHoldsNothing) {
  TokenTable table;
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    EXPECT_FALSE(table.holds(number));
    EXPECT_FALSE(table.take(number));
  }
  EXPECT_EQ(drained(table), "");
}

TEST(TokenTable, NumbersAreNeverUsedAgain) {
  TokenTable table;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t token = put(table, 'x');
    EXPECT_NE(token, 0u);
    EXPECT_TRUE(seen.insert(token).second);
    EXPECT_TRUE(table.take(token));
    EXPECT_FALSE(table.take(token));
    EXPECT_FALSE(table.holds(token));
  }
}

// Across the borders of blocks, in an order of no order.
TEST(TokenTable, ManyAtATime) {
  constexpr int kTokens = 70'000;
  TokenTable table;
  std::vector<std::uint64_t> tokens;
  for (int i = 0; i < kTokens; ++i)
    tokens.push_back(put(table, static_cast<std::uint8_t>(i % 251)));
  EXPECT_EQ(table.explicit_count(), static_cast<std::size_t>(kTokens));
  EXPECT_EQ(std::set<std::uint64_t>(tokens.begin(), tokens.end()).size(), tokens.size());
  std::mt19937 random(1);
  std::vector<int> order(kTokens);
  for (int i = 0; i < kTokens; ++i) order[static_cast<std::size_t>(i)] = i;
  std::shuffle(order.begin(), order.end(), random);
  for (const int i : order) {
    const auto taken = table.take(tokens[static_cast<std::size_t>(i)]);
    ASSERT_TRUE(taken);
    ASSERT_EQ(taken->byte, i % 251);
  }
  for (const std::uint64_t token : tokens) ASSERT_FALSE(table.holds(token));
  EXPECT_EQ(table.explicit_count(), 0u);
}

// Those beside real ones, and any.
TEST(TokenTable, ForgedNumbers) {
  TokenTable table;
  std::set<std::uint64_t> real;
  for (int i = 0; i < 100; ++i) real.insert(put(table, 'x'));
  std::mt19937_64 random(1);
  const auto refuse = [&](std::uint64_t number) {
    if (real.count(number) == 0) {
      EXPECT_FALSE(table.holds(number)) << number;
    }
  };
  for (const std::uint64_t token : real) {
    for (int bit = 0; bit < 64; ++bit) refuse(token ^ std::uint64_t{1} << bit);
  }
  for (int i = 0; i < 100'000; ++i) refuse(random());
  for (std::uint64_t index = 0; index < 5000; ++index) refuse(std::uint64_t{1} << 32 | index);
  refuse(0xffffffffu);
  refuse(std::uint64_t{1} << 32 | 0xffffffffu);
  EXPECT_EQ(table.explicit_count(), 100u);
}

TEST(TokenTable, DrainedOnesAreStale) {
  TokenTable table;
  const std::uint64_t implicit = put(table, 0, true);
  const std::uint64_t a = put(table, 'a');
  const std::uint64_t b = put(table, 'b');
  table.set_lent(b, true);
  std::string bytes = drained(table);
  std::sort(bytes.begin(), bytes.end());
  EXPECT_EQ(bytes, "ab");
  EXPECT_EQ(drained(table), "");
  EXPECT_EQ(table.explicit_count(), 0u);
  for (const std::uint64_t token : {implicit, a, b}) {
    table.set_lent(token, true);
    table.set_lent(token, false);
    EXPECT_FALSE(table.take(token));
    EXPECT_FALSE(table.holds(token));
  }
  const std::uint64_t again = put(table, 'c');
  EXPECT_TRUE(again != a && again != b && again != implicit);
  EXPECT_EQ(drained(table), "c");
}

// Those that are being read while it is drained: one of the two gives each back.
TEST(TokenTable, DrainedWhileTheyAreRead) {
  TokenTable table;
  ASSERT_TRUE(table.reserve());
  const TokenTable::Place before = table.begin();
  const TokenTable::Place after = table.begin();
  const TokenTable::Place never = table.begin();
  const TokenTable::Place done = table.begin();
  for (const auto& place : {before, after, never}) {
    EXPECT_FALSE(table.holds(place.number));
    EXPECT_FALSE(table.take(place.number));
  }
  before.byte() = 'b';
  done.byte() = 'd';
  EXPECT_TRUE(TokenTable::finish(done));
  EXPECT_EQ(table.explicit_count(), 1u);
  EXPECT_EQ(drained(table), "bd");
  after.byte() = 'a';
  EXPECT_FALSE(TokenTable::finish(before));
  EXPECT_FALSE(TokenTable::refuse(before));
  EXPECT_FALSE(TokenTable::finish(after));
  EXPECT_EQ(TokenTable::refuse(after), 'a');
  EXPECT_EQ(drained(table), "");
  for (const auto& place : {before, after, never}) {
    EXPECT_FALSE(table.take(place.number));
    table.forget(place);
    EXPECT_FALSE(table.holds(place.number));
  }
  const std::uint64_t again = put(table, 'c');
  EXPECT_EQ(table.take(again)->byte, 'c');
}

TEST(TokenTable, ReadAndNotWanted) {
  for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{255}}) {
    TokenTable table;
    ASSERT_TRUE(table.reserve());
    const TokenTable::Place place = table.begin();
    place.byte() = byte;
    EXPECT_EQ(TokenTable::refuse(place), byte);
    EXPECT_EQ(drained(table), "");
    table.forget(place);
  }
}

TEST(TokenTable, LentOnesMayBeLeftOut) {
  TokenTable table;
  const std::uint64_t implicit = put(table, 0, true);
  const std::uint64_t a = put(table, 'a');
  const std::uint64_t b = put(table, 'b');
  table.set_lent(a, true);
  table.set_lent(implicit, true);
  EXPECT_EQ(table.explicit_count(), 2u);
  EXPECT_EQ(table.look(a).byte, 'a');
  EXPECT_TRUE(table.look(implicit).implicit);
  EXPECT_EQ(drained(table, false), "b");
  EXPECT_FALSE(table.take(b));
  for (const std::uint64_t lent : {a, implicit}) {
    EXPECT_FALSE(table.holds(lent));  // whoever gives it back must say that it is not lent any more
    EXPECT_FALSE(table.take(lent));
    table.set_lent(lent, false);
  }
  EXPECT_EQ(table.take(a)->byte, 'a');
  EXPECT_TRUE(table.take(implicit)->implicit);
  const std::uint64_t c = put(table, 'c');
  table.set_lent(c, true);
  table.set_lent(c, false);
  EXPECT_EQ(drained(table, false), "c");
}

}  // namespace
}  // namespace sched
