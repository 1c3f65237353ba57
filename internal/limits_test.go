package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// Limits of a package and of a type, tests left aside: a reader should be able to
// hold either in the head.
const (
	maxFiles   = 25
	maxLines   = 3500
	maxMethods = 30
)

// size is the size of a package.
type size struct {
	files, lines int
	methods      map[string]int // by type
}

// TestPackagesAndTypesAreSmall checks every package of the module, e2e excepted,
// which is a module of its own.
func TestPackagesAndTypesAreSmall(t *testing.T) {
	sizes := map[string]*size{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "e2e" || d.Name() == "testdata" || d.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if sizes[dir] == nil {
			sizes[dir] = &size{methods: map[string]int{}}
		}
		return sizes[dir].add(path)
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, s := range sizes {
		dir = strings.TrimPrefix(dir, "../")
		if s.files > maxFiles || s.lines > maxLines {
			t.Errorf("%s has %d files and %d lines, more than %d and %d: give a part of it a package of its own", dir, s.files, s.lines, maxFiles, maxLines)
		}
		for name, n := range s.methods {
			if n > maxMethods {
				t.Errorf("%s: type %s has %d methods, more than %d: give fields that belong together a type of their own", dir, name, n, maxMethods)
			}
		}
	}
}

// add adds a file.
func (s *size) add(path string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	s.files++
	s.lines += set.File(file.Pos()).LineCount()
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
			s.methods[receiver(f)]++
		}
	}
	return nil
}

// receiver returns the name of a method's type.
func receiver(f *ast.FuncDecl) string {
	t := f.Recv.List[0].Type
	for {
		switch of := t.(type) {
		case *ast.StarExpr:
			t = of.X
		case *ast.IndexExpr:
			t = of.X
		case *ast.IndexListExpr:
			t = of.X
		case *ast.Ident:
			return of.Name
		default:
			return ""
		}
	}
}
