package chunked_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/wiretape/wiretape/chunked"
)

func ExampleDecoder() {
	// As it came from a socket, in two reads that are not two chunks.
	reads := []string{"5\r\nhello\r\n008;", "note=x\r\n, world!\r\n0\r\n\r\n"}

	var d chunked.Decoder
	for _, read := range reads {
		b := []byte(read)
		for len(b) > 0 {
			kind, n, err := d.Next(b)
			if err == io.EOF {
				fmt.Printf("trailer section: %q\n", b)
				break
			}
			if err != nil {
				fmt.Println(err)
				return
			}
			switch kind {
			case chunked.Line:
				fmt.Printf("chunk of %d bytes: %q\n", d.Size(), d.Line())
			case chunked.Data:
				fmt.Printf("  %q\n", b[:n])
			}
			b = b[n:]
		}
	}
	// Output:
	// chunk of 5 bytes: "5"
	//   "hello"
	// chunk of 8 bytes: "008;note=x"
	//   ", world!"
	// chunk of 0 bytes: "0"
	// trailer section: "\r\n"
}

func ExampleDecoder_syntaxError() {
	var d chunked.Decoder
	b := []byte("HTTP/1.1 400 Bad Request\r\n")
	_, n, err := d.Next(b)
	fmt.Println(n, err)
	// Output:
	// 0 chunked: byte 0: want a hexadecimal digit, got "H"
}

func ExampleAppendChunk() {
	var wire []byte
	wire = chunked.AppendChunk(wire, []byte(`{"status":"Pulling"}`))
	wire = chunked.AppendChunk(wire, []byte(`{"status":"Done"}`))
	wire = chunked.AppendSize(wire, 0) // the last chunk
	wire = append(wire, "\r\n"...)     // no trailers
	fmt.Printf("%q\n", wire)
	// Output:
	// "14\r\n{\"status\":\"Pulling\"}\r\n11\r\n{\"status\":\"Done\"}\r\n0\r\n\r\n"
}

func ExampleAppendBody() {
	body := []byte("{\"id\":1}\n{\"id\":2}\n")
	fmt.Printf("%q\n", chunked.AppendBody(nil, body, chunked.Whole()))
	fmt.Printf("%q\n", chunked.AppendBody(nil, body, chunked.Every(7)))
	fmt.Printf("%q\n", chunked.AppendBody(nil, body, chunked.Records()))
	// Output:
	// "12\r\n{\"id\":1}\n{\"id\":2}\n\r\n0\r\n"
	// "7\r\n{\"id\":1\r\n7\r\n}\n{\"id\"\r\n4\r\n:2}\n\r\n0\r\n"
	// "9\r\n{\"id\":1}\n\r\n9\r\n{\"id\":2}\n\r\n0\r\n"
}

func ExampleSizes() {
	body := strings.NewReader("\x1e{\"id\":1}\n\x1e[2,3]\n\x1enull\n")
	for size, err := range chunked.Sizes(body, chunked.Records()) {
		fmt.Println(size, err)
	}
	// Output:
	// 10 <nil>
	// 7 <nil>
	// 6 <nil>
}

func ExampleParseSize() {
	for _, line := range []string{"1f4", "01F4;a=b", "500 bytes"} {
		size, err := chunked.ParseSize([]byte(line))
		fmt.Println(size, err, chunked.Plain([]byte(line)))
	}
	// Output:
	// 500 <nil> true
	// 500 <nil> false
	// 0 chunked: byte 4: want an extension or CRLF, got "500 b" false
}
