# Reads public headers and says what is missing in the comment before each function marked LIBSCHED_API. Prints how many
# functions it has read; fails if anything is missing, or if there was no function at all.

function missing(what) {
  print FILENAME ":" FNR ": " name ": " what
  failed = 1
}

function check_parameters(list, parts, n, i, at, last) {
  n = split(list, parts, ",")
  last = 0
  for (i = 1; i <= n; i++) {
    match(parts[i], /[A-Za-z0-9_]+ *$/)
    if (!RSTART) continue
    parameter = substr(parts[i], RSTART)
    gsub(/ /, "", parameter)
    if (n == 1 && parameter == "void") return 0
    at = match(comment, "@param +" parameter "[ \n]")
    if (!at) missing("no @param for " parameter)
    else if (at < last) missing("@param " parameter " is not in the order of the declaration")
    if (at > last) last = at
  }
  return n
}

function check_function(text, open, head, list, documented) {
  gsub(/[ \t]+/, " ", text)
  open = index(text, "(")
  head = substr(text, 1, open - 1)
  match(head, /[A-Za-z0-9_]+ *$/)
  name = substr(head, RSTART)
  gsub(/ /, "", name)
  list = substr(text, open + 1)
  sub(/\) *;.*/, "", list)
  functions++
  if (comment == "") { missing("no /** comment before it"); return }
  documented = comment
  if (check_parameters(list) != gsub(/@param /, "", documented)) missing("@param and parameters differ in number")
  if (head ~ /^LIBSCHED_API void libsched/) {
    if (comment ~ /@return/) missing("@return, but it returns nothing")
  } else if (comment !~ /@return +[^ \n]/) missing("no @return")
  if (comment !~ /Threads: +[^ \n]/) missing("no Threads:")
  if (comment !~ /Blocks: +[^ \n]/) missing("no Blocks:")
  if (comment !~ /Since: +[0-9]+\.[0-9]+/) missing("no Since:")
}

FNR == 1 { state = "code"; comment = ""; declaration = "" }

state == "code" && declaration == "" && /^\/\*\*/ { state = "comment"; comment = "" }

state == "comment" {
  comment = comment $0 "\n"
  if (/\*\//) state = "code"
  next
}

/^LIBSCHED_API/ { declaration = " " }

declaration != "" {
  declaration = declaration " " $0
  if (/;/) {
    sub(/^ +/, "", declaration)
    gsub(/LIBSCHED_NODISCARD /, "", declaration)
    check_function(declaration)
    declaration = ""
    comment = ""
  }
  next
}

NF { comment = "" } # a comment belongs to what stands right after it

END {
  print functions + 0 " functions"
  if (failed || !functions) exit 1
}
