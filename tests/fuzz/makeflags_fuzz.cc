// What must hold for every text that is read as make's flags.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/jobserver/makeflags.h"

namespace {

using sched::JobserverAuth;
using sched::MakeFlags;
using sched::parse_makeflags;
using Kind = JobserverAuth::Kind;

void require(bool holds, const char* what, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "%s: \"%.*s\"\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

bool same(const JobserverAuth& a, const JobserverAuth& b) {
  return a.kind == b.kind && a.read_fd == b.read_fd && a.write_fd == b.write_fd &&
         a.path == b.path && a.word == b.word;
}

bool same(const MakeFlags& a, const MakeFlags& b) {
  return a.dry_run == b.dry_run && a.jobs_given == b.jobs_given && a.jobs == b.jobs &&
         same(a.auth, b.auth) && same(a.fds, b.fds) && a.fds_later == b.fds_later;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Without what quotes, and with one blank for many: what is left of a text and of its words can be compared.
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '$') continue;
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string quoted(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\\' || c == '$') out += '\\';
    out += c;
  }
  return out;
}

void check(const JobserverAuth& auth, bool is_fds, std::string_view text) {
  if (auth.kind == Kind::kNone) return require(auth.word.empty(), "no word, but one", text);
  require(contains(bare(text), bare(auth.word)), "a word that is not there", text);
  require((auth.kind == Kind::kFifo) == !auth.path.empty(), "a path without a fifo", text);
  require(contains(auth.word, auth.path), "a path that is not there", text);
  if (auth.kind == Kind::kPipe) {
    require(auth.read_fd >= 0 && auth.write_fd >= 0, "descriptors below 0", text);
    require(contains(auth.word, std::to_string(auth.read_fd)) &&
                contains(auth.word, std::to_string(auth.write_fd)),
            "descriptors that are not there", text);
  }
  require((auth.kind == Kind::kDisabled) == (auth.read_fd < 0 || auth.write_fd < 0) ||
              (auth.kind != Kind::kPipe && auth.kind != Kind::kDisabled),
          "descriptors that do not fit", text);
  if (auth.word.substr(0, 2) != "--") return;  // "-J R,W" is two words
  const MakeFlags again = parse_makeflags(quoted(auth.word));
  require(same(is_fds ? again.fds : again.auth, auth), "another meaning of the word alone", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const MakeFlags flags = parse_makeflags(text);
  require(same(flags, parse_makeflags(text)), "another result the second time", text);
  require(flags.jobs_given || flags.jobs == 0, "jobs that were not given", text);
  require(!flags.fds_later || flags.fds.kind != Kind::kNone, "later than nothing", text);
  check(flags.auth, false, text);
  check(flags.fds, true, text);
  // What stands behind the variables' mark means nothing. The k ends a word that is not at its end.
  const std::string ended = std::string(text) + " k";
  require(same(parse_makeflags(ended),
               parse_makeflags(ended + " -- -n -j77 --jobserver-auth=71,72 --jobserver-fds=73,74")),
          "a word behind --", text);
  return 0;
}
