package redact

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// Digest tells secrets apart: it is the first half of HMAC-SHA256 under the salt
// of a cassette. A Digest of a secret is itself a secret. The zero Digest stands
// for none.
type Digest [sha256.Size / 2]byte

// MaxTag is the length of the longest tag: all hex digits of a Digest.
const MaxTag = 2 * len(Digest{})

// saltSize is the length of a salt in bytes.
const saltSize = 16

// NewSalt returns a random salt for a cassette, in hex.
func NewSalt() string {
	var salt [saltSize]byte
	_, _ = rand.Read(salt[:]) // never fails
	return hex.EncodeToString(salt[:])
}

// Key makes the Digests of one cassette. A nil *Key makes none. A Key is safe for
// concurrent use.
type Key struct {
	salt   []byte
	hashes sync.Pool // of hash.Hash, each reset
}

// NewKey returns the Key for a cassette's salt, or nil for "".
func NewKey(salt string) (*Key, error) {
	if salt == "" {
		return nil, nil
	}
	b, err := hex.DecodeString(salt)
	if err != nil || len(b) != saltSize || strings.ToLower(salt) != salt {
		return nil, fmt.Errorf("the salt %q is not %d hex digits in lower case", salt, 2*saltSize)
	}
	k := &Key{salt: b}
	k.hashes.New = func() any { return hmac.New(sha256.New, k.salt) }
	return k, nil
}

// Digest returns the Digest of a secret.
func (k *Key) Digest(secret []byte) Digest {
	h := k.hash()
	_, _ = h.Write(secret) // never fails
	return k.sum(h)
}

// Identify fills in the Digests of spans. Raw is the section that they are of, as
// it was before Rules.Head masked it.
func (k *Key) Identify(raw []byte, spans []Span) {
	if k == nil {
		return
	}
	for i, s := range spans {
		spans[i].Digest = k.Digest(raw[s.Off:s.end()])
	}
}

func (k *Key) hash() hash.Hash { return k.hashes.Get().(hash.Hash) }

// sum ends h and takes it back.
func (k *Key) sum(h hash.Hash) (d Digest) {
	var all [sha256.Size]byte
	copy(d[:], h.Sum(all[:0]))
	h.Reset()
	k.hashes.Put(h)
	return d
}

// identifier fills in the Digests of a Body's spans as they pass.
type identifier struct {
	key  *Key
	done int       // of the spans have a Digest
	open hash.Hash // of the next one, whose begin has passed; or nil
}

// Identify has Take give each span its Digest. Call it before the first Append. A
// nil key gives none.
func (b *Body) Identify(k *Key) { b.id.key = k }

// identify takes in a window, given as the bytes before masking: held, then src.
// The first n of them are decided. ended says that no more bytes come.
func (b *Body) identify(held, src []byte, n int, ended bool) {
	id := &b.id
	for ; id.done < len(b.m.spans); id.done++ {
		s := &b.m.spans[id.done]
		if id.open == nil {
			id.open = id.key.hash()
		}
		from, to := int(max(s.Off-b.m.off, 0)), int(s.end()-b.m.off)
		if from < to {
			_, _ = id.open.Write(held[min(from, len(held)):min(to, len(held))]) // never fails
			_, _ = id.open.Write(src[max(from-len(held), 0):max(to-len(held), 0)])
		}
		// The bytes after the window may belong to the secret at its end.
		if to == n && !ended {
			return
		}
		s.Digest = id.key.sum(id.open)
		id.open = nil
	}
}

// Same reports whether d begins with a tag. Of several tags in a cassette a
// secret has the longest such one: see Tags.Find.
func Same(tag string, d Digest) bool {
	var digits [MaxTag]byte
	hex.Encode(digits[:], d[:])
	return tag != "" && len(tag) <= MaxTag && string(digits[:len(tag)]) == tag
}

// ValidTag reports whether s has the form of a tag: hex digits in lower case.
func ValidTag(s string) bool {
	return s != "" && len(s) <= MaxTag && strings.Trim(s, "0123456789abcdef") == ""
}

// Tags are the tags of the secrets of one cassette. A tag is the beginning of a
// Digest in hex: as many digits as tell it from the secrets before it, and no
// more, so that a cassette gives little of a secret away. The zero value has
// none. Tags are not safe for concurrent use while tags are added.
type Tags struct {
	tags    map[string]bool // whether the secret is known
	longest int             // of tags, in digits

	known map[Digest]string // tags
	// begins has the beginnings of known Digests, each as far as it takes to tell
	// them apart: the one Digest that begins so, or nil where several do.
	begins map[string]*Digest
}

// Add adds a tag that a cassette has, of a secret that is not known.
func (t *Tags) Add(tag string) { t.add(tag, false) }

func (t *Tags) add(tag string, known bool) {
	if t.tags == nil {
		t.tags = make(map[string]bool)
	}
	t.tags[tag] = t.tags[tag] || known
	t.longest = max(t.longest, len(tag))
}

// Tag returns the tag of the secret with Digest d, a new one where it has none.
func (t *Tags) Tag(d Digest) string {
	if tag, ok := t.known[d]; ok {
		return tag
	}
	if t.known == nil {
		t.known, t.begins = make(map[Digest]string), make(map[string]*Digest)
	}
	digits := hex.EncodeToString(d[:])
	n := t.place(&d, digits)
	tag := t.Find(d)
	// A secret of an earlier session keeps its tag. It may be another one whose
	// Digest begins in the same way: nobody can tell.
	if tag == "" || t.tags[tag] {
		tag = digits[:max(n, len(tag))]
	}
	t.add(tag, true)
	t.known[d] = tag
	return tag
}

// place enters d, whose hex digits are given, in begins. It returns the number of
// digits that tell d from all Digests before it.
func (t *Tags) place(d *Digest, digits string) int {
	for n := 1; ; n++ {
		other, taken := t.begins[digits[:n]]
		switch {
		case !taken:
			t.begins[digits[:n]] = d
			return n
		case other != nil: // both go one digit deeper
			t.begins[digits[:n]] = nil
			t.begins[hex.EncodeToString(other[:])[:n+1]] = other
		}
	}
}

// Find returns the tag of the recorded secret that a live one with Digest d is, as
// far as tags tell, or "" where it is none of them.
func (t *Tags) Find(d Digest) string {
	var digits [MaxTag]byte
	hex.Encode(digits[:], d[:])
	for n := t.longest; n > 0; n-- {
		if _, ok := t.tags[string(digits[:n])]; ok {
			return string(digits[:n])
		}
	}
	return ""
}
