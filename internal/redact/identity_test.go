package redact

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestSalt(t *testing.T) {
	a, b := NewSalt(), NewSalt()
	if k, err := NewKey(a); err != nil || k == nil || a == b {
		t.Errorf("NewKey(%q): %v; the next salt is %q", a, err, b)
	}
	if k, err := NewKey(""); k != nil || err != nil {
		t.Errorf("without a salt: %v, %v", k, err)
	}
	for _, salt := range []string{"0", "00", strings.Repeat("g", 32), strings.Repeat("A", 32), strings.Repeat("0", 34)} {
		if _, err := NewKey(salt); err == nil {
			t.Errorf("NewKey(%q) has no error", salt)
		}
	}
}

func TestDigestsDependOnSecretAndSalt(t *testing.T) {
	other, err := NewKey(NewSalt())
	if err != nil {
		t.Fatal(err)
	}
	d := testKey.Digest([]byte("right"))
	if testKey.Digest([]byte("right")) != d {
		t.Error("equal secrets have different Digests")
	}
	if testKey.Digest([]byte("wrong")) == d || other.Digest([]byte("right")) == d {
		t.Error("another secret, or another salt, gives the same Digest")
	}
	// Printed with: printf right | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102030405060708090a0b0c0d0e0f
	if want := "c7521ea8ce6888ae480b8d7608389100"; fmt.Sprintf("%x", d) != want {
		t.Errorf("the Digest is %x, want %s", d, want)
	}
}

func TestSame(t *testing.T) {
	d := Digest{0xa3, 0x0f}
	for tag, want := range map[string]bool{
		"a": true, "a3": true, "a30f": true, "a30f" + strings.Repeat("0", MaxTag-4): true,
		"": false, "b": false, "a4": false, "A3": false, "a30f" + strings.Repeat("0", MaxTag): false,
	} {
		if got := Same(tag, d); got != want {
			t.Errorf("Same(%q, %x) is %v", tag, d, got)
		}
	}
}

// digests returns n Digests, half of which begin alike.
func digests(n int) (all []Digest) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		var d Digest
		binary.LittleEndian.PutUint64(d[:], r.Uint64())
		if i%2 == 1 {
			copy(d[:i%len(d)], all[i-1][:])
			d[i%len(d)] = ^all[i-1][i%len(d)]
		}
		all = append(all, d)
	}
	return all
}

// Each secret of a recording is found by its tag again, and has as few digits as
// that takes.
func TestTagsTellSecretsApart(t *testing.T) {
	var tags Tags
	all := digests(500)
	seen := make(map[string]Digest)
	for i, d := range all {
		tag := tags.Tag(d)
		if other, ok := seen[tag]; ok {
			t.Fatalf("%x and %x have the tag %s", other, d, tag)
		}
		seen[tag] = d
		if !ValidTag(tag) || !Same(tag, d) || tags.Tag(d) != tag {
			t.Fatalf("%x has the tag %q, then %q", d, tag, tags.Tag(d))
		}
		for n := 1; n < len(tag); n++ {
			if !slices.ContainsFunc(all[:i], func(e Digest) bool { return Same(tag[:n], e) }) {
				t.Fatalf("%x has the tag %s, and %s would do", d, tag, tag[:n])
			}
		}
	}
	for tag, d := range seen {
		if got := tags.Find(d); got != tag {
			t.Fatalf("%x has the tag %s, and %s is found", d, tag, got)
		}
	}
}

func TestTagsOfAnUnknownSecret(t *testing.T) {
	var tags Tags
	if got := tags.Find(Digest{1}); got != "" {
		t.Errorf("without tags, %q is found", got)
	}
	tags.Add("0")
	tags.Add("01f")
	for d, want := range map[Digest]string{{0x01, 0xf0}: "01f", {0x01}: "0", {0x02}: "0", {0x10}: ""} {
		if got := tags.Find(d); got != want {
			t.Errorf("%x: %q is found, want %q", d, got, want)
		}
	}
}

// A session that is added to a cassette gives the secrets of the earlier ones the
// tags that they have.
func TestTagsOfALaterSession(t *testing.T) {
	var first, second Tags
	all := digests(500)
	tag := make(map[Digest]string)
	for _, d := range all[:250] {
		tag[d] = first.Tag(d)
		second.Add(tag[d])
	}
	for _, d := range slices.Backward(all[:250]) {
		if got := second.Tag(d); got != tag[d] {
			t.Fatalf("%x had the tag %s, and has %s", d, tag[d], got)
		}
	}
	seen := make(map[string]bool)
	for _, d := range all {
		if seen[second.Tag(d)] {
			t.Fatalf("%x has the tag %s, as another has", d, second.Tag(d))
		}
		seen[second.Tag(d)] = true
	}
}
