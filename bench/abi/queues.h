#pragma once

#include <libsched.h>

#include "bench/abi/expect.h"
#include "bench/queue_rows.h"

// The queues as queue_rows.h wants them.
namespace abi {

using bench::Take;

inline Take take_of(int status) {
  if (status == LIBSCHED_OK) return Take::kOk;
  if (status == LIBSCHED_E_EMPTY) return Take::kEmpty;
  if (status != LIBSCHED_E_RETRY) expect_ok("take", status);
  return Take::kLost;
}

inline void* pointer(std::uint64_t item) { return reinterpret_cast<void*>(item); }
inline std::uint64_t number(void* item) { return reinterpret_cast<std::uint64_t>(item); }

template <std::uint32_t flavor>
struct Deque {
  libsched_deque* deque = nullptr;

  Deque() {
    libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
    options.flavor = flavor;
    expect_ok("libsched_deque_create", libsched_deque_create(&deque, &options));
  }
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;
  ~Deque() { libsched_deque_unref(deque); }

  void push(std::uint64_t item) {
    const int status = libsched_deque_push(deque, pointer(item));
    if (status != LIBSCHED_OK) expect_ok("libsched_deque_push", status);
  }
  void pop(std::uint64_t& item) {
    void* out;
    const int status = libsched_deque_pop(&out, deque);
    if (status != LIBSCHED_OK) expect_ok("libsched_deque_pop", status);
    item = number(out);
  }
  bool try_pop(std::uint64_t& item) {
    void* out;
    if (take_of(libsched_deque_pop(&out, deque)) != Take::kOk) return false;
    item = number(out);
    return true;
  }

  struct Stealer {
    explicit Stealer(Deque& source) {
      expect_ok("libsched_stealer_create", libsched_stealer_create(&stealer, source.deque));
    }
    Stealer(const Stealer&) = delete;
    Stealer& operator=(const Stealer&) = delete;
    ~Stealer() { libsched_stealer_unref(stealer); }

    Take steal(std::uint64_t& item) {
      void* out = nullptr;
      const Take result = take_of(libsched_stealer_steal(&out, stealer));
      item = number(out);
      return result;
    }
    Take steal_batch_and_pop(Deque& destination, std::uint64_t& item) {
      void* out = nullptr;
      const Take result =
          take_of(libsched_stealer_steal_batch_and_pop(&out, stealer, destination.deque, 0));
      item = number(out);
      return result;
    }
    libsched_stealer* stealer = nullptr;
  };
};

struct Injector {
  libsched_injector* injector = nullptr;

  Injector() {
    expect_ok("libsched_injector_create", libsched_injector_create(&injector, nullptr));
  }
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;
  ~Injector() { libsched_injector_unref(injector); }

  struct Producer {
    explicit Producer(Injector& i) : injector(i.injector) {}
    void push(std::uint64_t item) {
      const int status = libsched_injector_push(injector, pointer(item));
      if (status != LIBSCHED_OK) expect_ok("libsched_injector_push", status);
    }
    void push_n(const std::uint64_t* items, std::size_t n) {
      void* bulk[bench::kBulk];
      for (std::size_t i = 0; i < n; ++i) bulk[i] = pointer(items[i]);
      std::size_t accepted = 0;
      const int status = libsched_injector_push_n(&accepted, injector, bulk, n);
      if (status != LIBSCHED_OK || accepted != n) expect_ok("libsched_injector_push_n", status);
    }
    libsched_injector* injector;
  };

  // Many elements come out through a deque of the consumer's own.
  struct Consumer {
    explicit Consumer(Injector& i) : injector(i.injector) {}
    Take take(std::uint64_t& item) {
      void* out = nullptr;
      const Take result = take_of(libsched_injector_steal(&out, injector));
      item = number(out);
      return result;
    }
    Take take_n(std::uint64_t& sum) {
      void* out = nullptr;
      const Take result =
          take_of(libsched_injector_steal_batch_and_pop(&out, injector, local.deque, bench::kBulk));
      if (result != Take::kOk) return result;
      std::uint64_t item = number(out);
      do {
        sum += item;
      } while (local.try_pop(item));
      return result;
    }
    libsched_injector* injector;
    Deque<LIBSCHED_FIFO> local;
  };
};

}  // namespace abi
