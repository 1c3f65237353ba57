// Package enum writes and reads the values of integer types that have a few
// named values, so that flags, JSON and messages use the same words.
//
//	var orders = enum.Names{"causal", "none"}
//
//	func (o Order) String() string                   { return orders.Text(int(o)) }
//	func (o Order) MarshalText() ([]byte, error)     { return orders.Marshal(int(o)) }
//	func (o *Order) UnmarshalText(text []byte) error { return enum.Unmarshal(orders, o, text) }
package enum

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Names are the names of a type's values, from 0 on.
type Names []string

// Text returns the name of v, or its number where it has none.
func (n Names) Text(v int) string {
	if v < 0 || v >= len(n) {
		return strconv.Itoa(v)
	}
	return n[v]
}

// Marshal returns the name of v. A value without a name is an error.
func (n Names) Marshal(v int) ([]byte, error) {
	if v < 0 || v >= len(n) {
		return nil, fmt.Errorf("%d has no name: want one from 0 to %d", v, len(n)-1)
	}
	return []byte(n[v]), nil
}

// Unmarshal sets v to the value that text names. Another text is an error that
// lists the names, and leaves v as it is.
func Unmarshal[T ~int](n Names, v *T, text []byte) error {
	i := slices.Index(n, string(text))
	if i < 0 {
		last := len(n) - 1
		return fmt.Errorf("%q: want %s or %s", text, strings.Join(n[:last], ", "), n[last])
	}
	*v = T(i)
	return nil
}
