#include "core/jobserver/jobserver.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sched {

using Kind = JobserverAuth::Kind;

// --- joining and serving ---

Status Jobserver::inherit(Jobserver*& out, const Options& options, Error* error) {
  const std::unique_ptr<Jobserver, void (*)(Jobserver*)> made(
      new Jobserver(options.explicit_only), [](Jobserver* unused) { unused->drop(); });
  const Status status = made->connect(options, error);
  if (status != LIBSCHED_OK) return status;
  made->add();
  out = made.get();
  return LIBSCHED_OK;
}

Status Jobserver::serve(Jobserver*& out, ServedPool::Style style, std::uint32_t slots,
                        bool explicit_only, Error* error) {
  const std::unique_ptr<Jobserver, void (*)(Jobserver*)> made(
      new Jobserver(explicit_only), [](Jobserver* unused) { unused->drop(); });
  made->served_ = std::make_unique<ServedPool>();
  if (const Status status = made->served_->create(style, slots, made->ends_, error)) return status;
  if (const Status status = made->watch(error)) return status;
  made->add();
  out = made.get();
  return LIBSCHED_OK;
}

Jobserver::~Jobserver() {
  if (reactor_ != nullptr) (*reactor_)->remove(*this);
  release_all();
}

void Jobserver::abandon() {
  withdraw_all();
  drop();
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
  info_.flags = parse_makeflags(text != nullptr ? text : "");
  const MakeFlags& flags = info_.flags;
  const bool fds_first = flags.auth.kind == Kind::kNone || (options.last_wins && flags.fds_later);
  const JobserverAuth& first = fds_first ? flags.fds : flags.auth;
  const JobserverAuth& second = fds_first ? flags.auth : flags.fds;

  Error why;
  info_.kind = first.kind;
  info_.word = first.word;
  info_.status = use(first, &why);
  // make tells a child to stay alone in no other way.
  const bool other = !options.last_wins && first.kind != Kind::kDisabled && second.reachable();
  Error unused;
  if (info_.status != LIBSCHED_OK && other && use(second, &unused) == LIBSCHED_OK) {
    info_.kind = second.kind;
    info_.word = second.word;
    info_.status = LIBSCHED_OK;
  }
  if (info_.status == LIBSCHED_OK) return watch(error);
  info_.message = why.message;
  if (options.fallback <= 1) return LIBSCHED_OK;
  served_ = std::make_unique<ServedPool>();
  const Status served = served_->create(ServedPool::Style::kPipe, options.fallback, ends_, error);
  return served != LIBSCHED_OK ? served : watch(error);
}

Status Jobserver::use(const JobserverAuth& auth, Error* error) {
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

Status Jobserver::watch(Error* error) {
  reactor_ = std::make_unique<sys::Reactor::Use>();
  Status status = reactor_->status();
  if (status == LIBSCHED_OK) status = (*reactor_)->add(*this, ends_.read_fd());
  if (status == LIBSCHED_OK) return status;
  return fail(error, status, "nothing can wait for tokens: %s", std::strerror(-status));
}

class Jobserver::Locked {
 public:
  explicit Locked(Jobserver& jobserver) : jobserver_(jobserver), lock_(jobserver.mutex_) {}
  ~Locked() {
    Request* spent = jobserver_.spent_;
    jobserver_.spent_ = nullptr;
    lock_.unlock();
    while (spent != nullptr) {
      Request* const next = spent->next_;
      spent->spent();
      spent = next;
    }
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Jobserver& jobserver_;
  std::unique_lock<std::mutex> lock_;
};

// --- tokens ---

Status Jobserver::take(std::uint64_t& out) {
  if (!tokens_.reserve()) return -ENOMEM;
  TokenTable::Token token{true, 0};
  if (implicit_free_) {
    implicit_free_ = false;
  } else {
    if (!ends_.is_open()) return LIBSCHED_E_EMPTY;
    if (broken_ != LIBSCHED_OK) return broken_;
    token.implicit = false;
    const Status status = ends_.take(token.byte);
    if (status != LIBSCHED_OK && status != LIBSCHED_E_EMPTY) broken_ = status;
    if (status != LIBSCHED_OK) return status;
  }
  out = tokens_.put(token);
  return LIBSCHED_OK;
}

void Jobserver::put_back(const TokenTable::Token& token) {
  if (token.implicit) {
    implicit_free_ = true;
  } else if (ends_.give(token.byte) != LIBSCHED_OK) {
    // A pool that has no room for what came out of it was given more than it had, by others.
    ++lost_;
  }
}

// Serves those that wait, as far as there are tokens.
void Jobserver::grant() {
  while (first_ != nullptr) {
    std::uint64_t token = 0;
    const Status status = take(token);
    if (status == LIBSCHED_OK) {
      end(*first_, token);
      continue;
    }
    // With a broken pool the implicit slot is all that can still come.
    if (ends_.is_open() && broken_ == LIBSCHED_OK && !armed_) {
      armed_ = (*reactor_)->arm(*this, sys::Reactor::For::kReading) == LIBSCHED_OK;
    }
    return;
  }
}

void Jobserver::ready() {
  const Locked locked(*this);
  armed_ = false;
  grant();
}

Status Jobserver::try_acquire(std::uint64_t& out) {
  const Locked locked(*this);
  return first_ != nullptr ? LIBSCHED_E_EMPTY : take(out);
}

Status Jobserver::release(std::uint64_t number) {
  const Locked locked(*this);
  const auto token = tokens_.take(number);
  if (!token) return LIBSCHED_E_STALE;
  put_back(*token);
  grant();
  return LIBSCHED_OK;
}

void Jobserver::release_all() {
  tokens_.drain([this](std::uint8_t byte) { static_cast<void>(ends_.give(byte)); });
}

// --- requests ---

Status Jobserver::request(Request& request) {
  const Locked locked(*this);
  if (!tokens_.reserve()) return -ENOMEM;
  request.previous_ = last_;
  request.next_ = nullptr;
  (last_ != nullptr ? last_->next_ : first_) = &request;
  last_ = &request;
  request.queued_ = true;
  ++waiting_;
  grant();
  return LIBSCHED_OK;
}

void Jobserver::unlink(Request& request) {
  (request.next_ != nullptr ? request.next_->previous_ : last_) = request.previous_;
  (request.previous_ != nullptr ? request.previous_->next_ : first_) = request.next_;
  request.queued_ = false;
  --waiting_;
}

void Jobserver::end(Request& request, std::uint64_t token) {
  unlink(request);
  const bool wants_spent = request.wants_spent_;
  const bool taken = request.granted(token);
  if (!taken && token != 0) put_back(*tokens_.take(token));
  if (!wants_spent) return;  // it may be gone as soon as the lock is
  request.next_ = spent_;
  spent_ = &request;
}

bool Jobserver::withdraw(Request& request) {
  const Locked locked(*this);
  if (!request.queued_) return false;
  unlink(request);
  return true;
}

std::uint64_t Jobserver::withdraw_all() {
  const Locked locked(*this);
  const std::uint64_t count = waiting_;
  while (first_ != nullptr) {
    end(*first_, 0);
  }
  return count;
}

// A thread that waits.
class Jobserver::Waiter final : public Request {
 public:
  Waiter() : Request(false) {}
  // Told with the lock held, which the thread takes before this is gone.
  bool granted(std::uint64_t token) override {
    token_ = token;
    done_.store(true, Orders::kDone);
    event.notify_one();
    return true;
  }
  bool done() const { return done_.load(Orders::kDone); }
  std::uint64_t token() const { return token_; }

  EventCount<StdSync> event;

 private:
  struct Orders {
    static constexpr std::memory_order kDone =
        std::memory_order_seq_cst;  // the condition of an eventcount
  };
  std::uint64_t token_ = 0;
  StdSync::atomic<bool> done_{false};
};

Status Jobserver::wait_for_token(std::uint64_t& out, std::int64_t timeout_ns,
                                 CancelSwitch* cancel) {
  Waiter waiter;
  const sys::Deadline deadline(timeout_ns);
  if (const Status status = request(waiter)) return status;
  const Status status = wait_until(waiter.event, deadline, cancel, [&] { return waiter.done(); });
  if (status != LIBSCHED_OK && withdraw(waiter)) return status;
  const Locked locked(*this);  // who granted it has let it go
  if (waiter.token() == 0) return LIBSCHED_E_CLOSED;
  out = waiter.token();
  return LIBSCHED_OK;
}

// --- asking ---

Jobserver::Stats Jobserver::stats() {
  const Locked locked(*this);
  Stats stats{};
  stats.slots = served_ != nullptr ? served_->slots() : ends_.is_open() ? info_.flags.jobs : 1;
  const int available = ends_.is_open() ? ends_.available() : 0;
  stats.available = available > 0 ? static_cast<std::uint64_t>(available) : 0;
  stats.held = tokens_.explicit_count();
  stats.waiting = waiting_;
  stats.lost = lost_;
  if (served_ == nullptr) return stats;
  const std::uint64_t here = stats.available + stats.held;
  const std::uint64_t whole = stats.slots - 1;
  if (here < whole) {
    stats.outstanding = whole - here;
  } else {
    stats.extra = here - whole;
  }
  return stats;
}

}  // namespace sched
