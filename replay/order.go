package replay

import (
	"fmt"
)

// Order says what a write waits for.
type Order int

// Orders.
const (
	// OrderCausal waits for what the clients of all connections had done that
	// it may have followed from.
	OrderCausal Order = iota
	// OrderNone waits for what the client of its own connection had done.
	OrderNone
)

// ParseOrder reads causal or none.
func ParseOrder(s string) (Order, error) {
	switch s {
	case "causal":
		return OrderCausal, nil
	case "none":
		return OrderNone, nil
	}
	return 0, fmt.Errorf("%q is neither causal nor none", s)
}
