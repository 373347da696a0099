#pragma once

#include <libsched.h>

#include <atomic>
#include <cstdint>

#include "core/base/status.h"
#include "core/sync/ref_count.h"
#include "core/sys/fork_guard.h"

namespace sched::capi {

// What every handle begins with: enough to refuse a wrong pointer, a dead handle (as far as its memory still tells)
// and a handle of the parent process.
class Handle {
 public:
  explicit Handle(std::uint32_t kind);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  static Status check(const Handle* handle, std::uint32_t kind) {
    if (handle == nullptr) return LIBSCHED_E_NULL;
    if (handle->tag_ != (kTag | kind)) return LIBSCHED_E_HANDLE;
    if (handle->process_ != sys::ForkGuard::current()) return LIBSCHED_E_FORKED;
    return LIBSCHED_OK;
  }

  // Both do nothing for NULL and in a child process. drop() is true for the last reference.
  static void add(Handle* handle, std::uint32_t kind) {
    if (check(handle, kind) == LIBSCHED_OK) handle->references_.add();
  }
  static bool drop(Handle* handle, std::uint32_t kind) {
    return check(handle, kind) == LIBSCHED_OK && handle->references_.drop();
  }

  // Handles of a kind that are alive in this process.
  static std::uint64_t live(std::uint32_t kind);

 private:
  static constexpr std::uint32_t kTag = 0x5C4ED000;

  std::uint32_t tag_;
  RefCount<> references_;
  const std::uint64_t process_;
};

// The highest LIBSCHED_KIND_.
inline constexpr std::uint32_t kLastKind = LIBSCHED_KIND_PROCESS;

}  // namespace sched::capi
