//go:build !windows

package endpoint

import (
	"context"
	"errors"
	"net"
)

// errNoPipes tells why a named pipe cannot be used here.
var errNoPipes = errors.New("only Windows has named pipes; use unix:///path or tcp://host:port")

func dialPipe(context.Context, string) (net.Conn, error) { return nil, errNoPipes }

func listenPipe(string) (net.Listener, error) { return nil, errNoPipes }
