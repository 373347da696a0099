#pragma once

#include <mutex>
#include <string>

#include "core/base/error.h"

namespace sched {

// A fifo in a directory that only this user can enter. Both are gone with this, and when the process exits.
class PrivateFifo {
 public:
  PrivateFifo() = default;
  ~PrivateFifo() { remove(); }
  PrivateFifo(const PrivateFifo&) = delete;
  PrivateFifo& operator=(const PrivateFifo&) = delete;

  // LIBSCHED_OK or a negated errno. Throws std::bad_alloc.
  Status create(Error* error);
  // Without what make or a shell would change.
  const std::string& path() const { return path_; }
  void remove();

  // All in a list of theirs, which the mutex guards.
  static void remove_all(std::mutex& mutex, PrivateFifo* const& first);

 private:
  void enlist();
  void remove_files();

  std::string directory_;
  std::string path_;
  bool made_ = false;  // the fifo, and not only its directory
  bool enlisted_ = false;
  PrivateFifo* previous_ = nullptr;
  PrivateFifo* next_ = nullptr;
};

}  // namespace sched
