#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "core/pool/blocking.h"
#include "core/queue/shared_message_queue.h"
#include "tests/unit/support.h"

namespace sched::test {

// Producers and consumers of one message queue, which use all of its ways in and out at random, with timeouts and switches
// that others trigger. Each message that was accepted must be taken once, one that was not never, and a consumer must see
// the messages of a producer in the order of their pushes.
class Storm {
 public:
  struct Plan {
    std::uint64_t bound = 0;
    std::uint64_t byte_bound = 0;
    bool bytes = false;
    std::uint32_t producers = 3;
    std::uint32_t consumers = 3;
    std::uint32_t messages = 1000;  // that each producer tries to push
    bool polled = false;            // the first consumer waits with the descriptor
    bool close_midway = false;
  };

  Storm(const Plan& plan, std::uint32_t seed)
      : plan_(plan),
        seed_(seed),
        queue_(new Queue({plan.bound, plan.byte_bound, plan.bytes}, nullptr)),
        ends_(plan.producers * plan.messages),
        switches_(plan.producers + plan.consumers) {}
  ~Storm() { queue_->drop_receivers(); }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

  void play() {
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < plan_.producers; ++i) {
      EXPECT_EQ(queue_->add_sender(), LIBSCHED_OK);
    }
    working_ = plan_.producers + plan_.consumers;
    for (std::uint32_t i = 0; i < plan_.producers; ++i) {
      threads.emplace_back([this, i] { produce(i), --working_; });
    }
    for (std::uint32_t i = 0; i < plan_.consumers; ++i) {
      threads.emplace_back([this, i] { i == 0 && plan_.polled ? poll() : consume(i), --working_; });
    }
    threads.emplace_back([this] { disturb(); });
    if (plan_.close_midway) {
      const std::uint64_t enough = ends_.size() / 4;
      comes_true([&] { return taken_.load() >= enough || working_.load() == 0; });
      queue_->close();
    }
    if (!comes_true([&] { return working_.load() == 0; }, 4 * kPatienceNs)) {
      std::fprintf(stderr, "stuck with %u threads at work, %llu messages taken, %llu held\n",
                   working_.load(), static_cast<unsigned long long>(taken_.load()),
                   static_cast<unsigned long long>(queue_->size()));
      ::_exit(1);
    }
    for (std::thread& thread : threads) thread.join();
    for (const End& end : ends_) {
      EXPECT_EQ(end.taken.load(), end.accepted ? 1u : 0u);
    }
    EXPECT_EQ(queue_->size(), 0u);
    EXPECT_EQ(queue_->bytes(), 0u);
  }

 private:
  using Queue = SharedMessageQueue<Blocking>;
  using Waiting = Queue::Waiting;
  using Way = Queue::Way;
  static constexpr std::size_t kLongest = 24;

  struct End {
    bool accepted = false;  // by its producer
    std::atomic<std::uint32_t> taken{0};
  };
  // Of one consumer: the number after the one that it saw last, of each producer.
  using Seen = std::vector<std::uint32_t>;

  Waiting waiting(std::mt19937& random, std::uint32_t thread) {
    switch (below(random, 4)) {
      case 0:
        return {Way::kWait, -1, nullptr};
      case 1:
        return {Way::kWait, static_cast<std::int64_t>(below(random, 50'000)), nullptr};
      case 2:
        return {Way::kWait, -1, &switches_[thread]};
      default:
        return {Way::kTry, 0, nullptr};
    }
  }

  Status push(std::uint64_t id, const Waiting& waiting) {
    if (!plan_.bytes) return queue_->push(reinterpret_cast<void*>(id + 1), waiting);
    unsigned char text[kLongest];
    const std::size_t size = sizeof id + id % (kLongest - sizeof id);
    std::memset(text, static_cast<int>(id & 0xFF), sizeof text);
    std::memcpy(text, &id, sizeof id);
    return queue_->push_bytes(text, size, waiting);
  }

  void produce(std::uint32_t me) {
    std::mt19937 random(seed_ + me);
    Status status = LIBSCHED_OK;
    for (std::uint32_t i = 0; i < plan_.messages && status != LIBSCHED_E_CLOSED; ++i) {
      const std::uint64_t id = std::uint64_t{me} * plan_.messages + i;
      do {
        const Waiting how =
            below(random, 8) == 0 ? Waiting{Way::kAnyway, 0, nullptr} : waiting(random, me);
        status = push(id, how);
        EXPECT_TRUE(status == LIBSCHED_OK || status == LIBSCHED_E_CLOSED ||
                    status == (how.way == Way::kTry    ? LIBSCHED_E_FULL
                               : how.cancel != nullptr ? LIBSCHED_E_CANCELLED
                               : how.timeout_ns >= 0   ? LIBSCHED_E_TIMEOUT
                                                       : LIBSCHED_OK))
            << status;
      } while (status != LIBSCHED_OK && status != LIBSCHED_E_CLOSED && below(random, 4) != 0);
      ends_[id].accepted = status == LIBSCHED_OK;
    }
    if (!plan_.close_midway) {
      EXPECT_NE(status, LIBSCHED_E_CLOSED);
    }
    queue_->drop_sender();
  }

  void see(Seen& seen, std::uint64_t id) {
    ASSERT_LT(id, ends_.size());
    EXPECT_EQ(ends_[id].taken.fetch_add(1), 0u) << "taken twice";
    const auto producer = static_cast<std::uint32_t>(id / plan_.messages);
    const auto number = static_cast<std::uint32_t>(id % plan_.messages) + 1;
    EXPECT_GT(number, seen[producer]) << "a producer's messages were overtaken";
    seen[producer] = number;
    ++taken_;
  }
  void see_item(Seen& seen, void* item) { see(seen, reinterpret_cast<std::uint64_t>(item) - 1); }

  Status take_bytes(Seen& seen, std::size_t capacity, const Waiting& how) {
    unsigned char text[kLongest] = {};
    std::size_t size = 0;
    const Status status = queue_->pop_bytes(text, capacity, how, size);
    if (status == LIBSCHED_E_RANGE) {
      EXPECT_GT(size, capacity);
    }
    if (status != LIBSCHED_OK) return status;
    std::uint64_t id = 0;
    std::memcpy(&id, text, sizeof id);
    EXPECT_EQ(size, sizeof id + id % (kLongest - sizeof id));
    for (std::size_t i = sizeof id; i < size; ++i) EXPECT_EQ(text[i], id & 0xFF);
    see(seen, id);
    return status;
  }

  Status take(Seen& seen, std::mt19937& random, const Waiting& how) {
    if (plan_.bytes) return take_bytes(seen, below(random, 4) == 0 ? 12 : kLongest, how);
    void* items[20];
    std::size_t taken = 0;
    Status status = LIBSCHED_OK;
    switch (below(random, 4)) {
      case 0:
        status = queue_->pop_n(items, 1 + below(random, 20), how, taken);
        break;
      case 1: {
        struct Reader {
          Storm* storm;
          Seen* seen;
        } reader{this, &seen};
        return queue_->pop_all(
            [](void* message, void* data) {
              const auto* to = static_cast<Reader*>(data);
              to->storm->see_item(*to->seen, message);
            },
            &reader, taken);
      }
      default:
        status = queue_->pop(items[0], how);
        taken = status == LIBSCHED_OK ? 1 : 0;
    }
    for (std::size_t i = 0; i < taken; ++i) see_item(seen, items[i]);
    return status;
  }

  void consume(std::uint32_t me) {
    std::mt19937 random(seed_ + 100 + me);
    Seen seen(plan_.producers);
    Status status = LIBSCHED_OK;
    while (status != LIBSCHED_E_CLOSED) {
      status = take(seen, random, waiting(random, plan_.producers + me));
      EXPECT_TRUE(status == LIBSCHED_OK || status == LIBSCHED_E_CLOSED ||
                  status == LIBSCHED_E_EMPTY || status == LIBSCHED_E_TIMEOUT ||
                  status == LIBSCHED_E_CANCELLED || status == LIBSCHED_E_RANGE)
          << status;
    }
  }

  void poll() {
    std::mt19937 random(seed_ + 100);
    Seen seen(plan_.producers);
    int fd = -1;
    EXPECT_EQ(queue_->poll_fd(fd), LIBSCHED_OK);
    for (;;) {
      while (take(seen, random, {Way::kTry, 0, nullptr}) == LIBSCHED_OK) {
      }
      bool something = false;
      const Status status = queue_->arm(something);
      if (status == LIBSCHED_E_CLOSED) return;
      EXPECT_EQ(status, LIBSCHED_OK);
      pollfd one{fd, POLLIN, 0};
      if (!something) {
        EXPECT_EQ(::poll(&one, 1, static_cast<int>(kPatienceNs / 1'000'000)), 1);
      }
    }
  }

  // Ends waits that have a switch, again and again.
  void disturb() {
    std::mt19937 random(seed_ + 200);
    while (working_.load() != 0) {
      CancelSwitch& one = switches_[below(random, plan_.producers + plan_.consumers)];
      one.trigger();
      std::this_thread::sleep_for(std::chrono::microseconds(below(random, 100)));
      one.reset();
    }
  }

  const Plan plan_;
  const std::uint32_t seed_;
  Queue* const queue_;
  std::vector<End> ends_;
  std::vector<CancelSwitch> switches_;
  std::atomic<std::uint32_t> working_{0};
  std::atomic<std::uint64_t> taken_{0};
};

}  // namespace sched::test
