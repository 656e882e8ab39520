package architecture

import (
	"go/ast"
	"strings"
	"testing"
)

// The sizes that code keeps to, so that it can be read.
const (
	maxFileLines     = 500
	maxFunctionLines = 80
	maxNesting       = 3
	maxMethods       = 3
)

func TestFilesAreShort(t *testing.T) {
	for _, f := range goFiles(t) {
		if n := f.lines(); n > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: it is about several things", f.path, n, maxFileLines)
		}
	}
}

func TestFunctionsAreShort(t *testing.T) {
	each(t, func(f *ast.FuncDecl) {
		start, end := files.Position(f.Pos()), files.Position(f.End())
		if n := end.Line - start.Line + 1; n > maxFunctionLines {
			t.Errorf("%s: %s has %d lines, more than %d", start, f.Name.Name, n, maxFunctionLines)
		}
	})
}

// TestFunctionsAreFlat leaves out tests, in which loops over every combination
// are plainer than names for them.
func TestFunctionsAreFlat(t *testing.T) {
	each(t, func(f *ast.FuncDecl) {
		if n := nesting(f); n > maxNesting && !strings.HasSuffix(files.Position(f.Pos()).Filename, "_test.go") {
			t.Errorf("%s: %s nests %d deep, more than %d: give the inner part a name", files.Position(f.Pos()), f.Name.Name, n, maxNesting)
		}
	})
}

// TestInterfacesAreSmall: what is declared where it is used needs few methods.
func TestInterfacesAreSmall(t *testing.T) {
	for _, f := range goFiles(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok && i.Methods.NumFields() > maxMethods {
				t.Errorf("%s: the interface has %d methods, more than %d", files.Position(i.Pos()), i.Methods.NumFields(), maxMethods)
			}
			return true
		})
	}
}

func each(t *testing.T, check func(*ast.FuncDecl)) {
	for _, f := range goFiles(t) {
		for _, d := range f.syntax.Decls {
			if function, ok := d.(*ast.FuncDecl); ok {
				check(function)
			}
		}
	}
}

// nesting returns how deep statements stand inside one another at the deepest.
func nesting(body ast.Node) int {
	deepest := 0
	ast.PreorderStack(body, nil, func(n ast.Node, around []ast.Node) bool {
		deepest = max(deepest, depth(append(around, n)))
		return true
	})
	return deepest
}

// depth counts the statements on the way to a node. A function that is written
// in place begins anew, since it is a function of its own, and an "else if"
// stands beside the "if" before it.
func depth(way []ast.Node) int {
	n := 0
	for i, node := range way {
		switch node := node.(type) {
		case *ast.FuncLit:
			n = 0
		case *ast.IfStmt:
			if before, ok := way[i-1].(*ast.IfStmt); !ok || before.Else != node {
				n++
			}
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			n++
		}
	}
	return n
}
