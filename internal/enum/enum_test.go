package enum

import "testing"

type color int

func TestNamesAreReadAsWritten(t *testing.T) {
	names := Names{"red", "green", "blue"}
	for want := range color(3) {
		text, err := names.Marshal(int(want))
		if err != nil || string(text) != names.Text(int(want)) {
			t.Errorf("Marshal(%d): got %q, %v", want, text, err)
		}
		got := color(-1)
		if err := Unmarshal(names, &got, text); err != nil || got != want {
			t.Errorf("Unmarshal(%q): got %d, %v", text, got, err)
		}
	}
}

func TestNoNameIsAnError(t *testing.T) {
	names := Names{"red", "green", "blue"}
	c := color(1)
	if err := Unmarshal(names, &c, []byte("Red")); err == nil || err.Error() != `"Red": want red, green or blue` || c != 1 {
		t.Errorf("got %v, and the value is %d", err, c)
	}
	for _, v := range []int{-1, 3} {
		if _, err := names.Marshal(v); err == nil {
			t.Errorf("Marshal(%d): got no error", v)
		}
	}
	if got := names.Text(3); got != "3" {
		t.Errorf("Text(3): got %q", got)
	}
}
