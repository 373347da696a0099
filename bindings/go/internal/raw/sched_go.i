// The raw layer of Go. Handles, structs, function pointers and user_data are uintptr. It is generated and committed, since
// `go get` runs no generators: `go generate` makes it anew.
%module raw

%{
#include "upcalls.h"
%}

%{
// Kept beside the status, in place of it: minus the address of what libsched_failure_code and the like read.
// SWIG has another $result for Go.
#define LIBSCHED_GIVE(place, value) _swig_go_result = (value)
#define LIBSCHED_THROW(status, error) \
  if ((error) != nullptr) _swig_go_result = libsched_failure_keep(error)
%}

%define LIBSCHED_GO_ADDRESS(TYPE)
%typemap(gotype) TYPE "uintptr"
%enddef
LIBSCHED_GO_ADDRESS(SWIGTYPE *)
LIBSCHED_GO_ADDRESS(SWIGTYPE **)
LIBSCHED_GO_ADDRESS(SWIGTYPE [])
LIBSCHED_GO_ADDRESS(char **)
LIBSCHED_GO_ADDRESS(SWIGTYPE (*)(ANY))

%include <stdint.i>
// Numbers that are as wide here as there.
%typemap(gotype) int32_t "int32"
%typemap(gotype) uint32_t, unsigned int "uint32"
%typemap(gotype) int64_t "int64"
%typemap(gotype) uint64_t, size_t "uint64"

// A status or what the function gives: bindings/common/results.i.
%typemap(gotype) int "int64"
%typemap(in) int "$1 = static_cast<int>($input);"
%typemap(out) int "$result = $1;"

// A text that is empty is none at all.
%typemap(in) const char * %{
  $1 = nullptr;
  if ($input.n != 0) {
    char *copy = static_cast<char *>(malloc(static_cast<size_t>($input.n) + 1));
    memcpy(copy, $input.p, static_cast<size_t>($input.n));
    copy[$input.n] = 0;
    $1 = copy;
  }
%}
%typemap(freearg) const char * "free(const_cast<char *>($1));"

// A second result goes into the first element of a slice, which may be nil.
%define LIBSCHED_GO_ALSO_GIVES(TYPE)
%typemap(gotype) TYPE "[]int64"
%typemap(in) TYPE ($*1_ltype given) "given = {}; $1 = &given;"
%typemap(argout) TYPE %{
  if ($input.len > 0) static_cast<int64_t *>($input.array)[0] = libsched_raw_given(*$1);
%}
%typemap(freearg) TYPE ""
%enddef
LIBSCHED_GO_ALSO_GIVES(int *code)
LIBSCHED_GO_ALSO_GIVES(uint32_t *priority)
LIBSCHED_GO_ALSO_GIVES(uint64_t *dropped)
LIBSCHED_GO_ALSO_GIVES(uint64_t *cancelled)
LIBSCHED_GO_ALSO_GIVES(int *read_fd)
LIBSCHED_GO_ALSO_GIVES(int *write_fd)
// It comes with some failures, too.
LIBSCHED_GO_ALSO_GIVES(libsched_result **out)
// The numbers of jobs and tokens use all bits, so they cannot be told from a status.
%include "bindings/common/results.i"
LIBSCHED_GO_ALSO_GIVES(uint64_t *out)
LIBSCHED_GO_ALSO_GIVES(uint64_t *token)

// Elements: all of a slice.
%define LIBSCHED_GO_ELEMENTS(POINTERS)
%typemap(gotype) (POINTERS, size_t n) "[]uintptr"
%typemap(in) (POINTERS, size_t n) %{
  $1 = static_cast<$1_ltype>($input.array);
  $2 = static_cast<size_t>($input.len);
%}
%typemap(freearg) (POINTERS, size_t n) ""
%enddef
LIBSCHED_GO_ELEMENTS(void *const *user_data)
LIBSCHED_GO_ELEMENTS(void *const *items)

// The same for elements that come out: at most as many as the slice holds, by `n`.
%typemap(gotype) (void **out, size_t *taken) "[]uintptr"
%typemap(in) (void **out, size_t *taken) (size_t taken) %{
  taken = 0;
  $1 = static_cast<void **>($input.array);
  $2 = &taken;
%}
%typemap(argout) (void **out, size_t *taken) "if (result == LIBSCHED_OK) { LIBSCHED_GIVE($result, libsched_raw_given(*$2)); }"
%typemap(freearg) (void **out, size_t *taken) ""

// Bytes: all of a slice.
%define LIBSCHED_GO_BYTES(POINTER)
%typemap(gotype) (POINTER, size_t size) "[]byte"
%typemap(in) (POINTER, size_t size) %{
  $1 = $input.array;
  $2 = static_cast<size_t>($input.len);
%}
%typemap(freearg) (POINTER, size_t size) ""
%enddef
LIBSCHED_GO_BYTES(const void *bytes)
LIBSCHED_GO_BYTES(const void *data)

// A buffer that is filled: `capacity` must not be more than its length. The size of a message that does not fit comes as the
// offset of the failure.
%typemap(gotype) (void *buffer, size_t *size) "[]byte"
%typemap(in) (void *buffer, size_t *size) (size_t size) %{
  size = 0;
  $1 = $input.array;
  $2 = &size;
%}
%typemap(argout) (void *buffer, size_t *size) %{
  if (result == LIBSCHED_OK) { LIBSCHED_GIVE($result, libsched_raw_given(*$2)); }
  if (result == LIBSCHED_E_RANGE) { LIBSCHED_GIVE($result, libsched_failure_of_size(result, *$2)); }
%}
%typemap(freearg) (void *buffer, size_t *size) ""

// Told together: upcalls.h.
%define LIBSCHED_GO_DISCARDS(FUNCTION)
%exception FUNCTION {
  libsched_go_discards discards;
  $action
}
%enddef
LIBSCHED_GO_DISCARDS(libsched_pool_shutdown)
LIBSCHED_GO_DISCARDS(libsched_pool_unref)
LIBSCHED_GO_DISCARDS(libsched_group_cancel)
LIBSCHED_GO_DISCARDS(libsched_group_unref)
LIBSCHED_GO_DISCARDS(libsched_channel_clear)
LIBSCHED_GO_DISCARDS(libsched_dispatcher_shutdown)
LIBSCHED_GO_DISCARDS(libsched_dispatcher_unref)
LIBSCHED_GO_DISCARDS(libsched_queue_unref)
LIBSCHED_GO_DISCARDS(libsched_sender_unref)
LIBSCHED_GO_DISCARDS(libsched_deque_unref)
LIBSCHED_GO_DISCARDS(libsched_stealer_unref)
LIBSCHED_GO_DISCARDS(libsched_injector_unref)
LIBSCHED_GO_DISCARDS(libsched_graph_unref)

%include "bindings/common/sched.i"

// The functions that the library calls, as numbers to hand to it.
%include "bindings/go/internal/raw/upcalls.h"
