class Ring : public RingOrders {
  static constexpr auto kMine = std::memory_order_relaxed;
};
