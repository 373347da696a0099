inline void barrier() { __atomic_thread_fence(5); }
