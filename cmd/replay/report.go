package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/wiretape/wiretape/replay"
)

// report writes the replay's report to the file of --report, if there is one.
func (c *config) report() error {
	if c.rule.report == "" {
		return nil
	}
	left := c.server.Unplayed()
	if left == nil {
		left = []replay.Interaction{}
	}
	data, err := json.MarshalIndent(struct {
		replay.Report
		Left []replay.Interaction `json:"not_played"`
	}{c.server.Report(), left}, "", "  ")
	if err == nil {
		err = os.WriteFile(c.rule.report, append(data, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
