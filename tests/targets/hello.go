// SPDX-License-Identifier: ISC

// Hello is hello.c in Go, whose run-time makes system calls of its own.
package main

import (
	"os"
	"strconv"
	"strings"
)

func main() {
	status := 0
	for _, argument := range os.Args[1:] {
		if number := strings.TrimPrefix(argument, "exit="); number != argument {
			status, _ = strconv.Atoi(number)
		}
	}
	words := append([]string{"hello"}, os.Args[1:]...)
	os.Stdout.WriteString(strings.Join(words, " ") + "\n")
	os.Exit(status)
}
