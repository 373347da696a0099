// In place of core/pool/current.cc: what the calling thread is, where threads are the checker's.
#include "core/pool/current.h"

#include "tests/model/engine/execution.h"

namespace sched {

Current& current() {
  static_assert(sizeof(Current) <= 4 * sizeof(void*));
  return *reinterpret_cast<Current*>(model::Execution::current().local());
}

}  // namespace sched
