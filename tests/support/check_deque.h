/** Short words for the deque tests: make, fill, and compare what comes out. */
#ifndef CHECK_DEQUE_H
#define CHECK_DEQUE_H

#include "check_sched.h"

CHECK_HELPER libsched_deque *check_deque(uint32_t flavor, uint64_t max_capacity) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  libsched_deque *deque = 0;
  options.flavor = flavor;
  options.max_capacity = max_capacity;
  CHECK_OK(libsched_deque_create(&deque, &options));
  CHECK(deque != 0);
  return deque;
}

CHECK_HELPER libsched_stealer *check_stealer(libsched_deque *deque) {
  libsched_stealer *stealer = 0;
  CHECK_OK(libsched_stealer_create(&stealer, deque));
  CHECK(stealer != 0);
  return stealer;
}

/** Pushes first, first + 1, ... last. */
CHECK_HELPER void check_push(libsched_deque *deque, int64_t first, int64_t last) {
  int64_t i;
  for (i = first; i <= last; ++i) CHECK_OK(libsched_deque_push(deque, ITEM(i)));
}

CHECK_HELPER int64_t check_len(libsched_deque *deque) {
  uint64_t n = 0;
  CHECK_OK(libsched_deque_len(&n, deque));
  return (int64_t)n;
}

CHECK_HELPER int64_t check_pop(libsched_deque *deque) {
  void *out = 0;
  CHECK_OK(libsched_deque_pop(&out, deque));
  return VALUE(out);
}

/** Pops everything; the values must be these, as a text such as "3 2 1". */
CHECK_HELPER void check_pops(const char *file, int line, libsched_deque *deque, const char *want) {
  char got[2048];
  size_t at = 0;
  void *out = 0;
  int status;
  got[0] = 0;
  while ((status = libsched_deque_pop(&out, deque)) == LIBSCHED_OK && at + 32 < sizeof(got)) {
    at += (size_t)sprintf(got + at, at == 0 ? "%ld" : " %ld", (long)VALUE(out));
  }
  check_status(file, line, "the last pop", status, LIBSCHED_E_EMPTY);
  check_str(file, line, "popped", got, "expected", want);
}

#define CHECK_POPS(deque, want) check_pops(__FILE__, __LINE__, (deque), (want))

#endif
