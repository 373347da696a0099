#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sched::sys {

// A system call of three arguments, in line: the result or a negated errno. Unlike libc's read and write it is no place where a
// thread can be cancelled, and after it the processor need not find its way back through functions whose callers it has
// forgotten meanwhile; either would cost as much as a lock.
inline long system_call(long number, long first, long second, long third) {
#if defined(__x86_64__)
  long result = number;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(first), "S"(second), "d"(third)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = first;
  register long x1 asm("x1") = second;
  register long x2 asm("x2") = third;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#else
  const long result = ::syscall(number, first, second, third);
  return result < 0 ? -errno : result;
#endif
}

}  // namespace sched::sys
