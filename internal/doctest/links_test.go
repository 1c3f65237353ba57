package doctest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the project.
const root = "../.."

// documents returns the text of every document in the project, by its path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped(entry.Name()):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		texts[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 15 {
		t.Fatalf("found %d documents, want README.md, docs/ and more", len(texts))
	}
	return texts
}

// skipped reports whether a folder holds nothing of ours.
func skipped(name string) bool {
	return name == "node_modules" || name == "bin" || name == "out" || name == "testdata" || len(name) > 2 && name[0] == '.'
}

func TestLinksLeadSomewhere(t *testing.T) {
	texts := documents(t)
	links := 0
	for name, text := range texts {
		for _, target := range Links(text) {
			if strings.Contains(target, "://") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(target, "#")
			path := name
			if file != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(name), file))
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: link to %s: %v", name, target, err)
			} else if anchor != "" && !Anchors(texts[path])[anchor] {
				t.Errorf("%s: link to %s: %s has no such heading", name, target, path)
			}
		}
	}
	if links < 20 {
		t.Errorf("found %d links only", links)
	}
}

// source is the path of a source file, or of a folder, as documents name it.
var source = regexp.MustCompile("`((?:chunked|cassettes|cmd|docs|e2e|examples|internal|matchers|record|replay)/[a-zA-Z0-9_./-]*)`")

// file is the name of a Go file, in prose, tables or drawings.
var file = regexp.MustCompile(`[a-zA-Z0-9_/.-]*[a-zA-Z0-9_]\.go\b`)

func TestNamedFilesExist(t *testing.T) {
	named := 0
	for name, text := range documents(t) {
		paths := map[string]bool{}
		for _, m := range source.FindAllStringSubmatch(text, -1) {
			paths[m[1]] = true
		}
		if name == "docs/architecture.md" {
			for _, path := range file.FindAllString(text, -1) {
				paths[path] = true
			}
		}
		for path := range paths {
			named++
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s names %s: %v", name, path, err)
			}
		}
	}
	if named < 30 {
		t.Errorf("found %d names of files only", named)
	}
}

// TestEveryPackageIsNamed holds architecture.md to the packages that there are.
func TestEveryPackageIsNamed(t *testing.T) {
	text := documents(t)["docs/architecture.md"]
	out, err := exec.Command("go", "list", "-f", "{{if .GoFiles}}{{.ImportPath}}{{end}}", "github.com/wiretape/wiretape/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.Lines(string(out)) {
		name := strings.TrimPrefix(strings.TrimSpace(path), "github.com/wiretape/wiretape/")
		if !strings.Contains(text, "`"+name+"/`") {
			t.Errorf("docs/architecture.md does not name the package `%s/`", name)
		}
	}
}

func TestReadmeHasAtMost900Words(t *testing.T) {
	if n := len(strings.Fields(documents(t)["README.md"])); n > 900 {
		t.Errorf("README.md has %d words, want at most 900: move text to docs/", n)
	}
}
