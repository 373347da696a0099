// What write_trace() writes, read back by a library for JSON.
#include "core/graph/trace.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/graph/result.h"

#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>

namespace sched {
namespace {

using Json = nlohmann::json;

class TraceTest : public testing::Test {
 protected:
  // Jobs as a run leaves them; times in ns after its beginning.
  JobIndex add(const std::string& name, JobState state, std::int64_t start, std::int64_t end) {
    JobRecord record;
    record.state = state;
    record.attempts = 1;
    if (start >= 0) {
      record.ready_ns = kStart + start - 100;
      record.token_ns = kStart + start - 50;
      record.start_ns = kStart + start;
    }
    record.end_ns = kStart + end;
    result_.start_ns = kStart;
    result_.records.push_back(record);
    result_.ids.push_back(result_.records.size());
    if (result_.names.empty()) result_.names.push_back('\0');
    result_.name_at.push_back(name.empty() ? 0 : static_cast<std::uint32_t>(result_.names.size()));
    if (!name.empty()) result_.names.append(name).push_back('\0');
    return static_cast<JobIndex>(result_.records.size() - 1);
  }
  JobRecord& record(JobIndex job) { return result_.records[job]; }

  Json written() {
    char path[] = "/tmp/libsched_trace_XXXXXX";
    const int fd = ::mkstemp(path);
    EXPECT_GE(fd, 0);
    ::close(fd);
    EXPECT_EQ(write_trace(result_, path, nullptr), LIBSCHED_OK);
    std::ifstream file(path);
    Json out = Json::parse(file);
    ::unlink(path);
    return out;
  }
  // Those of one kind: X is a job, C a count.
  static std::vector<Json> events(const Json& trace, const char* kind) {
    std::vector<Json> out;
    for (const Json& event : trace.at("traceEvents")) {
      EXPECT_EQ(event.at("pid"), 1);
      if (event.at("ph") == kind) out.push_back(event);
    }
    return out;
  }

  static constexpr std::int64_t kStart = 5'000'000'000;
  Result result_;
};

TEST_F(TraceTest, EveryJobThatRanIsThere) {
  add("first", JobState::kDone, 1'000, 2'500);
  const JobIndex second = add("", JobState::kFailed, 2'000, 1'234'567);
  record(second).attempts = 3;
  record(second).code = -7;
  record(second).early_ns = kStart + 2'250;
  add("never", JobState::kSkipped, -1, 0);
  const std::vector<Json> jobs = events(written(), "X");
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].at("name"), "first");
  EXPECT_DOUBLE_EQ(jobs[0].at("ts").get<double>(), 1.0);
  EXPECT_DOUBLE_EQ(jobs[0].at("dur").get<double>(), 1.5);
  EXPECT_EQ(jobs[0].at("args").at("state"), "done");
  EXPECT_FALSE(jobs[0].at("args").contains("early (us)"));
  EXPECT_EQ(jobs[1].at("name"), "#2");
  EXPECT_DOUBLE_EQ(jobs[1].at("dur").get<double>(), 1'232.567);
  const Json& details = jobs[1].at("args");
  EXPECT_EQ(details.at("state"), "failed");
  EXPECT_EQ(details.at("attempts"), 3);
  EXPECT_EQ(details.at("code"), -7);
  EXPECT_EQ(details.at("signal"), 0);
  EXPECT_DOUBLE_EQ(details.at("early (us)").get<double>(), 0.25);
  EXPECT_DOUBLE_EQ(details.at("waited for a slot or token (us)").get<double>(), 0.05);
}

TEST_F(TraceTest, NamesComeBackAsTheyWere) {
  std::string all;
  for (int byte = 1; byte <= 0x7f; ++byte) all.push_back(static_cast<char>(byte));
  const std::vector<std::string> names = {all, "\"\\", "\\u0041", "/usr/bin",
                                          "\xC3\xA4\xE2\x82\xAC"};
  for (const std::string& name : names) add(name, JobState::kDone, 1'000, 2'000);
  std::vector<std::string> found;
  for (const Json& job : events(written(), "X")) found.push_back(job.at("name"));
  std::sort(found.begin(), found.end());
  std::vector<std::string> wanted = names;
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(found, wanted);
}

// Each byte that is part of no character is shown as the one for that; the first and last characters of each length are kept.
TEST_F(TraceTest, NamesAreUtf8) {
  const std::string wrong = "\xEF\xBF\xBD";
  const std::pair<std::string, std::string> names[] = {
      {"a\xFF\xFE"
       "b",
       "a" + wrong + wrong + "b"},
      {"\xC3", wrong},
      {"\xE2\x82", wrong + wrong},
      {"\xC1\xBF", wrong + wrong},
      {"\xE0\x9F\xBF", wrong + wrong + wrong},
      {"\xED\xA0\x80", wrong + wrong + wrong},
      {"\xF0\x8F\xBF\xBF", wrong + wrong + wrong + wrong},
      {"\xF4\x90\x80\x80", wrong + wrong + wrong + wrong},
      {"\xDF\xBF\xEF\xBF\xBF\xF4\x8F\xBF\xBF", "\xDF\xBF\xEF\xBF\xBF\xF4\x8F\xBF\xBF"},
      {"\xC2\x80\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80",
       "\xC2\x80\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80"}};
  std::int64_t at = 0;
  for (const auto& [name, shown] : names) {
    at += 1'000;
    add(name, JobState::kDone, at, at + 1);
  }
  const std::vector<Json> jobs = events(written(), "X");
  ASSERT_EQ(jobs.size(), std::size(names));
  for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_EQ(jobs[i].at("name"), names[i].second);
}

TEST_F(TraceTest, RowsHoldOneJobAtATime) {
  // The second and third overlap the first, and the fourth takes the row that is free again.
  add("a", JobState::kDone, 1'000, 9'000);
  add("b", JobState::kDone, 2'000, 4'000);
  add("c", JobState::kDone, 3'000, 5'000);
  add("d", JobState::kDone, 4'000, 6'000);
  std::map<std::string, int> rows;
  for (const Json& job : events(written(), "X")) rows[job.at("name")] = job.at("tid");
  const std::map<std::string, int> wanted = {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 2}};
  EXPECT_EQ(rows, wanted);
}

TEST_F(TraceTest, CountsAreThoseAtWork) {
  add("a", JobState::kDone, 1'000, 4'000);
  add("b", JobState::kDone, 2'000, 4'000);
  add("c", JobState::kCancelled, 4'000, 5'000);
  std::vector<std::pair<double, int>> counts;
  for (const Json& count : events(written(), "C")) {
    EXPECT_EQ(count.at("name"), "jobs at work");
    counts.emplace_back(count.at("ts"), count.at("args").at("jobs"));
  }
  const std::vector<std::pair<double, int>> wanted = {{1.0, 1}, {2.0, 2}, {4.0, 1}, {5.0, 0}};
  EXPECT_EQ(counts, wanted);
}

// More than is written at a time.
TEST_F(TraceTest, ManyJobs) {
  constexpr int kJobs = 5000;
  for (int i = 0; i < kJobs; ++i) {
    add(std::string("job ").append(std::to_string(i)), JobState::kDone, 1'000 + i, 1'500 + i);
  }
  const Json trace = written();
  EXPECT_EQ(trace.at("displayTimeUnit"), "ms");
  const std::vector<Json> jobs = events(trace, "X");
  ASSERT_EQ(jobs.size(), static_cast<std::size_t>(kJobs));
  for (int i = 0; i < kJobs; ++i) {
    EXPECT_EQ(jobs[static_cast<std::size_t>(i)].at("name"),
              std::string("job ").append(std::to_string(i)));
  }
}

TEST_F(TraceTest, NothingRan) {
  add("never", JobState::kCancelled, -1, 0);
  EXPECT_TRUE(events(written(), "X").empty());
  EXPECT_EQ(events(written(), "M").size(), 1u);
}

}  // namespace
}  // namespace sched

#else

TEST(TraceTest, ReadBack) { GTEST_SKIP() << "Debian package nlohmann-json3-dev is not there"; }

#endif
