package libsched

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"libsched/internal/raw"
)

// MakeFlags is what children are to find in MAKEFLAGS; "" if there is no jobserver that they could use. The descriptors that it may
// name are those of this process: Prepare knows better. It never blocks. Since 0.1.
func (j *Jobserver) MakeFlags() string {
	if !j.handle.enter() {
		return ""
	}
	defer j.handle.leave()
	return raw.Jobserver_makeflags(j.handle.address)
}

// Prepare has a command that is not started yet find the jobserver: it sets MAKEFLAGS in cmd.Env, takes MFLAGS and CARGO_MAKEFLAGS
// away, which could name another one, and appends the two ends of a pipe to cmd.ExtraFiles. Files that are appended after it are all
// right. `started` is to be called once the command has started, or failed to: it closes this process' copies.
//
// It fails with ErrClosed, ErrNull, EMFILE or ENFILE; cmd is as it was then. It never blocks. Since 0.1.
func (j *Jobserver) Prepare(cmd *exec.Cmd) (started func(), err error) {
	const op = "prepare a command"
	if cmd == nil {
		return nil, isNil(op)
	}
	if !j.handle.enter() {
		return nil, closed(op)
	}
	defer j.handle.leave()
	flags := raw.Jobserver_makeflags(j.handle.address)
	files := []*os.File{}
	started = func() {
		for _, file := range files {
			file.Close()
		}
	}
	var ends [2][1]int64
	if flags != "" && raw.Jobserver_child_fds(ends[0][:], ends[1][:], j.handle.address) >= 0 && ends[0][0] >= 0 {
		for _, end := range ends {
			file, err := copyOf(op, end[0])
			if err != nil {
				started()
				return nil, err
			}
			files = append(files, file)
		}
		first := 3 + len(cmd.ExtraFiles) // as os/exec has it
		flags = renumber(flags, fmt.Sprintf("%d,%d", ends[0][0], ends[1][0]), fmt.Sprintf("%d,%d", first, first+1))
		cmd.ExtraFiles = append(cmd.ExtraFiles, files...)
	}
	if flags != "" {
		cmd.Env = withMakeFlags(cmd.Env, flags)
	}
	return started, nil
}

// copyOf makes a file of a descriptor that is not ours to close. It shares the open file, whose flags stay as they are.
func copyOf(op string, fd int64) (*os.File, error) {
	made, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, 3)
	if errno != 0 {
		return nil, failure(op, -int64(errno))
	}
	return os.NewFile(made, "jobserver"), nil
}

// renumber has the words that name two descriptors name two others.
func renumber(flags, from, to string) string {
	words := strings.Split(flags, " ")
	for i, word := range words {
		for _, name := range []string{"--jobserver-auth=", "--jobserver-fds="} {
			if word == name+from {
				words[i] = name + to
			}
		}
	}
	return strings.Join(words, " ")
}

func withMakeFlags(env []string, flags string) []string {
	if env == nil {
		env = os.Environ()
	}
	with := make([]string, 0, len(env)+1)
	for _, entry := range env {
		switch name, _, _ := strings.Cut(entry, "="); name {
		case "MAKEFLAGS", "MFLAGS", "CARGO_MAKEFLAGS":
		default:
			with = append(with, entry)
		}
	}
	return append(with, "MAKEFLAGS="+flags)
}
