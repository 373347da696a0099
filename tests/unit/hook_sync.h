#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "core/sync/std_sync.h"

namespace sched::test {

// What a test does in the middle of an operation of the same thread, as another thread could: called before an atomic
// operation, with its memory order. A hook that runs is not hooked itself.
inline std::function<void(std::memory_order)> before_store;
inline std::function<void(std::memory_order)> before_exchange;  // a compare-exchange

inline void run_hook(std::function<void(std::memory_order)>& hook, std::memory_order order) {
  if (!hook) return;
  const auto own = std::exchange(hook, nullptr);
  own(order);
  if (!hook) hook = own;
}

// Takes the hooks away at the end of a test.
struct NoHooks {
  ~NoHooks() { before_store = before_exchange = nullptr; }
};

// StdSync, with hooks.
struct HookSync : StdSync {
  template <class T>
  struct atomic : std::atomic<T> {
    using std::atomic<T>::atomic;
    void store(T value, std::memory_order order) {
      run_hook(before_store, order);
      std::atomic<T>::store(value, order);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                 std::memory_order failure) {
      run_hook(before_exchange, success);
      return std::atomic<T>::compare_exchange_strong(expected, desired, success, failure);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order order) {
      run_hook(before_exchange, order);
      return std::atomic<T>::compare_exchange_strong(expected, desired, order);
    }
  };
};

}  // namespace sched::test
