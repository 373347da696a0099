# Reads the output of tests/support/strip.awk and prints each line with a memory order outside of a struct whose name ends in "Orders".

# Whether the text before a "{" opens such a struct: "struct FooOrders", "struct WeakOrders final : FooOrders".
function opens_orders(head) {
  return head ~ /(^|[^A-Za-z0-9_])(struct|class) +[A-Za-z0-9_]*Orders( +final)? *(:[^:].*)?$/
}

{
  file = $0
  sub(/:.*/, "", file)
  if (file != last_file) {
    last_file = file
    depth = 0
    inside = 0 # the depth of the struct's "{"
    head = ""  # the code since the last ";", "{" or "}"
  }
  code = $0
  sub(/^[^:]*:[0-9]+:/, "", code)
  outside = ""
  n = length(code)
  for (i = 1; i <= n; i++) {
    c = substr(code, i, 1)
    if (!inside) outside = outside c
    if (c == "{") {
      depth++
      if (!inside && opens_orders(head)) inside = depth
    } else if (c == "}") {
      if (inside == depth) inside = 0
      depth--
    }
    if (c == "{" || c == "}" || c == ";") head = ""
    else head = head c
  }
  head = head " "
  if (outside ~ /memory_order_[a-z]|memory_order *:: *[a-z]|enum +(std *:: *)?memory_order|__ATOMIC_[A-Z]/) print $0
}
