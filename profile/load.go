package profile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"finmem/internal/nearest"
)

// Load reads the profile in a TOML file; see [Parse].
func Load(path string) (Profile, error) {
	f, err := os.Open(path)
	if err != nil {
		return Profile{}, fmt.Errorf("read profile: %w", err)
	}
	defer f.Close()
	return Parse(path, f)
}

// Parse reads a profile as TOML from r. The name is that of the source, for
// errors.
//
// The keys are name, symbol, sectors, expertise, background, inclination,
// adaptive_window and query; name and expertise are required. A key that is not
// one of them is refused, and so is a value of another type or outside its
// range: the error names the source, the line and what to write instead. White
// space around a value is dropped.
func Parse(name string, r io.Reader) (Profile, error) {
	src, err := io.ReadAll(r)
	if err != nil {
		return Profile{}, fmt.Errorf("read profile %s: %w", name, err)
	}
	var values map[string]toml.Primitive
	// Line breaks of any system are the same line breaks.
	meta, err := toml.Decode(strings.ReplaceAll(string(src), "\r\n", "\n"), &values)
	if err != nil {
		return Profile{}, sourceError(name, err)
	}

	p := Profile{
		Inclination:    SelfAdaptive,
		AdaptiveWindow: DefaultAdaptiveWindow,
		Query:          QuerySituation,
	}
	seen := make(map[string]bool, len(values))
	for _, path := range meta.Keys() {
		key := path[0]
		if seen[key] {
			continue // another key of a table, which was taken whole
		}
		seen[key] = true
		read := keyReader(func(v any) error { return p.set(key, v) })
		if err := meta.PrimitiveDecode(values[key], &read); err != nil {
			return Profile{}, sourceError(name, err)
		}
	}
	if err := p.Validate(); err != nil {
		return Profile{}, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// A keyReader takes one value as the TOML library hands it over. What it finds
// wrong comes back from the library with the line of the key.
type keyReader func(v any) error

func (read *keyReader) UnmarshalTOML(v any) error { return (*read)(v) }

// sourceError puts source and line before what the TOML library found. It knows
// no line for a table that has no header of its own, as in name.first = "x".
func sourceError(name string, err error) error {
	pe, ok := errors.AsType[toml.ParseError](err)
	switch {
	case ok && pe.Position.Line == 0:
		return fmt.Errorf("%s: %s", name, pe.Message)
	case ok:
		return fmt.Errorf("%s line %d: %s", name, pe.Position.Line, pe.Message)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// keys are the keys of a profile in the order in which they are written.
var keys = []string{"name", "symbol", "sectors", "expertise", "background", "inclination", "adaptive_window", "query"}

// set takes the value of one key.
func (p *Profile) set(key string, v any) error {
	switch key {
	case "name":
		return setString(key, v, &p.Name, checkName)
	case "symbol":
		return setString(key, v, &p.Symbol, checkSymbol)
	case "sectors":
		return p.setSectors(v)
	case "expertise":
		return setString(key, v, &p.Expertise, nil)
	case "background":
		return setString(key, v, &p.Background, nil)
	case "inclination":
		return setString(key, v, &p.Inclination, Inclination.check)
	case "adaptive_window":
		return p.setWindow(v)
	case "query":
		return setString(key, v, &p.Query, Query.check)
	}
	if hint := nearest.Hint(key, keys); hint != "" {
		return fmt.Errorf("unknown key %q%s", key, hint)
	}
	return fmt.Errorf("unknown key %q; a profile has %s", key, strings.Join(keys, ", "))
}

func setString[T ~string](key string, v any, to *T, check func(T) error) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("%s: want text in quotes, not %s", key, tomlType(v))
	}
	*to = T(strings.TrimSpace(s))
	if check == nil {
		return nil
	}
	return check(*to)
}

func (p *Profile) setSectors(v any) error {
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("sectors: want a list such as [\"software\", \"retail\"], not %s", tomlType(v))
	}
	p.Sectors = nil
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			return fmt.Errorf("sectors: entry %d is %s; want text in quotes", i+1, tomlType(e))
		}
		p.Sectors = append(p.Sectors, strings.TrimSpace(s))
	}
	return checkSectors(p.Sectors)
}

func (p *Profile) setWindow(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("adaptive_window: want a number of sessions without quotes, not %s", tomlType(v))
	}
	const most = 10_000 // some forty years; also keeps the value an int everywhere
	if n > most {
		return fmt.Errorf("adaptive_window %d: want at most %d sessions", n, most)
	}
	p.AdaptiveWindow = int(n)
	return checkWindow(p.AdaptiveWindow)
}

// tomlType is the type of a decoded value in the words of TOML.
func tomlType(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case int64:
		return "a number"
	case float64:
		return "a number with a fraction"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any, []map[string]any:
		return "a table"
	}
	return "a date or time"
}
