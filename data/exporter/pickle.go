package exporter

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"finmem/data"
)

// The opcodes of Python's pickle protocol 4 that an env needs (PEP 3154 and the
// comments of pickletools.py). All of them are older than protocol 4 but for
// the short texts, the memo and the way a class is named.
const (
	opProto          = 0x80
	opStop           = '.'
	opMark           = '('
	opEmptyDict      = '}'
	opSetItems       = 'u'
	opEmptyList      = ']'
	opAppends        = 'e'
	opFloat          = 'G' // eight bytes, the highest first
	opShortText      = 0x8c
	opText           = 'X' // four bytes of length, the lowest first
	opShortBytes     = 'C'
	opTuple1         = 0x85
	opTuple          = 't'
	opClass          = 0x93 // module and name are on the stack
	opCall           = 'R'
	opMemoize        = 0x94
	opShortGet       = 'h'
	pickleProtocol   = 4
	longestShortText = math.MaxUint8
)

// A pickler writes one pickle. Frames, which let a reader ask for much at once, are
// left out: no reader needs them. After the first error it writes nothing.
type pickler struct {
	w   *bufio.Writer
	err error
	// dated says that the class datetime.date is in the memo, at place 0.
	dated bool
}

func newPickler(w io.Writer) *pickler {
	p := &pickler{w: bufio.NewWriter(w)}
	p.op(opProto, pickleProtocol)
	return p
}

// end finishes the pickle, whose value has been written.
func (p *pickler) end() error {
	p.op(opStop)
	if p.err != nil {
		return p.err
	}
	return p.w.Flush()
}

func (p *pickler) op(code byte, arg ...byte) {
	if p.err == nil {
		p.err = p.w.WriteByte(code)
	}
	if p.err == nil {
		_, p.err = p.w.Write(arg)
	}
}

// dict writes a dict; content writes key, value, key, value and so on.
func (p *pickler) dict(content func()) {
	p.op(opEmptyDict)
	p.op(opMark)
	content()
	p.op(opSetItems)
}

// list writes a list of the items that content writes.
func (p *pickler) list(content func()) {
	p.op(opEmptyList)
	p.op(opMark)
	content()
	p.op(opAppends)
}

// tuple writes a tuple of the items that content writes.
func (p *pickler) tuple(content func()) {
	p.op(opMark)
	content()
	p.op(opTuple)
}

func (p *pickler) float(x float64) {
	p.op(opFloat, binary.BigEndian.AppendUint64(nil, math.Float64bits(x))...)
}

// text writes a str, which must be UTF-8.
func (p *pickler) text(s string) {
	switch {
	case len(s) <= longestShortText:
		p.op(opShortText, byte(len(s)))
	case len(s) > math.MaxUint32:
		if p.err == nil {
			p.err = fmt.Errorf("a text of %d bytes is too long for a pickle", len(s))
		}
	default:
		p.op(opText, binary.LittleEndian.AppendUint32(nil, uint32(len(s)))...)
	}
	if p.err == nil {
		_, p.err = p.w.WriteString(s)
	}
}

// date writes a datetime.date, which Python keeps as two bytes of the year and one
// each of month and day.
func (p *pickler) date(s data.Session) {
	if p.dated {
		p.op(opShortGet, 0)
	} else {
		p.text("datetime")
		p.text("date")
		p.op(opClass)
		p.op(opMemoize)
		p.dated = true
	}
	var year, month, day int
	if _, err := fmt.Sscanf(string(s), "%d-%d-%d", &year, &month, &day); err != nil && p.err == nil {
		p.err = fmt.Errorf("date %q: %w", string(s), err)
	}
	p.op(opShortBytes, 4, byte(year>>8), byte(year), byte(month), byte(day))
	p.op(opTuple1)
	p.op(opCall)
}
