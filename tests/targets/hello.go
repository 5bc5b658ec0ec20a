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
	for _, argument := range os.Args[1:] {
		if path := strings.TrimPrefix(argument, "read="); path != argument {
			text, err := os.ReadFile(path)
			if err != nil {
				os.Stderr.WriteString(err.Error() + "\n")
				status = 1
			}
			os.Stdout.Write(text)
		}
	}
	os.Exit(status)
}
