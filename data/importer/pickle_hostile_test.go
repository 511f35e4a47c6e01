package importer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"finmem/data"
	"finmem/data/importer"
)

// refused imports bytes that must be refused for the given reason.
func refused(t *testing.T, content []byte, want string) {
	t.Helper()
	_, err := importer.Pickle(context.Background(), file(t, "env.pkl", content), "TSLA", importer.EnvOptions{})
	if err == nil || !strings.HasPrefix(err.Error(), "env.pkl: ") || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that names env.pkl and says %q", err, want)
	}
}

func TestPickleRefusesOldProtocols(t *testing.T) {
	// {} at protocols 0 and 1, as Python writes them.
	for _, content := range []string{"(dp0\n.", "}q\x00."} {
		refused(t, []byte(content), "pickle.dump(data, file, protocol=4)")
	}
	refused(t, []byte("\x80\x01}."), "protocol 1 is not read")
	refused(t, []byte("\x80\x06}."), "protocol 6 is not read")
}

// A class that is not listed is refused by its name, in whichever way it is
// named.
func TestPickleRefusesClasses(t *testing.T) {
	for _, class := range []pyClass{
		{"os", "system"}, {"posix", "system"}, {"subprocess", "Popen"}, {"builtins", "eval"}, {"builtins", "getattr"},
		{"__builtin__", "object"}, {"copy_reg", "_reconstructor"}, {"array", "_array_reconstructor"}, {"pandas.core.frame", "DataFrame"},
	} {
		for protocol := byte(2); protocol <= 5; protocol++ {
			t.Run(fmt.Sprint(class.module, ".", class.name, " protocol ", protocol), func(t *testing.T) {
				call := pyCall{module: class.module, name: class.name, args: pyTuple{"touch /tmp/x"}}
				want := "class " + class.module + "." + class.name + " is not one that a FinMem pickle needs"
				refused(t, writePickle(protocol, pyDict{pyDate(2024, 1, 2), call}), want)
				// Both halves of the name written before, as values.
				refused(t, writePickle(protocol, pyList{class.module, class.name, call}), want)
			})
		}
	}
}

func TestPickleHostile(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"empty file", "", "the file is empty"},
		{"text", "date,close\n2024-01-02,1\n", "not a pickle"},
		{"protocol only", "\x80\x04", "ends too early"},
		{"nothing to return", "\x80\x04.", "takes a value where there is none"},
		{"text of 4 GiB", "\x80\x04X\xff\xff\xff\xff", "wants 4294967295 bytes of the 0 that are left"},
		{"text of 1 TiB", "\x80\x04\x8d\x00\x00\x00\x00\x00\x01\x00\x00.", "wants 1099511627776 bytes of the 1 that are left"},
		{"bytes of more than there are", "\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "wants 18446744073709551615 bytes"},
		{"frame of 1 TiB", "\x80\x04\x95\x00\x00\x00\x00\x00\x01\x00\x00}.", "FRAME: wants 1099511627776 bytes"},
		{"second protocol", "\x80\x04\x80\x04}.", "PROTO must come first and once"},
		{"many lists in each other", "\x80\x04" + strings.Repeat("(", 2000), "lie more than 1000 deep"},
		{"memo of four billion places", "\x80\x04}r\xff\xff\xff\xff.", "memo place 4294967295 after 0 places"},
		{"memo place that is empty", "\x80\x04h\x07.", "memo place 7 holds nothing"},
		{"memo place that was skipped", "\x80\x02}q\x01h\x00.", "memo place 0 holds nothing"},
		{"memo of nothing", "\x80\x04\x94.", "takes a value where there is none"},
		{"memo with a gap, then in order", "\x80\x04}q\x01\x94.", "mixes numbered and unnumbered memo places"},
		{"pair of one", "\x80\x04N\x86.", "takes a value where there is none"},
		{"value into nothing", "\x80\x04Na.", "takes a value where there is none"},
		{"class without a name", "\x80\x04\x93.", "takes a value where there is none"},
		{"call of nothing", "\x80\x04R.", "takes a value where there is none"},
		{"call without a class", "\x80\x04)R.", "takes a value where there is none"},
		{"state of nothing", "\x80\x04b.", "takes a value where there is none"},
		{"state without an object", "\x80\x04Nb.", "takes a value where there is none"},
		{"value from below a mark", "\x80\x04]N(a.", "takes a value where there is none"},
		{"length that is cut", "\x80\x04X\xff", "wants 4 bytes of the 1 that are left"},
		{"key without a value", "\x80\x04}(Nu.", "a key without a value"},
		{"list ended that was not begun", "\x80\x04]e.", "ends a list that was not begun"},
		{"value into a number", "\x80\x04K\x01Na.", "puts a value into something that takes none"},
		{"number without bytes", "\x80\x04\x8a\x00.", "a number of no bytes"},
		{"opcode of protocol 0", "\x80\x04I42\n.", "opcode 0x49"},
		{"persistent object", "\x80\x04NQ.", "opcode 0x51"},
		{"extension", "\x80\x04\x82\x01.", "opcode 0x82"},
		{"out of band", "\x80\x05\x97.", "opcode 0x97"},
		{"object of a class by another way", "\x80\x04cdatetime\ndate\n)\x81.", "opcode 0x81"},
		{"class whose name is no text", "\x80\x04]]\x93.", "a class whose name is not a short text"},
		{"class whose name has no end", "\x80\x02c" + strings.Repeat("a", 5000), "no end of line"},
		// A list that contains itself, where a message would show it.
		{"call of a list that contains itself", "\x80\x04]\x94h\x00a)R.", "calls something that is not a class"},
		{"call of list with a list that contains itself", "\x80\x04cbuiltins\nlist\n]\x94h\x00a\x85R.", "calls builtins.list in a way"},
		{"OrderedDict of a list that contains itself", "\x80\x04ccollections\nOrderedDict\n]\x94h\x00a\x85R.", "calls collections.OrderedDict in a way"},
		{"state for a list that contains itself", "\x80\x04]\x94h\x00a}b.", "gives a state to something that takes none"},
		{"state for a dict", "\x80\x04ccollections\nOrderedDict\n)R}b.", "gives a state to something that takes none"},
		{"list that contains itself as a date", "\x80\x04}]\x94h\x00aNs.", "a key is a list"},
		{"OrderedDict with bytes for a key", "\x80\x04ccollections\nOrderedDict\n)RC\x01aNs.", "not a pickle that can be read"},
		{"dtype of another kind", "\x80\x04cnumpy\ndtype\n\x8c\x02M8\x85R.", `type "M8" is none that is read`},
		{"dtype of a large size", "\x80\x04cnumpy\ndtype\n\x8c\x0aU999999999\x85R.", `size "999999999" of a type`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { refused(t, []byte(tt.content), tt.want) })
	}
}

// Listed classes called with what Python never gives them.
func TestPickleBadObjects(t *testing.T) {
	const stamps = "pandas._libs.tslibs.timestamps"
	f8 := npType("f8", "<")
	call := func(module, name string, args ...any) pyCall { return pyCall{module: module, name: name, args: args} }
	state := func(c pyCall, state any) pyCall { c.state = state; return c }
	array := call("numpy.core.multiarray", "_reconstruct", pyClass{"numpy", "ndarray"}, pyTuple{0}, []byte("b"))
	tests := []struct {
		object pyCall
		want   string
	}{
		{call("_codecs", "encode", "a", "utf8"), "_codecs.encode: unexpected arguments"},
		{call("_codecs", "encode", 7, "latin1"), "_codecs.encode: unexpected arguments"},
		{call("_codecs", "encode", "€", "latin1"), "a character that Latin-1 does not have"},
		{call("datetime", "date"), "datetime.date: unexpected arguments"},
		{call("datetime", "date", []byte{7, 232, 1}), "datetime.date: unexpected arguments"},
		{call("datetime", "datetime"), "datetime.datetime: unexpected arguments"},
		{call("datetime", "datetime", []byte{7, 232, 1, 2}), "datetime.datetime: unexpected arguments"},
		{call("datetime", "datetime", 7), "datetime.datetime: unexpected arguments"},
		{call("datetime", "timedelta", 1), "datetime.timedelta: unexpected arguments"},
		{call("datetime", "timedelta", 400, 0, 0), "datetime.timedelta: unexpected arguments"},
		{call("datetime", "timezone"), "datetime.timezone: unexpected arguments"},
		{call("datetime", "timezone", "UTC"), "datetime.timezone: unexpected arguments"},
		{call("pytz", "_p", "America/New_York"), "pytz._p: unexpected arguments"},
		{call("pytz", "_p", "x", 1_000_000, 0, "x"), "pytz._p: unexpected arguments"},
		{call(stamps, "Timestamp"), "Timestamp: unexpected arguments"},
		{call(stamps, "Timestamp", "2024-01-02"), "Timestamp: unexpected arguments"},
		{call(stamps, "_unpickle_timestamp", 1, nil, nil, 4), "a unit other than s, ms, us, ns"},
		{call(stamps, "_unpickle_timestamp", 1, nil, "UTC", 10), "a zone other than UTC or a fixed offset"},
		{call(stamps, "_unpickle_timestamp", 1<<60, nil, nil, 7), "YYYY-MM-DD"},
		{call("numpy", "dtype"), "numpy.dtype: unexpected arguments"},
		{call("numpy", "dtype", 7), "numpy.dtype: unexpected arguments"},
		{call("numpy", "dtype", ""), `type "" is none that is read`},
		{state(call("numpy", "dtype", "f8"), 7), "numpy.dtype: unexpected arguments"},
		{state(call("numpy", "dtype", "f8"), pyTuple{3, 7}), "numpy.dtype: unexpected arguments"},
		{call("numpy.core.multiarray", "scalar", f8), "scalar: unexpected arguments"},
		{call("numpy.core.multiarray", "scalar", "f8", float64Bytes(1)), "scalar: unexpected arguments"},
		{call("numpy.core.multiarray", "scalar", f8, []byte{1}), "scalar: unexpected arguments"},
		{call("numpy.core.multiarray", "scalar", npType("f2", "<"), []byte{1, 2}), "an unread NumPy type, f2"},
		{call("numpy.core.multiarray", "scalar", npType("i3", "<"), []byte{1, 2, 3}), "an unread NumPy type, i3"},
		{state(array, 7), "numpy array: unexpected arguments"},
		{state(array, pyTuple{1, 7, f8, false, []byte{}}), "numpy array: unexpected arguments"},
		{state(array, pyTuple{1, pyTuple{1}, 7, false, []byte{}}), "numpy array: unexpected arguments"},
		{state(array, pyTuple{1, pyTuple{-1}, f8, false, []byte{}}), "numpy array: unexpected arguments"},
		{call("numpy.core.numeric", "_frombuffer", f8), "_frombuffer: unexpected arguments"},
		{call("numpy.core.numeric", "_frombuffer", 7, f8, pyTuple{}, "C"), "numpy array: unexpected arguments"},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i, " ", tt.object.name), func(t *testing.T) {
			refused(t, writePickle(4, pyDict{pyDate(2024, 1, 2), day(tt.object, nil, nil, nil)}), tt.want)
		})
	}
}

// Every file cut short is refused, and no changed byte makes the reader panic.
func TestPickleDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env.pkl")
	opts := importer.EnvOptions{Calendar: data.Always()} // making one for each import would take most of the time
	whole := writePickle(4, pyDict{
		pyDate(2024, 1, 2), day(npScalar("f8", float64Bytes(10.5)), npArray(npType("O8", "|"), pyList{"a", "b"}, 2), pyDict{}, pyDict{}),
		pyTimestamp(1_704_258_000, pyTimezone(-5)), day(npArray(npType("f8", "<"), float64Bytes(11.5), 1), pyList{"c"}, pyDict{"TSLA", "q"}, pyDict{}),
	})
	read := func(content []byte) error {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := importer.Pickle(context.Background(), path, "TSLA", opts)
		return err
	}
	if err := read(whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if read(whole[:n]) == nil {
			t.Errorf("the first %d of %d bytes were read as a whole file", n, len(whole))
		}
		for _, b := range []byte{'.', 0xff} {
			changed := append([]byte(nil), whole...)
			changed[n] = b
			_ = read(changed) // may or may not be a pickle; it must not end the program
		}
	}
}

// A short file can name one long list in many places.
func TestPickleSharedValues(t *testing.T) {
	texts := pyList{}
	for range 3000 {
		texts = append(texts, "a")
	}
	shared := &pyShared{texts}
	env := pyDict{}
	for i := range 2000 {
		env = append(env, pyDate(2000+i/300, 1+i/28%12, 1+i%28), day(1.5, shared, pyDict{}, pyDict{}))
	}
	refused(t, writePickle(4, env), "more than 5000000 values")
}

func TestPickleSharedText(t *testing.T) {
	long := strings.Repeat("x", 16<<20)
	env := pyDict{}
	for i := range 65 {
		env = append(env, pyDate(2000+i, 1, 3), day(1.5, pyList{long}, pyDict{}, pyDict{}))
	}
	_, err := importer.Pickle(context.Background(), file(t, "env.pkl", writePickle(4, env)), "TSLA", importer.EnvOptions{})
	if err == nil || !strings.Contains(err.Error(), "env.pkl holds 1040 MiB of text, more than 1024") {
		t.Errorf("error %v", err)
	}
}

func FuzzPickle(f *testing.F) {
	good := day(10.5, pyList{"a", "b"}, pyDict{"TSLA", "q"}, pyDict{})
	for protocol := byte(2); protocol <= 5; protocol++ {
		f.Add(writePickle(protocol, pyDict{pyDate(2024, 1, 2), good}))
		f.Add(writePickle(protocol, pyDict{pyDatetime(2024, 1, 2, 16, pyTimezone(-5)), good}))
		f.Add(writePickle(protocol, pyDict{pyTimestamp(1_704_153_600, nil), pyTuple{pyDict{"price", npScalar("f4", float32Bytes(10.5))}}}))
		f.Add(writePickle(protocol, pyDict{"2024-01-02", day(npArray(npType("f8", ">"), float64Bytes(1), 1), npArray(npType("U1", "<"), []byte{'a', 0, 0, 0}, 1), nil, nil)}))
	}
	f.Add(writePickle(5, pyDict{"2024-01-02", pyDict{"price", npBuffer(npType("f8", "<"), float64Bytes(1), 1)}}))
	f.Add([]byte("\x80\x04ccollections\nOrderedDict\n)R."))
	path := filepath.Join(f.TempDir(), "env.pkl")
	opts := importer.EnvOptions{Calendar: data.Always()}
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := importer.Pickle(context.Background(), path, "TSLA", opts)
		checkImport(t, r, err)
	})
}

// checkImport holds what is true of every import that succeeds, and of every
// error.
func checkImport(t *testing.T, r importer.Result, err error) {
	t.Helper()
	if err != nil {
		if err.Error() == "" || len(r.History.Bars) > 0 {
			t.Errorf("error %q with %d bars", err, len(r.History.Bars))
		}
		return
	}
	for i, b := range r.History.Bars {
		if !(b.Close > 0) || i > 0 && b.Session <= r.History.Bars[i-1].Session {
			t.Errorf("bar %d: %+v", i, b)
		}
	}
	for _, n := range r.History.News {
		if !utf8.ValidString(n.Text) || strings.TrimSpace(n.Text) == "" || strings.ContainsAny(n.Text, "\x00\x1b\r") {
			t.Errorf("news %q", n.Text)
		}
	}
	if err := r.Meta.Validate(); err != nil {
		t.Error(err)
	}
	if r.Report.Read != r.Report.Kept+len(r.Report.Skipped) {
		t.Errorf("read %d, kept %d, skipped %d", r.Report.Read, r.Report.Kept, len(r.Report.Skipped))
	}
}
