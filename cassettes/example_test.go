package cassettes_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/cassettes/library"
	"github.com/wiretape/wiretape/wire"
)

// A cassette is written one interaction at a time. The numbers of its reads, the
// seqs, say in which order the bytes crossed the wire.
func ExampleCreate() {
	dir, err := os.MkdirTemp("", "cassettes")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ping.yaml")

	w, err := cassettes.Create(path, cassettes.Header{Upstream: "tcp://localhost:5000"}, cassettes.Options{})
	if err != nil {
		log.Fatal(err)
	}
	err = w.Append(&cassettes.Interaction{
		ID:      w.NextID(),
		Conn:    1,
		Request: &cassettes.Message{Seq: 1, Head: []byte("GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n")},
		Response: &cassettes.Message{
			Seq:     2,
			Head:    []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
			Framing: wire.Chunked,
			Frames:  cassettes.Frames{List: []cassettes.Frame{{Size: 2, Seq: 2}, {Size: 0, Seq: 3}}},
			Body:    cassettes.Body{Data: []byte("OK")},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	printResponses(path)
	// Output:
	// GET http://localhost/_ping
	// read 2: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	// read 2: "2\r\nOK\r\n"
	// read 3: "0\r\n\r\n"
	// 0 disagreements
}

// printResponses prints the responses of the cassette at path as they crossed
// the wire, and the number of mistakes that Verify finds.
func printResponses(path string) {
	c, err := cassettes.OpenFile(path)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Entry(i).Method, c.Entry(i).URL)
		body := it.Response.Body.Data
		for s, err := range it.Response.Segments() {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("read %d: %q\n", s.Seq, string(s.Before)+string(body[s.Off:s.Off+s.Len])+string(s.After))
		}
	}
	fmt.Println(len(cassettes.Verify(c)), "disagreements")
}

// Interactions are read one by one. Entry tells a request's method and URL
// without reading the rest.
func ExampleCassette_Interaction() {
	c, err := cassettes.Open(library.FS, "docker/v1.41/pull.yaml")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.Header.API.Product, c.Header.API.Version, c.Header.Source)
	for i := range c.Len() {
		it, err := c.Interaction(i)
		if err != nil {
			log.Fatal(err)
		}
		e, r := c.Entry(i), it.Response
		fmt.Printf("#%d %s %s: %d bytes in %d frames, framing %s\n", e.ID, e.Method, e.URL, r.Body.Size(), r.Frames.Len(), r.Framing)
	}
	// Output:
	// docker 1.41 recorded
	// #0 HEAD http://docker/_ping: 0 bytes in 0 frames, framing none
	// #1 POST http://docker/v1.41/images/create?fromImage=localhost%3A5000%2Fhello&tag=1: 1980 bytes in 18 frames, framing chunked
	// #2 POST http://docker/v1.41/images/create?fromImage=localhost%3A5000%2Fhello&tag=1: 205 bytes in 4 frames, framing chunked
}
