// Bench prints what the border between Go and libsched costs, beside Go's own means: medians of interleaved passes, in ns.
//
//	go run ./bench [PASSES]
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"time"
)

// row is one measurement: a pass gives how many operations it has made, each of which counts.
type row struct {
	name   string
	beside string // the row that it is compared with
	pass   func() int
	ns     []float64
}

func (r *row) median() float64 {
	sorted := append([]float64(nil), r.ns...)
	sort.Float64s(sorted)
	return sorted[len(sorted)/2]
}

func main() {
	passes := 5
	if len(os.Args) > 1 {
		n, err := strconv.Atoi(os.Args[1])
		if err != nil || n < 1 {
			fmt.Fprintln(os.Stderr, "usage: bench [PASSES]")
			os.Exit(2)
		}
		passes = n
	}
	rows := append(taskRows(), valueRows()...)
	for pass := -1; pass < passes; pass++ { // the first one warms up
		for _, r := range rows {
			runtime.GC()
			began := time.Now()
			n := r.pass()
			if pass >= 0 {
				r.ns = append(r.ns, float64(time.Since(began).Nanoseconds())/float64(n))
			}
		}
	}
	byName := map[string]*row{}
	fmt.Printf("%-54s %9s %7s  beside\n", runtime.Version(), "ns", "ratio")
	for _, r := range rows {
		byName[r.name] = r
		fmt.Printf("%-54s %9.1f", r.name, r.median())
		if r.beside != "" {
			fmt.Printf(" %7.2f  %s", r.median()/byName[r.beside].median(), r.beside)
		}
		fmt.Println()
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
