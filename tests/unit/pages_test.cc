#include "core/sys/pages.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "core/base/cache_line.h"
#include "tests/unit/failing_new.h"
#include "tests/unit/memory_calls.h"

namespace sched::sys {
namespace {

using test::memory_calls;

const auto kPage = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));

bool all_are(const void* memory, std::size_t bytes, unsigned char value) {
  const auto* at = static_cast<const unsigned char*>(memory);
  for (std::size_t i = 0; i < bytes; ++i) {
    if (at[i] != value) return false;
  }
  return true;
}

TEST(Pages, AllocatedMemoryIsZeroAlignedAndWritable) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, kPage, kPagesFrom - 1,
                                  kPagesFrom, kPagesFrom + 1, 10 * kPagesFrom}) {
    void* memory = allocate(bytes);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % kCacheLine, 0u);
    EXPECT_TRUE(all_are(memory, bytes, 0)) << bytes;
    std::memset(memory, 0xA5, bytes);
    release(memory, bytes);
    // The same memory may come again.
    memory = allocate(bytes);
    ASSERT_NE(memory, nullptr);
    EXPECT_TRUE(all_are(memory, bytes, 0)) << bytes;
    release(memory, bytes);
  }
}

TEST(Pages, LargeMemoryIsMadeOfPages) {
  const test::WatchMemory watch;
  void* memory = allocate(kPagesFrom - 1);
  EXPECT_EQ(memory_calls.maps, 0);
  release(memory, kPagesFrom - 1);
  constexpr std::size_t kMany = std::size_t{1} << 30;
  memory = allocate(kMany);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(memory_calls.maps, 1);
  static_cast<char*>(memory)[0] = 1;
  EXPECT_LE(memory_calls.resident_bytes(), 4 * kPagesFrom) << "costs nothing until touched";
  release(memory, kMany);
  EXPECT_TRUE(memory_calls.ranges.empty()) << "unmapped, all of it";
}

TEST(Pages, NoMemory) {
  const test::WatchMemory watch;
  memory_calls.fail = true;
  EXPECT_EQ(allocate(kPagesFrom), nullptr);
  const test::ScarceMemory none(0);
  EXPECT_EQ(allocate(100), nullptr);
}

TEST(Pages, DiscardGivesWholePagesBack) {
  const test::WatchMemory watch;
  const std::size_t bytes = 16 * kPagesFrom;
  auto* memory = static_cast<char*>(allocate(bytes));
  ASSERT_NE(memory, nullptr);
  std::memset(memory, 0xA5, bytes);
  discard(memory + kPagesFrom, kPagesFrom);
  EXPECT_EQ(memory_calls.resident_bytes(), bytes - kPagesFrom);
  EXPECT_TRUE(all_are(memory, kPagesFrom, 0xA5));
  EXPECT_TRUE(all_are(memory + kPagesFrom, kPagesFrom, 0));
  EXPECT_TRUE(all_are(memory + 2 * kPagesFrom, bytes - 2 * kPagesFrom, 0xA5));
  std::memset(memory + kPagesFrom, 0x5A, kPagesFrom);
  EXPECT_TRUE(all_are(memory + kPagesFrom, kPagesFrom, 0x5A)) << "it stays writable";
  release(memory, bytes);
}

// What lies beside the range must never be lost, whatever part of a page it shares.
TEST(Pages, DiscardTouchesNothingOutsideItsRange) {
  const std::size_t bytes = kPagesFrom + 4 * kPage;
  auto* memory = static_cast<char*>(allocate(bytes));
  ASSERT_NE(memory, nullptr);
  const struct {
    std::size_t begin, length, first_zero, zeros;
  } cases[] = {{kPage, 100, 0, 0},
               {1, kPage, 0, 0},
               {kPage / 2, kPage, 0, 0},
               {0, kPage - 1, 0, 0},
               {1, 2 * kPage, kPage, kPage},
               {kPage, 2 * kPage - 1, kPage, kPage},
               {2 * kPage, kPage + kPage / 2, 2 * kPage, kPage},
               {kPage / 2, 3 * kPage, kPage, 2 * kPage},
               {kPage, 0, 0, 0}};
  for (const auto& each : cases) {
    std::memset(memory, 0xA5, bytes);
    discard(memory + each.begin, each.length);
    EXPECT_TRUE(all_are(memory, each.first_zero, 0xA5)) << each.begin << ", " << each.length;
    EXPECT_TRUE(all_are(memory + each.first_zero, each.zeros, 0))
        << each.begin << ", " << each.length;
    const std::size_t end = each.first_zero + each.zeros;
    EXPECT_TRUE(all_are(memory + end, bytes - end, 0xA5)) << each.begin << ", " << each.length;
  }
  release(memory, bytes);
}

TEST(Pages, LargePages) {
  const test::WatchMemory watch;
  calls.page_size = [](int) { return 65536L; };
  auto* memory = static_cast<char*>(allocate(16 * 65536));
  ASSERT_NE(memory, nullptr);
  auto* page = memory + (65536 - reinterpret_cast<std::uintptr_t>(memory) % 65536) % 65536;
  discard(page, 8192);
  EXPECT_EQ(memory_calls.discards, 0) << "the kernel would take all of the 64 KiB";
  discard(page + 4096, 2 * 65536);
  EXPECT_EQ(memory_calls.discards, 1);
  release(memory, 16 * 65536);
}

TEST(Pages, SlabsOfSmallMemoryDiscardNothing) {
  const test::WatchMemory watch;
  Slab<std::uint64_t> slab;
  ASSERT_TRUE(slab.allocate(100));
  EXPECT_EQ(slab.size(), 100u);
  slab.data()[7] = 7;
  slab.discard(0, 100);
  EXPECT_EQ(memory_calls.discards, 0);
  EXPECT_EQ(slab.data()[7], 7u);
  slab.reset();
  EXPECT_EQ(slab.data(), nullptr);
  EXPECT_EQ(slab.size(), 0u);
}

TEST(Pages, SlabsGiveBackWhatTheyAreToldTo) {
  const test::WatchMemory watch;
  Slab<std::uint64_t> slab;
  const std::size_t count = 4 * kPagesFrom / 8;
  ASSERT_TRUE(slab.allocate(count));
  for (std::size_t i = 0; i < count; ++i) slab.data()[i] = i + 1;
  slab.discard(count / 4, count / 4);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(slab.data()[i], i >= count / 4 && i < count / 2 ? 0 : i + 1);
  }
}

TEST(Pages, ASlabWithoutMemoryIsEmpty) {
  const test::WatchMemory watch;
  memory_calls.fail = true;
  Slab<std::uint64_t> slab;
  EXPECT_FALSE(slab.allocate(1'000'000));
  EXPECT_EQ(slab.data(), nullptr);
  EXPECT_EQ(slab.size(), 0u);
}

}  // namespace
}  // namespace sched::sys
