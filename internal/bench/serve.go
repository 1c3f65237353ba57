package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/dnaeon/go-vcr.v3/recorder"
)

// serve runs one of the contenders. The last argument is the Unix socket or
// host:port to listen on. It prints "listening" when it is ready.
func serve(kind string, args []string) error {
	l, err := listen(args[len(args)-1])
	if err != nil {
		return err
	}
	fmt.Println("listening", args[len(args)-1])
	switch kind {
	case "daemon":
		return daemon(l)
	case "copy":
		return proxy(l, args[0], nil)
	case "tee":
		f, err := os.Create(args[1])
		if err != nil {
			return err
		}
		return proxy(l, args[0], f)
	case "vcr":
		h, err := vcrHandler(args[0])
		if err != nil {
			return err
		}
		return http.Serve(l, h)
	case "file":
		return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			http.ServeFile(w, r, args[0])
		}))
	case "bare":
		return bare(l)
	}
	return fmt.Errorf("no contender %q", kind)
}

// network returns the network of addr.
func network(addr string) string {
	if strings.HasPrefix(addr, "/") {
		return "unix"
	}
	return "tcp"
}

func listen(addr string) (net.Listener, error) { return net.Listen(network(addr), addr) }
func dial(addr string) (net.Conn, error)       { return net.Dial(network(addr), addr) }

// proxy copies both ways with 64 KiB buffers. With a file it appends every
// read to it before passing it on.
func proxy(l net.Listener, upstream string, tee *os.File) error {
	return each(l, func(c net.Conn) {
		s, err := dial(upstream)
		if err != nil {
			return
		}
		defer s.Close()
		done := make(chan struct{})
		go func() {
			pump(s, c, tee)
			close(done)
		}()
		pump(c, s, tee)
		<-done
	})
}

// each handles every connection in a goroutine of its own and closes it then.
func each(l net.Listener, handle func(net.Conn)) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			handle(c)
		}()
	}
}

// pump copies src to dst until its end, and half-closes dst.
func pump(dst, src net.Conn, tee *os.File) {
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if tee != nil {
				tee.Write(buf[:n])
			}
			if _, err := dst.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	dst.(interface{ CloseWrite() error }).CloseWrite()
}

// vcrHandler serves a cassette through go-vcr's recorder.
func vcrHandler(name string) (http.Handler, error) {
	rec, err := recorder.NewWithOptions(&recorder.Options{CassetteName: strings.TrimSuffix(name, ".yaml"), Mode: recorder.ModeReplayOnly, SkipRequestLatency: true})
	if err != nil {
		return nil, err
	}
	rec.SetReplayableInteractions(true)
	rec.SetMatcher(func(r *http.Request, i cassette.Request) bool {
		return r.Method == i.Method && r.URL.String() == i.URL
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Scheme, r.URL.Host = "http", r.Host
		resp, err := rec.RoundTrip(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotImplemented)
			return
		}
		defer resp.Body.Close()
		for k, v := range resp.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
	}), nil
}

// bare answers every read with the small answer: the upper limit of any
// server.
func bare(l net.Listener) error {
	return each(l, func(c net.Conn) {
		buf := make([]byte, 4096)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			if _, err := c.Write(smallAnswer); err != nil {
				return
			}
		}
	})
}
