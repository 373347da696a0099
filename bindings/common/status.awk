# The list of <libsched/status.h> in another language: awk -v language=java -f status.awk status.h

BEGIN {
  if (language != "java") { print "status.awk: no language \"" language "\"" > "/dev/stderr"; exit failed = 2 }
  print "package org.libsched;\n\nimport java.util.HashMap;\nimport java.util.Map;\n"
  print "/** What the engine says when something was not done. */\npublic enum Status {"
  print "  /** The operating system refused something: {@link LibschedException#errno}. */\n  SYSTEM(-1),"
}

/^ *XX\(E_[A-Z_]*, -[0-9]*, ".*"\)/ {
  split($0, part, "\"")
  text = toupper(substr(part[2], 1, 1)) substr(part[2], 2)
  split(part[1], word, /[(, ]+/)
  name = word[3]
  sub(/^E_/, "", name)
  count++
  printf "%s  /** %s. */\n  %s(%s)", count == 1 ? "" : ",\n", text, name, word[4]
}

END {
  if (failed) exit failed
  if (count == 0) { print "status.awk: no status found" > "/dev/stderr"; exit 1 }
  print ";\n\n  private static final Map<Integer, Status> ALL = new HashMap<>();\n"
  print "  static {\n    for (Status status : values()) ALL.put(status.code, status);\n  }\n"
  print "  private final int code;\n\n  Status(int code) {\n    this.code = code;\n  }\n"
  print "  /**\n   * The engine's number.\n   *\n   * @return the code\n   */"
  print "  public int code() {\n    return code;\n  }\n"
  print "  static Status of(int code) {\n    return ALL.getOrDefault(code, SYSTEM);\n  }\n}"
}
