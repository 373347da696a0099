// Graph builds a small C program, each source by a job of its own, with no more jobs at a time than make's jobserver allows, or -j:
//
//	graph [-j N] DIRECTORY
//
// As a rule of a makefile (`all: ; +graph out`) it shares make's slots.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"libsched"
)

var sources = map[string]string{
	"main.c": `#include <stdio.h>
#include "numbers.h"
int add(int a, int b);
int main(void) { printf("%d and %d make %d\n", A, B, add(A, B)); return 0; }
`,
	"add.c": `int add(int a, int b) { return a + b; }
`,
}

// build adds the jobs: sources and a header are written by functions, objects and the program are made by commands.
func build(graph *libsched.Graph, dir string) error {
	write := func(name, text string) libsched.JobOptions {
		return libsched.JobOptions{Name: name, Func: func(_ context.Context, job *libsched.Job) error {
			if err := job.Message([]byte("writing " + name)); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666)
		}}
	}
	folder, err := graph.Add(libsched.JobOptions{Name: "folder", Func: func(context.Context, *libsched.Job) error {
		return os.MkdirAll(dir, 0o777)
	}})
	if err != nil {
		return err
	}
	header := write("numbers.h", "#define A 3\n#define B 4\n")
	header.After = []libsched.JobID{folder}
	headerID, err := graph.Add(header)
	if err != nil {
		return err
	}
	link := libsched.JobOptions{Name: "app", Args: []string{"cc", "-o", "app"}, Dir: dir}
	for name, text := range sources {
		source := write(name, text)
		source.After = []libsched.JobID{folder}
		sourceID, err := graph.Add(source)
		if err != nil {
			return err
		}
		object := strings.TrimSuffix(name, ".c") + ".o"
		objectID, err := graph.Add(libsched.JobOptions{
			Name: object, Args: []string{"cc", "-c", "-o", object, name}, Dir: dir, Cost: len(text),
			After: []libsched.JobID{sourceID, headerID},
		})
		if err != nil {
			return err
		}
		link.Args = append(link.Args, object)
		link.After = append(link.After, objectID)
	}
	app, err := graph.Add(link)
	if err != nil {
		return err
	}
	_, err = graph.Add(libsched.JobOptions{Name: "run", Args: []string{"./app"}, Dir: dir, After: []libsched.JobID{app}})
	return err
}

func run(ctx context.Context, slots int, dir string) error {
	tokens, err := libsched.InheritJobserver(libsched.JobserverOptions{Fallback: slots})
	if err != nil {
		return err
	}
	defer tokens.Close()
	info, err := tokens.Info()
	if err != nil {
		return err
	}
	whose := "make's jobserver"
	if info.Err != nil {
		whose = fmt.Sprintf("%d slots", slots)
	}
	pool, err := libsched.NewPool()
	if err != nil {
		return err
	}
	defer pool.Close()
	graph, err := libsched.NewGraph(false)
	if err != nil {
		return err
	}
	defer graph.Close()
	if err := build(graph, dir); err != nil {
		return err
	}
	result, err := graph.Run(ctx, libsched.RunOptions{
		Pool: pool, Jobserver: tokens, Output: libsched.OutputGroup,
		Handler: func(m *libsched.Message) error {
			switch m.Kind {
			case libsched.MessageOwn:
				fmt.Printf("%s\n", m.Data)
			case libsched.MessageStdout, libsched.MessageStderr:
				fmt.Printf("%s: %s\n", m.Name, m.Data)
			}
			return nil
		},
	})
	if result != nil {
		defer result.Close()
		if summary, err := result.Summary(); err == nil {
			fmt.Printf("%d jobs, at most %d at a time, by %s\n", summary.Jobs, summary.Peak, whose)
		}
	}
	return err
}

func main() {
	slots := flag.Int("j", 2, "jobs at a time, where there is no jobserver of make")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: graph [-j N] DIRECTORY")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *slots, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "graph:", err)
		if errors.Is(err, libsched.ErrCancelled) {
			os.Exit(130)
		}
		os.Exit(1)
	}
}
