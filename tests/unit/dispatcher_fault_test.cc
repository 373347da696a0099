// Dispatchers on a pool that has no threads, or loses them.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "core/fair/channel.h"
#include "core/fair/dispatcher.h"
#include "tests/unit/pool_support.h"

namespace sched {
namespace {

using test::kPatienceNs;
using test::TestPool;

class DispatcherFault : public ::testing::Test {
 protected:
  DispatcherFault() {
    creatable = 1000;
    sys::calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes,
                                  void* (*body)(void*), void* argument) {
      if (creatable.fetch_sub(1) <= 0) return EAGAIN;
      return pthread_create(out, attributes, body, argument);
    };
  }

  // A dispatcher with one channel, whose tasks count in Ends.
  struct Ends {
    std::atomic<int> works{0};
    std::atomic<int> discards{0};
  };
  class Fair {
   public:
    explicit Fair(Pool& pool) {
      EXPECT_EQ(Dispatcher::create(dispatcher, pool, {&work, nullptr, &discard}, 0, nullptr),
                LIBSCHED_OK);
      EXPECT_EQ(Channel::create(channel, *dispatcher, {}, nullptr), LIBSCHED_OK);
    }
    ~Fair() {
      channel->abandon();
      dispatcher->abandon();
    }
    Fair(const Fair&) = delete;
    Fair& operator=(const Fair&) = delete;

    Status send(TaskFn fn, int count = 1) {
      std::vector<void*> data(static_cast<std::size_t>(count), &ends);
      std::size_t accepted = 99;
      const Status status =
          channel->send({fn, nullptr, &discard}, data.data(), data.size(), {}, accepted);
      EXPECT_EQ(accepted, status == LIBSCHED_OK ? data.size() : 0u);
      return status;
    }

    static int work(libsched_task*, void* data) { return ++static_cast<Ends*>(data)->works, 0; }
    static int end_thread(libsched_task* task, void* data) {
      work(task, data);
      pthread_exit(nullptr);
    }
    static void discard(void* data) { ++static_cast<Ends*>(data)->discards; }

    Ends ends;
    Dispatcher* dispatcher = nullptr;
    Channel* channel = nullptr;
  };

  // Ten tasks wait, and there is no thread any more.
  static void lose_all(Pool& pool, Fair& fair) {
    ASSERT_EQ(fair.channel->pause(), LIBSCHED_OK);
    ASSERT_EQ(fair.send(&Fair::end_thread), LIBSCHED_OK);
    ASSERT_EQ(fair.send(&Fair::work, 10), LIBSCHED_OK);
    creatable = 0;
    ASSERT_EQ(fair.channel->resume(), LIBSCHED_OK);
    ASSERT_TRUE(test::comes_true([&] { return test::stats(pool).workers == 0; }));
    ASSERT_EQ(fair.ends.works, 1);
    ASSERT_EQ(fair.channel->size(), 10u);
  }

  static inline std::atomic<int> creatable{1000};  // threads that can be created before it fails
  test::RealCalls restore_;
};

TEST_F(DispatcherFault, WithoutAnyThreadASendFailsAndALaterOneWorks) {
  TestPool pool(4);
  Fair fair(*pool);
  creatable = 0;
  for (int i = 1; i < 4; ++i) EXPECT_EQ(fair.send(&Fair::work, i), -EAGAIN);
  EXPECT_EQ(fair.channel->size(), 0u);
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK) << "nothing was accepted";
  creatable = 1000;
  EXPECT_EQ(fair.send(&Fair::work), LIBSCHED_OK);
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(fair.ends.works, 1);
  EXPECT_EQ(fair.ends.discards, 0);
}

TEST_F(DispatcherFault, TheNextSendStartsLostThreadsAnew) {
  TestPool pool(1);
  Fair fair(*pool);
  lose_all(*pool, fair);
  EXPECT_EQ(fair.send(&Fair::work), -EAGAIN);
  creatable = 1000;
  EXPECT_EQ(fair.send(&Fair::work), LIBSCHED_OK);
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(fair.ends.works, 12);
}

TEST_F(DispatcherFault, AWaitForThePoolStartsLostThreadsAnew) {
  TestPool pool(1);
  Fair fair(*pool);
  lose_all(*pool, fair);
  creatable = 1000;
  EXPECT_EQ(test::wait_idle(*pool), LIBSCHED_OK);
  EXPECT_EQ(fair.ends.works, 11);
}

TEST_F(DispatcherFault, AWaitStartsLostThreadsAnew) {
  TestPool pool(1);
  Fair fair(*pool);
  lose_all(*pool, fair);
  fair.channel->close();
  creatable = 1000;
  EXPECT_EQ(fair.dispatcher->wait(kPatienceNs / 6, nullptr, nullptr), LIBSCHED_OK);
  EXPECT_EQ(fair.ends.works, 11);
}

// The same when they are lost while it waits.
TEST_F(DispatcherFault, AWaitSeesTheLoss) {
  TestPool pool(1);
  Fair fair(*pool);
  ASSERT_EQ(fair.channel->pause(), LIBSCHED_OK);
  ASSERT_EQ(fair.send(&Fair::end_thread), LIBSCHED_OK);
  ASSERT_EQ(fair.send(&Fair::work, 10), LIBSCHED_OK);
  fair.channel->close();
  creatable = 0;
  std::atomic<bool> waits{false};
  std::thread waiter([&] {
    waits = true;
    EXPECT_EQ(fair.dispatcher->wait(kPatienceNs / 6, nullptr, nullptr), LIBSCHED_OK);
  });
  while (!waits) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));  // most likely it sleeps by now
  sys::calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes,
                                void* (*body)(void*), void* argument) {
    if (creatable.fetch_add(1) == 0) return EAGAIN;  // the one that would replace it
    return pthread_create(out, attributes, body, argument);
  };
  ASSERT_EQ(fair.channel->resume(), LIBSCHED_OK);
  waiter.join();
  EXPECT_EQ(fair.ends.works, 11);
}

TEST_F(DispatcherFault, EndsNeedNoThreads) {
  for (const bool clear_all : {false, true}) {
    creatable = 1000;
    TestPool pool(1);
    Fair fair(*pool);
    lose_all(*pool, fair);
    EXPECT_EQ(pool->shutdown(clear_all, kPatienceNs, nullptr, nullptr), LIBSCHED_OK);
    EXPECT_EQ(fair.ends.works, clear_all ? 1 : 11);
    EXPECT_EQ(fair.ends.discards, clear_all ? 10 : 0);
    EXPECT_EQ(fair.dispatcher->wait(0, nullptr, nullptr), LIBSCHED_OK);
  }
}

}  // namespace
}  // namespace sched
