#include "core/jobserver/makeflags.h"

#include <charconv>
#include <system_error>

namespace sched {
namespace {

using Kind = JobserverAuth::Kind;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

// The words of make's flags, one after the other, up to the variables' overrides. make puts a backslash before characters
// that are not to end a word, and doubles the dollar.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  bool next(std::string& out) {
    out.clear();
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    if (rest_.empty()) return false;
    while (!rest_.empty() && !is_blank(rest_.front())) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      const bool quotes = (c == '\\' || (c == '$' && !rest_.empty() && rest_.front() == '$'));
      if (quotes && !rest_.empty()) {
        out += rest_.front();
        rest_.remove_prefix(1);
      } else {
        out += c;
      }
    }
    return out != "--";
  }

 private:
  std::string_view rest_;
};

// All of the text is a number.
template <class Number>
bool read_number(std::string_view text, Number& out) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && stop == end;
}

bool looks_like_numbers(std::string_view value) {
  return !value.empty() && value.find_first_not_of("-0123456789,") == std::string_view::npos;
}

JobserverAuth read_auth(std::string_view value, std::string_view word) {
  JobserverAuth auth;
  auth.word = word;
  auth.kind = Kind::kMalformed;
  constexpr std::string_view kFifo = "fifo:";
  if (value.substr(0, kFifo.size()) == kFifo) {
    auth.path = value.substr(kFifo.size());
    if (!auth.path.empty()) auth.kind = Kind::kFifo;
    return auth;
  }
  const std::size_t comma = value.find(',');
  if (comma == std::string_view::npos) {
    if (!value.empty() && !looks_like_numbers(value)) auth.kind = Kind::kUnsupported;
    return auth;
  }
  int read_fd = -1;
  int write_fd = -1;
  if (!read_number(value.substr(0, comma), read_fd) ||
      !read_number(value.substr(comma + 1), write_fd)) {
    return auth;
  }
  auth.kind = read_fd < 0 || write_fd < 0 ? Kind::kDisabled : Kind::kPipe;
  auth.read_fd = read_fd;
  auth.write_fd = write_fd;
  return auth;
}

// The first word: in MAKEFLAGS single letters without a dash, in MFLAGS with one, such as "ks" or "-ks". Those letters that
// have an argument stand in words of their own.
bool has_dry_run_letter(std::string_view word) {
  if (!word.empty() && word.front() == '-') word.remove_prefix(1);
  if (word.find_first_not_of("BbdeikLmnpqrRsStvwNh") != std::string_view::npos) return false;
  return word.find('n') != std::string_view::npos;
}

bool take_prefix(std::string_view& word, std::string_view prefix) {
  if (word.substr(0, prefix.size()) != prefix) return false;
  word.remove_prefix(prefix.size());
  return true;
}

}  // namespace

MakeFlags parse_makeflags(std::string_view text) {
  MakeFlags flags;
  Words words(text);
  std::string word;
  for (bool first = true; words.next(word); first = false) {
    std::string_view rest = word;
    if (first && has_dry_run_letter(rest)) {
      flags.dry_run = true;
    } else if (take_prefix(rest, "--jobserver-auth=")) {
      flags.auth = read_auth(rest, word);
      flags.fds_later = false;
    } else if (take_prefix(rest, "--jobserver-fds=")) {
      flags.fds = read_auth(rest, word);
      flags.fds_later = true;
    } else if (rest == "-J") {
      std::string value;
      const bool more = words.next(value);
      flags.auth = read_auth(value, word + " " + value);
      flags.fds_later = false;
      if (!more) break;
    } else if (rest == "-n" || rest == "--dry-run" || rest == "--just-print" || rest == "--recon") {
      flags.dry_run = true;
    } else if (take_prefix(rest, "-j") || take_prefix(rest, "--jobs")) {
      take_prefix(rest, "=");
      std::uint32_t jobs = 0;
      if (!rest.empty() && !read_number(rest, jobs)) continue;
      flags.jobs_given = true;
      flags.jobs = jobs;
    }
  }
  return flags;
}

}  // namespace sched
