#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "core/sys/fork_guard.h"

namespace sched::sys {

// Something that a process has one of. A child makes one of its own, since a lock in its parent's may be held for ever; that one
// stays where it is.
template <class Value>
class PerProcess {
 public:
  constexpr PerProcess() = default;
  PerProcess(const PerProcess&) = delete;
  PerProcess& operator=(const PerProcess&) = delete;

  // Throws std::bad_alloc.
  Value& get() {
    const std::uint64_t process = ForkGuard::begin();
    Own* found = own_.load(Orders::kSee);
    while (found == nullptr || found->process != process) {
      auto made = std::make_unique<Own>(process, found);
      if (own_.compare_exchange_strong(found, made.get(), Orders::kSet, Orders::kSee)) {
        return made.release()->value;
      }
    }
    return found->value;
  }

  // nullptr: this process has none yet.
  Value* find() {
    Own* const found = own_.load(Orders::kSee);
    return found != nullptr && found->process == ForkGuard::current() ? &found->value : nullptr;
  }

 private:
  struct Orders {
    static constexpr std::memory_order kSee = std::memory_order_acquire;  // pairs with kSet
    static constexpr std::memory_order kSet = std::memory_order_acq_rel;  // pairs with kSee
  };
  struct Own {
    Own(std::uint64_t number, Own* parent) : process(number), parents(parent) {}
    const std::uint64_t process;
    Own* const parents;
    Value value;
  };

  std::atomic<Own*> own_{nullptr};
};

}  // namespace sched::sys
