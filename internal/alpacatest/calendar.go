package alpacatest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // New York, also where the host has no time zones
)

// Eastern is the exchange's time zone.
func Eastern() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(fmt.Sprintf("alpacatest: %v", err))
	}
	return zone
}

// A Day is a session of the calendar, with times as "15:04" in New York.
type Day struct {
	Date, Open, Close string
}

func (d Day) at(clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", d.Date+" "+clock, Eastern())
	if err != nil {
		panic(fmt.Sprintf("alpacatest: session %+v: %v", d, err))
	}
	return t
}

// SetCalendar sets the sessions there are. Without one, every weekday is a
// session from 09:30 to 16:00.
func (s *Server) SetCalendar(days []Day) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.days = slices.Clone(days)
	slices.SortFunc(s.days, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
}

// day is the session on a date.
func (s *Server) day(date string) (Day, bool) {
	if s.days == nil {
		d := Day{Date: date, Open: "09:30", Close: "16:00"}
		weekday := d.at(d.Open).Weekday()
		return d, weekday != time.Saturday && weekday != time.Sunday
	}
	i, found := slices.BinarySearchFunc(s.days, date, func(d Day, date string) int { return strings.Compare(d.Date, date) })
	if !found {
		return Day{}, false
	}
	return s.days[i], true
}

// next is the first session whose close lies after t: the one that an order of
// that time works in.
func (s *Server) next(t time.Time) (Day, bool) {
	for i := range 30 {
		d, ok := s.day(t.In(Eastern()).AddDate(0, 0, i).Format("2006-01-02"))
		if ok && d.at(d.Close).After(t) {
			return d, true
		}
	}
	return Day{}, false
}

// isOpen reports whether the market is open.
func (s *Server) isOpen() bool {
	d, ok := s.next(s.now)
	return ok && !s.now.Before(d.at(d.Open))
}

// Now is the server's time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// SetTime sets the time. Orders whose session's close has been passed expire;
// nothing fills.
func (s *Server) SetTime(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setTime(t)
}

func (s *Server) setTime(t time.Time) {
	s.now = t
	for _, o := range s.orders {
		if o.open() && !o.works.IsZero() && !t.Before(o.works) {
			o.end("expired", o.works)
		}
	}
}

// Open goes to the open of a session and trades at the opening prices, by
// symbol. A symbol without one does not trade: it is halted.
func (s *Server) Open(date string, prices map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.day(date)
	if !ok {
		panic(fmt.Sprintf("alpacatest: %s is no session", date))
	}
	s.setTime(d.at(d.Open))
	s.trade(prices)
}

// Close goes to the close of a session: what has not filled expires.
func (s *Server) Close(date string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.day(date)
	if !ok {
		panic(fmt.Sprintf("alpacatest: %s is no session", date))
	}
	s.setTime(d.at(d.Close))
}

func (s *Server) clock() reply {
	out := map[string]any{"timestamp": stamp(s.now), "is_open": s.isOpen()}
	if d, ok := s.next(s.now); ok {
		out["next_close"] = stamp(d.at(d.Close))
		if !s.now.Before(d.at(d.Open)) {
			d, ok = s.next(d.at(d.Close))
		}
		if ok {
			out["next_open"] = stamp(d.at(d.Open))
		}
	}
	return reply{http.StatusOK, out}
}

func (s *Server) calendar(q url.Values) reply {
	start, err1 := time.Parse(time.DateOnly, q.Get("start"))
	end, err2 := time.Parse(time.DateOnly, q.Get("end"))
	if err1 != nil || err2 != nil {
		return refusal(http.StatusUnprocessableEntity, 42210000, "start and end must be dates")
	}
	out := []map[string]string{}
	for d := start; !d.After(end); d = d.AddDate(0, 0, 1) {
		if day, ok := s.day(d.Format(time.DateOnly)); ok {
			out = append(out, map[string]string{"date": day.Date, "open": day.Open, "close": day.Close,
				"session_open": "0400", "session_close": "2000"})
		}
	}
	return reply{http.StatusOK, out}
}

// stamp is a time as the service writes it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
