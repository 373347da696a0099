# Reads the output of tests/support/strip.awk for public headers and prints each function marked LIBSCHED_API on a line:
# "name|return type|parameters".

{ sub(/^[^:]*:[0-9]+:/, "") }

/^[ \t]*#/ { next }

/^LIBSCHED_API/ { text = " " }

text != "" {
  text = text " " $0
  if (!/;/) next
  gsub(/LIBSCHED_API|LIBSCHED_NODISCARD/, "", text)
  sub(/;.*/, "", text)
  gsub(/[ \t]+/, " ", text)
  open = index(text, "(")
  parameters = substr(text, open + 1)
  sub(/\) *$/, "", parameters)
  head = substr(text, 1, open - 1)
  match(head, /[A-Za-z0-9_]+ *$/)
  name = substr(head, RSTART)
  type = substr(head, 1, RSTART - 1)
  gsub(/^ +| +$/, "", name)
  gsub(/^ +| +$/, "", type)
  print name "|" type "|" parameters
  text = ""
}
