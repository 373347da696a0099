// Package raw is the C interface as SWIG gives it to Go. It is for package libsched alone.
package raw

// #cgo pkg-config: sched
// #cgo CXXFLAGS: -std=c++17 -fno-strict-aliasing -w
// #include <stddef.h>
// #include <stdint.h>
import "C"

import "unsafe"

//go:generate swig -go -cgo -c++ -Wall -Werror -I../../../.. -I../../../../capi/include -o raw_wrap.cxx -outdir . sched_go.i
//go:generate gofmt -w raw.go

// What libsched's calls are for. Package libsched sets all of them when it is initialised. None of them panics, since a panic
// would have to cross C's frames.
var (
	RunMany   func(task uintptr, slots []uintptr, results []int32) int
	RunChunk  func(task uintptr, begin, end uint64, slot uintptr) int32
	Work      func(task, slot uintptr) int32
	Finalize  func(task uintptr, result int32, slot uintptr)
	Job       func(job, slot uintptr) int32
	Message   func(message, slot uintptr) int32
	Completed func(status, code int32, slot uintptr)
	Discard   func(slots []uintptr)
)

// address makes a pointer of what C gave as one.
func address(of uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&of))
}

// Bytes gives C's memory as a slice, which is valid as long as the memory is.
func Bytes(at uintptr, size uint64) []byte {
	if size == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(address(at)), size)
}

//export libschedGoRunMany
func libschedGoRunMany(task, slots C.uintptr_t, n C.size_t, results C.uintptr_t) C.size_t {
	all := unsafe.Slice((*uintptr)(address(uintptr(slots))), int(n))
	codes := unsafe.Slice((*int32)(address(uintptr(results))), int(n))
	return C.size_t(RunMany(uintptr(task), all, codes))
}

//export libschedGoRunChunk
func libschedGoRunChunk(task C.uintptr_t, begin, end C.uint64_t, slot C.uintptr_t) C.int {
	return C.int(RunChunk(uintptr(task), uint64(begin), uint64(end), uintptr(slot)))
}

//export libschedGoWork
func libschedGoWork(task, slot C.uintptr_t) C.int {
	return C.int(Work(uintptr(task), uintptr(slot)))
}

//export libschedGoFinalize
func libschedGoFinalize(task C.uintptr_t, result C.int, slot C.uintptr_t) {
	Finalize(uintptr(task), int32(result), uintptr(slot))
}

//export libschedGoJob
func libschedGoJob(job, slot C.uintptr_t) C.int {
	return C.int(Job(uintptr(job), uintptr(slot)))
}

//export libschedGoMessage
func libschedGoMessage(message, slot C.uintptr_t) C.int {
	return C.int(Message(uintptr(message), uintptr(slot)))
}

//export libschedGoCompleted
func libschedGoCompleted(status, code C.int, slot C.uintptr_t) {
	Completed(int32(status), int32(code), uintptr(slot))
}

//export libschedGoDiscard
func libschedGoDiscard(slots C.uintptr_t, n C.size_t) {
	Discard(unsafe.Slice((*uintptr)(address(uintptr(slots))), int(n)))
}
