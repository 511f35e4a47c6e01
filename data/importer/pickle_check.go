package importer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Limits of a pickle, against files made to exhaust memory. An opcode of one
// byte can cost a few hundred bytes in the reader. The largest pickle known of
// this kind, 5262 news, has 22,000 opcodes in 2.7 MB.
const (
	maxPickleSize = 512 << 20
	maxPickleOps  = 5_000_000
	maxMarks      = 1000 // lists and tuples that are open at once
)

// checkPickle walks through a pickle without making anything of it and refuses
// it unless every step is one that Python takes to write plain data:
//
//   - protocol 2 to 5, and only the opcodes of [pickleOps];
//   - no length reaches beyond the file, so none can ask for memory that the
//     file does not have;
//   - every class is on the list of [pickleClass]; this is settled here, before
//     any value is made;
//   - only listed classes are called, only dtypes and arrays are given a state,
//     and nothing is taken from the stack or the memo that is not there.
//
// What passes cannot make the reader ask for more memory than the limits imply,
// call anything else, or follow a list that contains itself in an error message,
// which would end the program. It returns where the pickle ends.
func checkPickle(content []byte) (end int, err error) {
	if len(content) == 0 {
		return 0, errors.New("the file is empty")
	}
	if content[0] != 0x80 {
		return 0, errors.New("not a pickle of protocol 2 to 5; the older protocols 0 and 1 are not read: load it in Python and write it again with pickle.dump(data, file, protocol=4)")
	}
	c := pickleChecker{content: content}
	for ops := 0; ; ops++ {
		at := c.at
		if ops == maxPickleOps {
			return 0, fmt.Errorf("more than %d opcodes; split the file", maxPickleOps)
		}
		stop, err := c.step(ops == 0)
		if err != nil {
			return 0, fmt.Errorf("byte %d: %w", at, err)
		}
		if stop {
			return c.at, nil
		}
	}
}

// A kind is what the checker knows of a value.
type kind uint8

const (
	absent kind = iota // a place of the memo that holds nothing
	scalar
	text
	binaryText // bytes
	listValue
	dictValue
	tupleValue
	classValue
	objectValue // what calling a class made
)

// A slot is one value of the checker's stack. name is the class of a class or
// object, or the content of a text short enough to be a class's name.
type slot struct {
	kind kind
	size int // of a tuple
	name string
}

type pickleChecker struct {
	content []byte
	at      int
	stack   []slot
	marks   []int
	memo    []slot
	filled  int // places of the memo that hold something
}

// maxName bounds the texts the checker remembers.
const maxName = 100

// step checks one opcode. It reports whether that was the end.
func (c *pickleChecker) step(first bool) (stop bool, err error) {
	if c.at == len(c.content) {
		return false, errors.New("the pickle ends too early")
	}
	code := c.content[c.at]
	op := pickleOps[code]
	if op.name == "" {
		return false, fmt.Errorf("opcode 0x%02x is not one that plain data needs", code)
	}
	c.at++
	arg, err := c.argument(op.arg)
	if err != nil {
		return false, fmt.Errorf("%s: %w", op.name, err)
	}
	if (code == 0x80) != first {
		return false, errors.New("PROTO must come first and once")
	}
	stop, err = c.apply(code, arg)
	if err != nil {
		return false, fmt.Errorf("%s: %w", op.name, err)
	}
	return stop, nil
}

// argument reads the argument of an opcode; of a counted one, the bytes counted.
func (c *pickleChecker) argument(a argument) ([]byte, error) {
	switch a {
	case noArgument:
		return nil, nil
	case bytes1:
		return c.take(1)
	case bytes2:
		return c.take(2)
	case bytes4:
		return c.take(4)
	case bytes8:
		return c.take(8)
	case textLines:
		return c.takeLines()
	}
	width := uint64(1)
	switch a {
	case counted4:
		width = 4
	case counted8:
		width = 8
	}
	length, err := c.take(width)
	if err != nil {
		return nil, err
	}
	return c.take(number(length))
}

func (c *pickleChecker) take(n uint64) ([]byte, error) {
	if rest := uint64(len(c.content) - c.at); n > rest {
		return nil, fmt.Errorf("wants %d bytes of the %d that are left", n, rest)
	}
	b := c.content[c.at : c.at+int(n)]
	c.at += int(n)
	return b, nil
}

// takeLines reads two lines and returns them with the newline between.
func (c *pickleChecker) takeLines() ([]byte, error) {
	from := c.at
	for range 2 {
		i := bytes.IndexByte(c.content[c.at:min(len(c.content), c.at+2*maxName)], '\n')
		if i < 0 {
			return nil, errors.New("no end of line where a class is named")
		}
		c.at += i + 1
	}
	return c.content[from : c.at-1], nil
}

// apply does to the stack of slots what the opcode does to the stack of values.
func (c *pickleChecker) apply(code byte, arg []byte) (stop bool, err error) {
	switch code {
	case 0x80: // PROTO
		if arg[0] < 2 || arg[0] > 5 {
			return false, fmt.Errorf("protocol %d is not read; write it again with pickle.dump(data, file, protocol=4)", arg[0])
		}
	case 0x95: // FRAME
		if n := number(arg); n > uint64(len(c.content)-c.at) {
			return false, fmt.Errorf("wants %d bytes of the %d that are left", n, len(c.content)-c.at)
		}
	case '.': // STOP
		_, err := c.pop()
		return true, err

	case 'N', 0x88, 0x89, 'J', 'K', 'M', 'G':
		c.push(slot{kind: scalar})
	case 0x8a: // LONG1
		if len(arg) == 0 {
			return false, errors.New("a number of no bytes")
		}
		c.push(slot{kind: scalar})
	case 'U', 'T', 0x8c, 'X', 0x8d:
		s := slot{kind: text}
		if len(arg) <= maxName {
			s.name = string(arg)
		}
		c.push(s)
	case 'C', 'B', 0x8e, 0x96:
		c.push(slot{kind: binaryText})
	case 0x98: // READONLY_BUFFER

	case ']':
		c.push(slot{kind: listValue})
	case '}':
		c.push(slot{kind: dictValue})
	case 'a': // APPEND
		return false, c.extend(1, listValue)
	case 's': // SETITEM
		return false, c.extend(2, dictValue)
	case 'e', 'u': // APPENDS, SETITEMS
		n, err := c.popMark()
		if err != nil {
			return false, err
		}
		if code == 'u' {
			if n%2 != 0 {
				return false, errors.New("a key without a value")
			}
			return false, c.extend(0, dictValue)
		}
		return false, c.extend(0, listValue)

	case ')':
		return false, c.tuple(0)
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		return false, c.tuple(int(code) - 0x84)
	case 't': // TUPLE
		n, err := c.popMark()
		c.push(slot{kind: tupleValue, size: n})
		return false, err
	case '(':
		if len(c.marks) == maxMarks {
			return false, fmt.Errorf("lists and tuples lie more than %d deep", maxMarks)
		}
		c.marks = append(c.marks, len(c.stack))

	case 'h', 'j': // BINGET, LONG_BINGET
		return false, c.get(number(arg))
	case 'q', 'r': // BINPUT, LONG_BINPUT
		return false, c.put(number(arg))
	case 0x94: // MEMOIZE
		if c.filled != len(c.memo) {
			return false, errors.New("mixes numbered and unnumbered memo places")
		}
		return false, c.put(uint64(len(c.memo)))

	case 'c': // GLOBAL
		module, name, _ := strings.Cut(string(arg), "\n")
		return false, c.class(module, name)
	case 0x93: // STACK_GLOBAL
		name, err := c.popName()
		if err != nil {
			return false, err
		}
		module, err := c.popName()
		if err != nil {
			return false, err
		}
		return false, c.class(module, name)
	case 'R':
		return false, c.reduce()
	case 'b':
		return false, c.build()
	}
	return false, nil
}

// number is a number of up to eight bytes, little endian.
func number(b []byte) uint64 {
	var n [8]byte
	copy(n[:], b)
	return binary.LittleEndian.Uint64(n[:])
}

func (c *pickleChecker) push(s slot) { c.stack = append(c.stack, s) }

// floor is the place on the stack below which nothing may be taken.
func (c *pickleChecker) floor() int {
	if len(c.marks) == 0 {
		return 0
	}
	return c.marks[len(c.marks)-1]
}

func (c *pickleChecker) pop() (slot, error) {
	top, err := c.top()
	if err == nil {
		c.stack = c.stack[:len(c.stack)-1]
	}
	return top, err
}

func (c *pickleChecker) top() (slot, error) {
	if len(c.stack) <= c.floor() {
		return slot{}, errors.New("takes a value where there is none")
	}
	return c.stack[len(c.stack)-1], nil
}

// popMark drops what was pushed since the last mark and says how much it was.
func (c *pickleChecker) popMark() (int, error) {
	if len(c.marks) == 0 {
		return 0, errors.New("ends a list that was not begun")
	}
	from := c.floor()
	n := len(c.stack) - from
	c.stack = c.stack[:from]
	c.marks = c.marks[:len(c.marks)-1]
	return n, nil
}

// extend takes n values off the stack, which go into the container below them.
func (c *pickleChecker) extend(n int, container kind) error {
	for range n {
		if _, err := c.pop(); err != nil {
			return err
		}
	}
	to, err := c.top()
	if err != nil {
		return err
	}
	isDict := container == dictValue && to.kind == objectValue && isDictClass(to.name)
	if to.kind != container && !isDict {
		return errors.New("puts a value into something that takes none")
	}
	return nil
}

func (c *pickleChecker) tuple(n int) error {
	for range n {
		if _, err := c.pop(); err != nil {
			return err
		}
	}
	c.push(slot{kind: tupleValue, size: n})
	return nil
}

func (c *pickleChecker) get(i uint64) error {
	if i >= uint64(len(c.memo)) || c.memo[i].kind == absent {
		return fmt.Errorf("memo place %d holds nothing", i)
	}
	c.push(c.memo[i])
	return nil
}

// put fills a memo place. Python numbers them one after the other, from 0 or
// from 1; far jumps would let a short file ask for a large table.
func (c *pickleChecker) put(i uint64) error {
	top, err := c.top()
	if err != nil {
		return err
	}
	if i > uint64(len(c.memo))+1 {
		return fmt.Errorf("memo place %d after %d places", i, len(c.memo))
	}
	for i >= uint64(len(c.memo)) {
		c.memo = append(c.memo, slot{})
	}
	if c.memo[i].kind == absent {
		c.filled++
	}
	c.memo[i] = top
	return nil
}

func (c *pickleChecker) popName() (string, error) {
	s, err := c.pop()
	if err != nil {
		return "", err
	}
	if s.kind != text || s.name == "" {
		return "", errors.New("a class whose name is not a short text")
	}
	return s.name, nil
}

func (c *pickleChecker) class(module, name string) error {
	if _, err := pickleClass(module, name); err != nil {
		return err
	}
	c.push(slot{kind: classValue, name: module + "." + name})
	return nil
}

// reduce calls a class with a tuple of arguments.
func (c *pickleChecker) reduce() error {
	args, err := c.pop()
	if err != nil {
		return err
	}
	class, err := c.pop()
	if err != nil {
		return err
	}
	if class.kind != classValue || args.kind != tupleValue {
		return errors.New("calls something that is not a class with arguments")
	}
	if isType(class.name) || class.name == orderedDict && args.size != 0 {
		return fmt.Errorf("calls %s in a way that plain data does not need", class.name)
	}
	c.push(slot{kind: objectValue, name: class.name})
	return nil
}

// build gives a state to an object that a class made.
func (c *pickleChecker) build() error {
	if _, err := c.pop(); err != nil {
		return err
	}
	object, err := c.top()
	if err != nil {
		return err
	}
	if object.kind != objectValue || !takesState(object.name) {
		return errors.New("gives a state to something that takes none")
	}
	return nil
}
