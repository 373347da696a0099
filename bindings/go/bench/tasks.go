package main

import (
	"context"
	"runtime"
	"sync"

	"libsched"
	"libsched/internal/raw"
)

const (
	tasks = 1000000
	slice = 1000
)

var background = context.Background()

func nothing() {}

func taskRows() []*row {
	pool := must(libsched.NewPool(libsched.WithWorkers(runtime.GOMAXPROCS(0))))
	one := must(libsched.NewPool(libsched.WithWorkers(1)))
	all := make([]func(), slice)
	for i := range all {
		all[i] = nothing
	}
	dispatcher := must(libsched.NewDispatcher(pool, func(*libsched.Task, int) error { return nil }))
	goroutines := "goroutine + WaitGroup, 1 000 000"
	return []*row{
		{name: goroutines, pass: func() int {
			var group sync.WaitGroup
			group.Add(tasks)
			for i := 0; i < tasks; i++ {
				go group.Done()
			}
			group.Wait()
			return tasks
		}},
		{name: "goroutines that take funcs from a channel", beside: goroutines, pass: func() int {
			var group sync.WaitGroup
			funcs := make(chan func(), slice)
			for i := 0; i < runtime.GOMAXPROCS(0); i++ {
				group.Add(1)
				go func() {
					defer group.Done()
					for f := range funcs {
						f()
					}
				}()
			}
			for i := 0; i < tasks; i++ {
				funcs <- nothing
			}
			close(funcs)
			group.Wait()
			return tasks
		}},
		{name: "Pool.Submit, one by one, 1 000 000", beside: goroutines, pass: func() int {
			for i := 0; i < tasks; i++ {
				check(pool.Submit(nothing))
			}
			check(pool.WaitIdle(background))
			return tasks
		}},
		{name: "Pool.SubmitAll, slices of 1000, 1 000 000", beside: goroutines, pass: func() int {
			for i := 0; i < tasks; i += slice {
				must(pool.SubmitAll(background, all))
			}
			check(pool.WaitIdle(background))
			return tasks
		}},
		{name: "Channel.Send of a Dispatcher: an upcall for each", beside: goroutines, pass: func() int {
			const n = tasks / 10
			channel := must(dispatcher.NewChannel(libsched.ChannelOptions{}))
			for i := 0; i < n; i++ {
				check(channel.Send(background, i))
			}
			check(channel.Close())
			check(dispatcher.Wait(background))
			return n
		}},
		{name: "bare downcall", pass: func() int {
			for i := 0; i < tasks; i++ {
				raw.Upcall_on_worker()
			}
			return tasks
		}},
		{name: "bare upcall, on a worker that runs Go already", pass: func() int {
			const n = tasks / 10
			done := must(one.SubmitErr(func() error {
				return one.ParallelFor(background, 0, n, 1, func(int, int) error { return nil })
			}))
			check(done.Wait(background))
			return n
		}},
	}
}
