package libsched

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestProcess(t *testing.T) {
	output, err := NewByteQueue()
	check(t, err)
	p, err := StartProcess(ProcessOptions{
		Args: []string{"echo out; echo $0 $1 $X; pwd; echo err >&2; exit 3", "one"}, Shell: true, Dir: "/",
		Env: []string{"X=y"}, Stdout: output, Stderr: output, Tag: 7,
	})
	check(t, err)
	result, err := p.Wait(background)
	check(t, err)
	want(t, "exited", result.Exited, true)
	want(t, "code", result.Code, 3)
	lines, errors := "", ""
	for output.Len() > 0 {
		message, err := output.Pop(background, nil)
		check(t, err)
		line, ok := ParseOutput(message)
		want(t, "ok", ok, true)
		want(t, "tag", line.Tag, 7)
		if line.Stderr {
			errors += string(line.Text)
		} else {
			lines += string(line.Text) + ","
		}
	}
	want(t, "stderr", errors, "err")
	contains(t, lines, "one y,/,")
	wantError(t, p.Stop(0), ErrState)
	check(t, p.Close())
	check(t, p.Close())
	output.Release()
	if _, ok := ParseOutput([]byte("short")); ok {
		t.Fatal("that is no output")
	}
}

func TestProcessThatIsNoProgram(t *testing.T) {
	_, err := StartProcess(ProcessOptions{Args: []string{"/no/such/program"}})
	wantError(t, err, os.ErrNotExist, syscall.ENOENT)
	_, err = StartProcess(ProcessOptions{})
	wantError(t, err, ErrNull)
	_, err = StartProcess(ProcessOptions{Args: []string{"echo", "a\x00b"}})
	wantError(t, err, ErrRange)
}

func TestProcessIsStopped(t *testing.T) {
	p, err := StartProcess(ProcessOptions{Args: []string{"sleep", "1000"}})
	check(t, err)
	defer p.Close()
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err = p.Wait(ctx)
	wantError(t, err, ErrCancelled, context.Canceled)
	check(t, p.Stop(-time.Second))
	result, err := p.Wait(background)
	check(t, err)
	want(t, "signal", result.Signal, int(syscall.SIGTERM))
}
