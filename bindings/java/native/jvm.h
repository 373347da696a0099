// What the wrapper needs of the virtual machine.
#ifndef LIBSCHED_BINDINGS_JAVA_NATIVE_JVM_H
#define LIBSCHED_BINDINGS_JAVA_NATIVE_JVM_H

#include <jni.h>
#include <libsched.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace libsched_java {

static_assert(sizeof(void *) == sizeof(jlong));

// Looked up when the library is loaded, on a thread of Java: a worker would see the system's class loader alone.
struct Java {
  JavaVM *vm;
  jclass upcalls;
  jmethodID new_worker;
  jmethodID worker_stopped;
  jmethodID run_many;
  jmethodID run_chunk;
  jmethodID discard;
  jmethodID discard_one;
  jmethodID work;
  jmethodID ended;
  jmethodID job;
  jmethodID message;
  jmethodID token;
  jfieldID worker_slots;
  jclass exception;
  jmethodID new_exception;
};
extern Java java;

// The calling thread's, or nullptr: it is not known to the virtual machine.
JNIEnv *current_env();

// Makes the calling thread known as long as this lives, unless it is.
class Attachment {
 public:
  Attachment() : env_(current_env()), found_(env_ != nullptr) {
    void *env = nullptr;
    if (!found_ && java.vm->AttachCurrentThreadAsDaemon(&env, nullptr) == JNI_OK) {
      env_ = static_cast<JNIEnv *>(env);
    }
  }
  ~Attachment() {
    if (!found_ && env_ != nullptr) java.vm->DetachCurrentThread();
  }
  Attachment(const Attachment &) = delete;
  Attachment &operator=(const Attachment &) = delete;

  // nullptr: there is no memory for that.
  JNIEnv *env() const { return env_; }

 private:
  JNIEnv *env_;
  bool found_;
};

// The calling thread's org.libsched.Worker, or nullptr: it is not one of a pool.
jobject current_worker();

// An exception that is pending stays; `error` may be nullptr.
void throw_status(JNIEnv *env, std::int64_t status, const libsched_error *error);

// A byte[] of the text, or null.
jbyteArray to_array(JNIEnv *env, const char *text);

// Into the first element, if there is an array.
void put_first(JNIEnv *env, jlongArray array, std::int64_t value);

// Storage for a call's argument: what is small lies on the stack.
template <typename T, std::size_t kSmall>
class Storage {
 public:
  T *of(std::size_t count) {
    if (count <= kSmall) return data_ = small_;
    large_.reset(new T[count]);
    return data_ = large_.get();
  }
  T *get() const { return data_; }

 private:
  T *data_ = nullptr;
  T small_[kSmall];
  std::unique_ptr<T[]> large_;
};

// The contents of a byte[], and a NUL after them; nullptr for null.
class Bytes {
 public:
  void take(JNIEnv *env, jbyteArray array) {
    if (array == nullptr) return;
    size_ = env->GetArrayLength(array);
    env->GetByteArrayRegion(array, 0, size_, storage_.of(static_cast<std::size_t>(size_) + 1));
    storage_.get()[size_] = 0;
  }
  char *data() const { return reinterpret_cast<char *>(storage_.get()); }
  std::size_t size() const { return static_cast<std::size_t>(size_); }

 private:
  jsize size_ = 0;
  Storage<jbyte, 512> storage_;
};

// Room for what a byte[] can hold.
class Buffer {
 public:
  void prepare(JNIEnv *env, jbyteArray array) {
    if (array != nullptr) storage_.of(static_cast<std::size_t>(env->GetArrayLength(array)));
  }
  void give(JNIEnv *env, jbyteArray array, std::size_t size) const {
    env->SetByteArrayRegion(array, 0, static_cast<jsize>(size), storage_.get());
  }
  void *data() const { return storage_.get(); }

 private:
  Storage<jbyte, 512> storage_;
};

// Elements of a long[].
class Elements {
 public:
  void prepare(JNIEnv *env, jlongArray array) {
    if (array == nullptr) return;
    size_ = env->GetArrayLength(array);
    storage_.of(static_cast<std::size_t>(size_));
  }
  void take(JNIEnv *env, jlongArray array) {
    prepare(env, array);
    if (array != nullptr) env->GetLongArrayRegion(array, 0, size_, storage_.get());
  }
  void give(JNIEnv *env, jlongArray array, std::size_t count) const {
    env->SetLongArrayRegion(array, 0, static_cast<jsize>(count), storage_.get());
  }
  void **data() const { return reinterpret_cast<void **>(storage_.get()); }
  std::size_t size() const { return static_cast<std::size_t>(size_); }

 private:
  jsize size_ = 0;
  Storage<jlong, 1024> storage_;
};

}  // namespace libsched_java

#endif
