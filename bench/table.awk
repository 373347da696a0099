# Makes the table: awk -f table.awk -v only="ROW ..." rows.txt passes.txt
# passes.txt has a line "ROW SIDE FIGURE" for each pass. Exit status 3: a cell that should hold a figure is empty.

BEGIN {
  columns = split("core abi crossbeam rayon tbb moodycamel mutex jobserver syscalls", column, " ")
  split("C++|C ABI|crossbeam|rayon|oneTBB|moodycamel|mutex|jobserver|system calls", title, "|")
  for (c = 1; c <= columns; c++) name[column[c]] = title[c]
  some = split(only, picked, " ")
  for (i = 1; i <= some; i++) wanted[picked[i]] = 1
}

FNR == NR {
  if ($0 !~ /^#/ && NF == 4 && (some == 0 || ($1 in wanted))) {
    row[++rows] = $1
    unit[$1] = $2
    sides[$1] = $3
    target[$1] = $4
  }
  next
}

{ figure[$1, $2, ++passes[$1, $2]] = $3 + 0 }

# The p-th quantile of a side's figures, after sort().
function quantile(p, n,    at, low) {
  at = 1 + p * (n - 1)
  low = int(at)
  return low == n ? sorted[n] : sorted[low] + (at - low) * (sorted[low + 1] - sorted[low])
}

function sort(r, s, n,    i, j, x) {
  for (i = 1; i <= n; i++) {
    x = figure[r, s, i]
    for (j = i - 1; j >= 1 && sorted[j] > x; j--) sorted[j + 1] = sorted[j]
    sorted[j + 1] = x
  }
}

function number(x) {
  return x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x)
}

# Fills median[], cell[] and by[] (the side that the figure is from) of a row; the best variant stands for its column.
function take_row(r,    n, i, s, c, m, side, slash, spread) {
  n = split(sides[r], side, ",")
  for (i = 1; i <= n; i++) {
    s = side[i]
    slash = index(s, "/")
    c = slash ? substr(s, 1, slash - 1) : s
    if (!passes[r, s]) {
      missing[++gaps] = r " " s
      if (!((r, c) in median)) cell[r, c] = "missing"
      continue
    }
    sort(r, s, passes[r, s])
    m = quantile(0.5, passes[r, s])
    if (slash) median[r, s] = m
    if ((r, c) in median && median[r, c] <= m) continue
    median[r, c] = m
    by[r, c] = s
    spread = quantile(0.75, passes[r, s]) - quantile(0.25, passes[r, s])
    cell[r, c] = number(m) (m > 0 ? sprintf(" (%.0f%%)", spread * 100 / m) : "")
  }
}

function best_peer(r,    c, best) {
  best = ""
  for (c = 3; c <= columns; c++) {
    if ((r, column[c]) in median && (best == "" || median[r, column[c]] < median[r, best])) best = column[c]
  }
  return best
}

function ratio(r, ours, peer) {
  if (peer == "" || !((r, ours) in median) || !((r, peer) in median) || median[r, peer] == 0) return "-"
  return sprintf("%.2f", median[r, ours] / median[r, peer])
}

# What the figures of a column, or of one variant, are called.
function called(side,    slash) {
  slash = index(side, "/")
  return slash ? name[substr(side, 1, slash - 1)] substr(side, slash) : name[side]
}

# "met" or "missed", with the ratio where it is not one of the two in the table. Sets `how` to what was wanted.
function judge_one(r, best, wanted,    part, got, verdict) {
  split(wanted, part, ":")
  if (part[3] == "abs") {
    got = (r, part[1]) in median ? median[r, part[1]] : "-"
    how = name[part[1]] " <= " part[2] " " unit[r]
  } else {
    got = ratio(r, part[1], part[3] == "best" ? best : part[3])
    how = name[part[1]] " <= " part[2] (part[3] == "best" ? "" : " of " called(part[3]))
  }
  if (got == "-") {
    unknown++
    return "unknown"
  }
  if (got + 0 <= part[2] + 0) {
    met++
    verdict = "met"
  } else {
    missed++
    verdict = "MISSED"
  }
  return verdict (part[3] == "best" || part[3] == "abs" ? "" : " (" got ")")
}

# The two last columns of a row.
function judge(r, best,    n, i, wanted, hows, verdicts) {
  if (target[r] == "-") return "-\t-"
  n = split(target[r], wanted, ",")
  for (i = 1; i <= n; i++) {
    verdicts = verdicts (i > 1 ? ", " : "") judge_one(r, best, wanted[i])
    hows = hows (i > 1 ? ", " : "") how
  }
  return hows "\t" verdicts
}

function add_line(text,    n, i, part) {
  n = split(text, part, "\t")
  lines++
  for (i = 1; i <= n; i++) {
    grid[lines, i] = part[i]
    if (length(part[i]) > width[i]) width[i] = length(part[i])
  }
  fields = n
}

END {
  text = "row\tunit"
  for (c = 1; c <= columns; c++) text = text "\t" title[c]
  add_line(text "\tbest peer\tC++/best\tABI/best\ttarget\tverdict")
  for (i = 1; i <= rows; i++) {
    r = row[i]
    take_row(r)
    text = r "\t" unit[r]
    for (c = 1; c <= columns; c++) text = text "\t" ((r, column[c]) in cell ? cell[r, column[c]] : "-")
    best = best_peer(r)
    text = text "\t" (best == "" ? "-" : by[r, best]) "\t" ratio(r, "core", best) "\t" ratio(r, "abi", best)
    add_line(text "\t" judge(r, best))
  }
  for (l = 1; l <= lines; l++) {
    text = ""
    for (f = 1; f <= fields; f++) text = text sprintf("%-" width[f] "s  ", grid[l, f])
    sub(/ +$/, "", text)
    print text
    if (l == 1) {
      gsub(/./, "-", text)
      print text
    }
  }
  print ""
  printf "targets: %d met, %d missed", met, missed
  if (unknown) printf ", %d unknown", unknown
  print ""
  for (g = 1; g <= gaps; g++) print "no figure: " missing[g]
  if (gaps) exit 3
}
