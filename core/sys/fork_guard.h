#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sched::sys {

// A number that tells a process from the one that forked it, and counts that a child begins anew. They live in a page
// that the kernel wipes on every fork, raw clone included, so that one load is enough to notice.
class ForkGuard {
 private:
  struct Orders {
    static constexpr std::memory_order kRead = std::memory_order_acquire;  // pairs with begin()
  };

 public:
  static constexpr std::size_t kCounts = 31;

  // The process' number; 0 in a child that has not called begin() yet.
  static std::uint64_t current() {
    const Page* page = page_.load(Orders::kRead);
    return page != nullptr ? page->number.load(Orders::kRead) : 0;
  }

  // The same, having made sure that there is one.
  static std::uint64_t begin();

  // One of the counts, once begin() was called in this process or one before it.
  static std::atomic<std::uint64_t>& count(std::size_t index) {
    return page_.load(Orders::kRead)->counts[index];
  }

 private:
  struct Page {
    std::atomic<std::uint64_t> number;
    std::atomic<std::uint64_t> counts[kCounts];
  };
  static Page* make_page();
  static void wipe_fallback();
  static std::atomic<Page*> page_;
  static Page fallback_;
};

}  // namespace sched::sys
