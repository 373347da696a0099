#include "handle.h"

namespace sched::capi {

static_assert(kLastKind < sys::ForkGuard::kCounts);

Handle::Handle(std::uint32_t kind) : tag_(kTag | kind), process_(sys::ForkGuard::begin()) {
  sys::ForkGuard::count(kind).fetch_add(1);
}

Handle::~Handle() {
  sys::ForkGuard::count(tag_ & ~kTag).fetch_sub(1);
  // Volatile, or the compiler leaves out a store to memory that is about to be freed.
  *const_cast<volatile std::uint32_t*>(&tag_) = 0;
}

std::uint64_t Handle::live(std::uint32_t kind) {
  return sys::ForkGuard::current() != 0 ? sys::ForkGuard::count(kind).load() : 0;
}

}  // namespace sched::capi
