// Dispatchers and channels: their storm, and the ends that somebody waits for.
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/chaos/chaos_support.h"
#include "tests/stress/fair_storm.h"

namespace sched {
namespace {

using test::becomes_idle;
using test::below;
using test::FairStorm;
using test::kPatienceNs;
using test::TestPool;

class ChaosFair : public test::Chaos {
 protected:
  static int count(libsched_task*, void* data) {
    ++*static_cast<std::atomic<int>*>(data);
    return 0;
  }
  static void uncount(void* data) { ++*static_cast<std::atomic<int>*>(data); }
};

TEST_F(ChaosFair, EverythingAtOnce) {
  for (int round = 0; round < 60 / SCHED_STRESS_DIVISOR; ++round) {
    FairStorm storm(1 + below(random_, 8), static_cast<std::uint32_t>(random_()));
    storm.play(3, 300);
    ASSERT_TRUE(storm.ends_well()) << "round " << round;
  }
}

// Tasks that run or are cleared, while one waits for the pool and one for the dispatcher, and the last one is sent.
TEST_F(ChaosFair, WhoWaitsIsTold) {
  for (int round = 0; round < 1'500 / SCHED_STRESS_DIVISOR; ++round) {
    TestPool pool(1 + below(random_, 3));
    std::atomic<int> ends{0};
    Dispatcher* dispatcher = nullptr;
    ASSERT_EQ(Dispatcher::create(dispatcher, *pool, {&count, nullptr, &uncount},
                                 1 + below(random_, 2), nullptr),
              LIBSCHED_OK);
    ChannelOptions options;
    options.bound = below(random_, 3);
    Channel* channel = nullptr;
    ASSERT_EQ(Channel::create(channel, *dispatcher, options, nullptr), LIBSCHED_OK);
    const int tasks = 1 + static_cast<int>(below(random_, 8));
    const bool clears = below(random_, 2) == 0;
    const bool shuts_down = below(random_, 2) == 0;
    std::thread sender([&] {
      void* data = &ends;
      std::size_t accepted = 0;
      for (int i = 0; i < tasks; ++i) {
        EXPECT_EQ(channel->send(dispatcher->handlers(), &data, 1, {}, accepted), LIBSCHED_OK);
      }
      channel->close();
    });
    std::thread clearer([&] {
      if (clears) channel->clear();
    });
    const Status waited = dispatcher->wait(kPatienceNs, nullptr, nullptr);
    ASSERT_EQ(waited, LIBSCHED_OK) << "round " << round << ": " << test::describe(*pool);
    ASSERT_EQ(ends, tasks) << "round " << round;
    if (shuts_down) {
      ASSERT_EQ(pool->shutdown(false, kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
    } else {
      ASSERT_TRUE(becomes_idle(*pool, round));
    }
    sender.join();
    clearer.join();
    channel->abandon();
    dispatcher->abandon();
  }
}

// A paused channel is cleared by a thread that is no worker: what it discards may be the pool's last tasks.
TEST_F(ChaosFair, AClearEndsTheLastTasks) {
  for (int round = 0; round < 1'500 / SCHED_STRESS_DIVISOR; ++round) {
    TestPool pool(below(random_, 3));
    std::atomic<int> ends{0};
    Dispatcher* dispatcher = nullptr;
    ASSERT_EQ(Dispatcher::create(dispatcher, *pool, {&count, nullptr, &uncount}, 0, nullptr),
              LIBSCHED_OK);
    Channel* channel = nullptr;
    ASSERT_EQ(Channel::create(channel, *dispatcher, {}, nullptr), LIBSCHED_OK);
    ASSERT_EQ(channel->pause(), LIBSCHED_OK);
    std::vector<void*> data(1 + below(random_, 4), &ends);
    std::size_t accepted = 0;
    ASSERT_EQ(channel->send(dispatcher->handlers(), data.data(), data.size(), {}, accepted),
              LIBSCHED_OK);
    const bool shuts_down = below(random_, 2) == 0;
    const bool slow = below(random_, 2) == 0;
    std::thread clearer([&] {
      chaos::drowsy = slow;
      if (round % 3 == 0) {
        static_cast<void>(dispatcher->shutdown(true, kPatienceNs, nullptr, nullptr));
      } else {
        channel->clear();
      }
    });
    if (shuts_down) {
      EXPECT_EQ(pool->shutdown(false, kPatienceNs, nullptr, nullptr), LIBSCHED_OK)
          << "round " << round << ": " << test::describe(*pool);
    } else {
      EXPECT_TRUE(becomes_idle(*pool, round));
    }
    clearer.join();
    ASSERT_EQ(ends, static_cast<int>(data.size())) << "round " << round;
    channel->abandon();
    dispatcher->abandon();
  }
}

}  // namespace
}  // namespace sched
