#pragma once

#include <cstdint>

#include "core/base/status.h"

namespace sched {

class RequestLine;

// Somebody who wants a token.
class TokenRequest {
 public:
  // Under the jobserver's lock, once: the token, or 0 and why there will be none. False: it is not wanted any more.
  virtual bool granted(std::uint64_t token, Status status) = 0;
  // Out of the lock, after that, if it was asked for: nobody else has it any more.
  virtual void spent() {}

  bool queued() const { return line_ != nullptr; }

 protected:
  enum class Kind : std::uint8_t {
    kWaits,   // gone as soon as the lock is
    kIsTold,  // spent() is the end of it
    kBroker,  // for others: not withdrawn with the rest
  };
  explicit TokenRequest(Kind kind) : kind_(kind) {}
  ~TokenRequest() = default;

 private:
  friend class RequestLine;
  friend class Jobserver;
  const Kind kind_;
  RequestLine* line_ = nullptr;
  TokenRequest* previous_ = nullptr;
  TokenRequest* next_ = nullptr;
};

// Requests in the order in which they came.
class RequestLine {
 public:
  bool empty() const { return first_ == nullptr; }
  TokenRequest* first() const { return first_; }

  void push(TokenRequest& request) {
    request.line_ = this;
    request.previous_ = last_;
    request.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &request;
    last_ = &request;
  }

  static void remove(TokenRequest& request) {
    RequestLine& line = *request.line_;
    (request.next_ != nullptr ? request.next_->previous_ : line.last_) = request.previous_;
    (request.previous_ != nullptr ? request.previous_->next_ : line.first_) = request.next_;
    request.line_ = nullptr;
  }

 private:
  TokenRequest* first_ = nullptr;
  TokenRequest* last_ = nullptr;
};

}  // namespace sched
