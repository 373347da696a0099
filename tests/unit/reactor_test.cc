#include "core/sys/reactor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <climits>

#include "core/sys/file.h"
#include "tests/unit/support.h"

namespace sched {
namespace {

using sys::Reactor;
using test::comes_true;

struct Seen final : Reactor::Watch {
  void ready() override { ++readies; }
  void late() override { ++lates; }
  std::atomic<int> readies{0};
  std::atomic<int> lates{0};
};

// A pipe, with a watch of the end that is read.
class ReactorTest : public ::testing::Test {
 protected:
  ReactorTest() {
    int fds[2];
    EXPECT_EQ(sys::calls.pipe(fds), 0);
    read_end.reset(fds[0]);
    write_end.reset(fds[1]);
  }
  // The reactor has gone round: what was due before is done.
  void settle() {
    Seen other;
    reactor->add(other, -1);
    reactor->set_time(other, 0);
    EXPECT_TRUE(comes_true([&] { return other.lates == 1; }));
    reactor->remove(other);
  }

  Reactor::Use reactor;
  sys::File read_end;
  sys::File write_end;
  Seen seen;
};

TEST_F(ReactorTest, TellsOfABrokenDescriptorOnceItIsArmed) {
  reactor->add(seen, read_end.fd());
  write_end.reset();
  settle();
  EXPECT_EQ(seen.readies, 0);
  EXPECT_EQ(reactor->arm(seen, Reactor::For::kReading), LIBSCHED_OK);
  EXPECT_TRUE(comes_true([this] { return seen.readies == 1; }));
  settle();
  EXPECT_EQ(seen.readies, 1) << "it is told once";
  reactor->remove(seen);
}

TEST_F(ReactorTest, TellsOfTheLastTimeSetOnly) {
  reactor->add(seen, read_end.fd());
  reactor->set_time(seen, 0);
  EXPECT_TRUE(comes_true([this] { return seen.lates == 1; }));
  reactor->set_time(seen, INT64_MAX - 1);
  reactor->set_time(seen, INT64_MAX);
  settle();
  EXPECT_EQ(seen.lates, 1);
  reactor->set_time(seen, INT64_MAX - 1);
  reactor->set_time(seen, sys::now_ns());
  EXPECT_TRUE(comes_true([this] { return seen.lates == 2; }));
  reactor->remove(seen);
}

// A time that lies between others leaves with its watch.
TEST_F(ReactorTest, RemovedWatchesAreToldNothing) {
  Seen others[3];
  for (Seen& other : others) {
    reactor->add(other, -1);
    reactor->set_time(other, sys::now_ns() + 20'000'000);
  }
  reactor->remove(others[1]);
  EXPECT_TRUE(comes_true([&] { return others[0].lates == 1 && others[2].lates == 1; }));
  EXPECT_EQ(others[1].lates, 0);
  reactor->remove(others[0]);
  reactor->remove(others[2]);
}

}  // namespace
}  // namespace sched
