StdSync::atomic<int> count;  // not std::atomic
