package libsched_test

import (
	"context"
	"errors"
	"fmt"

	"libsched"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func ExamplePool() {
	pool, err := libsched.NewPool(libsched.WithWorkers(4), libsched.WithName("example"))
	must(err)
	defer pool.Close()
	future, err := pool.High().SubmitErr(func() error { return errors.New("no such luck") })
	must(err)
	fmt.Println(future.Wait(context.Background()))
	// Output: no such luck
}

func ExampleGroup() {
	pool, err := libsched.NewPool()
	must(err)
	defer pool.Close()
	group, ctx, err := pool.NewGroup(context.Background())
	must(err)
	squares := make([]int, 5)
	for i := range squares {
		i := i
		group.Go(func() error {
			squares[i] = i * i
			return ctx.Err()
		})
	}
	must(group.Wait(context.Background()))
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

func ExampleSubmitter_ParallelFor() {
	pool, err := libsched.NewPool()
	must(err)
	defer pool.Close()
	numbers := make([]int, 1000)
	must(pool.ParallelFor(context.Background(), 0, len(numbers), 0, func(from, to int) error {
		for i := from; i < to; i++ {
			numbers[i] = 2 * i
		}
		return nil
	}))
	fmt.Println(numbers[999])
	// Output: 1998
}

func ExampleQueue() {
	queue, err := libsched.NewQueue[string](libsched.WithBound(10))
	must(err)
	must(queue.Push("first"))
	must(queue.Push("last"))
	must(queue.Close())
	for {
		value, err := queue.Pop(context.Background())
		if errors.Is(err, libsched.ErrClosed) {
			break
		}
		fmt.Println(value)
	}
	// Output:
	// first
	// last
}

func ExampleDispatcher() {
	pool, err := libsched.NewPool()
	must(err)
	defer pool.Close()
	lengths := make(chan int, 1)
	dispatcher, err := libsched.NewDispatcher(pool,
		func(_ *libsched.Task, url string) error { lengths <- len(url); return nil },
		libsched.Finalize(func(url string, err error) { fmt.Println(url, err) }))
	must(err)
	channel, err := dispatcher.NewChannel(libsched.ChannelOptions{Name: "example.org", Limit: 1})
	must(err)
	must(channel.Send(context.Background(), "example.org/a"))
	must(channel.Close())
	must(dispatcher.Close())
	fmt.Println(<-lengths)
	// Output:
	// example.org/a <nil>
	// 13
}

func ExampleGraph() {
	pool, err := libsched.NewPool()
	must(err)
	defer pool.Close()
	graph, err := libsched.NewGraph(false)
	must(err)
	defer graph.Close()
	numbers := []int{3, 4}
	var squares []libsched.JobID
	for i := range numbers {
		i := i
		job, err := graph.Add(libsched.JobOptions{Func: func(context.Context, *libsched.Job) error {
			numbers[i] *= numbers[i]
			return nil
		}})
		must(err)
		squares = append(squares, job)
	}
	_, err = graph.Add(libsched.JobOptions{After: squares, Func: func(context.Context, *libsched.Job) error {
		fmt.Println(numbers[0] + numbers[1])
		return nil
	}})
	must(err)
	result, err := graph.Run(context.Background(), libsched.RunOptions{Pool: pool})
	must(err)
	must(result.Close())
	// Output: 25
}

func ExampleJobserver() {
	jobserver, err := libsched.ServeJobserver(4, libsched.JobserverPipe, false)
	must(err)
	defer jobserver.Close()
	token, err := jobserver.Acquire(context.Background())
	must(err)
	fmt.Println("a job may run")
	must(token.Release())
	// Output: a job may run
}

func ExampleDeque() {
	deque, err := libsched.NewDeque[string](libsched.LIFO, 0)
	must(err)
	defer deque.Close()
	stealer, err := deque.Stealer()
	must(err)
	defer stealer.Close()
	must(deque.Push("oldest"))
	must(deque.Push("newest"))
	stolen, err := stealer.Steal()
	must(err)
	popped, err := deque.Pop()
	must(err)
	fmt.Println(stolen, popped)
	// Output: oldest newest
}
