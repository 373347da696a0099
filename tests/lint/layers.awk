# Reads the output of tests/support/strip.awk (with strings kept) for core/ and capi/src/ and prints each #include that the layers do
# not allow. A new folder of core needs a row here.

BEGIN {
  may["base"] = "base"
  may["sys"] = may["base"] " sys"
  may["sync"] = may["sys"] " sync"
  may["queue"] = may["sync"] " queue"
  may["pool"] = may["queue"] " pool"
  may["fair"] = may["pool"] " fair"
  may["jobserver"] = may["sync"] " jobserver"
  may["process"] = may["pool"] " jobserver process"
}

function bad(why) { print $0 "   <- " why }

{
  file = $0
  sub(/:.*/, "", file)
  code = $0
  sub(/^[^:]*:[0-9]+:/, "", code)
  split(file, path, "/")
}

path[1] == "core" && !((path[2]) in may) && file != reported {
  reported = file
  bad("core/" path[2] " has no row in tests/lint/layers.awk")
}

code !~ /^[ \t]*#[ \t]*include/ { next }

{
  quoted = code ~ /"/
  name = code
  sub(/^[^"<]*["<]/, "", name)
  sub(/[">].*/, "", name)
  split(name, target, "/")
}

path[1] == "capi" {
  if (quoted && target[1] == "core" && !(target[2] in may)) bad("no such folder of core")
  next
}

quoted && target[1] != "core" { bad("an include of core begins with \"core/\""); next }

quoted && !(target[2] in may) { bad("no such folder of core"); next }

quoted && (path[2] in may) && index(" " may[path[2]] " ", " " target[2] " ") == 0 {
  bad("core/" path[2] " may use " may[path[2]] " only")
  next
}

!quoted && target[1] ~ /^libsched/ && !(file == "core/base/status.h" && name == "libsched/status.h") {
  bad("only core/base/status.h may include a public header, <libsched/status.h>")
}

!quoted && target[1] == "core" { bad("write \"core/...\", not <core/...>") }
