#pragma once

#include <cstdint>

#include "core/base/error.h"
#include "core/pool/pool.h"
#include "core/sync/cancel.h"

namespace sched {

struct LoopOrders {
  static constexpr std::memory_order kStop =
      std::memory_order_relaxed;  // chunks that have begun go on anyway
  // The first failure's; read after all chunks were joined.
  static constexpr std::memory_order kCode = std::memory_order_relaxed;  // ordered by the joins
  // The end of a loop is the condition of an eventcount.
  static constexpr std::memory_order kEnded =
      std::memory_order_seq_cst;  // pairs with EventCount's look
};

// Runs [begin, end), of which nothing is empty. Returns 0 or the code of a failure, which ends the loop.
using ChunkFn = int (*)(libsched_task* task, std::uint64_t begin, std::uint64_t end,
                        void* user_data);

struct Loop {
  std::uint64_t begin;
  std::uint64_t end;
  std::uint64_t grain;  // most indices of one chunk; 0 = chosen
  ChunkFn fn;
  void* user_data;
};

// Calls fn for chunks that together are the range, each index once, on the workers of the pool; returns when all calls have
// ended. LIBSCHED_OK; LIBSCHED_E_FAILED, and *code is that of the first chunk that failed; LIBSCHED_E_CANCELLED; or what a
// submit returns. On a worker of the pool the caller takes part, elsewhere it waits; without workers it does it all.
Status parallel_for(Pool& pool, Level level, const Loop& loop, CancelSwitch* cancel, int& code,
                    Error* error);

}  // namespace sched
