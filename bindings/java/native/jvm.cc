#include "bindings/java/native/jvm.h"

#include <cstring>

namespace libsched_java {

Java java = {};

namespace {

// Weak, so that the class loader can be collected. Whoever calls us, or is called, keeps it.
jclass find_class(JNIEnv *env, const char *name) {
  jclass found = env->FindClass(name);
  return found == nullptr ? nullptr : static_cast<jclass>(env->NewWeakGlobalRef(found));
}

// Stops at the first that is missing, which leaves an exception.
bool look_up(JNIEnv *env) {
  jclass worker = nullptr;
  const auto method = [env](jmethodID &id, jclass in, const char *name, const char *signature) {
    return (id = env->GetStaticMethodID(in, name, signature)) != nullptr;
  };
  return (java.upcalls = find_class(env, "org/libsched/Upcalls")) != nullptr &&
         method(java.new_worker, java.upcalls, "newWorker", "()Lorg/libsched/Worker;") &&
         method(java.worker_stopped, java.upcalls, "workerStopped", "(Lorg/libsched/Worker;)V") &&
         method(java.run_many, java.upcalls, "runMany", "(Lorg/libsched/Worker;JI)I") &&
         method(java.run_chunk, java.upcalls, "runChunk", "(Lorg/libsched/Worker;JJJ)I") &&
         method(java.discard, java.upcalls, "discard", "([J)V") &&
         method(java.discard_one, java.upcalls, "discard", "(J)V") &&
         method(java.work, java.upcalls, "work", "(Lorg/libsched/Worker;JJ)I") &&
         method(java.ended, java.upcalls, "ended", "(JI)I") &&
         method(java.job, java.upcalls, "job", "(Lorg/libsched/Worker;JJ)I") &&
         method(java.message, java.upcalls, "message", "(JJ[B)I") &&
         method(java.token, java.upcalls, "token", "(JJ)V") &&
         (worker = env->FindClass("org/libsched/Worker")) != nullptr &&
         (java.worker_slots = env->GetFieldID(worker, "slots", "[J")) != nullptr &&
         (java.exception = find_class(env, "org/libsched/LibschedException")) != nullptr &&
         (java.new_exception = env->GetMethodID(java.exception, "<init>", "(IIJ[B)V")) != nullptr;
}

}  // namespace

JNIEnv *current_env() {
  void *env = nullptr;
  return java.vm->GetEnv(&env, JNI_VERSION_1_8) == JNI_OK ? static_cast<JNIEnv *>(env) : nullptr;
}

jbyteArray to_array(JNIEnv *env, const char *text) {
  if (text == nullptr) return nullptr;
  const auto size = static_cast<jsize>(std::strlen(text));
  jbyteArray array = env->NewByteArray(size);
  if (array != nullptr) {
    env->SetByteArrayRegion(array, 0, size, reinterpret_cast<const jbyte *>(text));
  }
  return array;
}

void put_first(JNIEnv *env, jlongArray array, std::int64_t value) {
  const jlong first = value;
  if (array != nullptr) env->SetLongArrayRegion(array, 0, 1, &first);
}

void throw_status(JNIEnv *env, std::int64_t status, const libsched_error *error) {
  if (env->ExceptionCheck()) return;
  jbyteArray text =
      to_array(env, error != nullptr ? libsched_error_message(error)
                                     : libsched_status_message(static_cast<int>(status)));
  if (text == nullptr) return;  // no memory: that exception is pending
  auto *thrown = static_cast<jthrowable>(
      env->NewObject(java.exception, java.new_exception, static_cast<jint>(status),
                     static_cast<jint>(libsched_error_errno(error)),
                     static_cast<jlong>(libsched_error_offset(error)), text));
  if (thrown != nullptr) env->Throw(thrown);
}

}  // namespace libsched_java

extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *) {
  libsched_java::java.vm = vm;
  JNIEnv *env = libsched_java::current_env();
  return libsched_java::look_up(env) ? JNI_VERSION_1_8 : JNI_ERR;
}
