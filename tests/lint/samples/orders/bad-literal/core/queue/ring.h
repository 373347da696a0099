struct RingOrders {
  static constexpr std::memory_order kPublish = std::memory_order_release;
};
template <class Sync, class Orders = RingOrders>
class Ring {
  void push() { head_.store(1'000, std::memory_order_relaxed); }
};
