package columns

import "io/fs"

// DescribeMode names a file that is not regular, for an error.
func DescribeMode(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "directory"
	case m&fs.ModeNamedPipe != 0:
		return "named pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	}
	return "device or other special file"
}
