package product

import "testing"

func TestLookupKnowsAliases(t *testing.T) {
	for name, want := range map[string]*Profile{
		"docker": &Docker, "podman": &Docker, "moby": &Docker, "registry": &Registry, "distribution": &Registry, "": nil, "other": nil,
	} {
		if got := Lookup(name); got != want {
			t.Errorf("%q has the profile %+v", name, got)
		}
	}
}

// TestNamesAreDistinct holds every name to one profile, and every sign to a
// name that can be looked up.
func TestNamesAreDistinct(t *testing.T) {
	for _, p := range Profiles() {
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			if Lookup(name) != p {
				t.Errorf("%q is a name of two products", name)
			}
		}
		for _, s := range p.Signs {
			if Lookup(s.Product) != p {
				t.Errorf("%s shows %q, which is not %s", s.Field, s.Product, p.Name)
			}
		}
	}
}
