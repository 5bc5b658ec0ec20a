// SPDX-License-Identifier: ISC

// Hello is hello.c in Go, whose run-time makes system calls of its own.
package main

import (
	"io"
	"net"
	"os"
	"strconv"
	"strings"
)

// Get prints what the web server at HOST:PORT/FILE has.
func get(place string) error {
	host, file, _ := strings.Cut(place, "/")
	connection, err := net.Dial("tcp", host)
	if err != nil {
		return err
	}
	defer connection.Close()
	io.WriteString(connection, "GET /"+file+" HTTP/1.0\r\n\r\n")
	text, err := io.ReadAll(connection)
	_, body, _ := strings.Cut(string(text), "\r\n\r\n")
	os.Stdout.WriteString(body)
	return err
}

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
	for _, argument := range os.Args[1:] {
		if place := strings.TrimPrefix(argument, "get="); place != argument {
			if err := get(place); err != nil {
				os.Stderr.WriteString(err.Error() + "\n")
				status = 1
			}
		}
	}
	os.Exit(status)
}
