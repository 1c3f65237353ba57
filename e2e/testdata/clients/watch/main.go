// Watch is a client of an engine: watch CONTAINER
//
// It follows a container's attached output, logs, end and events over connections
// of their own, in one select loop, and prints what it hears: by step, and whether
// each step came before the next. DOCKER_HOST says where the engine is.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
)

func main() {
	name := os.Args[1]
	attach := open("POST", "/containers/"+name+"/attach?stream=1&stdout=1&stderr=1", true)
	events := open("GET", `/events?filters={"container":["`+name+`"],"event":["die"]}`, false)
	wait := open("POST", "/containers/"+name+"/wait?condition=next-exit", false)
	start := open("POST", "/containers/"+name+"/start", false)
	<-start
	logs := open("GET", "/containers/"+name+"/logs?follow=1&stdout=1&stderr=1", false)
	var order []int
	var heard []string
	note := func(source, line string) {
		for step, mark := range []string{"one", "two", ""} {
			if strings.Contains(line, mark) {
				order = append(order, step)
				heard = append(heard, fmt.Sprint(step, source))
				return
			}
		}
	}
	for attach != nil || logs != nil || wait != nil || events != nil {
		var line string
		ok, source := false, ""
		select {
		case line, ok = <-attach:
			if source = "attach"; !ok {
				attach = nil
			}
		case line, ok = <-logs:
			if source = "logs"; !ok {
				logs = nil
			}
		case line, ok = <-wait:
			if source = "wait"; !ok {
				wait = nil
			}
		case line, ok = <-events:
			if source = "events"; ok {
				events = nil // it goes on for ever
			}
		}
		if ok {
			note(source, line)
		}
	}
	if !slices.IsSorted(order) {
		fmt.Println("not in order:", heard)
	}
	slices.Sort(heard)
	fmt.Println(heard)
}

// open sends a request over a connection of its own, and returns the lines of what
// comes back once its head has.
func open(method, path string, hijacks bool) <-chan string {
	network, addr, _ := strings.Cut(os.Getenv("DOCKER_HOST"), "://")
	c, err := net.Dial(network, addr)
	check(err)
	fields := ""
	if hijacks {
		fields = "Connection: Upgrade\r\nUpgrade: tcp\r\n"
	}
	_, err = io.WriteString(c, method+" /v1.41"+path+" HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n"+fields+"\r\n")
	check(err)
	r := bufio.NewReader(c)
	head := make(chan struct{})
	lines := make(chan string)
	go func() {
		defer close(lines)
		var body io.Reader = r
		for !hijacks { // else the lines of the head are as good as any
			resp, err := http.ReadResponse(r, nil)
			check(err)
			body = resp.Body
			break
		}
		close(head)
		for in := bufio.NewScanner(body); in.Scan(); {
			if line := in.Text(); strings.Contains(line, "one") || strings.Contains(line, "two") || strings.Contains(line, "{") {
				lines <- line
			}
		}
	}()
	<-head
	return lines
}

func check(err error) {
	if err != nil {
		fmt.Println("Error", err)
		os.Exit(1)
	}
}
