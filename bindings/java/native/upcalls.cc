#include "bindings/java/native/upcalls.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "bindings/java/native/discards.h"
#include "bindings/java/native/jvm.h"

namespace libsched_java {
namespace {

// An org.libsched.Worker and its slots, with the references that keep them.
struct Worker {
  JNIEnv *env = nullptr;
  jobject object = nullptr;
  jlongArray slots = nullptr;

  // Local references; with a pending exception if there is no memory.
  bool make(JNIEnv *with) {
    object = with->CallStaticObjectMethodA(java.upcalls, java.new_worker, nullptr);
    if (with->ExceptionCheck()) return false;
    slots = static_cast<jlongArray>(with->GetObjectField(object, java.worker_slots));
    env = with;
    return true;
  }
};

// Of a pool's own thread, between its two hooks.
thread_local Worker attached;

void report(JNIEnv *env) {
  env->ExceptionDescribe();
  env->ExceptionClear();
}

void worker_start(std::uint32_t, void *) {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof(name));
  JavaVMAttachArgs arguments = {JNI_VERSION_1_8, name, nullptr};
  void *attaching = nullptr;
  if (java.vm->AttachCurrentThreadAsDaemon(&attaching, &arguments) != JNI_OK) return;
  auto *env = static_cast<JNIEnv *>(attaching);
  Worker worker;
  if (!worker.make(env)) {
    report(env);  // its items are run as on a thread of Java's
    return;
  }
  worker.object = env->NewGlobalRef(worker.object);
  worker.slots = static_cast<jlongArray>(env->NewGlobalRef(worker.slots));
  attached = worker;
}

void tell_stopped(const Worker &worker) {
  const jvalue argument = {.l = worker.object};
  worker.env->CallStaticVoidMethodA(java.upcalls, java.worker_stopped, &argument);
  if (worker.env->ExceptionCheck()) report(worker.env);
}

void worker_stop(std::uint32_t, void *) {
  const Worker worker = attached;
  attached = Worker();
  if (worker.env != nullptr) {
    tell_stopped(worker);
    worker.env->DeleteGlobalRef(worker.object);
    worker.env->DeleteGlobalRef(worker.slots);
  }
  if (current_env() != nullptr) java.vm->DetachCurrentThread();
}

std::size_t run_many_as(const Worker &worker, libsched_task *task, void *const *user_data,
                        std::size_t n, int *results) {
  JNIEnv *env = worker.env;
  env->SetLongArrayRegion(worker.slots, 0, static_cast<jsize>(n),
                          reinterpret_cast<const jlong *>(user_data));
  jvalue arguments[3];
  arguments[0].l = worker.object;
  arguments[1].j = reinterpret_cast<jlong>(task);
  arguments[2].i = static_cast<jint>(n);
  // How many were run; negative if the last one of them has failed.
  const jint run = env->CallStaticIntMethodA(java.upcalls, java.run_many, arguments);
  if (env->ExceptionCheck()) {
    report(env);
    std::fill_n(results, n, LIBSCHED_E_EXCEPTION);
    return n;
  }
  if (run >= 0) return static_cast<std::size_t>(run);
  results[-run - 1] = LIBSCHED_E_EXCEPTION;
  return static_cast<std::size_t>(-run);
}

// The virtual machine has no memory for what running an item takes: the items go back, and are tried again.
std::size_t run_none() {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return 0;
}

std::size_t run_many(libsched_task *task, void *const *user_data, std::size_t n, int *results) {
  JNIEnv *env = attached.env != nullptr ? attached.env : current_env();
  if (env == nullptr) worker_start(0, nullptr);
  if (attached.env != nullptr) return run_many_as(attached, task, user_data, n, results);
  if (env == nullptr) return run_none();
  if (env->PushLocalFrame(8) != JNI_OK) {
    report(env);
    return run_none();
  }
  Worker worker;
  const bool made = worker.make(env);
  std::size_t run = 0;
  if (made) {
    run = run_many_as(worker, task, user_data, n, results);
    tell_stopped(worker);
  } else {
    report(env);
  }
  env->PopLocalFrame(nullptr);
  return made ? run : run_none();
}

int run_chunk(libsched_task *, std::uint64_t begin, std::uint64_t end, void *user_data) {
  JNIEnv *env = attached.env != nullptr ? attached.env : current_env();
  if (env == nullptr) return -ENOMEM;
  jvalue arguments[4];
  arguments[0].l = attached.object;
  arguments[1].j = reinterpret_cast<jlong>(user_data);
  arguments[2].j = static_cast<jlong>(begin);
  arguments[3].j = static_cast<jlong>(end);
  const jint result = env->CallStaticIntMethodA(java.upcalls, java.run_chunk, arguments);
  if (!env->ExceptionCheck()) return result;
  report(env);
  return LIBSCHED_E_EXCEPTION;
}

void discard(void *user_data) {
  if (Discards *collecting = Discards::current()) return collecting->add(user_data);
  // Such as a worker after its stop hook.
  const Attachment attachment;
  const jlong slot = reinterpret_cast<jlong>(user_data);
  if (attachment.env() != nullptr) Discards::tell(attachment.env(), &slot, 1);
}

}  // namespace

jobject current_worker() { return attached.object; }

}  // namespace libsched_java

libsched_batch_fn libsched_upcall_run_many() { return libsched_java::run_many; }
libsched_chunk_fn libsched_upcall_run_chunk() { return libsched_java::run_chunk; }
libsched_discard_fn libsched_upcall_discard() { return libsched_java::discard; }
libsched_worker_hook_fn libsched_upcall_worker_start() { return libsched_java::worker_start; }
libsched_worker_hook_fn libsched_upcall_worker_stop() { return libsched_java::worker_stop; }

int libsched_upcall_should_stop(const libsched_task *task) {
  return libsched_should_yield(task) != 0 || libsched_task_cancelled(task) != 0 ? 1 : 0;
}
