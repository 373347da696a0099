#include "core/fair/round_robin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;

struct Member : Turn {
  Member(int n, std::uint32_t w) : Turn(w), number(n), weight(w) {}
  const int number;
  const std::uint32_t weight;
};

// The same turns, by looking at everybody: in each cycle all that wait have one, in the order in which they came to wait for
// it, and in each round as many cycles count for a member as its weight says.
class Reference {
 public:
  void add(const Member& member) {
    const bool late = any([this](const Waiting& w) { return w.next_round || w.cycle > cycle_; });
    const std::uint64_t last = last_.contains(member.number) ? last_[member.number] : 0;
    const bool served = last == cycle_ || (last == 0 && late);
    waiting_.push_back({&member, cycle_ + (served ? 1 : 0), false});
    Waiting& added = waiting_.back();
    added.next_round = added.cycle - began_ >= member.weight;
  }
  void remove(const Member& member) {
    std::erase_if(waiting_, [&](const Waiting& w) { return w.member == &member; });
  }
  bool empty() const { return waiting_.empty(); }
  int take() {
    if (!any([this](const Waiting& w) { return !w.next_round && w.cycle == cycle_; })) {
      ++cycle_;
      if (!any([](const Waiting& w) { return !w.next_round; })) {
        began_ = cycle_;
        for (Waiting& w : waiting_) w = {w.member, cycle_, false};
      }
    }
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [this](const Waiting& w) {
      return !w.next_round && w.cycle == cycle_;
    });
    const Member& member = *found->member;
    waiting_.erase(found);
    last_of(member) = cycle_;
    return member.number;
  }

 private:
  struct Waiting {
    const Member* member;
    std::uint64_t cycle;
    bool next_round;
  };
  template <class Test>
  bool any(Test test) const {
    return std::any_of(waiting_.begin(), waiting_.end(), test);
  }
  std::uint64_t& last_of(const Member& member) { return last_[member.number]; }

  std::vector<Waiting> waiting_;  // in the order in which they came
  std::map<int, std::uint64_t> last_;
  std::uint64_t cycle_ = 1;
  std::uint64_t began_ = 1;
};

class RoundRobinTest : public ::testing::Test {
 protected:
  Member& make(std::uint32_t weight) {
    members_.push_back(std::make_unique<Member>(static_cast<int>(members_.size()), weight));
    return *members_.back();
  }
  // The next one, which waits on.
  int turn() {
    Turn& taken = turns_.take();
    turns_.add(taken);
    return static_cast<Member&>(taken).number;
  }
  std::vector<int> turns(int count) {
    std::vector<int> order;
    while (count-- > 0) order.push_back(turn());
    return order;
  }

  RoundRobin turns_;
  std::vector<std::unique_ptr<Member>> members_;
};

TEST_F(RoundRobinTest, NobodyWaitsAtFirst) {
  Member& one = make(1);
  EXPECT_TRUE(turns_.empty());
  EXPECT_FALSE(one.waits());
  turns_.add(one);
  EXPECT_FALSE(turns_.empty());
  EXPECT_TRUE(one.waits());
  turns_.remove(one);
  EXPECT_TRUE(turns_.empty());
  EXPECT_FALSE(one.waits());
}

TEST_F(RoundRobinTest, WhoIsTakenWaitsNoLonger) {
  Member& one = make(3);
  turns_.add(one);
  EXPECT_EQ(&turns_.take(), &one);
  EXPECT_FALSE(one.waits());
  EXPECT_TRUE(turns_.empty());
}

TEST_F(RoundRobinTest, EqualWeightsGoByTurns) {
  for (int i = 0; i < 3; ++i) turns_.add(make(1));
  EXPECT_EQ(turns(7), (std::vector<int>{0, 1, 2, 0, 1, 2, 0}));
}

TEST_F(RoundRobinTest, WeightsAreTurnsARound) {
  for (const std::uint32_t weight : {1u, 2u, 4u}) turns_.add(make(weight));
  const std::vector<int> round = turns(7);
  EXPECT_EQ(round, (std::vector<int>{0, 1, 2, 1, 2, 2, 2}));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(turns(7), round);
}

// Those that it has missed are gone, rather than had in a row.
TEST_F(RoundRobinTest, AnAbsenceSavesNoTurns) {
  Member& stays = make(5);
  Member& leaves = make(5);
  turns_.add(stays);
  turns_.add(leaves);
  EXPECT_EQ(turns(4), (std::vector<int>{0, 1, 0, 1}));
  turns_.remove(leaves);
  EXPECT_EQ(turns(3), (std::vector<int>{0, 0, 0}));
  turns_.add(leaves);
  EXPECT_EQ(turns(5), (std::vector<int>{1, 0, 1, 0, 1}));
}

TEST_F(RoundRobinTest, WhoComesLateWaitsForTheNextRound) {
  turns_.add(make(3));
  EXPECT_EQ(turns(2), (std::vector<int>{0, 0}));
  turns_.add(make(1));
  EXPECT_EQ(turns(5), (std::vector<int>{0, 1, 0, 0, 0}));
}

TEST_F(RoundRobinTest, TheLargestWeight) {
  turns_.add(make(65536));
  turns_.add(make(1));
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(turns(2), round == 0 ? (std::vector<int>{0, 1}) : (std::vector<int>{1, 0}));
    for (int i = 0; i < 65535; ++i) ASSERT_EQ(turn(), 0);
  }
}

// Who waits is not passed by newcomers again and again.
TEST_F(RoundRobinTest, NewcomersStandBehind) {
  for (const std::uint32_t weight : {1u, 3u}) {
    RoundRobin turns;
    Member& one = make(weight);
    turns.add(one);
    turns.take();
    turns.add(one);
    turns.add(make(weight));
    turns.add(make(weight));
    int passed = 0;
    for (; passed < 100 && &turns.take() != &one; ++passed) turns.add(make(weight));
    EXPECT_LT(passed, 4) << weight;
  }
}

// Members that come and go, against the slow reference.
class RoundRobinRandom : public RoundRobinTest, public ::testing::WithParamInterface<int> {};

TEST_P(RoundRobinRandom, EqualsTheReference) {
  std::mt19937 random(static_cast<std::uint32_t>(GetParam()));
  Reference reference;
  const int count = 1 + GetParam() % 9;
  const std::uint32_t heaviest = 1 + below(random, 9);
  for (int i = 0; i < count; ++i) make(1 + below(random, heaviest));
  const std::uint32_t leaves = 1 + below(random, 12);  // of 16 steps
  for (int step = 0; step < 20'000; ++step) {
    if (below(random, 16) < leaves) {
      Member& member = *members_[below(random, static_cast<std::uint32_t>(count))];
      if (member.waits()) {
        turns_.remove(member);
        reference.remove(member);
      } else {
        turns_.add(member);
        reference.add(member);
      }
      continue;
    }
    ASSERT_EQ(turns_.empty(), reference.empty());
    if (turns_.empty()) continue;
    Turn& taken = turns_.take();
    ASSERT_EQ(static_cast<Member&>(taken).number, reference.take()) << "step " << step;
    if (below(random, 4) != 0) {
      turns_.add(taken);
      reference.add(static_cast<Member&>(taken));
    }
  }
}

// What is promised, whoever else comes and goes: with equal weights between two turns of one that waits all the time every
// other has at most one, and with any weights it waits no longer than a round of the others.
TEST_P(RoundRobinRandom, NobodyIsPassedTooOften) {
  std::mt19937 random(static_cast<std::uint32_t>(GetParam()));
  const int count = 2 + GetParam() % 7;
  const bool equal = GetParam() % 2 == 0;
  const std::uint32_t weight = 1 + below(random, 12);
  std::uint64_t others = 0;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t own = equal ? weight : 1 + below(random, 12);
    make(own);
    if (i != 0) others += own;
  }
  turns_.add(*members_[0]);
  std::map<int, int> since;
  std::uint64_t all_since = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (below(random, 3) == 0) {
      Member& member = *members_[1 + below(random, static_cast<std::uint32_t>(count - 1))];
      member.waits() ? turns_.remove(member) : turns_.add(member);
      continue;
    }
    const int number = turn();
    if (number == 0) {
      since.clear();
      all_since = 0;
      continue;
    }
    ASSERT_LE(++all_since, others) << "step " << step;
    if (equal) {
      ASSERT_LE(++since[number], 1) << "step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoundRobinRandom, ::testing::Range(0, 40));

}  // namespace
}  // namespace sched
