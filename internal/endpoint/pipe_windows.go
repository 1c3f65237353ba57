package endpoint

import (
	"context"
	"fmt"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// dialPipe connects to a named pipe, which may be busy until ctx is done.
func dialPipe(ctx context.Context, path string) (net.Conn, error) {
	return winio.DialPipeContext(ctx, path)
}

// listenPipe listens on a named pipe that only the current user can open. The
// pipe carries messages, as Docker's does: on a pipe of bytes a half-close is
// impossible.
func listenPipe(path string) (net.Listener, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("find the current user: %w", err)
	}
	const buffer = 64 << 10
	return winio.ListenPipe(path, &winio.PipeConfig{
		SecurityDescriptor: "D:P(A;;GA;;;" + user.User.Sid.String() + ")",
		MessageMode:        true,
		InputBufferSize:    buffer,
		OutputBufferSize:   buffer,
	})
}
