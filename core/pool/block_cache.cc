#include "core/pool/block_cache.h"

#include "core/pool/worker.h"

namespace sched {

BlockCache* BlockCache::of_this_worker() {
  Worker* worker = current().worker;
  return worker != nullptr ? &worker->blocks() : nullptr;
}

}  // namespace sched
