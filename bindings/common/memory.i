// What an options struct points to. A text is copied into it; setting another one, or none, frees the copy.

%typemap(memberin) const char * %{
  free(const_cast<char *>($1));
  $1 = $input != nullptr ? strdup($input) : nullptr;
%}
%warnfilter(SWIGWARN_TYPEMAP_CHARLEAK);

// Texts in structs that the library fills are not ours to free.
%immutable libsched_jobserver_info;
%immutable libsched_run_message;
%immutable libsched_job_result;

%array_functions(uint32_t, uint32_array)
%array_functions(int, int_array)
%array_functions(char *, text_array)

// An element of an array in a struct.
%extend libsched_pool_stats {
  libsched_priority_stats *at(uint32_t priority) { return &$self->priority[priority]; }
}
%ignore libsched_pool_stats::priority;
