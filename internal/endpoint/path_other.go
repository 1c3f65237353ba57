//go:build !linux

package endpoint

// maxPath is the longest path of a Unix socket: sun_path less its NUL.
const maxPath = 103
