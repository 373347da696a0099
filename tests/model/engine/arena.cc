#include "tests/model/engine/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "tests/model/engine/failure.h"

namespace model {
namespace {

constexpr std::size_t kAlign = 128;  // the engine's cache lines

}  // namespace

Arena::Arena() {
  // The page below each stack faults.
  for (ThreadId thread = 0; thread < kMaxThreads; ++thread) {
    mprotect(stack(thread), 4096, PROT_NONE);
  }
}

void Arena::reset() {
  for (auto& blocks : blocks_) blocks.clear();
  std::fill(std::begin(used_), std::end(used_), 0);
}

void* Arena::allocate(ThreadId thread, std::size_t bytes, Stamp now) {
  std::size_t& used = used_[thread];
  const std::size_t size = (std::max(bytes, std::size_t{1}) + kAlign - 1) / kAlign * kAlign;
  if (used + size > kHeapBytes) fail(Failure::kLimit, "the scenario's memory is used up");
  const std::size_t begin = static_cast<std::size_t>(thread) * kHeapBytes + used;
  used += size;
  blocks_[thread].push_back({begin, size, now, false, kNone});
  return base_ + begin;
}

Arena::Block* Arena::find(std::size_t offset) {
  const std::size_t thread = offset / kHeapBytes;
  if (thread >= kMaxThreads) return nullptr;
  auto& blocks = blocks_[thread];
  auto after =
      std::upper_bound(blocks.begin(), blocks.end(), offset,
                       [](std::size_t at, const Block& block) { return at < block.begin; });
  if (after == blocks.begin()) return nullptr;
  Block& block = *--after;
  return offset < block.begin + block.size ? &block : nullptr;
}

void Arena::poison(const Block& block) { std::memset(base_ + block.begin, 0xDD, block.size); }

}  // namespace model
