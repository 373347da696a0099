# Prints "file:line:code" for each line of C or C++, without comments and, unless keep_strings is set, with every string
# and character literal emptied. State runs over line ends, so block comments and raw strings may span lines.

FNR == 1 { state = "code" }

{
  line = $0
  n = length(line)
  out = ""
  i = 1
  while (i <= n) {
    c = substr(line, i, 1)
    two = substr(line, i, 2)
    if (state == "comment") {
      if (two == "*/") { state = "code"; i += 2; out = out " " } else i++
    } else if (state == "raw") {
      if (substr(line, i, length(raw_end)) == raw_end) { state = "code"; out = out "\""; i += length(raw_end) }
      else { if (keep_strings) out = out c; i++ }
    } else if (state == "code") {
      if (two == "//") break
      else if (two == "/*") { state = "comment"; i += 2 }
      else if (c == "R" && substr(line, i + 1, 1) == "\"" && substr(line, i - 1, 1) !~ /[A-Za-z0-9_]/) {
        open = index(substr(line, i), "(")
        raw_end = ")" substr(line, i + 2, open - 3) "\""
        state = "raw"
        out = out "\""
        i += open
      }
      else if (c == "\"") { state = "string"; out = out c; i++ }
      else if (c == "'" && substr(line, i - 1, 1) !~ /[0-9A-Fa-f]/) { state = "char"; out = out c; i++ }
      else { out = out c; i++ }
    } else {
      quote = state == "string" ? "\"" : "'"
      if (c == "\\") { if (keep_strings) out = out two; i += 2 }
      else if (c == quote) { state = "code"; out = out c; i++ }
      else { if (keep_strings) out = out c; i++ }
    }
  }
  if (state == "string" || state == "char") state = "code"
  print FILENAME ":" FNR ":" out
}
