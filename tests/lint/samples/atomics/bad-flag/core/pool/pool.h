std::atomic_flag flag_;
