#include "core/pool/current.h"

namespace sched {

Current& current() {
  static constinit thread_local Current here{nullptr, nullptr, 0, nullptr};
  return here;
}

}  // namespace sched
