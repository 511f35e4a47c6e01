package importer

// How an opcode's argument is written.
type argument uint8

const (
	noArgument argument = iota
	bytes1              // one byte
	bytes2
	bytes4
	bytes8
	counted1  // one byte of length, then that many bytes
	counted4  // four bytes of length, little endian
	counted8  // eight bytes of length, little endian
	textLines // two lines
)

// An opcode of the pickle machine.
type opcode struct {
	name string
	arg  argument
}

// pickleOps are the opcodes that Python writes for dicts, lists, tuples, texts,
// numbers and objects made by calling a class, at protocols 2 to 5. The rest is
// refused: the text forms of protocol 0, which are slow to read and can be
// ambiguous, persistent and out-of-band objects, which are not in the file, and
// the opcodes that make objects without calling a listed class.
//
// The names are those of Python's pickletools.
var pickleOps = [256]opcode{
	'(':  {name: "MARK"},
	'.':  {name: "STOP"},
	'N':  {name: "NONE"},
	0x88: {name: "NEWTRUE"},
	0x89: {name: "NEWFALSE"},
	'J':  {name: "BININT", arg: bytes4},
	'K':  {name: "BININT1", arg: bytes1},
	'M':  {name: "BININT2", arg: bytes2},
	0x8a: {name: "LONG1", arg: counted1},
	'G':  {name: "BINFLOAT", arg: bytes8},

	'U':  {name: "SHORT_BINSTRING", arg: counted1},
	'T':  {name: "BINSTRING", arg: counted4},
	0x8c: {name: "SHORT_BINUNICODE", arg: counted1},
	'X':  {name: "BINUNICODE", arg: counted4},
	0x8d: {name: "BINUNICODE8", arg: counted8},
	'C':  {name: "SHORT_BINBYTES", arg: counted1},
	'B':  {name: "BINBYTES", arg: counted4},
	0x8e: {name: "BINBYTES8", arg: counted8},
	0x96: {name: "BYTEARRAY8", arg: counted8},
	0x98: {name: "READONLY_BUFFER"},

	']':  {name: "EMPTY_LIST"},
	'a':  {name: "APPEND"},
	'e':  {name: "APPENDS"},
	'}':  {name: "EMPTY_DICT"},
	's':  {name: "SETITEM"},
	'u':  {name: "SETITEMS"},
	')':  {name: "EMPTY_TUPLE"},
	0x85: {name: "TUPLE1"},
	0x86: {name: "TUPLE2"},
	0x87: {name: "TUPLE3"},
	't':  {name: "TUPLE"},

	'h':  {name: "BINGET", arg: bytes1},
	'j':  {name: "LONG_BINGET", arg: bytes4},
	'q':  {name: "BINPUT", arg: bytes1},
	'r':  {name: "LONG_BINPUT", arg: bytes4},
	0x94: {name: "MEMOIZE"},

	'c':  {name: "GLOBAL", arg: textLines},
	0x93: {name: "STACK_GLOBAL"},
	'R':  {name: "REDUCE"},
	'b':  {name: "BUILD"},

	0x80: {name: "PROTO", arg: bytes1},
	0x95: {name: "FRAME", arg: bytes8},
}
