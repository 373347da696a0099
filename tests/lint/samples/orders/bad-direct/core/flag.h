#include <atomic>

struct FlagOrders {
  static constexpr std::memory_order kRead = std::memory_order_acquire;
};

inline bool set(const std::atomic<bool>& flag) { return flag.load(FlagOrders::kRead); }
