// SPDX-License-Identifier: ISC

// pledge() and unveil() from Go, by cgo.
//
// Go starts threads before main() and moves goroutines between them.  Promises
// hold for all of them at once, wherever pledge() is called.  Paths do so from
// Linux 7.0 on; before, they must be hidden while there is one thread: in a
// constructor of C, which runs before Go's own start.
package main

/*
#cgo LDFLAGS: -lpledge
#include <pledge.h>
#include <stdlib.h>

static int hidden = -1;

__attribute__((constructor)) static void
hide_paths(void)
{
	const char *directory = getenv("DIRECTORY");

	if (directory != NULL && unveil(directory, "r") == 0)
		hidden = unveil(NULL, NULL);
}

static int
paths_are_hidden(void)
{
	return hidden == 0;
}

static int
promise(const char *promises)
{
	return pledge(promises, NULL);
}
*/
import "C"

import (
	"fmt"
	"os"
)

func main() {
	if C.paths_are_hidden() == 0 {
		fmt.Fprintln(os.Stderr, C.GoString(C.pledge_detail()))
		os.Exit(1)
	}
	if r, err := C.promise(C.CString("stdio rpath")); r == -1 {
		fmt.Fprintln(os.Stderr, err, C.GoString(C.pledge_detail()))
		os.Exit(1)
	}
	read := make(chan error)
	for _, path := range os.Args[1:] {
		go func(path string) {
			_, err := os.ReadFile(path)
			read <- err
		}(path)
	}
	for range os.Args[1:] {
		fmt.Println(<-read)
	}
}
