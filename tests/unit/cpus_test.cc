#include "core/sys/cpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "core/pool/options.h"
#include "tests/unit/support.h"

namespace sched::sys {
namespace {

// A machine made of files and an affinity mask.
struct Machine {
  std::map<std::string, std::string> files;
  int cpus = 64;
  int mask_cpus = 0;  // smaller masks are refused, as on a machine with more CPUs
  int open_files = 0;
  bool interrupted = false;  // every other read
  std::size_t read_size = 4096;
  std::vector<std::pair<std::string, std::size_t>> positions;
};
Machine machine;

int fake_open(const char* path) {
  const auto file = machine.files.find(path);
  if (file == machine.files.end()) return -ENOENT;
  ++machine.open_files;
  machine.positions.emplace_back(file->second, 0);
  return 1000 + static_cast<int>(machine.positions.size()) - 1;
}

int fake_close(int) { return --machine.open_files, 0; }

ssize_t fake_read(int fd, void* buffer, std::size_t size) {
  static bool odd;
  odd = !odd;
  if (machine.interrupted && odd) return -EINTR;
  auto& [text, position] = machine.positions.at(static_cast<std::size_t>(fd - 1000));
  if (text == "unreadable") return -EIO;
  const std::size_t count = std::min({size, machine.read_size, text.size() - position});
  std::memcpy(buffer, text.data() + position, count);
  position += count;
  return static_cast<ssize_t>(count);
}

int fake_affinity(pid_t, std::size_t bytes, cpu_set_t* set) {
  if (machine.cpus < 0) return errno = EPERM, -1;
  if (bytes * 8 < static_cast<std::size_t>(std::max(machine.mask_cpus, machine.cpus))) {
    return errno = EINVAL, -1;
  }
  CPU_ZERO_S(bytes, set);
  for (int i = 0; i < machine.cpus; ++i) CPU_SET_S(static_cast<std::size_t>(i), bytes, set);
  return 0;
}

class Cpus : public ::testing::Test {
 protected:
  Cpus() {
    machine = Machine{};
    calls.open = fake_open;
    calls.close = fake_close;
    calls.read = fake_read;
    calls.getaffinity = fake_affinity;
  }
  ~Cpus() override { EXPECT_EQ(machine.open_files, 0) << "every file is closed"; }

  // The process is in this group of the unified hierarchy.
  static void v2(const std::string& path) {
    machine.files["/proc/self/cgroup"] = "0::" + path + "\n";
  }
  static void v2_max(const std::string& path, const std::string& text) {
    machine.files["/sys/fs/cgroup" + path + "/cpu.max"] = text;
  }
  static void v1_quota(const std::string& path, const std::string& quota,
                       const std::string& period) {
    machine.files["/sys/fs/cgroup/cpu" + path + "/cpu.cfs_quota_us"] = quota;
    machine.files["/sys/fs/cgroup/cpu" + path + "/cpu.cfs_period_us"] = period;
  }

  test::RealCalls restore_;
};

TEST_F(Cpus, AffinityAlone) {
  EXPECT_EQ(usable_cpus(), 64u);
  machine.cpus = 1;
  EXPECT_EQ(usable_cpus(), 1u);
  machine.cpus = 3000;  // more than a cpu_set_t has
  EXPECT_EQ(usable_cpus(), 3000u);
  machine.cpus = 5;
  machine.mask_cpus = 4096;
  EXPECT_EQ(usable_cpus(), 5u);
  machine.cpus = -1;
  EXPECT_EQ(usable_cpus(), 1u) << "refused";
}

TEST_F(Cpus, V2QuotaRoundsUp) {
  v2("/app");
  const std::pair<const char*, std::uint32_t> cases[] = {
      {"100000 100000\n", 1},   {"100001 100000\n", 2}, {"150000 100000\n", 2},
      {"1000 100000\n", 1},     {"400000 100000\n", 4}, {"max 100000\n", 64},
      {"9900000 100000\n", 64}, {"25000 10000\n", 3}};
  for (const auto& [text, expected] : cases) {
    v2_max("/app", text);
    EXPECT_EQ(usable_cpus(), expected) << text;
  }
}

TEST_F(Cpus, V2TightestLevelCounts) {
  v2("/a/b/c");
  v2_max("/a/b/c", "max 100000\n");
  v2_max("/a/b", "800000 100000\n");
  v2_max("/a", "300000 100000\n");
  EXPECT_EQ(usable_cpus(), 3u);
  v2_max("/a/b/c", "200000 100000\n");
  EXPECT_EQ(usable_cpus(), 2u);
  machine.files.erase("/sys/fs/cgroup/a/b/cpu.max");  // the controller is not enabled there
  EXPECT_EQ(usable_cpus(), 2u);
  v2_max("", "100000 100000\n");
  EXPECT_EQ(usable_cpus(), 1u) << "the root of a container's own view";
}

TEST_F(Cpus, InAContainerThePathMayBeTheHosts) {
  v2("/system.slice/docker-0123.scope");
  v2_max("", "250000 100000\n");
  EXPECT_EQ(usable_cpus(), 3u);
  v2("/../../other");
  EXPECT_EQ(usable_cpus(), 3u);
}

TEST_F(Cpus, V1) {
  machine.files["/proc/self/cgroup"] =
      "9:memory:/m\n4:cpu,cpuacct:/app/web\n3:cpuset:/s\n1:name=systemd:/\n";
  EXPECT_EQ(usable_cpus(), 64u) << "no files";
  v1_quota("/app/web", "-1\n", "100000\n");
  EXPECT_EQ(usable_cpus(), 64u) << "no limit";
  v1_quota("/app", "350000\n", "100000\n");
  EXPECT_EQ(usable_cpus(), 4u);
  v1_quota("", "100000\n", "50000\n");
  EXPECT_EQ(usable_cpus(), 2u);
  v1_quota("/app/web", "1000\n", "100000\n");
  EXPECT_EQ(usable_cpus(), 1u);
}

TEST_F(Cpus, V1OtherControllersDoNotCount) {
  machine.files["/proc/self/cgroup"] = "3:cpuset:/app\n2:cpuacct:/app\n";
  v1_quota("/app", "100000\n", "100000\n");
  EXPECT_EQ(usable_cpus(), 64u);
}

TEST_F(Cpus, BothVersionsAtOnce) {
  machine.files["/proc/self/cgroup"] = "4:cpu:/app\n0::/unified\n";
  v1_quota("/app", "300000", "100000");
  v2_max("/unified", "200000 100000");
  EXPECT_EQ(usable_cpus(), 2u);
  v2_max("/unified", "max 100000");
  EXPECT_EQ(usable_cpus(), 3u);
}

TEST_F(Cpus, OddFiles) {
  v2("/app");
  for (const char* text : {"", "\n", "max", "garbage here", "100000", "0 100000", "-5 100000",
                           "100000 0", "100000 -1", "unreadable"}) {
    v2_max("/app", text);
    EXPECT_EQ(usable_cpus(), 64u) << "\"" << text << "\"";
  }
  v2_max("/app", "100000 100000");
  for (const char* groups : {"", "\n\n", "0", "0:", "nonsense\n", "::", "unreadable"}) {
    machine.files["/proc/self/cgroup"] = groups;
    EXPECT_EQ(usable_cpus(), 64u) << "\"" << groups << "\"";
  }
}

// The kernel takes quotas up to 2^44 us and periods from 1 ms.
TEST_F(Cpus, AQuotaBeyond32BitsIsNoLimit) {
  v2("/app");
  for (const char* text :
       {"4294967297000 1000\n", "4294967298000 1000\n", "17592186044415 1000\n"}) {
    v2_max("/app", text);
    EXPECT_EQ(usable_cpus(), 64u) << text;
  }
}

TEST_F(Cpus, ReadsMayBeShortOrInterrupted) {
  v2("/a");
  v2_max("/a", "300000 100000\n");
  machine.read_size = 1;
  EXPECT_EQ(usable_cpus(), 3u);
  machine.interrupted = true;
  EXPECT_EQ(usable_cpus(), 3u);
  // Longer than one buffer.
  machine.read_size = 4096;
  std::string groups;
  for (int i = 0; i < 300; ++i) groups += std::to_string(i + 10) + ":other:/some/group\n";
  machine.files["/proc/self/cgroup"] = groups + "0::/a\n";
  EXPECT_EQ(usable_cpus(), 3u);
}

TEST_F(Cpus, AFileThatNeverEndsIsCutOff) {
  v2("/a");
  machine.files["/proc/self/cgroup"] += std::string(10'000'000, 'x');
  v2_max("/a", "200000 100000\n");
  EXPECT_EQ(usable_cpus(), 2u);
}

TEST_F(Cpus, DefaultCounts) {
  machine.cpus = 1;
  EXPECT_EQ(default_contexts(), 1u);
  EXPECT_EQ(default_workers(), 2u) << "at least two";
  machine.cpus = 7;
  EXPECT_EQ(default_workers(), 7u);
  machine.cpus = 5000;
  EXPECT_EQ(default_workers(), kMaxWorkers);
  EXPECT_EQ(default_contexts(), kMaxWorkers);
}

}  // namespace
}  // namespace sched::sys
