// memory_order_relaxed in a comment, and in "a string", is no order.
struct RingOrders {
  static constexpr std::memory_order kPublish = std::memory_order_release;
};
struct WeakRingOrders final : RingOrders { static constexpr auto kPublish = std::memory_order_relaxed; };
template <class Sync, class Orders = RingOrders>
class Ring {
  void push(std::memory_order order) { log("memory_order_seq_cst"), head_.store(1, Orders::kPublish); }
};
