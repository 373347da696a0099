// Package libsched is Go's side of libsched: a pool with priorities and work stealing, groups, parallel loops, message queues, fair
// channels, graphs of jobs, GNU make's jobserver, processes and work-stealing deques. It needs the C library (pkg-config sched) and
// a C++ compiler.
//
// # Waiting
//
// What waits takes a context.Context first, which must not be nil (ErrNull). Goroutines that wait take no threads: those that wait for
// one object take one thread together, and those that wait for a Group, a Future or a ParallelFor none. Only Graph.Run takes the
// thread of its goroutine. In a task a wait hands the worker's place to a spare one; a wait for something else, such as a Go channel,
// does so by Blocking.
//
// # Errors
//
// A failure of the engine is an *Error. errors.Is finds its Status (ErrClosed and so on), the system's errno, and the error of the
// context that has ended a wait. A panic of a task is contained and told as a *PanicError, with its stack.
//
// # Tasks
//
// Tasks run on threads of the engine's own, not on goroutines' threads. Many small ones cross the border in one call; when one of them
// waits or takes long, a goroutine runs those behind it, so that none waits behind one that waits for it. They are on no worker then, and
// for a while more tasks are at work than there are workers. A single worker runs them itself, unless the first one
// waits by this package or in Blocking. runtime.Goexit, and so t.FailNow, must not be called in a task or a handler: the process ends
// then, since a call from C cannot be left so.
//
// Tasks may wait for tasks that wait, and so on. Where nobody is left to run what is waited for, the wait fails with ErrDeadlock: Futures
// 128 deep on one worker, by default, and with a Go before 1.21, which gives threads that are not its own little stack, groups and
// loops 257 deep. WithSpareWorkers says how many workers may stand in.
//
// # Life
//
// Everything is closed by Close (or Release), which may be called at any time, by any goroutine, and again. What is never closed
// is released by the garbage collector. Values in queues, deques and channels stay in Go's memory; C only knows their numbers.
package libsched
