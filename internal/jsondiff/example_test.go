package jsondiff_test

import (
	"fmt"
	"strings"

	"github.com/wiretape/wiretape/internal/jsondiff"
)

func ExampleDifferences() {
	a, _ := jsondiff.Decode([]byte(`{"Image":"busybox","HostConfig":{"Memory":1},"Cmd":["sh"]}`))
	b, _ := jsondiff.Decode([]byte(`{"Image":"alpine","HostConfig":{"Memory":1},"Cmd":["sh","-c"]}`))
	for _, d := range jsondiff.Differences(a, b) {
		fmt.Println(d)
	}
	// Unordered output:
	// $.Image: "busybox" -> "alpine"
	// $.Cmd[1] added: "-c"
}

func ExampleDifferences_lines() {
	a, b := strings.SplitAfter("one\ntwo\n", "\n"), strings.SplitAfter("one\nthree\n", "\n")
	for _, d := range jsondiff.Differences(a, b) {
		fmt.Println(d)
	}
	// Output: line 2: "two\n" -> "three\n"
}
