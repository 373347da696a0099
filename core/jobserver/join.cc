// How a jobserver is found, or begun.
#include <cstdlib>
#include <cstring>

#include "core/jobserver/jobserver.h"

namespace sched {

using Kind = JobserverAuth::Kind;

Status Jobserver::inherit(Jobserver*& out, const Options& options, Error* error) {
  std::unique_ptr<Jobserver, void (*)(Jobserver*)> made(new Jobserver(options.explicit_only),
                                                        [](Jobserver* unused) { unused->drop(); });
  if (const Status status = made->connect(options, error)) return status;
  out = made.release();
  return LIBSCHED_OK;
}

Status Jobserver::serve(Jobserver*& out, ServedPool::Style style, std::uint32_t slots,
                        bool explicit_only, Error* error) {
  std::unique_ptr<Jobserver, void (*)(Jobserver*)> made(new Jobserver(explicit_only),
                                                        [](Jobserver* unused) { unused->drop(); });
  if (const Status status = made->begin_serving(style, slots, error)) return status;
  out = made.release();
  return LIBSCHED_OK;
}

Status Jobserver::connect(const Options& options, Error* error) {
  const char* text = options.makeflags;
  if (text == nullptr) {
    // The first one that exists, even if it names no jobserver: as jobserver-rs.
    for (const char* name : {"CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"}) {
      text = std::getenv(name);
      if (text == nullptr) continue;
      info_.variable = name;
      break;
    }
  }
  if (text == nullptr) text = "";
  info_.flags = parse_makeflags(text);
  const MakeFlags& flags = info_.flags;
  const bool fds_first = flags.auth.kind == Kind::kNone || (options.last_wins && flags.fds_later);
  const JobserverAuth* used = fds_first ? &flags.fds : &flags.auth;
  const JobserverAuth& second = fds_first ? flags.auth : flags.fds;

  Error why;
  info_.status = use(*used, &why);
  // make tells a child to stay alone in no other way.
  const bool other = !options.last_wins && used->kind != Kind::kDisabled && second.reachable();
  if (info_.status != LIBSCHED_OK && other && use(second, nullptr) == LIBSCHED_OK) {
    used = &second;
    info_.status = LIBSCHED_OK;
  }
  info_.kind = used->kind;
  info_.word = used->word;
  if (info_.status != LIBSCHED_OK) {
    ends_ = TokenEnds();
    info_.message = why.message;
    return options.fallback <= 1 ? LIBSCHED_OK
                                 : begin_serving(ServedPool::Style::kPipe, options.fallback, error);
  }
  shared_ = true;
  access_.makeflags = text;
  if (used->kind == Kind::kPipe) {
    access_.read_fd = used->read_fd;
    access_.write_fd = used->write_fd;
  }
  return LIBSCHED_OK;
}

Status Jobserver::use(const JobserverAuth& auth, Error* error) {
  ends_ = TokenEnds();
  switch (auth.kind) {
    case Kind::kNone:
      return fail(error, LIBSCHED_E_EMPTY, "no jobserver is named");
    case Kind::kPipe:
      return ends_.open_pipe(auth.read_fd, auth.write_fd, error);
    case Kind::kFifo:
      return ends_.open_fifo(auth.path, error);
    case Kind::kDisabled:
      return fail(error, LIBSCHED_E_EMPTY,
                  "%s: make has kept its jobserver from this process; in the makefile, add '+' "
                  "before the command that runs it",
                  auth.word.c_str());
    case Kind::kUnsupported:
      return fail(error, -EPROTONOSUPPORT,
                  "%s: this kind of jobserver is not known; R,W and fifo:PATH are",
                  auth.word.c_str());
    case Kind::kMalformed:
      break;
  }
  return fail(error, -EINVAL, "%s: the value must be R,W or fifo:PATH", auth.word.c_str());
}

Status Jobserver::begin_serving(ServedPool::Style style, std::uint32_t slots, Error* error) {
  served_ = std::make_unique<ServedPool>();
  if (const Status status = served_->create(style, slots, ends_, error)) return status;
  access_ = served_->child_access();
  return LIBSCHED_OK;
}

}  // namespace sched
