# Reads headers of core/ and writes, for each struct of memory orders, a struct derived from it in which one of them can
# be replaced at a time. what=declarations: for the Sync policy. what=table: the list of all, for the mutants.

/^(template|struct) / || /^  *struct / {
  line = $0
  if (match(line, /struct +[A-Za-z]+Orders/) && line ~ /\{ *$/) {
    name = substr(line, RSTART, RLENGTH)
    sub(/struct +/, "", name)
    base = ""
    if (match(line, /: *[A-Za-z]+Orders/)) {
      base = substr(line, RSTART, RLENGTH)
      sub(/: */, "", base)
    }
    structs[++count] = name
    headers[name] = FILENAME
    constants[name] = constants[base]
    inside = name
    next
  }
}

inside != "" && /^ *};/ { inside = ""; next }

inside != "" && match($0, /static constexpr std::memory_order +k[A-Za-z]+/) {
  constant = substr($0, RSTART, RLENGTH)
  sub(/.* /, "", constant)
  if (index(constants[inside] " ", " " constant " ") == 0) constants[inside] = constants[inside] " " constant
}

END {
  print "// Written by tests/model/orders.awk."
  if (what == "declarations") {
    print "#pragma once\n\n#include <atomic>\n\n#include \"tests/model/engine/replacement.h\"\n"
    print "namespace sched {"
    for (i = 1; i <= count; i++) print "struct " structs[i] ";"
    print "}  // namespace sched\n\nnamespace model {\n"
    for (i = 1; i <= count; i++) {
      name = structs[i]
      print "template <class Base>\nstruct Weak" name " : Base {"
      n = split(constants[name], list, " ")
      for (j = 1; j <= n; j++) print "  static inline std::memory_order " list[j] " = Base::" list[j] ";"
      print "};"
      print "template <>\nstruct Replacement<sched::" name "> {\n  using type = Weak" name "<sched::" name ">;\n};\n"
    }
    print "}  // namespace model"
  } else {
    print "#include \"tests/model/engine/orders.h\"\n#include \"core/sync/std_sync.h\""
    for (i = 1; i <= count; i++) {
      path = headers[structs[i]]
      sub(/.*\/core\//, "core/", path)
      if (!(path in included)) print "#include \"" path "\""
      included[path] = 1
    }
    print "\nnamespace model {\n\nstd::vector<Order> all_orders() {\n  return {"
    for (i = 1; i <= count; i++) {
      name = structs[i]
      n = split(constants[name], list, " ")
      for (j = 1; j <= n; j++)
        print "      {\"" name "\", \"" list[j] "\", &Weak" name "<sched::" name ">::" list[j] ", sched::" name "::" list[j] "},"
    }
    print "  };\n}\n\n}  // namespace model"
  }
}
