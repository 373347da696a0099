// Treewc counts the lines, words and bytes of every regular file below some directories, in parallel, as wc does in the C locale:
//
//	treewc [DIRECTORY...]
//
// Directories are read with high priority, since they find work for all workers.
package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"libsched"
)

type counts struct{ lines, words, bytes uint64 }

// add counts a run of bytes. A word is what lies between two spaces, if at least one of its bytes is visible; inWord says whether the
// byte before lies in one, and the result whether the last one does.
func (c *counts) add(bytes []byte, inWord bool) bool {
	c.bytes += uint64(len(bytes))
	for _, b := range bytes {
		switch {
		case b == ' ' || b >= '\t' && b <= '\r':
			inWord = false
			if b == '\n' {
				c.lines++
			}
		case b > ' ' && b < 0x7f && !inWord:
			inWord = true
			c.words++
		}
	}
	return inWord
}

type counter struct {
	files       *libsched.Group
	directories *libsched.Group
	buffers     sync.Pool
	failed      atomic.Bool
	mutex       sync.Mutex
	total       counts
}

func (c *counter) complain(err error) {
	c.failed.Store(true)
	fmt.Fprintln(os.Stderr, "treewc:", err)
}

// visit has a directory read and a file counted.
func (c *counter) visit(path string, mode fs.FileMode) {
	switch {
	case mode.IsDir():
		c.directories.Go(func() error { c.read(path); return nil })
	case mode.IsRegular():
		c.files.Go(func() error { c.count(path); return nil })
	}
}

func (c *counter) read(path string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		c.complain(err)
	}
	for _, entry := range entries {
		c.visit(filepath.Join(path, entry.Name()), entry.Type())
	}
}

func (c *counter) count(path string) {
	file, err := os.Open(path)
	if err != nil {
		c.complain(err)
		return
	}
	defer file.Close()
	buffer := c.buffers.Get().(*[]byte)
	defer c.buffers.Put(buffer)
	var n counts
	for inWord := false; ; {
		read, err := file.Read(*buffer)
		inWord = n.add((*buffer)[:read], inWord)
		if err != nil {
			if err != io.EOF {
				c.complain(err)
			}
			break
		}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.total.lines += n.lines
	c.total.words += n.words
	c.total.bytes += n.bytes
}

func run(paths []string) (err error) {
	pool, err := libsched.NewPool(libsched.WithName("treewc"))
	if err != nil {
		return err
	}
	defer pool.Close()
	ctx := context.Background()
	c := &counter{buffers: sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}}
	if c.files, _, err = pool.NewGroup(ctx); err != nil {
		return err
	}
	if c.directories, _, err = pool.High().NewGroup(ctx); err != nil {
		return err
	}
	for _, path := range paths {
		if info, err := os.Lstat(path); err != nil {
			c.complain(err)
		} else {
			c.visit(path, info.Mode())
		}
	}
	// Directories find files, so they end first.
	if err := c.directories.Wait(ctx); err != nil {
		return err
	}
	if err := c.files.Wait(ctx); err != nil {
		return err
	}
	fmt.Println(c.total.lines, c.total.words, c.total.bytes)
	if c.failed.Load() {
		return fmt.Errorf("not everything could be counted")
	}
	return nil
}

func main() {
	paths := os.Args[1:]
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if err := run(paths); err != nil {
		fmt.Fprintln(os.Stderr, "treewc:", err)
		os.Exit(1)
	}
}
