#include "core/pool/options.h"

#include <algorithm>

#include "core/sys/calls.h"
#include "core/sys/cpus.h"

namespace sched {

std::uint32_t default_workers() { return std::max(default_contexts(), std::uint32_t{2}); }

std::uint32_t default_contexts() { return std::min(sys::usable_cpus(), kMaxWorkers); }

Status check_bounds(const StarvationBounds& bounds, Error* error) {
  if (bounds.normal == 0) {
    return fail(error, LIBSCHED_E_RANGE, "normal_bound is 0; at least 1 is needed");
  }
  if (bounds.low < 2) {
    return fail(error, LIBSCHED_E_RANGE,
                "low_bound is %u; at least 2 is needed, since Normal may be due first", bounds.low);
  }
  return LIBSCHED_OK;
}

Status PoolOptions::check(Error* error) const {
  constexpr std::uint64_t kMinStack = 64 * 1024;
  if (workers > kMaxWorkers) {
    return fail(error, LIBSCHED_E_RANGE, "workers is %u; at most %u are possible", workers,
                kMaxWorkers);
  }
  if (max_spare > kMaxWorkers) {
    return fail(error, LIBSCHED_E_RANGE, "max_spare is %u; at most %u are possible", max_spare,
                kMaxWorkers);
  }
  if (stack_size != 0 && (stack_size < kMinStack || stack_size > INT64_MAX / 2)) {
    return fail(error, LIBSCHED_E_RANGE,
                "stack_size is %llu bytes; 0 (the system's default) or at least %llu is needed",
                static_cast<unsigned long long>(stack_size),
                static_cast<unsigned long long>(kMinStack));
  }
  for (std::size_t i = 0; i < affinity.size(); ++i) {
    if (affinity[i] >= CPU_SETSIZE) {
      fail(error, LIBSCHED_E_RANGE, "affinity[%zu] is CPU %u; the highest possible is %d", i,
           affinity[i], CPU_SETSIZE - 1);
      if (error != nullptr) error->offset = i;
      return LIBSCHED_E_RANGE;
    }
  }
  return check_bounds(bounds, error);
}

}  // namespace sched
