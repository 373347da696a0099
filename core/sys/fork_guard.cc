#include "core/sys/fork_guard.h"

#include <new>

#include "core/sys/calls.h"

namespace sched::sys {
namespace {

constexpr std::size_t kPageBytes = 64 * 1024;  // one page on every kernel configuration

constinit std::atomic<std::uint64_t> numbers{
    0};  // inherited by a child, which so never repeats a number
constinit std::atomic<std::uint64_t> fallback{0};

void forget_fallback() { fallback.store(0); }

// The wiped page; on a kernel that cannot wipe, a word that pthread_atfork clears, which misses raw clones.
std::atomic<std::uint64_t>* make_page() {
  void* memory =
      calls.mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) {
    if (calls.madvise(memory, kPageBytes, MADV_WIPEONFORK) == 0) {
      return new (memory) std::atomic<std::uint64_t>(0);
    }
    calls.munmap(memory, kPageBytes);
  }
  pthread_atfork(nullptr, nullptr, forget_fallback);
  return &fallback;
}

}  // namespace

constinit std::atomic<std::atomic<std::uint64_t>*> ForkGuard::page_{nullptr};

std::uint64_t ForkGuard::begin(bool* fresh) {
  *fresh = false;
  std::atomic<std::uint64_t>* page = page_.load();
  if (page == nullptr) {
    std::atomic<std::uint64_t>* made = make_page();
    if (page_.compare_exchange_strong(page, made)) {
      page = made;
    } else if (made != &fallback) {
      calls.munmap(made, kPageBytes);
    }
  }
  std::uint64_t number = page->load();
  if (number != 0) return number;
  const std::uint64_t next = numbers.fetch_add(1) + 1;
  *fresh = page->compare_exchange_strong(number, next);
  return *fresh ? next : number;
}

}  // namespace sched::sys
