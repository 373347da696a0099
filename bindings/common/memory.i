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

// The array of texts that options structs want, of texts that each end with a NUL.
%inline %{
char **libsched_texts_create(const void *data, size_t size) {
  const char *from = static_cast<const char *>(data);
  size_t count = 0;
  for (size_t i = 0; i < size; ++i) count += from[i] == 0;
  const size_t pointers = (count + 1) * sizeof(char *);
  char **texts = static_cast<char **>(malloc(pointers + size));
  if (texts == nullptr) return nullptr;
  char *to = reinterpret_cast<char *>(texts) + pointers;
  if (size != 0) memcpy(to, from, size);
  for (size_t i = 0; i < count; ++i, to += strlen(to) + 1) texts[i] = to;
  texts[count] = nullptr;
  return texts;
}
void libsched_texts_free(char **texts) { free(texts); }
%}

// As many as are given to its constructor.
%extend libsched_dependency {
  libsched_dependency(size_t count) { return new libsched_dependency[count](); }
  ~libsched_dependency() { delete[] $self; }
  libsched_dependency *at(size_t index) { return $self + index; }
}

// An element of an array in a struct.
%extend libsched_pool_stats {
  libsched_priority_stats *at(uint32_t priority) { return &$self->priority[priority]; }
}
%ignore libsched_pool_stats::priority;
