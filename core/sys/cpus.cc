#include "core/sys/cpus.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/sys/calls.h"

namespace sched::sys {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;
constexpr int kMaxMaskCpus = 1 << 16;

// The text of a small file, "" if it cannot be read.
std::string read_text(const std::string& path) {
  std::string text;
  const int fd = calls.open(path.c_str());
  if (fd < 0) return text;
  char buffer[1024];
  while (text.size() < kMaxFile) {
    const ssize_t count = calls.read(fd, buffer, sizeof buffer);
    if (count == -EINTR) continue;
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  calls.close(fd);
  return text;
}

std::uint32_t affinity_cpus() {
  for (int cpus = 1024; cpus <= kMaxMaskCpus; cpus *= 4) {
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(cpus));
    if (set == nullptr) return 1;
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
    const int result = calls.getaffinity(0, bytes, set);
    const int count = result >= 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (count > 0) return static_cast<std::uint32_t>(count);
  }
  return 1;
}

// quota / period, rounded up; 0 = no limit.
std::uint32_t quota_cpus(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  const long long cpus = quota / period + (quota % period != 0);
  return static_cast<std::uint32_t>(std::min<long long>(cpus, UINT32_MAX));
}

std::uint32_t v2_limit(const std::string& folder) {
  const std::string text = read_text(folder + "/cpu.max");
  long long quota = 0;
  long long period = 0;
  return std::sscanf(text.c_str(), "%lld %lld", &quota, &period) == 2 ? quota_cpus(quota, period)
                                                                      : 0;
}

std::uint32_t v1_limit(const std::string& folder) {
  const std::string quota = read_text(folder + "/cpu.cfs_quota_us");
  const std::string period = read_text(folder + "/cpu.cfs_period_us");
  return quota_cpus(std::atoll(quota.c_str()), std::atoll(period.c_str()));
}

// The tightest limit of a cgroup and all above it: a quota binds everything below it. In a container the path may be
// the host's and not exist here; then only the root is found, which is the container's own group.
template <class Limit>
std::uint32_t tightest(const std::string& mount, std::string path, Limit limit) {
  std::uint32_t best = 0;
  for (;;) {
    const std::uint32_t here = limit(mount + path);
    if (here != 0 && (best == 0 || here < best)) best = here;
    const std::size_t slash = path.rfind('/');
    if (path.empty() || slash == std::string::npos) return best;
    path.resize(slash);
  }
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == word) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

std::uint32_t cgroup_cpus() {
  std::uint32_t best = 0;
  const std::string groups = read_text("/proc/self/cgroup");
  std::size_t begin = 0;
  while (begin < groups.size()) {
    const std::size_t end = std::min(groups.find('\n', begin), groups.size());
    const std::string line = groups.substr(begin, end - begin);  // id:controllers:path
    begin = end + 1;
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    if (path == "/") path.clear();
    std::uint32_t limit = 0;
    if (controllers.empty()) {
      limit = tightest("/sys/fs/cgroup", path, v2_limit);
    } else if (has_word(controllers, "cpu")) {
      limit = tightest("/sys/fs/cgroup/cpu", path, v1_limit);
    }
    if (limit != 0 && (best == 0 || limit < best)) best = limit;
  }
  return best;
}

}  // namespace

std::uint32_t usable_cpus() {
  const std::uint32_t allowed = affinity_cpus();
  const std::uint32_t quota = cgroup_cpus();
  return quota != 0 ? std::min(allowed, quota) : allowed;
}

}  // namespace sched::sys
