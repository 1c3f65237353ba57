package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/importer"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/record"
)

// importing holds the flags of cassette import.
type importing struct {
	output          string
	overwrite       bool
	define, redact  []string
	reframe, labels string
}

func (t *tool) importCommand() *cobra.Command {
	var o importing
	c := &cobra.Command{
		Use:   "import --output FILE [flags] RECORDING",
		Short: "make a cassette of a recording by another tool",
		Long: `
Reads cassettes of Ruby's VCR and of Python's vcrpy, in YAML or JSON, and HTTP
archives (HAR 1.2). Where a recording lacks a value, import fills it in as
HTTP/1.1 requires, and prints every guess and every change. Cassettes of go-vcr
need no import: replay serves them.

--define replaces a placeholder of VCR. A placeholder for scheme and authority at
the beginning of an address needs no --define.`,
		Example: `
  # take over the recordings of a Ruby project
  cassette import --output pull.yaml --reframe json spec/vcr/pull.yml

  # import the traffic of a browser without its cookies
  cassette import --output site.yaml --redact default site.har
`,
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), args, t.printer()) },
	}
	fs := c.Flags()
	fs.StringVarP(&o.output, "output", "o", "", "write the cassette to `FILE`")
	fs.BoolVar(&o.overwrite, "overwrite", false, "replace FILE if it exists")
	fs.StringArrayVar(&o.define, "define", nil, "with `TEXT=VALUE`, replace TEXT by VALUE in addresses, fields and bodies; repeatable")
	fs.StringVar(&o.reframe, "reframe", "none", "cut joined bodies into chunks again as `HOW` says: none, or json for one chunk a record of JSON message streams")
	fs.StringArrayVar(&o.redact, "redact", nil, "mask secrets: `RULE` is default, header:NAME, query:KEY or json:KEY; repeatable")
	fs.StringVar(&o.labels, "api", "", "label the cassette with the API `PRODUCT/VERSION`, for example docker/1.16")
	usage.Values(c, "reframe", "none", "json")
	return c
}

// run imports a recording.
func (o *importing) run(ctx context.Context, args []string, m *messages.Printer) error {
	if err := oneOutput("import", o.output, args); err != nil {
		return err
	}
	options, err := o.options()
	if err != nil {
		return err
	}
	api, err := usage.ParseAPI(o.labels)
	if err != nil {
		return err
	}
	data, err := readRecording(args[0])
	if err != nil {
		return err
	}
	rec, err := importer.Read(args[0], data, options)
	if err != nil {
		return err
	}
	if api != (cassettes.API{}) {
		rec.Header.API = api
	}
	err = cassettes.Rewrite(o.output, rec.Header, o.overwrite, func(w *cassettes.Writer) error {
		return rec.Write(w, record.DefaultInlineMax)
	})
	if err != nil {
		return err
	}
	tell(ctx, rec.Notices(), m)
	return nil
}

// tell prints notices, each with its hint, unless --quiet turns warnings off.
func tell(ctx context.Context, notices []importer.Notice, m *messages.Printer) {
	if !m.Log().Enabled(ctx, slog.LevelWarn) {
		return
	}
	for _, n := range notices {
		m.Log().Warn(n.String())
		if n.Hint != "" {
			m.Hint(n.Hint)
		}
	}
}

// readRecording reads a file of at most importer.MaxSize bytes.
func readRecording(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > importer.MaxSize {
		err = fmt.Errorf("%s has %d bytes: want at most %d, because import reads it whole", path, info.Size(), importer.MaxSize)
	}
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	return data, nil
}

// options returns the options for reading the recording.
func (o *importing) options() (options importer.Options, err error) {
	for _, d := range o.define {
		text, value, ok := strings.Cut(d, "=")
		if !ok || text == "" {
			return options, usage.Errorf("--define: %q: want TEXT=VALUE", d)
		}
		options.Define = append(options.Define, importer.Definition{Text: text, Value: value})
	}
	switch o.reframe {
	case "none", "json":
		options.Reframe = o.reframe == "json"
	default:
		return options, usage.Errorf("--reframe: %q: want none or json", o.reframe)
	}
	if options.Redact, err = redact.Parse(o.redact); err != nil {
		return options, usage.Errorf("--redact: %w", err)
	}
	return options, nil
}
