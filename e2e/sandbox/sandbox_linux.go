package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

const namespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
	syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

// Enter starts the program again, as the first process of new mount, process,
// network, host name and IPC namespaces. Inside it returns nil. Outside it calls
// outside with the scratch folder, for work that needs the network or the module
// cache, and does not return: it waits for the end of the inner program and of
// every process that it left, and exits with its status. It returns an error
// where namespaces are not available.
//
// The inner program has the outer one's arguments. Where split returns parts,
// there is an inner program for each part instead: see Part.
func Enter(outside func(dir string) error, split func() ([]Part, error)) error {
	if Dir() != "" {
		return prepare()
	}
	if os.Geteuid() != 0 {
		return errors.New("the sandbox needs root")
	}
	dir, err := os.MkdirTemp("/tmp", "wt-")
	if err != nil {
		return err
	}
	status, err := 0, outside(dir)
	if err == nil {
		status, err = runIn(dir, split)
	}
	if os.Getenv(keepVar) != "" {
		fmt.Fprintln(os.Stderr, "kept", dir)
	} else if rmErr := os.RemoveAll(dir); rmErr != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", rmErr)
	}
	if err != nil {
		return err
	}
	os.Exit(status)
	return nil
}

// ending are the signals that end the outer program, and with it the inner ones.
var ending = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// runIn runs the inner programs to their end, with scratch folders in dir.
func runIn(dir string, split func() ([]Part, error)) (status int, err error) {
	if split != nil {
		parts, err := split()
		if err != nil {
			return 0, err
		}
		if len(parts) > 0 {
			return runParts(dir, parts)
		}
	}
	return run(dir, Part{Args: os.Args[1:]}, os.Stdout)
}

// run runs an inner program to its end.
func run(dir string, p Part, out io.Writer) (status int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self, p.Args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, out
	cmd.Env = append(append(os.Environ(), insideVar+"="+dir), p.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, ending...)
	defer signal.Stop(stop)
	// The kernel sends Pdeathsig when the starting thread ends, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start in new namespaces: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		select {
		case sig := <-stop:
			cmd.Process.Signal(sig)
			time.AfterFunc(2*time.Second, func() { cmd.Process.Kill() })
		case <-ended:
		}
	}()
	err = cmd.Wait()
	close(ended)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if exit.ExitCode() < 0 {
			return 1, nil
		}
		return exit.ExitCode(), nil
	}
	return 0, err
}

// prepare makes the new namespaces usable: mounts that stay inside, a /proc of
// the new processes, a loopback that is up, and a host name of their own.
func prepare() error {
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if err := syscall.Sethostname([]byte(Hostname)); err != nil {
		return fmt.Errorf("set host name: %w", err)
	}
	return loopbackUp()
}

// Tmpfs mounts an empty file system in memory at dir, of the given size ("1m",
// say; "" for the default), until the end of the sandbox.
func Tmpfs(dir, size string) error {
	options := ""
	if size != "" {
		options = "size=" + size
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		return fmt.Errorf("mount a tmpfs at %s: %w", dir, err)
	}
	return nil
}

// ReadOnly mounts dir, which Tmpfs made, for reading alone.
func ReadOnly(dir string) error {
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		return fmt.Errorf("mount %s for reading alone: %w", dir, err)
	}
	return nil
}

// loopbackUp is `ip link set lo up`.
func loopbackUp() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	req := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(req.name[:], "lo")
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req))); errno != 0 {
		return fmt.Errorf("bring the loopback up: %w", errno)
	}
	return nil
}
