#include "bindings/java/native/discards.h"

#include <iterator>

#include "bindings/java/native/jvm.h"

namespace libsched_java {

namespace {
thread_local Discards *collecting = nullptr;
}

Discards::Discards(JNIEnv *env) : env_(env), outer_(collecting) { collecting = this; }

Discards::~Discards() {
  collecting = outer_;
  flush();
}

void Discards::add(void *user_data) {
  slots_[count_++] = reinterpret_cast<jlong>(user_data);
  if (count_ == std::size(slots_)) flush();
}

void Discards::flush() {
  if (count_ != 0) tell(env_, slots_, count_);
  count_ = 0;
}

Discards *Discards::current() { return collecting; }

void Discards::tell(JNIEnv *env, const jlong *slots, std::size_t count) {
  jlongArray array = env->NewLongArray(static_cast<jsize>(count));
  if (array != nullptr) {
    env->SetLongArrayRegion(array, 0, static_cast<jsize>(count), slots);
    const jvalue argument = {.l = array};
    env->CallStaticVoidMethodA(java.upcalls, java.discard, &argument);
    env->DeleteLocalRef(array);
  } else {
    env->ExceptionClear();  // no memory: one by one
    for (std::size_t i = 0; i < count && !env->ExceptionCheck(); ++i) {
      const jvalue argument = {.j = slots[i]};
      env->CallStaticVoidMethodA(java.upcalls, java.discard_one, &argument);
    }
  }
  if (env->ExceptionCheck()) {
    env->ExceptionDescribe();
    env->ExceptionClear();
  }
}

}  // namespace libsched_java
