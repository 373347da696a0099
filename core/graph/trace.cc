#include "core/graph/trace.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "core/sys/file.h"

namespace sched {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

// Of the character at the beginning of the text; 0: that is none.
std::size_t utf8_length(const char* text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Neither longer than need be, nor half of a pair, nor beyond the last one.
  const unsigned char second = byte(1);
  const bool is_wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return is_wrong ? 0 : length;
}

// Text on its way into a file.
class Writer {
 public:
  explicit Writer(const char* path) : file_(sys::calls.create_file(path)) {
    if (!file_.is_open()) status_ = file_.fd();
  }

  Status status() const { return status_; }
  Writer& operator<<(const char* text) { return put(text, std::strlen(text)); }
  Writer& operator<<(std::uint64_t number) { return *this << std::to_string(number).c_str(); }
  // ns as the us of the format.
  Writer& time(std::int64_t ns) {
    char text[32];
    std::snprintf(text, sizeof text, "%lld.%03d", static_cast<long long>(ns / 1000),
                  static_cast<int>(ns % 1000));
    return *this << text;
  }
  // As a string of JSON, which is UTF-8: each byte of something else is the character for what cannot be shown.
  Writer& quoted(const char* text) {
    put("\"", 1);
    for (std::size_t length = 1; *text != '\0'; text += std::max(length, std::size_t{1})) {
      const auto byte = static_cast<unsigned char>(*text);
      length = utf8_length(text);
      if (byte == '"' || byte == '\\') {
        put("\\", 1);
        put(text, 1);
      } else if (byte < 0x20 || byte == 0x7f) {
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
        *this << escaped;
      } else if (length == 0) {
        *this << "\\ufffd";
      } else {
        put(text, length);
      }
    }
    return put("\"", 1);
  }
  void flush() {
    for (std::size_t at = 0; status_ == LIBSCHED_OK && at < text_.size();) {
      const ssize_t written = sys::calls.write(file_.fd(), text_.data() + at, text_.size() - at);
      if (written >= 0) {
        at += static_cast<std::size_t>(written);
      } else if (written != -EINTR) {
        status_ = static_cast<Status>(written);
      }
    }
    text_.clear();
  }

 private:
  Writer& put(const char* text, std::size_t size) {
    text_.append(text, size);
    if (text_.size() >= kBlock) flush();
    return *this;
  }

  sys::File file_;
  Status status_ = LIBSCHED_OK;
  std::string text_;
};

const char* name_of(JobState state) {
  switch (state) {
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
    case JobState::kCancelled:
      return "cancelled";
    default:
      return "none";
  }
}

// A row for each job that runs at a time, the lowest one that is free.
class Rows {
 public:
  std::uint32_t take(std::int64_t start, std::int64_t end) {
    while (!busy_.empty() && busy_.top().first <= start) {
      free_.push(busy_.top().second);
      busy_.pop();
    }
    std::uint32_t row = count_;
    if (free_.empty()) {
      ++count_;
    } else {
      row = free_.top();
      free_.pop();
    }
    busy_.emplace(end, row);
    return row;
  }

 private:
  using Busy = std::pair<std::int64_t, std::uint32_t>;
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy_;
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free_;
  std::uint32_t count_ = 0;
};

void write_job(Writer& out, const Result& result, JobIndex job, std::uint32_t row) {
  const JobRecord& record = result.records[job];
  std::string number = "#";
  number += std::to_string(job + 1);
  const bool is_named = *result.name(job) != '\0';
  (out << ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":" << std::uint64_t{row} + 1 << ",\"name\":")
      .quoted(is_named ? result.name(job) : number.c_str());
  (out << ",\"ts\":").time(record.start_ns - result.start_ns);
  (out << ",\"dur\":").time(record.end_ns - record.start_ns);
  out << ",\"args\":{\"state\":\"" << name_of(record.state)
      << "\",\"attempts\":" << std::uint64_t{record.attempts}
      << ",\"code\":" << std::to_string(record.code).c_str()
      << ",\"signal\":" << std::to_string(record.signal).c_str();
  (out << ",\"waited for a slot or token (us)\":").time(record.token_ns - record.ready_ns);
  if (record.early_ns != 0) (out << ",\"early (us)\":").time(record.early_ns - record.start_ns);
  out << "}}";
}

// How many jobs were at work, at each change.
void write_counts(Writer& out, const Result& result, const std::vector<JobIndex>& jobs) {
  std::vector<std::pair<std::int64_t, int>> changes;
  changes.reserve(2 * jobs.size());
  for (const JobIndex job : jobs) {
    changes.emplace_back(result.records[job].start_ns, 1);
    changes.emplace_back(result.records[job].end_ns, -1);
  }
  std::sort(changes.begin(), changes.end());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    count += changes[i].second;
    if (i + 1 < changes.size() && changes[i + 1].first == changes[i].first) continue;
    (out << ",\n{\"ph\":\"C\",\"pid\":1,\"name\":\"jobs at work\",\"ts\":")
        .time(changes[i].first - result.start_ns);
    out << ",\"args\":{\"jobs\":" << static_cast<std::uint64_t>(count) << "}}";
  }
}

}  // namespace

Status write_trace(const Result& result, const char* path, Error* error) {
  std::vector<JobIndex> jobs;
  for (JobIndex job = 0; job < result.size(); ++job) {
    if (result.records[job].start_ns != 0) jobs.push_back(job);
  }
  std::sort(jobs.begin(), jobs.end(), [&](JobIndex a, JobIndex b) {
    return result.records[a].start_ns < result.records[b].start_ns;
  });
  Writer out(path);
  if (out.status() == LIBSCHED_OK) {
    out << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
           "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"jobs\"}}";
    Rows rows;
    for (const JobIndex job : jobs) {
      const JobRecord& record = result.records[job];
      write_job(out, result, job, rows.take(record.start_ns, record.end_ns));
    }
    write_counts(out, result, jobs);
    out << "\n]}\n";
    out.flush();
  }
  if (out.status() == LIBSCHED_OK) return LIBSCHED_OK;
  return fail(error, out.status(), "%s: %s", path, std::strerror(-out.status()));
}

}  // namespace sched
