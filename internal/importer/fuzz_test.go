package importer

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/har"
	"github.com/wiretape/wiretape/internal/redact"
)

// seeds returns recordings of every format.
func seeds(f *testing.F) (all [][]byte) {
	all = append(all, []byte(secretVCR), []byte(vcr(getX, ok)),
		[]byte(vcr("method: post\nuri: <HOST>/v1.6/containers/x/attach\nbody: {base64_string: AAEC}\nheaders: {A: [b, !binary YQ==]}",
			"status: {code: 200, message: }\nheaders: {Content-Type: [application/vnd.docker.raw-stream]}\nbody: {encoding: ISO-8859-1, string: é}")),
		[]byte(vcr(getX, "status: {code: 200, message: OK}\nheaders: {Transfer-Encoding: ['']}\nbody: {string: '{}{}'}\nhttp_version: '1.0'")),
		[]byte(`{"interactions":[{"request":{"method":"GET","uri":"http://x/","body":null,"headers":{}},"response":{"status_code":200,"content":"a","headers":{}}}]}`))
	path := filepath.Join(f.TempDir(), "c.yaml")
	err := cassettes.Rewrite(path, cassettes.Header{}, false, func(w *cassettes.Writer) error {
		for i, it := range shapes() {
			it.ID = i
			if err := w.Append(it); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	c, err := cassettes.OpenFile(path)
	if err != nil {
		f.Fatal(err)
	}
	defer c.Close()
	var archive bytes.Buffer
	if _, err := har.Write(&archive, c); err != nil {
		f.Fatal(err)
	}
	return append(all, archive.Bytes())
}

// FuzzImport checks that reading any file ends with an error or a recording,
// and that a recording that can be written gives a cassette that verifies.
func FuzzImport(f *testing.F) {
	all := seeds(f)
	if len(all) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range all {
		f.Add(s, true, true)
		f.Add(s, false, false)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, reframe, mask bool) {
		o := Options{Reframe: reframe}
		if mask {
			o.Redact, _ = redact.Parse([]string{"default"})
		}
		rec, err := Read("x", data, o)
		if err != nil {
			return
		}
		path := filepath.Join(dir, "x.yaml")
		err = cassettes.Rewrite(path, rec.Header, true, func(w *cassettes.Writer) error { return rec.Write(w, 64) })
		if err != nil {
			return
		}
		c, err := cassettes.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, err := range cassettes.Verify(c) {
			text, _ := os.ReadFile(path)
			t.Fatalf("verify: %v\n%s", err, text)
		}
		var out bytes.Buffer
		if _, err := har.Write(&out, c); err != nil {
			t.Fatal(err)
		}
		if _, err := Read("x.har", out.Bytes(), Options{}); err != nil {
			t.Fatalf("read the archive again: %v", err)
		}
	})
}
