/* Why there is no
   atomic_thread_fence here. */
inline int word() { return 1; }
