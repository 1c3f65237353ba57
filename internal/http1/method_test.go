package http1

import "testing"

func TestIsSafe(t *testing.T) {
	for method, want := range map[string]bool{
		"GET": true, "HEAD": true, "OPTIONS": true, "TRACE": true,
		"POST": false, "PUT": false, "PATCH": false, "DELETE": false, "CONNECT": false,
		"": false, "get": false, "PROPFIND": false,
	} {
		if got := IsSafe(method); got != want {
			t.Errorf("IsSafe(%q) is %v, want %v", method, got, want)
		}
		if got := IsSafe([]byte(method)); got != want {
			t.Errorf("IsSafe of the bytes %q is %v, want %v", method, got, want)
		}
	}
}
