#pragma once

#include <cstddef>
#include <cstdint>

#include "orders_generated.h"
#include "tests/model/engine/sync.h"

// The sizes of model runs.
namespace sched {
struct DequeSizes;
struct BlockPoolSizes;
struct InjectorSizes;
struct StealingQueueSizes;
struct BranchSizes;
struct WaitSizes;
struct BlockCacheSizes;
struct WaitLineSizes;
struct MessageQueueSizes;
struct ChannelSizes;
}  // namespace sched

namespace model {

template <>
struct Replacement<sched::DequeSizes> {
  struct type {
    static constexpr std::size_t kMinCapacity = 2;
    static constexpr std::size_t kKeepBytes = 0;
    static constexpr std::int64_t kRecheckEvery = 3;
    static constexpr int kLowChecks = 1;
  };
};

template <>
struct Replacement<sched::BlockPoolSizes> {
  struct type {
    static constexpr std::size_t kFirstChunk = 2;
    static constexpr std::int64_t kKeep = 0;
  };
};

template <>
struct Replacement<sched::InjectorSizes> {
  struct type {
    static constexpr std::size_t kBlockBytes = 64;
  };
};

template <>
struct Replacement<sched::StealingQueueSizes> {
  struct type {
    static constexpr std::size_t kRingSlots = 2;
    static constexpr std::uint32_t kOutsideFirstEvery = 3;
    static constexpr std::uint32_t kMaxRunNext = 2;
  };
};

template <>
struct Replacement<sched::WaitSizes> {
  struct type {
    static constexpr int kMostRefusals = 1;
  };
};

template <>
struct Replacement<sched::BranchSizes> {
  struct type {
    static constexpr std::size_t kOpen = 2;
  };
};

template <>
struct Replacement<sched::BlockCacheSizes> {
  struct type {
    static constexpr std::uint32_t kMost = 0;
  };
};

template <>
struct Replacement<sched::ChannelSizes> {
  struct type {
    static constexpr int kLooks = 1;
  };
};

template <>
struct Replacement<sched::WaitLineSizes> {
  struct type {
    static constexpr std::uint32_t kMostPasses = 1;
    static constexpr std::int64_t kSoonNs = 50'000;
  };
};

template <>
struct Replacement<sched::MessageQueueSizes> {
  struct type {
    static constexpr int kLooks = 1;
    static constexpr int kPauses = 0;
    static constexpr int kFirstPause = 1;
  };
};

}  // namespace model
