void barrier() { atomic_thread_fence(memory_order_seq_cst); }
