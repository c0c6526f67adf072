package availability_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

// An oracleCase is a case of testdata/oracle.json: slots with their expected answers,
// most of them from the tests of Cal.com.
type oracleCase struct {
	ID, Title      string
	Tags           []string
	Now            time.Time
	BookerTimeZone string
	Range          struct{ From, To time.Time }
	Event          struct {
		LengthMin, IntervalMin, OffsetMin, NoticeMin, BufferBeforeMin, BufferAfterMin time.Duration

		RollingCalendarDays int
	}
	Scheduling string
	Hosts      []oracleHost
	Expected   struct {
		Slots           []time.Time
		SlotsPlainUnion []time.Time
		ByBookerDate    map[availability.Date][]time.Time
		Windows         *[][2]time.Time
	}
}

type oracleHost struct {
	TimeZone string
	Weekly   []struct {
		Days       []time.Weekday
		Start, End clockText
	}
	Overrides   map[availability.Date][][2]clockText
	OutOfOffice []availability.Date
	Busy        []struct {
		Start, End                      time.Time
		BufferBeforeMin, BufferAfterMin int64
	}
	Fixed bool
}

// A clockText is a time of day in minutes that is read from "HH:MM".
type clockText int

func (c *clockText) UnmarshalText(text []byte) error {
	minutes, err := availability.ParseClock(string(text))
	*c = clockText(minutes)
	return err
}

// missing are the tags of features that the engine does not have.
var missing = []string{"optimizedSlots", "hostGroups"}

func TestOracle(t *testing.T) {
	data, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []oracleCase }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("the oracle has no cases")
	}
	var finder availability.Finder // one for all: no call may leave a trace in the next
	for _, c := range file.Cases {
		t.Run(c.ID, func(t *testing.T) {
			for _, tag := range missing {
				if slices.Contains(c.Tags, tag) {
					t.Skipf("the engine has no %s", tag)
				}
			}
			c.run(t, &finder)
		})
	}
}

func (c oracleCase) run(t *testing.T, finder *availability.Finder) {
	q := availability.Query{
		Now:    c.Now,
		Within: span.Of(c.Range.From, c.Range.To),
		Booker: location(t, c.BookerTimeZone),
	}
	r := availability.Rules{
		Length:       c.Event.LengthMin * time.Minute,
		Step:         c.Event.IntervalMin * time.Minute,
		Offset:       c.Event.OffsetMin * time.Minute,
		Notice:       c.Event.NoticeMin * time.Minute,
		BufferBefore: c.Event.BufferBeforeMin * time.Minute,
		BufferAfter:  c.Event.BufferAfterMin * time.Minute,
		RollingDays:  c.Event.RollingCalendarDays,
	}
	team := availability.Team{Scheduling: scheduling[c.Scheduling]}
	for _, h := range c.Hosts {
		team.Hosts = append(team.Hosts, h.host(t, q.Within))
	}
	starts := finder.Slots(nil, q, r, team)

	want := c.Expected.Slots
	if c.Expected.SlotsPlainUnion != nil {
		want = c.Expected.SlotsPlainUnion
	}
	if want != nil {
		if diff := cmp.Diff(texts(want), texts(times(starts))); diff != "" {
			t.Errorf("%s: slots (-want +got)\n%s", c.Title, diff)
		}
	}
	byDate := map[availability.Date][]time.Time{}
	for _, start := range times(starts) {
		year, month, day := start.In(q.Booker).Date()
		date := availability.Date{Year: year, Month: month, Day: day}
		byDate[date] = append(byDate[date], start)
	}
	for date, want := range c.Expected.ByBookerDate {
		if diff := cmp.Diff(texts(want), texts(byDate[date])); diff != "" {
			t.Errorf("%s: slots of %v (-want +got)\n%s", c.Title, date, diff)
		}
	}
	if c.Expected.Windows != nil {
		var busy, want []span.Span
		for _, w := range *c.Expected.Windows {
			want = append(want, span.Of(w[0], w[1]))
		}
		for _, b := range team.Hosts[0].Busy {
			busy = append(busy, b.Span)
		}
		got := span.Subtract(nil, team.Hosts[0].Open, span.Merge(busy))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: windows (-want +got)\n%s", c.Title, diff)
		}
	}
	for start, free := range finder.SlotsWithHosts(q, r, team) {
		for _, i := range free {
			if v := availability.Check(q, r, team.Hosts[i], time.Unix(start, 0)); v != availability.Bookable {
				t.Errorf("%s: host %d has a slot at %v, but its check says %v", c.Title, i, time.Unix(start, 0).UTC(), v)
			}
		}
		if len(free) == 0 {
			t.Errorf("%s: no host is free for the slot at %v", c.Title, time.Unix(start, 0).UTC())
		}
	}
}

var scheduling = map[string]availability.Scheduling{
	"single":     availability.Single,
	"collective": availability.Collective,
	"roundRobin": availability.RoundRobin,
}

func (h oracleHost) host(t *testing.T, within span.Span) availability.Host {
	hours := availability.Hours{
		Zone:      location(t, h.TimeZone),
		Overrides: map[availability.Date][]availability.Clock{},
	}
	for _, w := range h.Weekly {
		for _, day := range w.Days {
			hours.Weekly[day] = append(hours.Weekly[day], availability.Clock{Start: int(w.Start), End: int(w.End)})
		}
	}
	for date, clocks := range h.Overrides {
		hours.Overrides[date] = nil
		for _, c := range clocks {
			hours.Overrides[date] = append(hours.Overrides[date], availability.Clock{Start: int(c[0]), End: int(c[1])})
		}
	}
	for _, date := range h.OutOfOffice {
		hours.Overrides[date] = nil
	}
	host := availability.Host{Open: hours.Open(nil, within), Fixed: h.Fixed}
	for _, b := range h.Busy {
		host.Busy = append(host.Busy, availability.Busy{
			Span:   span.Of(b.Start, b.End),
			Before: b.BufferBeforeMin * 60,
			After:  b.BufferAfterMin * 60,
		})
	}
	return host
}

// location returns the IANA time zone of that name.
func location(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

// times returns starts as times in UTC.
func times(starts []int64) []time.Time {
	var ts []time.Time
	for _, s := range starts {
		ts = append(ts, time.Unix(s, 0).UTC())
	}
	return ts
}

// texts returns times as they stand in the oracle.
func texts(ts []time.Time) []string {
	var ss []string
	for _, t := range ts {
		ss = append(ss, t.Format(time.RFC3339))
	}
	return ss
}
