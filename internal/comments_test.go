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

// TestDocCommentsBeginWithTheName checks the doc comments of functions, methods and
// types: a comment that was left behind by a new name misleads.
func TestDocCommentsBeginWithTheName(t *testing.T) {
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for name, doc := range documented(n) {
				if text := doc.Text(); text != "" && !beginsWith(text, name.Name) {
					first, _, _ := strings.Cut(text, "\n")
					t.Errorf("%v: the comment of %s begins otherwise: %s", files.Position(name.Pos()), name.Name, first)
				}
			}
			_, local := n.(*ast.BlockStmt)
			return !local
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// documented returns the functions and types that n declares, with their comments.
func documented(n ast.Node) map[*ast.Ident]*ast.CommentGroup {
	found := map[*ast.Ident]*ast.CommentGroup{}
	switch n := n.(type) {
	case *ast.FuncDecl:
		found[n.Name] = n.Doc
	case *ast.GenDecl:
		for _, spec := range n.Specs {
			if s, ok := spec.(*ast.TypeSpec); ok && s.Doc != nil {
				found[s.Name] = s.Doc
			} else if ok && !n.Lparen.IsValid() {
				found[s.Name] = n.Doc
			}
		}
	}
	return found
}

// beginsWith reports whether a comment begins with a name, after an article or not.
func beginsWith(text, name string) bool {
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}
	rest, ok := strings.CutPrefix(text, name)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.:;'’\n[("))
}
