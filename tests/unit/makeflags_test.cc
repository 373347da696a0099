#include "core/jobserver/makeflags.h"

#include <gtest/gtest.h>

#include <string>

namespace sched {
namespace {

using Kind = JobserverAuth::Kind;

std::string show(const JobserverAuth& auth) {
  switch (auth.kind) {
    case Kind::kNone:
      return "none";
    case Kind::kPipe:
      return std::to_string(auth.read_fd) + "," + std::to_string(auth.write_fd);
    case Kind::kFifo:
      return "fifo:" + auth.path;
    case Kind::kDisabled:
      return "disabled";
    case Kind::kUnsupported:
      return "unsupported";
    case Kind::kMalformed:
      break;
  }
  return "malformed";
}

struct Row {
  const char* text;
  const char* auth;
  const char* fds = "none";
  int jobs = -1;  // -1: not given
  bool dry_run = false;
  bool fds_later = false;
};

// What the tools write, and what has been seen to go wrong.
const Row kRows[] = {
    // no jobserver
    {"", "none"},
    {" ", "none"},
    {"ks", "none"},
    {" -j", "none", "none", 0},
    {" -j1", "none", "none", 1},
    {"--jobs=7", "none", "none", 7},
    {"-jx", "none"},
    {"-j99999999999", "none"},
    // make 4.3
    {" -j3 --jobserver-auth=3,4", "3,4", "none", 3},
    {"-j3 --jobserver-auth=3,4", "3,4", "none", 3},
    {"ks -j3 --jobserver-auth=3,4 -- FOO=bar", "3,4", "none", 3},
    {" -j2 --jobserver-auth=3,4 -- X=--jobserver-auth=9,9", "3,4", "none", 2},
    {" -j2 -- --jobserver-auth=9,9", "none", "none", 2},
    {"--", "none"},
    // make 4.4
    {" -j2 --jobserver-auth=fifo:/tmp/GmFIFO123", "fifo:/tmp/GmFIFO123", "none", 2},
    {" -j2 --jobserver-auth=3,4 --jobserver-auth=-2,-2", "disabled", "none", 2},
    {" --jobserver-style=pipe -j2 --jobserver-auth=3,4", "3,4", "none", 2},
    // make before 4.2
    {" --jobserver-fds=3,4 -j", "none", "3,4", 0, false, true},
    // cargo and jobserver-rs
    {"-j --jobserver-fds=6,7 --jobserver-auth=6,7", "6,7", "6,7", 0},
    {"-j --jobserver-fds=fifo:/a --jobserver-auth=fifo:/a", "fifo:/a", "fifo:/a", 0},
    // both styles at once
    {" -j3 --jobserver-auth=fifo:/p --jobserver-fds=3,4", "fifo:/p", "3,4", 3, false, true},
    // bmake
    {"-J 3,4 -j 2", "3,4", "none", 0},
    {"-J", "malformed"},
    {"-J --", "malformed"},
    // the last one wins
    {"--jobserver-auth=1,2 --jobserver-auth=3,4", "3,4"},
    {"--jobserver-auth=3,4 --jobserver-auth=", "malformed"},
    {"-j2 -j5", "none", "none", 5},
    // words, not substrings
    {"--jobserver-authx=3,4", "none"},
    {"--xjobserver-auth=3,4", "none"},
    {"X--jobserver-auth=3,4", "none"},
    {"X=\\ --jobserver-auth=3,4", "none"},
    {"\t--jobserver-auth=3,4\t-j2", "3,4", "none", 2},
    {"--jobserver-auth=fifo:/a\\ b", "fifo:/a b"},
    {"--jobserver-auth=fifo:/a$$b", "fifo:/a$b"},
    {"--jobserver-auth=3,4\\", "malformed"},
    // bad values
    {"--jobserver-auth=", "malformed"},
    {"--jobserver-auth=3", "malformed"},
    {"--jobserver-auth=3,", "malformed"},
    {"--jobserver-auth=,4", "malformed"},
    {"--jobserver-auth=3,4junk", "malformed"},
    {"--jobserver-auth=3,4,5", "malformed"},
    {"--jobserver-auth=+3,4", "malformed"},
    {"--jobserver-auth=3,99999999999", "malformed"},
    {"--jobserver-auth=fifo:", "malformed"},
    {"--jobserver-auth=gmake_semaphore_123", "unsupported"},
    {"--jobserver-auth=-1,4", "disabled"},
    {"--jobserver-auth=3,-4", "disabled"},
    // the dry run
    {"n", "none", "none", -1, true},
    {"kn -j2 --jobserver-auth=3,4", "3,4", "none", 2, true},
    {"-n", "none", "none", -1, true},
    {"-kn -j2", "none", "none", 2, true},
    {"-j2 -n", "none", "none", 2, true},
    {"k --just-print", "none", "none", -1, true},
    {" -j2 n", "none", "none", 2},
    {"N=n", "none"},
    {"-Onone", "none"},
    {"-I/usr/include/n", "none"},
};

TEST(MakeFlags, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.text);
    const MakeFlags flags = parse_makeflags(row.text);
    EXPECT_EQ(show(flags.auth), row.auth);
    EXPECT_EQ(show(flags.fds), row.fds);
    EXPECT_EQ(flags.jobs_given, row.jobs >= 0);
    if (row.jobs >= 0) {
      EXPECT_EQ(flags.jobs, static_cast<std::uint32_t>(row.jobs));
    }
    EXPECT_EQ(flags.dry_run, row.dry_run);
    EXPECT_EQ(flags.fds_later, row.fds_later);
  }
}

TEST(MakeFlags, NamesTheWord) {
  EXPECT_EQ(parse_makeflags("-j2 --jobserver-auth=3, -k").auth.word, "--jobserver-auth=3,");
  EXPECT_EQ(parse_makeflags("-J 3,4").auth.word, "-J 3,4");
}

TEST(MakeFlags, AnyBytes) {
  std::string text;
  for (int i = 1; i < 256; ++i) text += static_cast<char>(i);
  static_cast<void>(parse_makeflags(text));
  static_cast<void>(parse_makeflags(std::string(100'000, '\\')));
  static_cast<void>(parse_makeflags(std::string(100'000, ' ') + "--jobserver-auth=3,4"));
}

}  // namespace
}  // namespace sched
