// The raw layer of C#: one internal class Raw of static functions. Handles, structs, function pointers and user_data are longs.
%module Raw

%pragma(csharp) moduleclassmodifiers="internal static class"
%pragma(csharp) imclassclassmodifiers="internal class"
%pragma(csharp) imclasscode=%{
  // The first call into the library makes it known what to call here.
  internal static readonly bool Registered = Upcalls.Register();
%}
%csconst(1);
// These are no literals.
%csconst(0) FOREVER;
%csconst(0) NO_TOKEN;
%csconst(0) NO_JOB;
// Status.cs is made by bindings/common/status.awk.
%ignore libsched_status;

%{
#include "bindings/csharp/native/failure.h"
#include "bindings/csharp/native/leave.h"
#include "bindings/csharp/native/worker_start.h"

#define LIBSCHED_THROW(status, error) libsched_csharp::raise(status, error)
%}

%define LIBSCHED_CSHARP_LONG(TYPE)
%typemap(ctype, out="long long") TYPE "long long"
%typemap(imtype, out="long") TYPE "long"
%typemap(cstype, out="long") TYPE "long"
%typemap(csin) TYPE "$csinput"
%typemap(csout, excode=SWIGEXCODE) TYPE {
    long ret = $imcall;$excode
    return ret;
  }
%typemap(csvarin, excode=SWIGEXCODE2) TYPE %{
    set { $imcall;$excode }
  %}
%typemap(csvarout, excode=SWIGEXCODE2) TYPE %{
    get { long ret = $imcall;$excode return ret; }
  %}
%enddef
%define LIBSCHED_CSHARP_ADDRESS(TYPE)
LIBSCHED_CSHARP_LONG(TYPE)
%typemap(in) TYPE "$1 = ($1_ltype)(intptr_t)$input;"
%typemap(out) TYPE "$result = (long long)(intptr_t)$1;"
%enddef
LIBSCHED_CSHARP_ADDRESS(SWIGTYPE *)
LIBSCHED_CSHARP_ADDRESS(SWIGTYPE **)
LIBSCHED_CSHARP_ADDRESS(SWIGTYPE [])
LIBSCHED_CSHARP_ADDRESS(void *)
%apply long long { int32_t, uint64_t, size_t };

// A status or what the function gives: bindings/common/results.i. A failure is thrown when the call has returned.
LIBSCHED_CSHARP_LONG(int)
%typemap(in) int "$1 = static_cast<int>($input);"
%typemap(out) int "$result = $1;"
%typemap(csout) int {
    return Failure.Check($imcall);
  }

// Texts are UTF-8 on every system that libsched runs on. What comes out is copied at once.
%typemap(imtype, out="global::System.IntPtr") const char * "string"
%typemap(csout, excode=SWIGEXCODE) const char * {
    string ret = Text.Of($imcall);$excode
    return ret;
  }
%typemap(out) const char * "$result = $1;"

// A second result goes into the first element of an array, which may be null.
%define LIBSCHED_CSHARP_ALSO_GIVES(TYPE)
%typemap(ctype) TYPE "long long *"
%typemap(imtype, inattributes="[global::System.Runtime.InteropServices.In, global::System.Runtime.InteropServices.Out]") TYPE "long[]"
%typemap(cstype) TYPE "long[]"
%typemap(csin) TYPE "$csinput"
%typemap(in) TYPE ($*1_ltype given) "given = {}; $1 = &given;"
%typemap(argout) TYPE "if ($input != nullptr) { *$input = libsched_raw_given(*$1); }"
%typemap(freearg) TYPE ""
%enddef
LIBSCHED_CSHARP_ALSO_GIVES(int *code)
LIBSCHED_CSHARP_ALSO_GIVES(uint32_t *priority)
LIBSCHED_CSHARP_ALSO_GIVES(uint64_t *dropped)
LIBSCHED_CSHARP_ALSO_GIVES(uint64_t *cancelled)
LIBSCHED_CSHARP_ALSO_GIVES(int *read_fd)
LIBSCHED_CSHARP_ALSO_GIVES(int *write_fd)
// There is one, too, when jobs have failed.
LIBSCHED_CSHARP_ALSO_GIVES(libsched_result **out)

// Elements and bytes: an array that stays where it is during the call, and how many of it are meant.
%define LIBSCHED_CSHARP_ARRAY(TYPE, ELEMENT)
%typemap(ctype) TYPE "void *"
%typemap(imtype, inattributes="[global::System.Runtime.InteropServices.In, global::System.Runtime.InteropServices.Out]") TYPE "ELEMENT[]"
%typemap(cstype) TYPE "ELEMENT[]"
%typemap(csin) TYPE "$csinput"
%typemap(in) TYPE "$1 = ($1_ltype)$input;"
%typemap(freearg) TYPE ""
%enddef
LIBSCHED_CSHARP_ARRAY(void *const *user_data, long)
LIBSCHED_CSHARP_ARRAY(void *const *items, long)
LIBSCHED_CSHARP_ARRAY(const void *bytes, byte)
LIBSCHED_CSHARP_ARRAY(const void *data, byte)
LIBSCHED_CSHARP_ARRAY(void *buffer, byte)

// A message that is handed over has an address.
%apply void * { const void *libsched_run_message::data };

// A buffer that is filled gives how many bytes it was filled with. More than it has: so many has a message that does not fit.
LIBSCHED_CSHARP_LONG(size_t *size)
%typemap(in, numinputs = 0) size_t *size ($*1_ltype given) "given = {}; $1 = &given;"
%typemap(argout) size_t *size %{
  if (result == LIBSCHED_OK || result == LIBSCHED_E_RANGE) {
    $result = libsched_raw_given(*$1);
    result = LIBSCHED_OK;
  }
%}

// The same for elements.
%typemap(ctype) (void **out, size_t *taken) "void *"
%typemap(imtype, inattributes="[global::System.Runtime.InteropServices.In, global::System.Runtime.InteropServices.Out]") (void **out, size_t *taken) "long[]"
%typemap(cstype) (void **out, size_t *taken) "long[]"
%typemap(csin) (void **out, size_t *taken) "$csinput"
%typemap(in) (void **out, size_t *taken) (size_t taken) "taken = 0; $1 = ($1_ltype)$input; $2 = &taken;"
%typemap(argout) (void **out, size_t *taken) "if (result == LIBSCHED_OK) { $result = static_cast<long long>(taken$argnum); }"
%typemap(freearg) (void **out, size_t *taken) ""

%include "bindings/common/sched.i"

%include "bindings/csharp/native/failure.h"
%include "bindings/csharp/native/leave.h"
%include "bindings/csharp/native/worker_start.h"
