// Command demo shows wiretape at work, on a machine with nothing but Go. It
// records a client's docker pull from an engine, which is itself a cassette of
// the library, replays the recording to the same client, and prints the frames
// that crossed.
//
//	go run ./examples/demo
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := demo(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// image is the image that the library's cassette pulls.
const image = "localhost:5000/hello:1"

// demo prints each command and its output to w.
func demo(w io.Writer) error {
	dir, err := os.MkdirTemp("", "wiretape-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const module = "github.com/wiretape/wiretape"
	build := exec.Command("go", "build", "-o", dir+string(filepath.Separator), module+"/cmd/...", module+"/examples/pull")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the commands: %w", err)
	}
	for _, line := range []string{
		"record --upstream library:docker/v1.41/pull --cassette pull.yaml -- pull " + image,
		"replay pull.yaml -- pull " + image,
		"cassette show --frames pull.yaml",
	} {
		fmt.Fprintln(w, "$", line)
		if err := run(w, dir, strings.Fields(line)); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		fmt.Fprintln(w)
	}
	return nil
}

// run runs a program of dir's, in dir, with dir on the path.
func run(w io.Writer, dir string, args []string) error {
	cmd := exec.Command(filepath.Join(dir, args[0]), args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	return cmd.Run()
}
