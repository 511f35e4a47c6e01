package importer_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The types of a Python value that Go has no word for. Go's nil, bool, int,
// float64, string and []byte stand for None, bool, int, float, str and bytes.
type (
	pyDict  []any // key, value, key, value, …
	pyList  []any
	pyTuple []any

	// pyCall is an object made by calling a class and then given a state.
	pyCall struct {
		module, name string
		args         pyTuple
		state        any // nil for none
	}
	pyClass     struct{ module, name string }
	pyBytearray []byte

	// pyShared is a value that is written once and referred to afterwards.
	pyShared struct{ value any }
)

// writePickle writes a value as Python's pickle does at protocols 2 to 5, except
// that fewer values go into the memo. The objects are written as Python 3.11
// with NumPy 1.24 and pandas 1.5 writes them.
func writePickle(protocol byte, v any) []byte {
	p := pickler{protocol: protocol, memo: map[any]int{}}
	p.value(v)
	p.WriteByte('.')
	out := []byte{0x80, protocol}
	if protocol >= 4 {
		out = append(out, 0x95)
		out = binary.LittleEndian.AppendUint64(out, uint64(p.Len()))
	}
	return append(out, p.Bytes()...)
}

type pickler struct {
	bytes.Buffer
	protocol byte
	memo     map[any]int // texts, classes and pyShared that were written
}

func (p *pickler) op(code byte, arg ...byte) {
	p.WriteByte(code)
	p.Write(arg)
}

func (p *pickler) value(v any) {
	switch v := v.(type) {
	case nil:
		p.op('N')
	case bool:
		p.op(map[bool]byte{true: 0x88, false: 0x89}[v])
	case int:
		p.integer(int64(v))
	case float64:
		p.op('G', binary.BigEndian.AppendUint64(nil, math.Float64bits(v))...)
	case string:
		p.once(v, func() { p.text(v) })
	case []byte:
		p.bytes(v)
	case pyBytearray:
		p.op(0x96, binary.LittleEndian.AppendUint64(nil, uint64(len(v)))...)
		p.Write(v)
	case pyList:
		p.op(']')
		p.op('(')
		for _, item := range v {
			p.value(item)
		}
		p.op('e')
	case pyTuple:
		p.tuple(v)
	case pyDict:
		p.op('}')
		p.op('(')
		for _, item := range v {
			p.value(item)
		}
		p.op('u')
	case pyClass:
		p.class(v)
	case pyCall:
		p.class(pyClass{v.module, v.name})
		p.tuple(v.args)
		p.op('R')
		if v.state != nil {
			p.value(v.state)
			p.op('b')
		}
	case *pyShared:
		p.once(v, func() { p.value(v.value) })
	default:
		panic("a value that the test pickler does not write")
	}
}

// once writes a value the first time and refers to it after that.
func (p *pickler) once(key any, write func()) {
	if i, ok := p.memo[key]; ok {
		if i < 256 {
			p.op('h', byte(i))
		} else {
			p.op('j', binary.LittleEndian.AppendUint32(nil, uint32(i))...)
		}
		return
	}
	write()
	i := len(p.memo)
	p.memo[key] = i
	switch {
	case p.protocol >= 4:
		p.op(0x94)
	case i < 256:
		p.op('q', byte(i))
	default:
		p.op('r', binary.LittleEndian.AppendUint32(nil, uint32(i))...)
	}
}

func (p *pickler) integer(n int64) {
	switch {
	case n >= 0 && n < 256:
		p.op('K', byte(n))
	case n >= 0 && n < 65536:
		p.op('M', binary.LittleEndian.AppendUint16(nil, uint16(n))...)
	case n == int64(int32(n)):
		p.op('J', binary.LittleEndian.AppendUint32(nil, uint32(n))...)
	default:
		p.op(0x8a, 8)
		p.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
}

func (p *pickler) text(s string) {
	if p.protocol >= 4 && len(s) < 256 {
		p.op(0x8c, byte(len(s)))
	} else {
		p.op('X', binary.LittleEndian.AppendUint32(nil, uint32(len(s)))...)
	}
	p.WriteString(s)
}

// bytes has no opcode in protocol 2, where they are a call that makes them from
// a text.
func (p *pickler) bytes(b []byte) {
	if p.protocol >= 3 {
		p.op('C', byte(len(b)))
		p.Write(b)
		return
	}
	var latin1 []rune
	for _, c := range b {
		latin1 = append(latin1, rune(c))
	}
	p.value(pyCall{module: "_codecs", name: "encode", args: pyTuple{string(latin1), "latin1"}})
}

func (p *pickler) tuple(items pyTuple) {
	if n := len(items); n == 0 {
		p.op(')')
		return
	} else if n > 3 {
		p.op('(')
	}
	for _, item := range items {
		p.value(item)
	}
	switch n := len(items); n {
	case 1, 2, 3:
		p.op(0x84 + byte(n))
	default:
		p.op('t')
	}
}

func (p *pickler) class(c pyClass) {
	p.once(c, func() {
		if p.protocol < 4 {
			p.op('c')
			p.WriteString(c.module + "\n" + c.name + "\n")
			return
		}
		p.value(c.module)
		p.value(c.name)
		p.op(0x93)
	})
}

// Python's and NumPy's own objects.

func pyDate(year, month, day int) any {
	return pyCall{module: "datetime", name: "date", args: pyTuple{dateBytes(year, month, day)}}
}

func dateBytes(year, month, day int) []byte {
	return []byte{byte(year >> 8), byte(year), byte(month), byte(day)}
}

func pyDatetime(year, month, day, hour int, zone ...any) any {
	stamp := append(dateBytes(year, month, day), byte(hour), 0, 0, 0, 0, 0)
	return pyCall{module: "datetime", name: "datetime", args: append(pyTuple{stamp}, zone...)}
}

// pyTimezone is a fixed offset: -5 is five hours west of UTC.
func pyTimezone(hours int) any {
	days, seconds := 0, hours*3600
	if seconds < 0 {
		days, seconds = -1, seconds+86400
	}
	delta := pyCall{module: "datetime", name: "timedelta", args: pyTuple{days, seconds, 0}}
	return pyCall{module: "datetime", name: "timezone", args: pyTuple{delta}}
}

const nanosecond = 10 // NumPy's number of the unit

func pyTimestamp(unixSeconds int64, zone any) any {
	return pyCall{module: "pandas._libs.tslibs.timestamps", name: "_unpickle_timestamp",
		args: pyTuple{int(unixSeconds * 1e9), nil, zone, nanosecond}}
}

// npType is a dtype such as npType("f8", "<").
func npType(code, order string) any {
	return pyCall{module: "numpy", name: "dtype", args: pyTuple{code, false, true},
		state: pyTuple{3, order, nil, nil, nil, -1, -1, 0}}
}

func npScalar(code string, raw []byte) any {
	return pyCall{module: "numpy.core.multiarray", name: "scalar", args: pyTuple{npType(code, "<"), raw}}
}

// npArray is an array as protocols 2 to 4 write it.
func npArray(dtype any, content any, shape ...any) any {
	return pyCall{module: "numpy.core.multiarray", name: "_reconstruct",
		args:  pyTuple{pyClass{"numpy", "ndarray"}, pyTuple{0}, []byte("b")},
		state: pyTuple{1, pyTuple(shape), dtype, false, content}}
}

// npBuffer is an array as protocol 5 writes it.
func npBuffer(dtype any, content []byte, shape ...any) any {
	return pyCall{module: "numpy.core.numeric", name: "_frombuffer",
		args: pyTuple{pyBytearray(content), dtype, pyTuple(shape), "C"}}
}

func float64Bytes(x float64) []byte {
	return binary.LittleEndian.AppendUint64(nil, math.Float64bits(x))
}

func float32Bytes(x float32) []byte {
	return binary.LittleEndian.AppendUint32(nil, math.Float32bits(x))
}

// file writes content under a name of its own and returns the path.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
