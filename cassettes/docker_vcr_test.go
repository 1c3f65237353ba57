package cassettes

import (
	"testing"
	"testing/fstest"

	"github.com/wiretape/wiretape/internal/http1"
)

func TestDockerInGoVCRsCassettes(t *testing.T) {
	const text = "---\nversion: 1\ninteractions:\n- request:\n    url: http://%2Fvar%2Frun%2Fdocker.sock/v1.41/info?a=1\n    method: GET\n" +
		"  response:\n    body: x\n    code: 200\n- request:\n    url: http://docker/v1.41/containers/a/attach?stream=1\n    method: POST\n" +
		"    headers: {Connection: [Upgrade], Upgrade: [tcp]}\n  response:\n    body: \"\\x01\\0\\0\\0\\0\\0\\0\\x06hello\\n\"\n    status: 101 UPGRADED\n    code: 101\n"
	c, err := Open(fstest.MapFS{"c.yaml": {Data: []byte(text)}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	info, err := c.Interaction(0)
	if err != nil || string(info.Request.Head) != "GET /v1.41/info?a=1 HTTP/1.1\r\nHost: localhost\r\n\r\n" {
		t.Errorf("got %v, %v", info, err)
	}
	attach, err := c.Interaction(1)
	if err != nil {
		t.Fatal(err)
	}
	turns := attach.Turns
	if attach.Response.Framing != http1.Stream || turns == nil || len(turns.List) != 2 || len(turns.List[0].Data) != 14 || turns.List[1].Mark != EOF {
		t.Errorf("got %+v, %+v", attach.Response, turns)
	}
}
