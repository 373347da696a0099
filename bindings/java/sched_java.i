// The raw layer of Java: one package-private class Raw of static functions. Handles, structs, function pointers and user_data
// are longs.
%module Raw

%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclassclassmodifiers="final class"
%pragma(java) jniclasscode=%{
  static {
    NativeLibrary.load();
  }
%}
%include "enumtypeunsafe.swg"
%typemap(javaclassmodifiers) enum libsched_status "final class"
%rename(RawStatus) libsched_status;

%{
#include "bindings/java/native/discards.h"
#include "bindings/java/native/jvm.h"
#include "bindings/java/native/upcalls.h"

#define LIBSCHED_THROW(status, error) libsched_java::throw_status(jenv, status, error)
%}

%define LIBSCHED_JAVA_LONG(TYPE)
%typemap(jni) TYPE "jlong"
%typemap(jtype) TYPE "long"
%typemap(jstype) TYPE "long"
%typemap(javain) TYPE "$javainput"
%typemap(javaout) TYPE { return $jnicall; }
%enddef
LIBSCHED_JAVA_LONG(SWIGTYPE *)
LIBSCHED_JAVA_LONG(SWIGTYPE **)
LIBSCHED_JAVA_LONG(SWIGTYPE [])
%apply long long { uint64_t };
%apply int { int32_t };

// A status or what the function gives: bindings/common/results.i.
LIBSCHED_JAVA_LONG(int)
%typemap(in) int "$1 = static_cast<int>($input);"
%typemap(out) int "$result = $1;"

// Texts are UTF-8, which is not what JNI's own functions take.
%typemap(jni) const char * "jbyteArray"
%typemap(jtype) const char * "byte[]"
%typemap(jstype) const char * "String"
%typemap(javain) const char * "Text.bytes($javainput)"
%typemap(javaout) const char * { return Text.of($jnicall); }
%typemap(in) const char * (libsched_java::Bytes bytes) "bytes.take(jenv, $input); $1 = bytes.data();"
%typemap(out) const char * "$result = libsched_java::to_array(jenv, $1);"
%typemap(freearg) const char * ""

// A second result goes into the first element of an array, which may be null. So does the one of a function that gives it also
// when it fails.
%define LIBSCHED_JAVA_ALSO_GIVES(TYPE)
%typemap(jni) TYPE "jlongArray"
%typemap(jtype) TYPE "long[]"
%typemap(jstype) TYPE "long[]"
%typemap(javain) TYPE "$javainput"
%typemap(in) TYPE ($*1_ltype given) "given = {}; $1 = &given;"
%typemap(argout) TYPE "libsched_java::put_first(jenv, $input, libsched_raw_given(*$1));"
%typemap(freearg) TYPE ""
%enddef
LIBSCHED_JAVA_ALSO_GIVES(libsched_result **out)
LIBSCHED_JAVA_ALSO_GIVES(int *code)
LIBSCHED_JAVA_ALSO_GIVES(uint32_t *priority)
LIBSCHED_JAVA_ALSO_GIVES(uint64_t *dropped)
LIBSCHED_JAVA_ALSO_GIVES(uint64_t *cancelled)
LIBSCHED_JAVA_ALSO_GIVES(int *read_fd)
LIBSCHED_JAVA_ALSO_GIVES(int *write_fd)

// Elements: the first n of a long[].
%define LIBSCHED_JAVA_ELEMENTS(POINTERS)
%typemap(jni) (POINTERS, size_t n) "jlongArray"
%typemap(jtype) (POINTERS, size_t n) "long[]"
%typemap(jstype) (POINTERS, size_t n) "long[]"
%typemap(javain) (POINTERS, size_t n) "$javainput"
%typemap(in) (POINTERS, size_t n) (libsched_java::Elements elements) %{
  elements.take(jenv, $input);
  $1 = elements.data();
  $2 = elements.size();
%}
%typemap(freearg) (POINTERS, size_t n) ""
%enddef
LIBSCHED_JAVA_ELEMENTS(void *const *user_data)
LIBSCHED_JAVA_ELEMENTS(void *const *items)

// The same for elements that come out: as many as the array holds at most, by `n`.
%typemap(jni) (void **out, size_t *taken) "jlongArray"
%typemap(jtype) (void **out, size_t *taken) "long[]"
%typemap(jstype) (void **out, size_t *taken) "long[]"
%typemap(javain) (void **out, size_t *taken) "$javainput"
%typemap(in) (void **out, size_t *taken) (libsched_java::Elements elements, size_t taken) %{
  taken = 0;
  elements.prepare(jenv, $input);
  $1 = elements.data();
  $2 = &taken;
%}
%typemap(argout) (void **out, size_t *taken) %{
  if (result == LIBSCHED_OK) {
    elements$argnum.give(jenv, $input, taken$argnum);
    $result = static_cast<jlong>(taken$argnum);
  }
%}
%typemap(freearg) (void **out, size_t *taken) ""

// Bytes: all of a byte[].
%define LIBSCHED_JAVA_BYTES(POINTER)
%typemap(jni) (POINTER, size_t size) "jbyteArray"
%typemap(jtype) (POINTER, size_t size) "byte[]"
%typemap(jstype) (POINTER, size_t size) "byte[]"
%typemap(javain) (POINTER, size_t size) "$javainput"
%typemap(in) (POINTER, size_t size) (libsched_java::Bytes bytes) %{
  bytes.take(jenv, $input);
  $1 = bytes.data();
  $2 = bytes.size();
%}
%typemap(freearg) (POINTER, size_t size) ""
%enddef
LIBSCHED_JAVA_BYTES(const void *bytes)
LIBSCHED_JAVA_BYTES(const void *data)

// A buffer that is filled: `capacity` must not be more than its length. A result above it is the length of a message that does
// not fit.
%typemap(jni) (void *buffer, size_t *size) "jbyteArray"
%typemap(jtype) (void *buffer, size_t *size) "byte[]"
%typemap(jstype) (void *buffer, size_t *size) "byte[]"
%typemap(javain) (void *buffer, size_t *size) "$javainput"
%typemap(in) (void *buffer, size_t *size) (libsched_java::Buffer buffer, size_t size) %{
  size = 0;
  buffer.prepare(jenv, $input);
  $1 = buffer.data();
  $2 = &size;
%}
%typemap(argout) (void *buffer, size_t *size) %{
  if (result == LIBSCHED_OK) buffer$argnum.give(jenv, $input, size$argnum);
  if (result == LIBSCHED_OK || result == LIBSCHED_E_RANGE) {
    $result = static_cast<jlong>(size$argnum);
    result = LIBSCHED_OK;
  }
%}
%typemap(freearg) (void *buffer, size_t *size) ""

// Told together: bindings/java/native/discards.h.
%define LIBSCHED_JAVA_DISCARDS(FUNCTION)
%exception FUNCTION {
  libsched_java::Discards discards(jenv);
  $action
}
%enddef
LIBSCHED_JAVA_DISCARDS(libsched_pool_shutdown)
LIBSCHED_JAVA_DISCARDS(libsched_pool_unref)
LIBSCHED_JAVA_DISCARDS(libsched_group_cancel)
LIBSCHED_JAVA_DISCARDS(libsched_group_unref)
LIBSCHED_JAVA_DISCARDS(libsched_channel_clear)
LIBSCHED_JAVA_DISCARDS(libsched_queue_unref)
LIBSCHED_JAVA_DISCARDS(libsched_sender_unref)
LIBSCHED_JAVA_DISCARDS(libsched_dispatcher_unref)
LIBSCHED_JAVA_DISCARDS(libsched_graph_unref)
LIBSCHED_JAVA_DISCARDS(libsched_graph_reset)
LIBSCHED_JAVA_DISCARDS(libsched_stealer_unref)
LIBSCHED_JAVA_DISCARDS(libsched_deque_unref)
LIBSCHED_JAVA_DISCARDS(libsched_injector_unref)

%include "bindings/common/sched.i"

// The functions that the library calls, as numbers to hand to it.
%include "bindings/java/native/upcalls.h"
