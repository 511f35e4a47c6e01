package profile

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The built-in profiles are written from facts that were long known by the
// summer of 2021, so that they serve any later test period.
//
//go:embed builtin/*.toml
var builtinFiles embed.FS

// generic is the file of the profile for any symbol.
const generic = "generic"

// Builtin is the built-in profile about the symbol, and whether there is one.
func Builtin(symbol string) (Profile, bool) {
	if !slices.Contains(BuiltinNames(), symbol) {
		return Profile{}, false
	}
	return builtin(symbol), true
}

// BuiltinNames are the symbols that have a built-in profile, sorted.
func BuiltinNames() []string {
	files, err := builtinFiles.ReadDir("builtin")
	if err != nil {
		panic(fmt.Sprintf("profile: list the built-in profiles: %v", err))
	}
	var names []string
	for _, f := range files {
		if name := strings.TrimSuffix(f.Name(), ".toml"); name != generic {
			names = append(names, name)
		}
	}
	return names
}

// Generic is the built-in profile for a symbol of which nothing is known. With
// an empty symbol it is for any.
func Generic(symbol string) Profile {
	p := builtin(generic)
	p.Symbol = symbol
	return p
}

// builtin reads a file that is part of the program: a fault in it is a fault of
// the program, and a test reads them all.
func builtin(name string) Profile {
	file := path.Join("builtin", name+".toml")
	f, err := builtinFiles.Open(file)
	if err != nil {
		panic(fmt.Sprintf("profile: %v", err))
	}
	defer f.Close()
	p, err := Parse(file, f)
	if err != nil {
		panic(fmt.Sprintf("profile: %v", err))
	}
	return p
}
