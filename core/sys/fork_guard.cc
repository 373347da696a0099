#include "core/sys/fork_guard.h"

#include <new>

#include "core/sys/calls.h"

namespace sched::sys {
namespace {

constexpr std::size_t kPageBytes = 64 * 1024;  // one page on every kernel configuration

constinit std::atomic<std::uint64_t> numbers{
    0};  // inherited by a child, which so never repeats a number

}  // namespace

constinit std::atomic<ForkGuard::Page*> ForkGuard::page_{nullptr};
constinit ForkGuard::Page ForkGuard::fallback_{};

void ForkGuard::wipe_fallback() {
  fallback_.number.store(0);
  for (auto& count : fallback_.counts) count.store(0);
}

// The wiped page; on a kernel that cannot wipe, memory that pthread_atfork clears, which misses raw clones.
ForkGuard::Page* ForkGuard::make_page() {
  void* memory =
      calls.mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) {
    if (calls.madvise(memory, kPageBytes, MADV_WIPEONFORK) == 0) return new (memory) Page{};
    calls.munmap(memory, kPageBytes);
  }
  pthread_atfork(nullptr, nullptr, wipe_fallback);
  return &fallback_;
}

std::uint64_t ForkGuard::begin() {
  Page* page = page_.load();
  if (page == nullptr) {
    Page* made = make_page();
    if (page_.compare_exchange_strong(page, made)) {
      page = made;
    } else if (made != &fallback_) {
      calls.munmap(made, kPageBytes);
    }
  }
  std::uint64_t number = page->number.load();
  if (number != 0) return number;
  const std::uint64_t next = numbers.fetch_add(1) + 1;
  return page->number.compare_exchange_strong(number, next) ? next : number;
}

}  // namespace sched::sys
