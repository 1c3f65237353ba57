// Command probe is the only program of the images that the tests make.
//
//	probe say OUT ERR   writes OUT to standard output and ERR to standard error
//	probe count N       writes N numbered lines
//	probe sleep         waits to be stopped
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

func main() {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "say":
		fmt.Fprintln(os.Stdout, os.Args[2])
		fmt.Fprintln(os.Stderr, os.Args[3])
	case len(os.Args) == 3 && os.Args[1] == "count":
		count(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "sleep":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	default:
		fmt.Fprintln(os.Stderr, "usage: probe say OUT ERR | probe count N | probe sleep")
		os.Exit(2)
	}
}

func count(to string) {
	n, err := strconv.Atoi(to)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for i := range n {
		fmt.Println("line", i)
	}
}
