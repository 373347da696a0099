struct RingOrders { static constexpr auto kPublish = std::memory_order_release; }; constexpr auto kStray = std::memory_order::acquire;
