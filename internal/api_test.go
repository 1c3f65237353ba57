package internal_test

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A stranger cannot name an internal type: no exported field, parameter, result,
// constant or variable of a public package has one.
func TestPublicPackagesShowNoInternalType(t *testing.T) {
	files := exports(t)
	open := func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
	imp := importer.ForCompiler(token.NewFileSet(), "gc", open)
	for path := range files {
		name, ours := strings.CutPrefix(path, module+"/")
		if !ours || strings.Contains("/"+name+"/", "/internal/") {
			continue
		}
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range pkg.Scope().Names() {
			if obj := pkg.Scope().Lookup(id); obj.Exported() {
				for _, shown := range internalTypes(obj) {
					t.Errorf("%s.%s", name, shown)
				}
			}
		}
	}
}

// exports returns the compiler's export files, by package, of the packages that a
// stranger imports and of those that they depend on.
func exports(t *testing.T) map[string]string {
	t.Helper()
	const line = `{{.ImportPath}} {{.Export}} {{.Name}}`
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", line, module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 3 && f[2] != "main" {
			files[f[0]] = f[1]
		}
	}
	return files
}

// internalTypes returns the places in which an exported object shows an internal
// type.
func internalTypes(obj types.Object) (shown []string) {
	note := func(where string, typ types.Type) {
		for _, name := range internalIn(typ) {
			shown = append(shown, fmt.Sprintf("%s has the type %s", where, name))
		}
	}
	tn, ok := obj.(*types.TypeName)
	if !ok {
		note(obj.Name(), obj.Type())
		return shown
	}
	note(obj.Name(), obj.Type().Underlying())
	if tn.IsAlias() {
		note(obj.Name(), types.Unalias(obj.Type()))
	}
	methods := types.NewMethodSet(types.NewPointer(obj.Type()))
	for m := range methods.Methods() {
		if m.Obj().Exported() {
			note(obj.Name()+"."+m.Obj().Name(), m.Obj().Type())
		}
	}
	return shown
}

// internalIn returns the internal types that typ is made of. A named type shows
// its name alone, a struct its exported fields.
func internalIn(typ types.Type) (names []string) {
	switch u := typ.(type) {
	case *types.Named:
		if isInternal(u.Obj()) {
			names = append(names, u.String())
		}
		for arg := range u.TypeArgs().Types() {
			names = append(names, internalIn(arg)...)
		}
	case *types.Alias:
		if isInternal(u.Obj()) {
			return []string{u.String()}
		}
		return internalIn(types.Unalias(u))
	case *types.Struct:
		for f := range u.Fields() {
			if f.Exported() {
				names = append(names, internalIn(f.Type())...)
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{u.Params(), u.Results()} {
			for v := range tuple.Variables() {
				names = append(names, internalIn(v.Type())...)
			}
		}
	case *types.Interface:
		for m := range u.Methods() {
			if m.Exported() {
				names = append(names, internalIn(m.Type())...)
			}
		}
	case *types.Map:
		names = append(internalIn(u.Key()), internalIn(u.Elem())...)
	case interface{ Elem() types.Type }: // a pointer, slice, array or channel
		names = internalIn(u.Elem())
	}
	return names
}

// isInternal reports whether a type stands in an internal package of the module.
func isInternal(tn *types.TypeName) bool {
	return tn.Pkg() != nil && strings.HasPrefix(tn.Pkg().Path(), module) && strings.Contains(tn.Pkg().Path()+"/", "/internal/")
}
