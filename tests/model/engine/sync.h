#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tests/model/engine/execution.h"
#include "tests/model/engine/replacement.h"

// The Sync policy of model runs: the same names as the one in core/sync/std_sync.h, for threads that are the checker's.
namespace model {

#define MODEL_WHERE const char *file = __builtin_FILE(), int line = __builtin_LINE()

template <class T>
class Atomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);

 public:
  Atomic() noexcept : Atomic(T{}) {}
  Atomic(T value) noexcept : value_(value) { forget(); }  // NOLINT: as std::atomic
  ~Atomic() = default;
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(std::memory_order order, MODEL_WHERE) const {
    return from_word(Execution::current().load(&value_, sizeof(T), order, {file, line}));
  }
  void store(T value, std::memory_order order, MODEL_WHERE) {
    Execution::current().store(&value_, sizeof(T), to_word(value), order, {file, line});
  }
  T exchange(T value, std::memory_order order, MODEL_WHERE) {
    return update([](std::uint64_t, std::uint64_t operand) { return operand; }, value, order,
                  "exchange", {file, line});
  }
  T fetch_add(T value, std::memory_order order, MODEL_WHERE) {
    return update([](std::uint64_t old, std::uint64_t operand) { return old + operand; }, value,
                  order, "fetch_add", {file, line});
  }
  T fetch_sub(T value, std::memory_order order, MODEL_WHERE) {
    return update([](std::uint64_t old, std::uint64_t operand) { return old - operand; }, value,
                  order, "fetch_sub", {file, line});
  }
  T fetch_or(T value, std::memory_order order, MODEL_WHERE) {
    return update([](std::uint64_t old, std::uint64_t operand) { return old | operand; }, value,
                  order, "fetch_or", {file, line});
  }
  T fetch_and(T value, std::memory_order order, MODEL_WHERE) {
    return update([](std::uint64_t old, std::uint64_t operand) { return old & operand; }, value,
                  order, "fetch_and", {file, line});
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                               std::memory_order failure, MODEL_WHERE) {
    return exchange_if(expected, desired, success, failure, false, {file, line});
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                             std::memory_order failure, MODEL_WHERE) {
    return exchange_if(expected, desired, success, failure, true, {file, line});
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order order, MODEL_WHERE) {
    return exchange_if(expected, desired, order, failed(order), false, {file, line});
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order order, MODEL_WHERE) {
    return exchange_if(expected, desired, order, failed(order), true, {file, line});
  }

 private:
  static std::memory_order failed(std::memory_order order) {
    return order == std::memory_order_acq_rel   ? std::memory_order_acquire
           : order == std::memory_order_release ? std::memory_order_relaxed
                                                : order;
  }
  static std::uint64_t to_word(T value) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);
    return word;
  }
  static T from_word(std::uint64_t word) {
    T value;
    std::memcpy(&value, &word, sizeof value);
    return value;
  }
  T update(Execution::Operator apply, T value, std::memory_order order, const char* name,
           Where where) {
    return from_word(
        Execution::current().update(&value_, sizeof(T), apply, to_word(value), order, name, where));
  }
  bool exchange_if(T& expected, T desired, std::memory_order success, std::memory_order failure,
                   bool weak, Where where) {
    Execution::Exchange exchange{to_word(expected), to_word(desired), success, failure, weak};
    if (Execution::current().compare_exchange(&value_, sizeof(T), exchange, where)) return true;
    expected = from_word(exchange.expected);
    return false;
  }
  void forget() { Execution::current().begin_atomic(&value_, sizeof(T)); }

  T value_;  // the initial one; the checker keeps the others
};

// A cell that is not atomic. Using it from two threads without an order between them is an error.
template <class T>
class Plain {
 public:
  Plain(T value = T{}) : value_(value) {
    Execution::current().begin_plain(this);
  }  // NOLINT: as a T
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain& other) { return *this = other.get(); }
  Plain& operator=(T value) {
    Execution::current().plain_write(this, {});
    value_ = value;
    return *this;
  }
  operator T() const { return get(); }  // NOLINT: as a T
  T operator->() const { return get(); }
  Plain& operator++() { return *this = static_cast<T>(get() + 1); }
  T operator++(int) {
    const T before = get();
    *this = static_cast<T>(before + 1);
    return before;
  }
  Plain& operator+=(T value) { return *this = static_cast<T>(get() + value); }
  Plain& operator-=(T value) { return *this = static_cast<T>(get() - value); }
  T get() const {
    Execution::current().plain_read(this, {});
    return value_;
  }

 private:
  T value_;
};

class Mutex {
 public:
  Mutex() { Execution::current().begin_atomic(&word_, sizeof word_); }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void lock() { Execution::current().lock(&word_, {"mutex", 0}); }
  bool try_lock() { return Execution::current().try_lock(&word_, {"mutex", 0}); }
  void unlock() { Execution::current().unlock(&word_, {"mutex", 0}); }

 private:
  std::uint64_t word_ = 0;
};

// An array in zeroed memory whose pages can be given back; see core/sys/pages.h. All of it is whole pages here.
template <class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() { reset(); }

  bool allocate(std::size_t count) {
    void* memory = Execution::current().allocate(count * sizeof(T));
    std::memset(memory, 0, count * sizeof(T));
    set(static_cast<T*>(memory), count);
    return true;
  }
  void reset() {
    if (data_ == nullptr) return;
    Execution::current().free(data_);
    set(nullptr, 0);
  }
  T* data() const {
    Execution::current().plain_read(&data_, {});
    return data_;
  }
  std::size_t size() const { return count_; }

  // Each word becomes 0. The kernel stops every CPU for it, so who reads such a 0 knows what came before.
  void discard(std::size_t first, std::size_t count, MODEL_WHERE) {
    auto* words = reinterpret_cast<std::uint64_t*>(data() + first);
    for (std::size_t i = 0; i < count * sizeof(T) / 8; ++i) {
      Execution::current().store(words + i, 8, 0, std::memory_order_release, {file, line});
    }
  }

 private:
  void set(T* data, std::size_t count) {
    Execution::current().plain_write(&data_, {});
    data_ = data;
    count_ = count;
  }

  // Plain cells, but not counted as used before they are set: most slabs of a deque never are.
  T* data_ = nullptr;
  std::size_t count_ = 0;
};

struct ModelSync {
  template <class T>
  using atomic = Atomic<T>;
  template <class T>
  using Plain = model::Plain<T>;
  using Mutex = model::Mutex;
  template <class T>
  using Slab = model::Slab<T>;
  template <class Constants>
  using Traits = typename Replacement<Constants>::type;

  static void wait(const atomic<std::uint32_t>& word, std::uint32_t expected,
                   std::int64_t timeout_ns, MODEL_WHERE) {
    Execution::current().wait(&word, expected, timeout_ns, {file, line});
  }
  static void wake(const atomic<std::uint32_t>& word, int count, MODEL_WHERE) {
    Execution::current().wake(&word, count, {file, line});
  }
  static void pause() { Execution::current().pause(); }
  static void yield() { Execution::current().pause(); }
};

#undef MODEL_WHERE

}  // namespace model
