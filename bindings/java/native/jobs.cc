// Tasks of channels, and jobs of graphs with their messages.

#include <cerrno>

#include "bindings/java/native/jvm.h"
#include "bindings/java/native/upcalls.h"

namespace libsched_java {
namespace {

// Calls a method that gives an int; what it throws counts as a failure.
int call(JNIEnv *env, jmethodID method, const jvalue *arguments) {
  const jint result = env->CallStaticIntMethodA(java.upcalls, method, arguments);
  if (!env->ExceptionCheck()) return result;
  env->ExceptionDescribe();
  env->ExceptionClear();
  return LIBSCHED_E_EXCEPTION;
}

int call(jmethodID method, void *what, void *slot) {
  JNIEnv *env = current_env();
  if (env == nullptr) return -ENOMEM;  // there was none to make the thread known
  jvalue arguments[3];
  arguments[0].l = current_worker();
  arguments[1].j = reinterpret_cast<jlong>(what);
  arguments[2].j = reinterpret_cast<jlong>(slot);
  return call(env, method, arguments);
}

int work(libsched_task *task, void *slot) { return call(java.work, task, slot); }

void finalize(libsched_task *, int result, void *slot) {
  JNIEnv *env = current_env();
  if (env == nullptr) return;
  jvalue arguments[2];
  arguments[0].j = reinterpret_cast<jlong>(slot);
  arguments[1].i = result;
  call(env, java.ended, arguments);
}

int job(libsched_job *job, void *slot) { return call(java.job, job, slot); }

// In a thread of Java's: the one that runs the graph.
int message(const libsched_run_message *message, void *slot) {
  JNIEnv *env = current_env();
  const auto size = static_cast<jsize>(message->size);
  jbyteArray data = env->NewByteArray(size);
  if (data == nullptr) {
    env->ExceptionClear();
    return -ENOMEM;
  }
  if (size != 0) env->SetByteArrayRegion(data, 0, size, static_cast<const jbyte *>(message->data));
  jvalue arguments[3];
  arguments[0].j = reinterpret_cast<jlong>(slot);
  arguments[1].j = reinterpret_cast<jlong>(message);
  arguments[2].l = data;
  const int result = call(env, java.message, arguments);
  env->DeleteLocalRef(data);
  return result;
}

}  // namespace
}  // namespace libsched_java

libsched_task_fn libsched_upcall_work() { return libsched_java::work; }
libsched_finalize_fn libsched_upcall_finalize() { return libsched_java::finalize; }
libsched_job_fn libsched_upcall_job() { return libsched_java::job; }
libsched_run_handler_fn libsched_upcall_message() { return libsched_java::message; }
