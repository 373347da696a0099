#pragma once

#include <cstdint>

namespace sched {

// xorshift64* (Vigna 2016): enough to spread thieves over victims, and reproducible from its seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed != 0 ? seed : 0x9E3779B97F4A7C15u) {}

  std::uint32_t below(std::uint32_t limit) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    const std::uint64_t high = (state_ * 0x2545F4914F6CDD1Du) >> 32;
    return static_cast<std::uint32_t>((high * limit) >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace sched
