// How the results of a function come back. A raw function returns one 64-bit number: what the C function gives (a handle,
// a count, an element), else 0; or, when the call came to nothing in a way that its caller reckons with (raw.h: outcomes),
// the negative status. Every other failure is thrown.

%define LIBSCHED_GIVES(TYPE)
%typemap(in, numinputs = 0) TYPE ($*1_ltype given) "given = {}; $1 = &given;"
%typemap(argout) TYPE "if (result == LIBSCHED_OK) { LIBSCHED_GIVE($result, libsched_raw_given(*$1)); }"
%enddef

LIBSCHED_GIVES(SWIGTYPE **out)
LIBSCHED_GIVES(void **out)
LIBSCHED_GIVES(char ***out)
LIBSCHED_GIVES(uint64_t *out)
LIBSCHED_GIVES(int64_t *out)
LIBSCHED_GIVES(uint32_t *out)
LIBSCHED_GIVES(int *out)
LIBSCHED_GIVES(size_t *accepted)
LIBSCHED_GIVES(size_t *taken)
LIBSCHED_GIVES(uint64_t *token)
LIBSCHED_GIVES(uint64_t *withdrawn)

// Thrown last: with the details, where the function gives some (LIBSCHED_THROW is the language's).
%typemap(in, numinputs = 0) libsched_error **error (libsched_error *details) "details = nullptr; $1 = &details;"
%typemap(argout) libsched_error **error %{
  if (libsched_raw_is_failure(result)) { LIBSCHED_THROW(result, *$1); }
  libsched_error_free(*$1);
%}
%typemap(ret) int %{
  if (libsched_raw_is_failure($1)) { LIBSCHED_THROW($1, nullptr); }
%}
// A field of a struct, which may be a status, is no result.
%typemap(ret) int32_t ""
