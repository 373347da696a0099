package libsched

import (
	"context"
	"sync"
	"testing"
)

func BenchmarkSubmit(b *testing.B) {
	p, _ := NewPool(WithWorkers(2))
	defer p.Close()
	f := func() {}
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		p.Submit(f)
	}
	p.WaitIdle(context.Background())
}

func BenchmarkSubmitAll(b *testing.B) {
	p, _ := NewPool(WithWorkers(2))
	defer p.Close()
	all := make([]func(), 1000)
	for i := range all {
		all[i] = func() {}
	}
	b.ResetTimer()
	for i := 0; i < b.N; i += 1000 {
		p.SubmitAll(context.Background(), all)
	}
	p.WaitIdle(context.Background())
}

func BenchmarkGoroutine(b *testing.B) {
	var wg sync.WaitGroup
	wg.Add(b.N)
	for i := 0; i < b.N; i++ {
		go func() { wg.Done() }()
	}
	wg.Wait()
}
