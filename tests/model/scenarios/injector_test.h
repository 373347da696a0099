#pragma once

#include <algorithm>
#include <array>

#include "core/queue/injector.h"
#include "tests/model/scenarios/items.h"

namespace model {

using sched::Injector;
using sched::PushStatus;
using sched::StealStatus;

// Up to three producers with items of their own; numbers grow from one item of a producer to the next.
inline constexpr std::size_t kPerProducer = 6;
inline constexpr std::size_t kProducers = 3;
inline constexpr std::size_t kItems = kProducers * kPerProducer;

// The newest item of each producer that somebody has seen.
class Fifo {
 public:
  void note(std::size_t number) {
    std::size_t& last = last_[(number - 1) / kPerProducer];
    check(number > last, "a producer's items come out in another order");
    last = number;
  }
  // As if the other's items had come out first.
  void join(const Fifo& other) {
    for (std::size_t i = 0; i < kProducers; ++i) last_[i] = std::max(last_[i], other.last_[i]);
  }

 private:
  std::size_t last_[kProducers] = {};
};

// An injector whose blocks have two slots, and what it promises:
// - items come out once, in the order of their producer, for each consumer and for the whole;
// - kEmpty: all items whose push happened before were taken by others;
// - kPending: the push of the oldest item has not happened before;
// - kRetry: another consumer has taken something.
template <std::size_t Words>
class InjectorTest {
 public:
  using TestInjector = Injector<ModelSync, Words, 2>;
  using Item = typename TestInjector::Item;

  InjectorTest() : items_(kItems) { name(injector, "injector"); }

  // --- producers ---

  PushStatus try_push(std::size_t number) {
    items_.make(number);
    const PushStatus status = injector.push(pack(number));
    if (status == PushStatus::kOk) pushed_[number - 1] = true;
    return status;
  }
  void push_owed(std::size_t number) {
    items_.make(number);
    check(injector.push_owed(pack(number)) == PushStatus::kOk, "a push that is owed failed");
    pushed_[number - 1] = true;
  }
  void push(std::size_t number) { check(try_push(number) == PushStatus::kOk, "a push failed"); }
  void push_n(std::size_t first, std::size_t count) {
    Item batch[kPerProducer];
    for (std::size_t i = 0; i < count; ++i) {
      items_.make(first + i);
      batch[i] = pack(first + i);
      pushed_[first + i - 1] = true;
    }
    std::size_t accepted = 0;
    check(injector.push_n(batch, count, accepted) == PushStatus::kOk, "a push failed");
    check(accepted == count, "a batch was not accepted as a whole");
  }

  // --- consumers ---

  // One thread's view.
  class Consumer {
   public:
    // `known`: all items up to this number have been pushed before the consumer began, and nothing else is pushed.
    explicit Consumer(InjectorTest& test, std::size_t known = 0) : test_(test), known_(known) {}
    ~Consumer() { test_.left(*this); }

    StealStatus pop(std::size_t limit = 1) {
      Item batch[kPerProducer];
      std::size_t taken = 0;
      const StealStatus status =
          limit == 1 ? test_.injector.pop(batch[0]) : test_.injector.pop_n(batch, limit, taken);
      if (limit == 1) taken = status == StealStatus::kSuccess ? 1 : 0;
      check((status == StealStatus::kSuccess) == (taken != 0) &&
                taken <= std::min<std::size_t>(limit, 2),
            "a batch has a wrong size");
      for (std::size_t i = 0; i < taken; ++i) {
        const std::size_t number = unpack(batch[i]);
        test_.items_.take_word(number);
        fifo_.note(number);
      }
      takes_ += taken != 0 ? 1 : 0;
      retries_ += status == StealStatus::kRetry ? 1 : 0;
      if (known_ != 0) {
        check(status != StealStatus::kPending,
              "all pushes are finished, and one is said not to be");
      }
      empty_ |= status == StealStatus::kEmpty;
      return status;
    }
    // Looks at the oldest item.
    void peek() {
      Item item;
      if (!test_.injector.peek(item)) {
        empty_ |= known_ != 0;
        return;
      }
      Fifo next = fifo_;
      next.note(unpack(item));
    }
    void look() {
      if (!test_.injector.ready()) empty_ |= known_ != 0;
    }
    // Takes all that is left, when nobody else is at work.
    void drain() {
      fifo_.join(test_.seen_);
      StealStatus status = StealStatus::kSuccess;
      while (status == StealStatus::kSuccess) status = pop();
      check(status == StealStatus::kEmpty, "the injector is not at rest");
      empty_ = false;
    }

   private:
    friend class InjectorTest;
    InjectorTest& test_;
    const std::size_t known_;
    Fifo fifo_;
    std::size_t takes_ = 0;
    std::size_t retries_ = 0;
    bool empty_ = false;  // has been told so
  };

  // After all threads: takes what is left, and looks whether all was right.
  void finish() {
    check(busiest_ <= takes_, "a pop was to be tried again for no reason");
    const std::size_t left = injector.size();
    std::size_t drained = 0;
    for (std::size_t number = 1; number <= pushed_.size(); ++number) {
      drained += pushed_[number - 1] && !items_.taken(number) ? 1 : 0;
      if (number <= empty_known_) check(items_.taken(number), "an item was there, and not found");
    }
    check(left == drained, "the size at rest is wrong");
    check(injector.ready() == (left != 0), "ready() is wrong at rest");
    Consumer consumer(*this);
    consumer.drain();
    for (std::size_t number = 1; number <= pushed_.size(); ++number) {
      if (pushed_[number - 1]) check(items_.taken(number), "an item was lost");
    }
    check(!injector.ready() && injector.size() == 0, "the injector is not empty at last");
  }

  bool taken(std::size_t number) const { return items_.taken(number); }

  TestInjector injector;

 private:
  // A word of an item says whose it is.
  static Item pack(std::size_t number) {
    Item item;
    for (std::size_t word = 0; word < Words; ++word) item[word] = (number << 8 | word) << 8;
    return item;
  }
  static std::size_t unpack(const Item& item) {
    for (std::size_t word = 0; word < Words; ++word) {
      check((item[word] >> 8 & 0xFF) == word && item[word] >> 16 == item[0] >> 16,
            "words of two items are mixed");
    }
    return item[0] >> 16;
  }
  void left(const Consumer& consumer) {
    seen_.join(consumer.fifo_);
    takes_ += consumer.takes_;
    busiest_ = std::max(busiest_, consumer.takes_ + consumer.retries_);
    if (consumer.empty_) empty_known_ = std::max(empty_known_, consumer.known_);
  }

  Items items_;
  std::array<bool, kItems> pushed_ = {};
  Fifo seen_;
  std::size_t takes_ = 0;
  std::size_t busiest_ = 0;
  std::size_t empty_known_ = 0;
};

}  // namespace model
