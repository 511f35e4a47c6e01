package importer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nlpodyssey/gopickle/types"

	"finmem/data"
)

// A class stands for a Python class or function. Calling it makes one of the
// values of this file; no Python code is involved.
type class struct {
	name string
	call func(args []any) (any, error)
}

// Call makes the class callable by the pickle reader.
func (c *class) Call(args ...any) (any, error) {
	v, err := c.call(args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return v, nil
}

// A pyType is a class that only appears as an argument and is never called.
type pyType string

const orderedDict = "collections.OrderedDict"

// pickleClass finds a class by its module and name. Any that is not listed here
// is refused: a pickle can name every function of every installed library, and
// a reader that calls what it is told to call runs the file's program.
func pickleClass(module, name string) (any, error) {
	full := module + "." + name
	// NumPy 2 moved numpy.core to numpy._core.
	switch strings.Replace(full, "numpy._core.", "numpy.core.", 1) {
	case orderedDict:
		return &types.OrderedDictClass{}, nil
	case "collections.defaultdict":
		return &class{full, newDefaultDict}, nil
	case "builtins.list", "builtins.dict", "builtins.int", "builtins.float", "builtins.str",
		"__builtin__.list", "__builtin__.dict", "__builtin__.int", "__builtin__.float", "__builtin__.str":
		return pyType(full), nil
	case "_codecs.encode":
		return &class{full, encodeLatin1}, nil
	case "datetime.date":
		return &class{full, newDate}, nil
	case "datetime.datetime":
		return &class{full, newDatetime}, nil
	case "datetime.timedelta":
		return &class{full, newTimedelta}, nil
	case "datetime.timezone":
		return &class{full, newTimezone}, nil
	case "pytz._UTC":
		return &class{full, newUTC}, nil
	case "pytz._p":
		return &class{full, newPytz}, nil
	case "pandas._libs.tslibs.timestamps._unpickle_timestamp", "pandas._libs.tslibs.timestamps.Timestamp",
		"pandas._libs.tslib.Timestamp", "pandas.tslib.Timestamp":
		return &class{full, newTimestamp}, nil
	case "pandas._libs.tslibs.nattype._nat_unpickle", "pandas._libs.tslibs.nattype.__nat_unpickle":
		return &class{full, newNaT}, nil
	case "numpy.dtype":
		return &class{full, newDtype}, nil
	case "numpy.ndarray":
		return pyType(full), nil
	case "numpy.core.multiarray.scalar":
		return &class{full, newScalar}, nil
	case "numpy.core.multiarray._reconstruct":
		return &class{full, newArray}, nil
	case "numpy.core.numeric._frombuffer":
		return &class{full, arrayFromBuffer}, nil
	}
	return nil, fmt.Errorf("class %.200s is not one that a FinMem pickle needs; the file was not read", full)
}

// isDictClass reports whether objects of the class are dicts.
func isDictClass(name string) bool { return name == orderedDict || name == "collections.defaultdict" }

// takesState reports whether objects of the class are given a state after they
// were made.
func takesState(name string) bool {
	return name == "numpy.dtype" || strings.HasSuffix(name, "core.multiarray._reconstruct")
}

// isType reports whether the class only appears as an argument: as the type that
// a defaultdict makes, or that an array is made as.
func isType(name string) bool {
	return strings.HasPrefix(name, "builtins.") || strings.HasPrefix(name, "__builtin__.") || name == "numpy.ndarray"
}

var errArguments = errors.New("unexpected arguments")

// newDefaultDict forgets what the dict makes of missing keys; reading asks for
// none.
func newDefaultDict([]any) (any, error) { return types.NewDict(), nil }

// encodeLatin1 is how protocol 2 writes bytes: as a text and the name of the
// encoding that turns it into bytes.
func encodeLatin1(args []any) (any, error) {
	if len(args) != 2 || args[1] != "latin1" {
		return nil, errArguments
	}
	s, ok := args[0].(string)
	if !ok {
		return nil, errArguments
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, errors.New("a character that Latin-1 does not have")
		}
		b = append(b, byte(r))
	}
	return b, nil
}

// A pyDate is a date, or the date of a time stamp in the stamp's own zone.
type pyDate struct{ session data.Session }

// newDate reads the four bytes in which Python writes a date.
func newDate(args []any) (any, error) {
	if len(args) != 1 {
		return nil, errArguments
	}
	b, ok := rawBytes(args[0])
	if !ok || len(b) != 4 {
		return nil, errArguments
	}
	return dateOf(b)
}

// newDatetime reads the ten bytes in which Python writes a date and time of day
// in its own zone, which may follow.
func newDatetime(args []any) (any, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, errArguments
	}
	b, ok := rawBytes(args[0])
	if !ok || len(b) != 10 {
		return nil, errArguments
	}
	return dateOf(b[:4])
}

func dateOf(b []byte) (any, error) {
	month := b[2] &^ 0x80 // the top bit says which of two equal wall-clock times is meant
	s := fmt.Sprintf("%04d-%02d-%02d", binary.BigEndian.Uint16(b), month, b[3])
	session, err := data.ParseSession(s)
	if err != nil {
		return nil, err
	}
	return pyDate{session}, nil
}

// rawBytes are the bytes of a Python bytes object, or of a Python 2 str.
func rawBytes(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case string:
		return []byte(v), true
	case *types.ByteArray:
		return *v, true
	}
	return nil, false
}

// A pyOffset is a duration, or the zone that far east of UTC.
type pyOffset time.Duration

func newTimedelta(args []any) (any, error) {
	if len(args) != 3 {
		return nil, errArguments
	}
	var parts [3]int64
	for i, limit := range [...]int64{1, 86400, 1_000_000} { // days, seconds, microseconds
		n, ok := args[i].(int)
		if !ok || int64(n) > limit || int64(n) < -limit {
			return nil, errArguments
		}
		parts[i] = int64(n)
	}
	return pyOffset(time.Duration(parts[0])*24*time.Hour + time.Duration(parts[1])*time.Second + time.Duration(parts[2])*time.Microsecond), nil
}

// newTimezone makes a zone of a fixed offset; a name may follow.
func newTimezone(args []any) (any, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, errArguments
	}
	offset, ok := args[0].(pyOffset)
	if !ok {
		return nil, errArguments
	}
	return offset, nil
}

func newUTC([]any) (any, error) { return pyOffset(0), nil }

// newPytz makes a zone of pytz: its name, then the seconds east of UTC that hold
// for the stamp it is written with.
func newPytz(args []any) (any, error) {
	if len(args) != 4 {
		return nil, errArguments
	}
	seconds, ok := args[1].(int)
	if !ok || seconds <= -86400 || seconds >= 86400 {
		return nil, errArguments
	}
	return pyOffset(time.Duration(seconds) * time.Second), nil
}

// newTimestamp reads a pandas.Timestamp: a count since 1970 in UTC, a frequency
// that no longer matters, a zone, and the unit of the count (nanoseconds where
// it is not given).
func newTimestamp(args []any) (any, error) {
	if len(args) < 1 || len(args) > 4 {
		return nil, errArguments
	}
	count, ok := args[0].(int)
	if !ok {
		return nil, errArguments
	}
	var at time.Time
	n := int64(count)
	unit := any(10)
	if len(args) == 4 {
		unit = args[3]
	}
	switch unit { // by NumPy's numbers
	case 7:
		at = time.Unix(n, 0)
	case 8:
		at = time.UnixMilli(n)
	case 9:
		at = time.UnixMicro(n)
	case 10:
		at = time.Unix(0, n)
	default:
		return nil, errors.New("a unit other than s, ms, us, ns")
	}
	if len(args) > 2 && args[2] != nil {
		zone, ok := args[2].(pyOffset)
		if !ok {
			return nil, errors.New("a zone other than UTC or a fixed offset")
		}
		at = at.Add(time.Duration(zone))
	}
	session, err := data.ParseSession(at.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	return pyDate{session}, nil
}

// newNaT is pandas' missing time stamp, which also stands for missing values.
func newNaT([]any) (any, error) { return math.NaN(), nil }

// A pyDtype says how the bytes of a NumPy value are read: kind is 'f', 'i', 'u',
// 'b', 'U', 'S' or 'O', size the bytes of one element.
type pyDtype struct {
	kind  byte
	size  int
	order binary.ByteOrder
}

// newDtype reads a type code such as "f8" or "<U12".
func newDtype(args []any) (any, error) {
	if len(args) < 1 {
		return nil, errArguments
	}
	code, ok := args[0].(string)
	if !ok {
		return nil, errArguments
	}
	d := &pyDtype{order: binary.LittleEndian}
	if code != "" && strings.IndexByte("<>|=", code[0]) >= 0 {
		d.setOrder(code[:1])
		code = code[1:]
	}
	if code == "" || strings.IndexByte("fiubUSO", code[0]) < 0 {
		return nil, fmt.Errorf("type %.20q is none that is read", code)
	}
	d.kind = code[0]
	if code = code[1:]; code == "" {
		code = "1"
	}
	size, err := strconv.ParseUint(code, 10, 20)
	if err != nil {
		return nil, fmt.Errorf("size %.20q of a type", code)
	}
	if d.size = int(size); d.kind == 'U' {
		d.size *= 4 // counted in characters of four bytes
	}
	return d, nil
}

func (d *pyDtype) setOrder(code string) {
	if code == ">" {
		d.order = binary.BigEndian
	}
}

// PySetState takes the state of a dtype: version, byte order, and what only
// structured types use.
func (d *pyDtype) PySetState(state any) error {
	t, ok := state.(*types.Tuple)
	if !ok || t.Len() < 2 {
		return fmt.Errorf("numpy.dtype: %w", errArguments)
	}
	order, ok := t.Get(1).(string)
	if !ok {
		return fmt.Errorf("numpy.dtype: %w", errArguments)
	}
	d.setOrder(order)
	return nil
}

// element reads one value.
func (d *pyDtype) element(b []byte) (any, error) {
	switch {
	case d.kind == 'f' && d.size == 4:
		return float64(math.Float32frombits(d.order.Uint32(b))), nil
	case d.kind == 'f' && d.size == 8:
		return math.Float64frombits(d.order.Uint64(b)), nil
	case d.kind == 'b' && d.size == 1:
		return b[0] != 0, nil
	case d.kind == 'i' || d.kind == 'u':
		return d.integer(b)
	case d.kind == 'U':
		return d.text(b), nil
	case d.kind == 'S':
		return strings.TrimRight(string(b), "\x00"), nil
	}
	return nil, fmt.Errorf("an unread NumPy type, %c%d", d.kind, d.size)
}

func (d *pyDtype) integer(b []byte) (any, error) {
	var u uint64
	switch d.size {
	case 1:
		u = uint64(b[0])
	case 2:
		u = uint64(d.order.Uint16(b))
	case 4:
		u = uint64(d.order.Uint32(b))
	case 8:
		u = d.order.Uint64(b)
	default:
		return nil, fmt.Errorf("an unread NumPy type, %c%d", d.kind, d.size)
	}
	if d.kind == 'u' {
		return float64(u), nil
	}
	unused := 64 - 8*d.size
	return float64(int64(u<<unused) >> unused), nil
}

// text reads characters of four bytes, filled up with zeros.
func (d *pyDtype) text(b []byte) string {
	var s strings.Builder
	for ; len(b) >= 4; b = b[4:] {
		s.WriteRune(rune(d.order.Uint32(b)))
	}
	return strings.TrimRight(s.String(), "\x00")
}

// newScalar reads a NumPy scalar: its type and its bytes.
func newScalar(args []any) (any, error) {
	if len(args) != 2 {
		return nil, errArguments
	}
	d, ok := args[0].(*pyDtype)
	if !ok {
		return nil, errArguments
	}
	b, ok := rawBytes(args[1])
	if !ok || len(b) != d.size {
		return nil, errArguments
	}
	return d.element(b)
}

// A pyArray is a NumPy array. Its elements are read when they are asked for,
// from raw, or are in items where the type is 'O', Python objects.
type pyArray struct {
	shape []int
	dtype *pyDtype
	raw   []byte
	items []any
}

// newArray makes the empty array whose state comes after it.
func newArray([]any) (any, error) { return &pyArray{}, nil }

// PySetState takes version, shape, type, order of dimensions and content.
func (a *pyArray) PySetState(state any) error {
	t, ok := state.(*types.Tuple)
	if !ok || t.Len() != 5 {
		return fmt.Errorf("numpy array: %w", errArguments)
	}
	return a.set(t.Get(1), t.Get(2), t.Get(4))
}

// arrayFromBuffer makes an array as protocol 5 writes it: content, type, shape,
// order of dimensions.
func arrayFromBuffer(args []any) (any, error) {
	if len(args) != 4 {
		return nil, errArguments
	}
	a := &pyArray{}
	if err := a.set(args[2], args[1], args[0]); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *pyArray) set(shape, dtype, content any) error {
	dims, ok := shape.(*types.Tuple)
	if !ok {
		return fmt.Errorf("numpy array: %w", errArguments)
	}
	if a.dtype, ok = dtype.(*pyDtype); !ok {
		return fmt.Errorf("numpy array: %w", errArguments)
	}
	a.shape = nil
	for _, dim := range *dims {
		n, ok := dim.(int)
		if !ok || n < 0 {
			return fmt.Errorf("numpy array: %w", errArguments)
		}
		a.shape = append(a.shape, n)
	}
	if items, ok := content.(*types.List); ok && a.dtype.kind == 'O' {
		a.items = *items
		return nil
	}
	if a.raw, ok = rawBytes(content); !ok {
		return fmt.Errorf("numpy array: %w", errArguments)
	}
	return nil
}

// values are the elements of an array of no or one dimension.
func (a *pyArray) values() ([]any, error) {
	n := 1
	switch len(a.shape) {
	case 0:
	case 1:
		n = a.shape[0]
	default:
		return nil, fmt.Errorf("an array of %d dimensions", len(a.shape))
	}
	if a.dtype == nil {
		return nil, errors.New("an array without a type")
	}
	if a.dtype.kind == 'O' {
		if n != len(a.items) {
			return nil, fmt.Errorf("an array of %d values for %d places", len(a.items), n)
		}
		return a.items, nil
	}
	size := a.dtype.size
	if size == 0 || len(a.raw)%size != 0 || len(a.raw)/size != n {
		return nil, fmt.Errorf("an array of %d bytes for %d places of %d", len(a.raw), n, size)
	}
	values := make([]any, n)
	for i := range values {
		v, err := a.dtype.element(a.raw[i*size : (i+1)*size])
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}
