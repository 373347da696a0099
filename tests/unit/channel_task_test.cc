#include "core/fair/channel_task.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>

#include "tests/unit/support.h"

namespace sched {
namespace {

using test::below;

ChannelTask numbered(std::uintptr_t number) {
  return {{nullptr, nullptr, nullptr}, reinterpret_cast<void*>(number), 7};
}

std::uintptr_t number_of(const ChannelTask& task) {
  return reinterpret_cast<std::uintptr_t>(task.user_data);
}

TEST(TaskFifo, FirstInFirstOut) {
  TaskBlockStock stock;
  TaskFifo tasks(stock);
  EXPECT_TRUE(tasks.empty());
  for (std::uintptr_t i = 0; i < 1'000; ++i) ASSERT_TRUE(tasks.push(numbered(i)));
  EXPECT_EQ(tasks.size(), 1'000u);
  for (std::uintptr_t i = 0; i < 1'000; ++i) {
    ASSERT_EQ(number_of(tasks.front()), i);
    ASSERT_EQ(number_of(tasks.pop()), i);
  }
  EXPECT_TRUE(tasks.empty());
}

// A block is given back when it is empty, and taken again.
TEST(TaskFifo, OneBlockIsEnoughForFew) {
  TaskBlockStock stock;
  TaskFifo tasks(stock);
  ASSERT_TRUE(tasks.push(numbered(0)));
  tasks.pop();
  TaskBlock* const block = stock.take();
  stock.give(block);
  for (std::uintptr_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(tasks.push(numbered(i)));
    ASSERT_EQ(number_of(tasks.pop()), i);
  }
  EXPECT_EQ(stock.take(), block);
  stock.give(block);
}

TEST(TaskFifo, TakesAllOfAnother) {
  TaskBlockStock stock;
  TaskFifo first(stock);
  TaskFifo second(stock);
  first.take_all(second);
  EXPECT_TRUE(first.empty());
  for (std::uintptr_t i = 0; i < 30; ++i) ASSERT_TRUE(second.push(numbered(i)));
  second.pop();
  first.take_all(second);
  EXPECT_TRUE(second.empty());
  EXPECT_EQ(first.size(), 29u);
  for (std::uintptr_t i = 30; i < 60; ++i) ASSERT_TRUE(second.push(numbered(i)));
  first.take_all(second);
  for (std::uintptr_t i = 1; i < 60; ++i) ASSERT_EQ(number_of(first.pop()), i);
  EXPECT_TRUE(first.empty());
  ASSERT_TRUE(second.push(numbered(1)));
  EXPECT_EQ(number_of(second.pop()), 1u);
}

// Tasks that are left, and a stock that is full, are no leak.
TEST(TaskFifo, DiesWithTasks) {
  TaskBlockStock stock;
  {
    TaskFifo tasks(stock);
    for (std::uintptr_t i = 0; i < 20'000; ++i) ASSERT_TRUE(tasks.push(numbered(i)));
    tasks.pop();
  }
  TaskFifo tasks(stock);
  ASSERT_TRUE(tasks.push(numbered(3)));
}

// Some of them over one stock, at random, against std::deque.
TEST(TaskFifo, EqualsADeque) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    TaskBlockStock stock;
    TaskFifo fifos[3] = {TaskFifo(stock), TaskFifo(stock), TaskFifo(stock)};
    std::deque<std::uintptr_t> deques[3];
    std::uintptr_t next = 0;
    const std::uint32_t pushes = 20 + below(random, 30);  // of 64 steps
    for (int step = 0; step < 20'000; ++step) {
      const std::uint32_t which = below(random, 3);
      const std::uint32_t choice = below(random, 64);
      if (choice < pushes) {
        ASSERT_TRUE(fifos[which].push(numbered(next)));
        deques[which].push_back(next++);
      } else if (choice == 63) {
        const std::uint32_t other = (which + 1) % 3;
        fifos[which].take_all(fifos[other]);
        for (const std::uintptr_t number : deques[other]) deques[which].push_back(number);
        deques[other].clear();
      } else if (!deques[which].empty()) {
        ASSERT_EQ(number_of(fifos[which].front()), deques[which].front());
        ASSERT_EQ(number_of(fifos[which].pop()), deques[which].front());
        deques[which].pop_front();
      }
      ASSERT_EQ(fifos[which].size(), deques[which].size());
      ASSERT_EQ(fifos[which].empty(), deques[which].empty());
    }
  }
}

}  // namespace
}  // namespace sched
