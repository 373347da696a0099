# The list of <libsched/status.h> in C#: awk -f status_csharp.awk status.h

BEGIN {
  print "namespace LibSched\n{"
  print "    /// <summary>What the engine says when something was not done. Since 0.1.</summary>\n    public enum Status\n    {"
  print "        /// <summary>The operating system refused something: <see cref=\"LibSchedException.Errno\"/>.</summary>\n        System = -1,"
  codes = ""
}

/^ *XX\(E_[A-Z_]*, -[0-9]*, ".*"\)/ {
  split($0, part, "\"")
  text = toupper(substr(part[2], 1, 1)) substr(part[2], 2)
  split(part[1], word, /[(, ]+/)
  count = split(word[3], piece, "_")
  name = ""
  for (i = 2; i <= count; i++) name = name substr(piece[i], 1, 1) tolower(substr(piece[i], 2))
  printf "\n        /// <summary>%s.</summary>\n        %s = %s,\n", text, name, word[4]
  codes = codes "        internal const long " name " = (long)Status." name ";\n"
  found++
}

END {
  if (found == 0) { print "status_csharp.awk: no status found" > "/dev/stderr"; exit 1 }
  print "    }\n\n    /// <summary>The same as raw functions give them.</summary>\n    internal static class Code\n    {"
  printf "%s", codes
  print "    }\n}"
}
