package importer

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"path/filepath"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"

	"finmem/data"
)

// Pickle reads FinMem's env_data.pkl for one symbol. A file is a dict from dates
// to either form that FinMem knows, a dict
//
//	{"price": {"TSLA": 410.4}, "news": {"TSLA": ["…"]}, "filing_q": {}, "filing_k": {}}
//
// or a tuple or list of dicts that hold one of these parts each. The names of
// INVESTOR-BENCH (prices, 10q, 10k) are understood too. A date without the
// symbol has nothing of it; a symbol that is nowhere in the file is an error that
// lists those that are.
//
// Read are pickle protocols 2 to 5; 0 and 1 are refused, since they can be
// misread. Dates may be datetime.date, datetime.datetime, pandas.Timestamp or
// text; a time of day is dropped. Prices may be Python or NumPy numbers, or
// NumPy arrays of one element. Texts may stand alone, in lists, tuples or arrays.
// FinMem's "The positive score for this news is …" sentences become the
// sentiment, method "finbert", and leave the text.
//
// A pickle is a program. Before anything is made of it, its opcodes are walked
// through: a class that is not on a short list is refused by its name, as are
// lengths beyond the end of the file. Limits: 512 MiB, five million opcodes,
// five million values, 1 GiB of text.
//
// Bars hold a close only; news and filings a date only.
func Pickle(ctx context.Context, path, symbol string, opts EnvOptions) (Result, error) {
	canonical, err := data.Canonical(symbol)
	if err != nil {
		return Result{}, err
	}
	e, err := readPickle(ctx, path)
	if err != nil {
		return Result{}, err
	}
	return e.read(ctx, canonical, opts)
}

// PickleSymbols lists the symbols that a FinMem pickle has anything of, as it
// spells them, sorted. There are none where its values are not keyed by symbol.
func PickleSymbols(ctx context.Context, path string) ([]string, error) {
	e, err := readPickle(ctx, path)
	if err != nil {
		return nil, err
	}
	return e.symbols(), nil
}

func readPickle(ctx context.Context, path string) (*env, error) {
	content, err := readFile(path, maxPickleSize)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	e := &env{format: "finmem", file: filepath.Base(path)}
	v, rest, err := unpickle(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.file, err)
	}
	if rest > 0 {
		e.notes = append(e.notes, fmt.Sprintf("%d bytes follow the end of the pickle; they were not read", rest))
	}
	if err := e.addPickle(ctx, v); err != nil {
		return nil, fmt.Errorf("%s: %w", e.file, err)
	}
	return e, nil
}

// unpickle makes the values of a checked pickle. rest is how many bytes follow
// it.
func unpickle(content []byte) (v any, rest int, err error) {
	end, err := checkPickle(content)
	if err != nil {
		return nil, 0, err
	}
	// The reader panics on some faults, such as a dict key that cannot be one.
	defer func() {
		if fault := recover(); fault != nil {
			v, err = nil, fmt.Errorf("not a pickle that can be read: %v", fault)
		}
	}()
	u := pickle.NewUnpickler(bytes.NewReader(content[:end]))
	u.FindClass = pickleClass
	v, err = u.Load()
	return v, len(content) - end, err
}

// addPickle adds the dates of an unpickled env.
func (e *env) addPickle(ctx context.Context, v any) error {
	p := &plainer{left: maxValues}
	dates, ok := entries(v)
	if !ok {
		return fmt.Errorf("the pickle is %s, want a dict of dates", kindOf(p.plain(v, 0)))
	}
	unknown := map[string]int{}
	for _, entry := range dates {
		if err := ctx.Err(); err != nil {
			return err
		}
		var d envDate
		var err error
		switch key := entry.Key.(type) {
		case pyDate:
			d.session = key.session
		case string:
			if d.session, err = sessionOfText(key); err != nil {
				return err
			}
		default:
			return fmt.Errorf("a key is %s, want a date", kindOf(p.plain(key, 0)))
		}
		parts, err := p.parts(entry.Value)
		if err != nil {
			return fmt.Errorf("date %s %w", d.session, err)
		}
		names, err := d.fill(parts...)
		if err != nil {
			return err
		}
		for _, name := range names {
			unknown[name]++
		}
		e.dates = append(e.dates, d)
		if p.left <= 0 {
			return fmt.Errorf("more than %d values; split the file", maxValues)
		}
	}
	e.noteUnknown(unknown)
	return nil
}

// maxValues bounds how many values are made of a pickle's. Lists that are
// written once can stand in many places and count at each.
const maxValues = 5_000_000

// A plainer turns what the pickle reader made into the values of an [env].
type plainer struct{ left int }

// parts are the dicts that make up one date.
func (p *plainer) parts(v any) ([]*object, error) {
	items := []any{v}
	switch v := v.(type) {
	case *types.Tuple:
		items = *v
	case *types.List:
		items = *v
	}
	var parts []*object
	for _, item := range items {
		plain := p.plain(item, 0)
		part, ok := plain.(*object)
		if !ok {
			return nil, fmt.Errorf("holds %s, want a dict with price, news, filing_q, filing_k", kindOf(plain))
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// plain is a value as an env holds it. What no section can hold, and what lies
// too deep, becomes opaque.
func (p *plainer) plain(v any, depth int) any {
	if p.left--; p.left < 0 || depth > maxDepth {
		return opaque("too deep or too much")
	}
	switch v := v.(type) {
	case nil, bool, float64, string:
		return v
	case int:
		return float64(v)
	case *big.Int:
		x, _ := new(big.Float).SetInt(v).Float64()
		return x
	case []byte:
		return string(v)
	case *types.ByteArray:
		return string(*v)
	case pyDate:
		return opaque("a date")
	case *types.List:
		return p.list(*v, depth)
	case *types.Tuple:
		return p.list(*v, depth)
	case *pyArray:
		values, err := v.values()
		if err != nil {
			return opaque(err.Error())
		}
		return p.list(values, depth)
	}
	if dict, ok := entries(v); ok {
		return p.dict(dict, depth)
	}
	return opaque("an object")
}

func (p *plainer) list(items []any, depth int) any {
	plain := make([]any, 0, min(len(items), max(p.left, 0)))
	for _, item := range items {
		if p.left <= 0 {
			break
		}
		plain = append(plain, p.plain(item, depth+1))
	}
	return plain
}

func (p *plainer) dict(dict types.Dict, depth int) any {
	o := newObject()
	for _, entry := range dict {
		if p.left <= 0 {
			break
		}
		key, ok := p.plain(entry.Key, depth+1).(string)
		if !ok {
			return opaque("a dict with keys that are not text")
		}
		if !o.set(key, p.plain(entry.Value, depth+1)) {
			return opaque(fmt.Sprintf("a dict with the key %.40q twice", key))
		}
	}
	return o
}

// entries are the keys and values of any kind of dict, in the order of the file.
func entries(v any) (types.Dict, bool) {
	switch v := v.(type) {
	case *types.Dict:
		return *v, true
	case *types.OrderedDict:
		var d types.Dict
		for at := v.List.Front(); at != nil; at = at.Next() {
			entry := at.Value.(*types.OrderedDictEntry)
			d.Set(entry.Key, entry.Value)
		}
		return d, true
	}
	return nil, false
}
