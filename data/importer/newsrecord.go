package importer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"finmem/data"
)

// An item of news travels through two sorts as a record of bytes, whose order is
// that of the items:
//
//	by content   symbol, session, date only, digest of the content, then as by time
//	by time      symbol, time, title, text, source, address, and the rest
//
// The first brings items together that are to be folded, the second is the order
// of a dataset.
const (
	symbolSize  = 2
	contentSize = 4 + 1 + contentDigestSize
	timeSize    = 8 + 4

	contentDigestSize = 16
)

// A newsRecord is what a record holds.
type newsRecord struct {
	symbol uint16
	item   data.News
	there  bool // the dataset has the item already
}

// appendByContent appends the record of the first sort. day is the number of the
// session, digest that of the content.
func (r newsRecord) appendByContent(to []byte, day int32, digest [contentDigestSize]byte) []byte {
	to = binary.BigEndian.AppendUint16(to, r.symbol)
	to = binary.BigEndian.AppendUint32(to, uint32(day)^1<<31)
	to = append(to, flag(r.item.DateOnly))
	to = append(to, digest[:]...)
	return r.appendRest(to)
}

// appendByTime appends the record of the second sort.
func (r newsRecord) appendByTime(to []byte) []byte {
	return r.appendRest(binary.BigEndian.AppendUint16(to, r.symbol))
}

// byTime turns a record of the first sort into one of the second.
func byTime(to, byContent []byte) []byte {
	to = append(to, byContent[:symbolSize]...)
	return append(to, byContent[symbolSize+contentSize:]...)
}

// sameContent reports whether two records of the first sort are of one symbol,
// session and content.
func sameContent(a, b []byte) bool {
	return bytes.Equal(a[:symbolSize+contentSize], b[:symbolSize+contentSize])
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func (r newsRecord) appendRest(to []byte) []byte {
	n := r.item
	to = binary.BigEndian.AppendUint64(to, uint64(n.Time.Unix())^1<<63)
	to = binary.BigEndian.AppendUint32(to, uint32(n.Time.Nanosecond()))
	for _, text := range []string{n.Title, n.Text, n.Source, n.URL} {
		to = appendText(to, text)
	}
	to = append(to, flag(r.there), flag(n.DateOnly))
	to = binary.BigEndian.AppendUint32(to, uint32(n.Copies))
	to = append(to, flag(n.Sentiment != nil))
	if s := n.Sentiment; s != nil {
		for _, x := range []float64{s.Positive, s.Neutral, s.Negative, s.Compound} {
			to = binary.BigEndian.AppendUint64(to, math.Float64bits(x))
		}
		to = appendText(to, s.Method)
	}
	if n.Summary != nil {
		summary, err := json.Marshal(n.Summary)
		if err != nil {
			panic(fmt.Sprintf("importer: a summary of texts and a number cannot be written: %v", err))
		}
		to = append(to, summary...)
	}
	return to
}

// appendText appends a text and a zero byte, so that a text comes before those
// that it begins. A zero byte inside it is written as 1 1 and a one as 1 2, which
// keeps the order.
func appendText(to []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case 0, 1:
			to = append(to, 1, c+1)
		default:
			to = append(to, c)
		}
	}
	return append(to, 0)
}

var errRecord = errors.New("a record of news is broken")

// takeText reads a text off the front.
func takeText(from []byte) (text string, rest []byte, err error) {
	end := bytes.IndexByte(from, 0)
	if end < 0 {
		return "", nil, errRecord
	}
	written, rest := from[:end], from[end+1:]
	if bytes.IndexByte(written, 1) < 0 {
		return string(written), rest, nil
	}
	plain := make([]byte, 0, len(written))
	for i := 0; i < len(written); i++ {
		c := written[i]
		if c == 1 {
			if i++; i == len(written) {
				return "", nil, errRecord
			}
			c = written[i] - 1
		}
		plain = append(plain, c)
	}
	return string(plain), rest, nil
}

// readByTime reads a record of the second sort.
func readByTime(record []byte) (newsRecord, error) {
	if len(record) < symbolSize+timeSize {
		return newsRecord{}, errRecord
	}
	r := newsRecord{symbol: binary.BigEndian.Uint16(record)}
	rest := record[symbolSize:]
	seconds := int64(binary.BigEndian.Uint64(rest) ^ 1<<63)
	n := &r.item
	n.Time = time.Unix(seconds, int64(binary.BigEndian.Uint32(rest[8:]))).UTC()
	rest = rest[timeSize:]
	var err error
	for _, to := range []*string{&n.Title, &n.Text, &n.Source, &n.URL} {
		if *to, rest, err = takeText(rest); err != nil {
			return newsRecord{}, err
		}
	}
	if len(rest) < 7 {
		return newsRecord{}, errRecord
	}
	r.there, n.DateOnly = rest[0] != 0, rest[1] != 0
	n.Copies = int(binary.BigEndian.Uint32(rest[2:]))
	scored := rest[6] != 0
	rest = rest[7:]
	if scored {
		if len(rest) < 4*8 {
			return newsRecord{}, errRecord
		}
		s := &data.Sentiment{}
		for i, to := range []*float64{&s.Positive, &s.Neutral, &s.Negative, &s.Compound} {
			*to = math.Float64frombits(binary.BigEndian.Uint64(rest[8*i:]))
		}
		if s.Method, rest, err = takeText(rest[4*8:]); err != nil {
			return newsRecord{}, err
		}
		n.Sentiment = s
	}
	if len(rest) > 0 {
		n.Summary = &data.Summary{}
		if err := json.Unmarshal(rest, n.Summary); err != nil {
			return newsRecord{}, errRecord
		}
	}
	return r, nil
}

// contentDigest tells contents apart.
func contentDigest(n data.News) (digest [contentDigestSize]byte) {
	sum := sha256.Sum256([]byte(n.ContentKey()))
	copy(digest[:], sum[:])
	return digest
}
