package libsched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

var background = context.Background()

// TestMain looks whether the tests have closed all that they have made. A test that needs a process of its own runs this program
// again, with the name of one of `programs`.
func TestMain(m *testing.M) {
	if name := os.Getenv("LIBSCHED_TEST_PROGRAM"); name != "" {
		programs[name]()
		os.Exit(0)
	}
	code := m.Run()
	runtime.GC()
	if live := LiveObjects(); live != 0 {
		fmt.Fprintf(os.Stderr, "%d objects are alive after the tests\n", live)
		code = 1
	}
	os.Exit(code)
}

var programs = map[string]func(){}

func run1(t *testing.T, name string) (output string, err error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LIBSCHED_TEST_PROGRAM="+name)
	bytes, err := cmd.CombinedOutput()
	return string(bytes), err
}

func newPool(t testing.TB, options ...PoolOption) *Pool {
	t.Helper()
	p, err := NewPool(append([]PoolOption{WithWorkers(2)}, options...)...)
	check(t, err)
	t.Cleanup(func() { p.Close() })
	return p
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err error, want ...error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Fatalf("the error is %v and not %v", err, w)
		}
	}
}

func want[T comparable](t testing.TB, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s: %v and not %v", what, got, wanted)
	}
}

func contains(t testing.TB, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Fatalf("no %q in:\n%s", part, text)
	}
}

// busy has all workers of a pool block until `release` is called.
func busy(t testing.TB, p *Pool, workers int) (release func()) {
	t.Helper()
	gate, running := make(chan struct{}), make(chan struct{}, workers)
	for i := 0; i < workers; i++ {
		check(t, p.Submit(func() { running <- struct{}{}; <-gate }))
	}
	for i := 0; i < workers; i++ {
		<-running
	}
	return func() { close(gate) }
}
