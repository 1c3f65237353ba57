package target

import "testing"

func TestCutVersion(t *testing.T) {
	for _, test := range []struct{ path, version, rest string }{
		{"/v1.41/containers/json", "/v1.41", "/containers/json"},
		{"/v1.41", "/v1.41", ""},
		{"/v4.0.0/libpod/info", "/v4.0.0", "/libpod/info"},
		{"/v1.41/", "/v1.41", "/"},
		{"/v1/info", "", "/v1/info"}, // one number is a segment as any other
		{"/v2/", "", "/v2/"},
		{"/v1.", "", "/v1."},
		{"/v.1/", "", "/v.1/"},
		{"/v1..2/", "", "/v1..2/"},
		{"/v1.2x/", "", "/v1.2x/"},
		{"/volumes/1.2", "", "/volumes/1.2"},
		{"/v", "", "/v"},
		{"/_ping", "", "/_ping"},
		{"v1.41/info", "", "v1.41/info"},
		{"", "", ""},
	} {
		if version, rest := CutVersion(test.path); version != test.version || rest != test.rest {
			t.Errorf("CutVersion(%q) = %q, %q; want %q, %q", test.path, version, rest, test.version, test.rest)
		}
	}
}
