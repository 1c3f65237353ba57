package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/replay"
)

// checkReport refuses a report that would take the place of a cassette.
func (c *config) checkReport(opened []*cassettes.Cassette) error {
	report, err := os.Stat(c.rule.report)
	if err != nil {
		return nil // no such file, or an error that the write reports
	}
	for _, o := range opened {
		if file, err := os.Stat(o.Name); err == nil && os.SameFile(report, file) {
			at := c.rule.report
			c.rule.report = "" // none is written
			return fmt.Errorf("--report %s: this is the cassette %s, which the report would overwrite; name another file", at, o.Name)
		}
	}
	return nil
}

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
