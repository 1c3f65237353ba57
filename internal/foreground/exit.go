package foreground

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/internal/command"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/session"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/replay"
)

// Exit statuses of record and replay. With COMMAND, its own status wins unless
// it is 0, and command.StatusFailed replaces StatusFailed.
const (
	StatusFailed   = 1
	StatusUsage    = 2
	StatusMiss     = 3 // replay: a request had no match
	StatusUnplayed = 4 // replay --strict: an interaction was not played
)

// Refuse prints the error of the command line args of cmd and returns the exit
// status. Its hint is the command line with "--" where that was forgotten, the
// hint of err, or the way to --help.
func Refuse(m *messages.Printer, cmd *cobra.Command, args []string, err error) int {
	wrong, ok := errors.AsType[*usage.Error](err)
	if !ok {
		m.Error(err)
		return StatusFailed
	}
	if meant, ok := withDash(cmd, args); ok {
		err = messages.WithHint(err, "put -- before COMMAND: "+meant)
	} else if wrong.Hint() == "" {
		err = messages.WithHint(err, cmd.Name()+" --help prints the flags, and examples")
	}
	m.Error(err)
	return StatusUsage
}

// exit prints err and returns the exit status: COMMAND's own unless it is 0,
// then the status of err, or of an error that was logged during the run.
func (c *Config) exit(status int, err error) int {
	if err != nil {
		c.Messages.Error(err)
	}
	switch {
	case status != 0:
		return status
	case errors.Is(err, session.ErrMiss):
		return StatusMiss
	case errors.Is(err, session.ErrUnplayed):
		return StatusUnplayed
	case c.Messages.Failed():
		return c.Failed()
	}
	return 0
}

// Failed returns the exit status of a run that failed for any other reason than
// its command line.
func (c *Config) Failed() int {
	if len(c.Command) > 0 {
		return command.StatusFailed
	}
	return StatusFailed
}

// nameUnplayed names the unplayed interactions, at most 20 of them.
func (c *Config) nameUnplayed(left []replay.Interaction) {
	const most = 20
	for i, it := range left {
		if i == most {
			c.Messages.Log().Warn(fmt.Sprintf("not played: %d more", len(left)-most))
			return
		}
		c.Messages.Log().Warn(fmt.Sprintf("not played: %v", it))
	}
}

// tell prints the differences between a replay and its recording.
func (c *Config) tell(r replay.Report) {
	log := c.Messages.Log()
	if n := len(r.Proxied); n > 0 {
		log.Warn("the live server answered requests that the cassette does not", "number", n)
	}
	if n := len(r.GaveUp); n > 0 {
		log.Warn("waits for requests on other connections timed out (--causal-timeout)", "number", n)
	}
	for _, guess := range r.Guesses {
		log.Warn("answered on a guess: parallel clients swapped recordings, but had not been answered alike", "interaction", guess.String())
	}
	if r.Exchanges > 0 {
		log.Info("parallel clients swapped recordings, because ids were issued in another order", "times", r.Exchanges)
	}
	for _, note := range r.Notes {
		log.Info(note.String())
	}
}
