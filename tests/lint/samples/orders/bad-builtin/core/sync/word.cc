int read(int* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
