package calls

import (
	"errors"
	"fmt"
)

// A Mode says what kept calls are used for.
type Mode string

const (
	// Auto uses a kept answer, and calls and keeps where there is none.
	Auto Mode = "auto"
	// Record calls always and keeps the answer, in place of one kept before.
	Record Mode = "record"
	// Replay uses kept answers alone; without one the call fails with [ErrMissing].
	Replay Mode = "replay"
	// Off neither reads nor keeps.
	Off Mode = "off"
)

// ErrMissing is returned where a call is to be replayed that was never kept.
var ErrMissing = errors.New("the call is not in the file of kept calls")

// ParseMode reads a mode by its name.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Auto, Record, Replay, Off:
		return m, nil
	}
	return "", fmt.Errorf("mode %q: want auto, record, replay or off", s)
}

// Reads reports whether kept answers are used.
func (m Mode) Reads() bool { return m == Auto || m == Replay }

// Keeps reports whether new answers are kept.
func (m Mode) Keeps() bool { return m == Auto || m == Record }
