std::atomic<int> head_;
