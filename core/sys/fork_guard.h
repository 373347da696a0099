#pragma once

#include <atomic>
#include <cstdint>

namespace sched::sys {

// A number that tells a process from the one that forked it. It lives in a page that the kernel wipes on every fork,
// raw clone included, so that one load is enough to notice.
class ForkGuard {
 private:
  struct Orders {
    static constexpr std::memory_order kRead = std::memory_order_acquire;  // pairs with begin()
  };

 public:
  // The current number, 0 in a child that has not called begin() yet.
  static std::uint64_t current() {
    const std::atomic<std::uint64_t>* page = page_.load(Orders::kRead);
    return page != nullptr ? page->load(Orders::kRead) : 0;
  }

  // Makes sure there is a number, and returns it. Never 0. *fresh says whether this call made it.
  static std::uint64_t begin(bool* fresh);

 private:
  static std::atomic<std::atomic<std::uint64_t>*> page_;
};

}  // namespace sched::sys
