# Reads the output of tests/support/strip.awk for public headers and prints what the layout files must hold:
# "FIELD(struct, field," and "CONSTANT(name,".

{ sub(/^[^:]*:[0-9]+:/, "") }

# Numbers: "#define LIBSCHED_X 3u", "#define LIBSCHED_X ((int64_t)-1)". The version changes with each release.
/^#define LIBSCHED_[A-Z0-9_]+ +[(0-9-]/ && !/LIBSCHED_VERSION_/ { print "CONSTANT(" $2 "," }

/^ *XX\(/ {
  name = $0
  sub(/^ *XX\(/, "", name)
  sub(/,.*/, "", name)
  print "CONSTANT(LIBSCHED_" name ","
}

/^typedef struct [a-z_]+ \{/ {
  struct = $3
  text = ""
  next
}

struct != "" && /^\}/ { struct = "" }

struct != "" {
  text = text " " $0
  if (!/;/) next
  field = text
  text = ""
  if (field ~ /\(\*/) {
    sub(/^[^(]*\(\* */, "", field)
    sub(/\).*/, "", field)
  } else {
    sub(/ *(\[.*\])? *;.*/, "", field)
    match(field, /[A-Za-z0-9_]+$/)
    field = substr(field, RSTART)
  }
  print "FIELD(" struct ", " field ","
}
