package e2e

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wiretape/wiretape/e2e/tap"
)

// planted makes an exchange full of secrets of its own.
type planted struct {
	secrets           []string
	request, response string
}

func (p *planted) secret() string {
	s := rand.Text()
	p.secrets = append(p.secrets, s)
	return s
}

// plant returns a request and a chunked response with secrets everywhere the
// default rules look. Chunk bounds cut the secrets of the response.
func plant() *planted {
	p := &planted{}
	body := fmt.Sprintf(`{"user":"me","Password":%q,"auths":[{"identitytoken":%q},{"n":1,"secret" : %q}],"last":true}`, p.secret(), p.secret(), p.secret())
	p.request = fmt.Sprintf("POST /things?token=%s&x=1&signature=%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"x-registry-auth: %s\r\nX-Registry-Config:%s\r\nCookie: sid=%s\r\nProxy-Authorization: Basic %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		p.secret(), p.secret(), p.secret(), p.secret(), p.secret(), p.secret(), p.secret(), len(body), body)
	answer := fmt.Sprintf(`{"token":%q,"nested":{"password":%q},"ok":1}`, p.secret(), p.secret())
	p.response = fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: sid=%s; Path=/\r\nX-Docker-Token: %s\r\nTransfer-Encoding: chunked\r\n\r\n", p.secret(), p.secret())
	for rest := answer; rest != ""; {
		n := min(17, len(rest))
		p.response += fmt.Sprintf("%x\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	p.response += "0\r\n\r\n"
	return p
}

// splitAt returns the exchange's script with both sides cut at offset k.
func (p *planted) splitAt(k int) script {
	var sc script
	for _, side := range []struct {
		text  string
		piece func(string) tap.Event
	}{{p.request, client}, {p.response, serverSays}} {
		at := k % len(side.text)
		if at > 0 {
			sc = append(sc, side.piece(side.text[:at]))
		}
		sc = append(sc, side.piece(side.text[at:]))
	}
	return append(sc, clientEOF)
}

// masked compares server bytes. Secrets may have become asterisks, and must
// have at their places.
func (p *planted) masked(want, got *tap.Conn) error {
	w, g := want.Bytes(tap.Server), got.Bytes(tap.Server)
	if len(w) != len(g) {
		return fmt.Errorf("%d bytes, want %d:\n%q", len(g), len(w), g)
	}
	rest := bytes.Clone(w)
	for i := range rest {
		if g[i] == '*' {
			rest[i] = '*'
		}
	}
	if !bytes.Equal(rest, g) {
		return sameBytes(rest, g, 0)
	}
	for _, name := range []string{"HTTP/1.1 200 OK\r\n", "Content-Type: application/json\r\n", "Transfer-Encoding: chunked\r\n\r\n", "Set-Cookie: ", "X-Docker-Token: "} {
		if !bytes.Contains(g, []byte(name)) {
			return fmt.Errorf("%q is gone from %q", name, g)
		}
	}
	return nil
}

// TestNoSecretReachesTheDisk splits an exchange full of secrets at every
// offset, and looks for each secret in every file that record left.
func TestNoSecretReachesTheDisk(t *testing.T) {
	t.Run("bodies in the cassette", func(t *testing.T) { testNoSecret(t) })
	t.Run("bodies in files", func(t *testing.T) { testNoSecret(t, "--inline-max", "1") })
}

func testNoSecret(t *testing.T, flags ...string) {
	s := newStage(t, flags...)
	var all []*planted
	var scripts []script
	one := plant()
	for k := range max(len(one.request), len(one.response)) {
		p := plant()
		sc := p.splitAt(k)
		if err := s.perform(sc); err != nil {
			t.Fatalf("split at %d: %v", k, err)
		}
		all, scripts = append(all, p), append(scripts, sc)
	}
	s.finish()
	if n := len(all); n < 400 {
		t.Fatalf("only %d offsets were tried", n)
	}
	files := contents(t, s.dir)
	if inFiles := len(files) > 1; inFiles != (len(flags) > 0) {
		t.Fatalf("record left %d files", len(files))
	}
	for k, p := range all {
		for _, secret := range p.secrets {
			for name, data := range files {
				if bytes.Contains(data, []byte(secret)) {
					t.Errorf("split at %d: %q is in %s", k, secret, name)
				}
			}
		}
	}
	verifies(t, s.cassette())
	next := 0
	s.replays(scripts, func(want, got *tap.Conn) error {
		next++
		return all[next-1].masked(want, got)
	})
	if got := runs(t, command("cassette"), "scan", s.cassette()); got.status != 0 {
		t.Errorf("cassette scan exited %d:\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// TestDigestAddressedBodiesAreUntouched checks that content with a digest is
// stored as it was, so that the digest stays true, and that scan reports its
// secrets.
func TestDigestAddressedBodiesAreUntouched(t *testing.T) {
	body := `{"token":"not to be masked here","password":"nor this"}`
	for _, c := range []struct{ name, target, header string }{
		{"Docker-Content-Digest", "/x", "Docker-Content-Digest: sha256:" + strings.Repeat("ab", 32) + "\r\n"},
		{"ETag", "/x", "ETag: \"sha256:" + strings.Repeat("ab", 32) + "\"\r\n"},
		{"Digest", "/x", "Digest: sha-256=abc=\r\n"},
		{"Content-MD5", "/x", "Content-MD5: abc==\r\n"},
		{"blobs", "/v2/a/blobs/sha256:" + strings.Repeat("ab", 32), ""},
		{"manifests", "/v2/a/manifests/1", ""},
		{"tar", "/x", "Content-Type: application/x-tar\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			typ := "Content-Type: application/json\r\n"
			if strings.HasPrefix(c.header, "Content-Type") {
				typ = ""
			}
			sc := script{
				client("GET " + c.target + " HTTP/1.1\r\nHost: x\r\n\r\n"),
				serverSays(fmt.Sprintf("HTTP/1.1 200 OK\r\n%s%sContent-Length: %d\r\n\r\n%s", typ, c.header, len(body), body)),
				clientEOF,
			}
			if err := s.perform(sc); err != nil {
				t.Fatal(err)
			}
			s.finish()
			s.replays([]script{sc}, sameServer)
			if got := runs(t, command("cassette"), "scan", s.cassette()); got.status != 1 || !bytes.Contains(got.stdout, []byte(s.cassette()+":")) {
				t.Errorf("cassette scan exited %d, want 1 and a line with file and line number:\n%s%s", got.status, got.stdout, got.stderr)
			}
		})
	}
}

// contents reads every file beneath dir.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("%s holds no files", dir)
	}
	return files
}
