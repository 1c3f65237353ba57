package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/wiretape/wiretape/cassettes"
	"github.com/wiretape/wiretape/internal/importer"
	"github.com/wiretape/wiretape/internal/messages"
	"github.com/wiretape/wiretape/internal/redact"
	"github.com/wiretape/wiretape/internal/usage"
	"github.com/wiretape/wiretape/record"
)

// importing is what an import is asked for.
type importing struct {
	output          string
	overwrite       bool
	define, redact  []string
	reframe, labels string
}

func importCommand() subcommand {
	var o importing
	fs := pflag.NewFlagSet("cassette import", pflag.ContinueOnError)
	fs.StringVarP(&o.output, "output", "o", "", "write the cassette to `FILE`")
	fs.BoolVar(&o.overwrite, "overwrite", false, "replace the cassette where it is there")
	fs.StringArrayVar(&o.define, "define", nil, "as `TEXT=VALUE`: put VALUE in the place of TEXT in addresses, fields and\nbodies; may be repeated")
	fs.StringVar(&o.reframe, "reframe", "none", "cut joined bodies into chunks again, as `HOW` says: none, or json for a chunk\na record of JSON message streams")
	fs.StringArrayVar(&o.redact, "redact", nil, "mask secrets: `RULE` is default, header:NAME, query:KEY or json:KEY; may be\nrepeated")
	fs.StringVar(&o.labels, "api", "", "label the cassette as showing `PRODUCT/VERSION`, docker/1.16 say")
	usage.Values(fs, "reframe", "none", "json")
	usage.Complete(fs, "output", usage.File)
	return subcommand{run: o.run, Program: &usage.Program{
		Name:     "cassette import",
		Summary:  "make a cassette of what another tool recorded",
		Synopsis: []string{"cassette import --output FILE [flags] RECORDING"},
		About: `
Reads cassettes of Ruby's VCR and of Python's vcrpy, in YAML or JSON, and HTTP
archives (HAR 1.2). What they do not hold is filled in as HTTP/1.1 needs it, and
all guesses are told. go-vcr's cassettes need no import: replay plays them.

VCR's placeholders are replaced with --define; one that stands for scheme and
authority at the beginning of an address needs none.`,
		Flags: fs,
		Args:  usage.File,
		Examples: []usage.Example{
			{Says: "take a Ruby project's recordings over", Line: "cassette import --output pull.yaml --reframe json spec/vcr/pull.yml"},
			{Says: "what a browser saw, without its cookies", Line: "cassette import --output site.yaml --redact default site.har"},
		},
	}}
}

// run imports a recording.
func (o *importing) run(ctx context.Context, args []string, _ io.Writer, m *messages.Printer) error {
	if err := oneOutput("import", o.output, args); err != nil {
		return err
	}
	options, err := o.options()
	if err != nil {
		return err
	}
	api, err := parseAPI(o.labels)
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

// tell prints notices, each with its hint, where warnings are wanted.
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

// readRecording reads a file whole, as far as that is sensible.
func readRecording(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > importer.MaxSize {
		err = fmt.Errorf("%s has %d bytes, and a recording must be read whole: at most %d are", path, info.Size(), importer.MaxSize)
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

// options returns what the flags say about the reading.
func (o *importing) options() (options importer.Options, err error) {
	for _, d := range o.define {
		text, value, ok := strings.Cut(d, "=")
		if !ok || text == "" {
			return options, usage.Errorf("--define: %q is not TEXT=VALUE", d)
		}
		options.Define = append(options.Define, importer.Definition{Text: text, Value: value})
	}
	switch o.reframe {
	case "none", "json":
		options.Reframe = o.reframe == "json"
	default:
		return options, usage.Errorf("--reframe: %q is neither none nor json", o.reframe)
	}
	if options.Redact, err = redact.Parse(o.redact); err != nil {
		return options, usage.Errorf("--redact: %w", err)
	}
	return options, nil
}

// oneOutput checks that a command that writes one cassette was given its name
// and one argument.
func oneOutput(command, output string, args []string) error {
	switch {
	case output == "":
		return usage.Errorf("cassette %s: --output is missing: the file to write", command)
	case len(args) > 1:
		return usage.Errorf("cassette %s: unexpected argument %q: it takes one file", command, args[1])
	}
	return nil
}

// parseAPI reads PRODUCT/VERSION.
func parseAPI(s string) (a cassettes.API, err error) {
	if s == "" {
		return a, nil
	}
	product, version, ok := strings.Cut(s, "/")
	if !ok || product == "" || version == "" {
		return a, usage.Errorf("--api: %q is not PRODUCT/VERSION", s)
	}
	return cassettes.API{Product: product, Version: version}, nil
}
