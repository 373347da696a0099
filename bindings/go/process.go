package libsched

import (
	"context"
	"encoding/binary"
	"time"

	"libsched/internal/raw"
)

// Process is a child process with its output in queues, that cannot leak: it gets only the descriptors that were asked for, its group
// is stopped with it, and the end of its pipes is waited for. For anything else there is os/exec, which works beside it. Any
// goroutine may call any method at any time. Since 0.1.
type Process struct {
	handle *handle
	waits  gate
}

// ProcessOptions say what is to be run. Since 0.1.
type ProcessOptions struct {
	Args   []string // the program and its arguments; a program without a slash is looked for in PATH
	Shell  bool     // Args[0] is a command for /bin/sh -c, what follows it are its $1, $2 and so on
	Env    []string // the environment; nil = that of this process
	Dir    string   // where it works; "" = where this process does
	Stdin  bool     // it reads this process' stdin, in place of nothing
	Quiet  bool     // streams without a queue go nowhere, in place of where those of this process go
	Merge  bool     // stderr goes where stdout goes
	Chunks bool     // output comes as it is read, in place of by lines
	Tag    uint64   // goes with all messages of this process

	Stdout *ByteQueue // gets its output, see ParseOutput
	Stderr *ByteQueue // the same; it may be the same queue, also that of other processes

	Timeout   time.Duration // after which it is stopped; 0 = for ever
	Grace     time.Duration // from SIGTERM to SIGKILL then; 0 = 5 s, negative = it is never killed
	MaxOutput int           // bytes of both streams; what is beyond is dropped; 0 = all
	Jobserver *Jobserver    // what it finds in MAKEFLAGS, with the descriptors that belong to it
	Broker    bool          // it gets a broker of its own of the jobserver, so that no token is lost with it
}

// StartProcess starts a program. When it returns the program has begun.
//
// It fails with ErrNull (no program), ErrClosed (a queue or the jobserver), ErrRange, ErrState, or what the system says: ENOENT, EACCES,
// ENOEXEC, E2BIG, EAGAIN, EMFILE, ENFILE, ENOMEM; Text begins with the stage that failed. It blocks until the program has begun.
// Since 0.1.
func StartProcess(options ProcessOptions) (*Process, error) {
	const op = "start a process"
	if len(options.Args) == 0 {
		return nil, isNil(op)
	}
	o := raw.NewProcess_options()
	defer raw.DeleteProcess_options(o)
	raw.Process_options_init(o.Swigcptr())
	free, err := commandLine(op, options.Args, options.Env, options.Dir, o.SetArgv, o.SetEnvp, o.SetCwd)
	if err != nil {
		return nil, err
	}
	defer free()
	leave, err := options.streams(op, o)
	defer leave()
	if err != nil {
		return nil, err
	}
	if j := options.Jobserver; j != nil {
		if !j.handle.enter() {
			return nil, closed(op)
		}
		defer j.handle.leave()
		o.SetJobserver(j.handle.address)
	}
	o.SetFlags(options.flags())
	o.SetTag(options.Tag)
	o.SetTimeout_ns(int64(options.Timeout))
	o.SetGrace_ns(int64(options.Grace))
	o.SetMax_output(number64(options.MaxOutput))
	made := raw.Process_spawn(o.Swigcptr())
	if made < 0 {
		return nil, failure(op, made)
	}
	return &Process{handle: newHandle(uintptr(made), raw.Process_unref), waits: newGate()}, nil
}

func (options *ProcessOptions) flags() (flags uint64) {
	for _, flag := range []struct {
		on   bool
		flag uint32
	}{
		{options.Shell, raw.PROCESS_SHELL}, {options.Stdin, raw.PROCESS_STDIN}, {options.Chunks, raw.PROCESS_CHUNKS},
		{options.Broker, raw.PROCESS_BROKER},
	} {
		if flag.on {
			flags |= uint64(flag.flag)
		}
	}
	return flags
}

// streams says where output goes. `leave` ends the use of the queues.
func (options *ProcessOptions) streams(op string, o raw.Process_options) (leave func(), err error) {
	var entered []*handle
	leave = func() {
		for _, h := range entered {
			h.leave()
		}
	}
	stream := func(queue *ByteQueue, to func(uint32), set func(uintptr)) {
		switch {
		case queue == nil && options.Quiet:
			to(raw.PROCESS_NULL)
		case queue == nil:
			to(raw.PROCESS_INHERIT)
		case queue.handle.enter():
			entered = append(entered, queue.handle)
			to(raw.PROCESS_QUEUE)
			set(queue.handle.address)
		default:
			err = closed(op)
		}
	}
	stream(options.Stdout, o.SetStdout_to, o.SetStdout_queue)
	if options.Merge {
		o.SetStderr_to(raw.PROCESS_MERGE)
	} else {
		stream(options.Stderr, o.SetStderr_to, o.SetStderr_queue)
	}
	return leave, err
}

// Output is one message of a process' output. Since 0.1.
type Output struct {
	Tag        uint64
	Stderr     bool   // and not merged
	Continues  bool   // the line goes on in the next message of this process and stream
	Unfinished bool   // the stream has ended, and not with a newline
	Cut        bool   // the last message of the stream, since MaxOutput is reached
	Text       []byte // a line without its newline, or with Chunks what was read
}

// ParseOutput reads a message that was popped from a queue of a process; Text is a part of it. Not ok: it is none. It never blocks.
// Since 0.1.
func ParseOutput(message []byte) (output Output, ok bool) {
	const head = 16
	if len(message) < head {
		return Output{}, false
	}
	flags := binary.LittleEndian.Uint32(message[12:])
	return Output{
		Tag:        binary.LittleEndian.Uint64(message),
		Stderr:     binary.LittleEndian.Uint32(message[8:]) == raw.PROCESS_STDERR,
		Continues:  flags&raw.PROCESS_CONTINUES != 0,
		Unfinished: flags&raw.PROCESS_UNFINISHED != 0,
		Cut:        flags&raw.PROCESS_CUT != 0,
		Text:       message[head:],
	}, true
}

// Pid is the number of the child, which may be another process' once this one is over. It fails with ErrClosed. It never blocks.
// Since 0.1.
func (p *Process) Pid() (int, error) {
	var pid int64
	err := callOn(p.handle, "pid", func(address uintptr) int64 {
		pid = raw.Process_pid(address)
		return pid
	})
	return int(pid), err
}

// ProcessResult is what became of a process. Since 0.1.
type ProcessResult struct {
	Exited   bool // by itself, with Code
	Code     int  // the exit code
	Signal   int  // that has ended it; 0 = none
	TimedOut bool
	Stopped  bool          // Stop was called
	Dropped  uint64        // bytes of output that were dropped
	User     time.Duration // CPU time, with that of children it has waited for
	System   time.Duration // the same, in the kernel
	Took     time.Duration // from its start to its end
}

// Wait waits until the process has ended, all its output is in the queues, and its pipes are closed. Who is the only one to take from
// a bounded queue must not wait first. Several may wait, and all get the same.
//
// It fails with ErrCancelled (the context, which is the cause) or ErrClosed. However many goroutines wait for a process, it takes one
// thread. Since 0.1.
func (p *Process) Wait(ctx context.Context) (result ProcessResult, err error) {
	o := raw.NewProcess_result()
	defer raw.DeleteProcess_result(o)
	raw.Process_result_init(o.Swigcptr())
	err = waitOn(ctx, p.handle, p.waits, "wait for a process", func(address uintptr, timeout int64, cancel uintptr) int64 {
		return raw.Process_wait(o.Swigcptr(), address, timeout, cancel)
	})
	if err == nil {
		result = ProcessResult{
			Exited: o.GetState() == raw.PROCESS_EXITED, Code: int(o.GetCode()), Signal: int(o.GetSignal()),
			TimedOut: o.GetFlags()&raw.PROCESS_TIMED_OUT != 0, Stopped: o.GetFlags()&raw.PROCESS_STOPPED != 0,
			Dropped: o.GetBytes_dropped(), User: time.Duration(o.GetUser_ns()), System: time.Duration(o.GetSystem_ns()),
			Took: time.Duration(o.GetEnd_ns() - o.GetStart_ns()),
		}
	}
	return result, err
}

// Stop asks the process and its group to end, by SIGTERM, and after the grace by SIGKILL; 0 says at once, negative never. It fails with
// ErrState (it is over) or ErrClosed. It never blocks. Since 0.1.
func (p *Process) Stop(grace time.Duration) error {
	return callOn(p.handle, "stop", func(address uintptr) int64 { return raw.Process_stop(address, int64(grace)) })
}

// Kill sends a signal to the process and its group. It fails with ErrState (it is over), ErrRange, EPERM or ErrClosed. It never blocks.
// Since 0.1.
func (p *Process) Kill(signal int) error {
	return callOn(p.handle, "kill", func(address uintptr) int64 { return raw.Process_kill(address, int32(signal)) })
}

// Close forgets the process, which goes on; it leaves no zombie. It never blocks, and may be called again. Since 0.1.
func (p *Process) Close() error {
	p.handle.close()
	return nil
}
