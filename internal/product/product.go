// Package product has a profile of each product that the module knows: Docker and
// registries, one file each. The rest of the module asks here. A further product is
// one more file, and an entry in profiles. Causality reads Things and SessionField
// of Docker's profile for every cassette; another product sets Thing.
package product

import "strings"

// Profile is a product's traits. A zero field means that the product has no such
// trait.
type Profile struct {
	// Name is the product's, as wire.api.product and --preset have it.
	Name string
	// Aliases are other names for it: those of products that speak the same API.
	Aliases []string
	// Signs are the response fields by which a cassette without a name shows its
	// product, the most particular first.
	Signs []Sign
	// IgnoreQuery are the keys of queries that do not count when requests are
	// compared: clients make up their values anew at each run.
	IgnoreQuery []string
	// IgnoreJSON are the paths in JSON bodies that do not count.
	IgnoreJSON []string
	// SetQuery are the keys of queries whose values are JSON in which the order of
	// a list does not count.
	SetQuery []string
	// Things says which thing a request is about.
	Things Things
	// Thing, if set, does so for paths that are not made of collections and
	// items: it returns the thing that the segments of a path name, with an empty
	// item for none. It reports false for paths of another API.
	Thing func(segments []string) (collection, item string, ok bool)
	// SessionField names a request field that has the number of a session.
	SessionField string
	// HijackTypes are the media types of responses after which a connection
	// leaves HTTP without a 101.
	HijackTypes []string
	// AddressVariable is the environment variable that tells the product's
	// clients where the server is.
	AddressVariable string
	OtherVariables  []string // variables that would lead clients elsewhere
	// Secrets are the names of its secrets.
	Secrets Secrets
	// DigestTypes are parts of the media types of bodies that are named by their
	// digest, or signed: a mask would make the digest wrong.
	DigestTypes []string
}

// Sign is a response field that shows a product.
type Sign struct {
	Product string // its name or alias
	Field   string // the field's name
	Prefix  string // of the field's value
}

// Things says which segments of a path name a thing, an item of a collection. The
// zero value fits any REST-like API: the segment after a collection is an item.
type Things struct {
	// Skip are leading segments that name no collection, beside version
	// numbers ("libpod").
	Skip []string
	// Verbs are segments after a collection that are no item ("json").
	Verbs []string
	// Filters are the collections that the keys of a query's filters mean
	// ("container"). They name the item of a request whose path names none, as
	// of one for events.
	Filters map[string]string
	// Passive are the last segments of requests that change nothing, whatever
	// their method ("wait").
	Passive []string
}

// Secrets are names of secrets. In all but Fields, words are separated by spaces
// and stand for every spelling: "auth token" is authtoken, auth_token, auth-token.
type Secrets struct {
	Fields  []string // header fields
	Keys    []string // keys of queries, forms and JSON alike
	JSON    []string // keys of JSON alone
	Payload []string // keys of JSON that hold the secret itself in a secrets API
}

// Profiles returns all profiles, the one whose signs are most particular first.
// The caller does not change them.
func Profiles() []*Profile { return profiles }

var profiles = []*Profile{&Registry, &Docker}

// Lookup returns the profile of a product, by name or alias in lower case, or nil.
func Lookup(name string) *Profile {
	for _, p := range profiles {
		if p.Name == name {
			return p
		}
		for _, alias := range p.Aliases {
			if alias == name {
				return p
			}
		}
	}
	return nil
}

// Shown returns the product that a response shows, or "". Field returns the value
// of a response field, nil where there is none.
func Shown(field func(name string) []byte) string {
	for _, p := range profiles {
		for _, s := range p.Signs {
			if value := field(s.Field); value != nil && strings.HasPrefix(string(value), s.Prefix) {
				return s.Product
			}
		}
	}
	return ""
}
