#include "handle.h"

namespace sched::capi {
namespace {

constinit std::atomic<std::uint64_t> live_counts[kLastKind + 1] = {};

std::uint64_t begin_process() {
  bool fresh = false;
  const std::uint64_t process = sys::ForkGuard::begin(&fresh);
  if (fresh) {
    for (auto& count : live_counts) count.store(0);  // those of the parent
  }
  return process;
}

}  // namespace

Handle::Handle(std::uint32_t kind) : tag_(kTag | kind), process_(begin_process()) {
  live_counts[kind].fetch_add(1);
}

Handle::~Handle() {
  live_counts[tag_ & ~kTag].fetch_sub(1);
  // Volatile, or the compiler leaves out a store to memory that is about to be freed.
  *const_cast<volatile std::uint32_t*>(&tag_) = 0;
}

std::uint64_t Handle::live(std::uint32_t kind) {
  return sys::ForkGuard::current() != 0 ? live_counts[kind].load() : 0;
}

}  // namespace sched::capi
