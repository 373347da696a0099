package libsched

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTokens(t *testing.T) {
	js, err := ServeJobserver(2, JobserverPipe, false)
	check(t, err)
	one, err := js.Acquire(background)
	check(t, err)
	two, err := js.TryAcquire()
	check(t, err)
	_, err = js.TryAcquire()
	wantError(t, err, ErrEmpty)
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err = js.Acquire(ctx)
	wantError(t, err, ErrCancelled, context.Canceled)
	check(t, two.Release())
	check(t, two.Release())
	stats, err := js.Stats()
	check(t, err)
	want(t, "slots", stats.Slots, 2)
	check(t, one.Release())
	waits := make(chan error)
	for i := 0; i < 2; i++ {
		_, err := js.Acquire(background)
		check(t, err)
	}
	go func() { _, err := js.Acquire(background); waits <- err }()
	check(t, js.Close())
	check(t, js.Close())
	wantError(t, <-waits, ErrClosed)
	wantError(t, func() error { _, err := js.TryAcquire(); return err }(), ErrClosed)
}

func TestInheritNothing(t *testing.T) {
	js, err := InheritJobserver(JobserverOptions{MakeFlags: " -j --jobserver-auth=nonsense"})
	check(t, err)
	defer js.Close()
	info, err := js.Info()
	check(t, err)
	if info.Err == nil || info.Word == "" {
		t.Fatal(info)
	}
	token, err := js.Acquire(background)
	check(t, err)
	check(t, token.Release())
}

// make, as a child of os/exec, keeps to the slots that it is served, and gives back what it took.
func TestMakeUnderOurJobserver(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("no make")
	}
	file := filepath.Join(t.TempDir(), "Makefile")
	check(t, os.WriteFile(file, []byte("all: a b c d\na b c d:\n\t@echo $@\n"), 0o600))
	other, err := os.Open(file)
	check(t, err)
	defer other.Close()
	js, err := ServeJobserver(3, JobserverPipe, true)
	check(t, err)
	cmd := exec.Command("make", "-f", file)
	cmd.ExtraFiles = []*os.File{other} // so that the numbers are not those of this process
	cmd.Env = append(os.Environ(), "MFLAGS=-j1", "MAKEFLAGS=-j1", "CARGO_MAKEFLAGS=-j1")
	started, err := js.Prepare(cmd)
	check(t, err)
	output, err := cmd.CombinedOutput()
	started()
	check(t, err)
	want(t, "output", len(output), 8)
	stats, err := js.Shutdown()
	check(t, err)
	want(t, "lost", stats.Outstanding, 0)
	want(t, "available", stats.Available, 2)
	check(t, js.Close())
}

func TestRenumber(t *testing.T) {
	got := renumber(" -j4 --jobserver-fds=7,8 --jobserver-auth=7,8 -- A=7,8", "7,8", "3,4")
	want(t, "flags", got, " -j4 --jobserver-fds=3,4 --jobserver-auth=3,4 -- A=7,8")
}
