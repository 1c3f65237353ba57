// Command probe is the only program of the images that the tests make.
//
//	probe say OUT ERR   writes OUT to standard output and ERR to standard error
//	probe sleep         waits to be stopped
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "say":
		fmt.Fprintln(os.Stdout, os.Args[2])
		fmt.Fprintln(os.Stderr, os.Args[3])
	case len(os.Args) == 2 && os.Args[1] == "sleep":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	default:
		fmt.Fprintln(os.Stderr, "usage: probe say OUT ERR | probe sleep")
		os.Exit(2)
	}
}
