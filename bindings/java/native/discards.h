// Discards that a call from Java brings about are told to Java together, when the call ends.
#ifndef LIBSCHED_BINDINGS_JAVA_NATIVE_DISCARDS_H
#define LIBSCHED_BINDINGS_JAVA_NATIVE_DISCARDS_H

#include <jni.h>

#include <cstddef>

namespace libsched_java {

class Discards {
 public:
  explicit Discards(JNIEnv *env);
  ~Discards();
  Discards(const Discards &) = delete;
  Discards &operator=(const Discards &) = delete;

  void add(void *user_data);

  // The one of the calling thread, or nullptr.
  static Discards *current();
  static void tell(JNIEnv *env, const jlong *slots, std::size_t count);

 private:
  void flush();

  JNIEnv *env_;
  Discards *outer_;
  std::size_t count_ = 0;
  jlong slots_[256];
};

}  // namespace libsched_java

#endif
