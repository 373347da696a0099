inline int thing() { return 1; }
