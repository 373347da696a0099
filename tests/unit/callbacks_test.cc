#include "core/jobserver/callbacks.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <vector>

#include "tests/unit/support.h"

namespace sched {
namespace {

// Counts what was called; threads can be created as long as `creatable` says so.
class Callbacks : public ::testing::Test {
 protected:
  Callbacks() {
    creatable = 1000;
    tokens = 0;
    discards = 0;
    // It stays, since a thread that ends may use it a moment longer than a test lasts.
    static const bool replaced = [] {
      sys::calls.thread_create = [](pthread_t* out, const pthread_attr_t* attributes,
                                    void* (*body)(void*), void* argument) {
        if (creatable.fetch_sub(1) <= 0) return EAGAIN;
        return ::pthread_create(out, attributes, body, argument);
      };
      return true;
    }();
    EXPECT_TRUE(replaced);
  }

  static void note(std::uint64_t token, void*) { tokens += token; }
  static void note_and_end_thread(std::uint64_t token, void*) {
    tokens += token;
    pthread_exit(nullptr);
  }
  static void discard(void*) { ++discards; }

  TokenRequest* prepare(TokenCallbacks::Fn fn = &note) {
    Status status = 77;
    TokenRequest* const request = callbacks->prepare(fn, nullptr, &discard, status);
    EXPECT_EQ(request != nullptr, status == LIBSCHED_OK);
    return request;
  }
  static void grant(TokenRequest* request, std::uint64_t token) {
    EXPECT_TRUE(request->granted(token, token != 0 ? LIBSCHED_OK : LIBSCHED_E_CLOSED));
    request->spent();
  }
  static bool settles(std::uint64_t want_tokens, int want_discards) {
    return test::comes_true([&] { return tokens == want_tokens && discards == want_discards; });
  }

  static inline std::atomic<int> creatable;
  static inline std::atomic<std::uint64_t> tokens;  // their sum
  static inline std::atomic<int> discards;
  TokenCallbacks* callbacks = new TokenCallbacks;
};

TEST_F(Callbacks, EndsWithoutAnyCall) {
  callbacks->finish();
  EXPECT_EQ(creatable, 1000 - 1);
}

TEST_F(Callbacks, CallsOrDiscardsEachOnce) {
  std::vector<TokenRequest*> requests;
  for (int i = 0; i < 10; ++i) requests.push_back(prepare());
  for (int i = 0; i < 10; ++i) grant(requests[static_cast<std::size_t>(i)], i % 2 == 0 ? 1 : 0);
  EXPECT_TRUE(settles(5, 5));
  callbacks->forget(prepare());
  callbacks->finish();
  EXPECT_EQ(discards, 5);
}

// What was granted before the end and not called yet is discarded.
TEST_F(Callbacks, FinishDoesNotForget) {
  TokenRequest* const one = prepare();
  TokenRequest* const two = prepare();
  grant(one, 7);
  grant(two, 0);
  callbacks->finish();
  EXPECT_TRUE(test::comes_true([] { return discards == (tokens == 7 ? 1 : 2); }));
}

TEST_F(Callbacks, WithoutAThreadThereIsNoRequest) {
  creatable = 0;
  EXPECT_EQ(prepare(), nullptr);
  EXPECT_EQ(prepare(), nullptr);
  creatable = 1000;
  grant(prepare(), 5);
  EXPECT_TRUE(settles(5, 0));
  callbacks->finish();
}

TEST_F(Callbacks, AThreadThatEndsIsReplaced) {
  for (int i = 0; i < 10; ++i) grant(prepare(&note_and_end_thread), 1);
  EXPECT_TRUE(settles(10, 0));
  callbacks->finish();
}

// It cannot be replaced: the next call begins another one.
TEST_F(Callbacks, AThreadThatWasLost) {
  TokenRequest* const second = prepare();
  TokenRequest* const first = prepare(&note_and_end_thread);
  creatable = 0;
  grant(first, 1);
  EXPECT_TRUE(settles(1, 0));
  EXPECT_TRUE(test::comes_true([] { return creatable < 0; }));
  grant(second, 2);
  EXPECT_EQ(tokens, 1u);
  creatable = 1000;
  grant(prepare(), 4);
  EXPECT_TRUE(settles(7, 0));
  callbacks->finish();
}

// The end needs no thread.
TEST_F(Callbacks, FinishWithoutAThread) {
  TokenRequest* const second = prepare();
  TokenRequest* const first = prepare(&note_and_end_thread);
  creatable = 0;
  grant(first, 1);
  EXPECT_TRUE(test::comes_true([] { return creatable < 0; }));
  grant(second, 0);
  callbacks->finish();
  EXPECT_TRUE(settles(1, 1));
}

}  // namespace
}  // namespace sched
