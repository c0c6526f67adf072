package availability_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

// The tests in words are about one day in UTC, on which now is midnight. Times are
// those of that day.
var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func TestSlots(t *testing.T) {
	const (
		minute = time.Minute
		hour   = time.Hour
	)
	for _, test := range []struct {
		name   string
		rules  availability.Rules
		now    time.Duration // since midnight
		booker string
		open   string
		busy   string
		within string // default: the day
		want   string
	}{
		{
			name:  "starts follow at the step as long as the length fits",
			rules: availability.Rules{Length: hour, Step: 30 * minute}, open: "09:00-11:00", want: "09:00 09:30 10:00",
		},
		{
			name:  "without a step the length is the step",
			rules: availability.Rules{Length: 45 * minute}, open: "09:00-11:00", want: "09:00 09:45",
		},
		{
			name:  "touching meetings do not collide",
			rules: availability.Rules{Length: 30 * minute}, open: "09:00-10:00", busy: "10:00-11:00 08:00-09:00", want: "09:00 09:30",
		},
		{
			name:  "a meeting covers the hours",
			rules: availability.Rules{Length: 30 * minute}, open: "09:00-10:00", busy: "08:00-12:00",
		},
		{
			name:  "the first start after a meeting is on the grid",
			rules: availability.Rules{Length: 30 * minute}, open: "09:00-11:00", busy: "09:00-09:10", want: "09:30 10:00 10:30",
		},
		{
			name:  "the grid of 45 minutes is 15 minutes",
			rules: availability.Rules{Length: 45 * minute}, open: "09:05-11:00", want: "09:15 10:00",
		},
		{
			name:  "the grid of 7 minutes is 1 minute",
			rules: availability.Rules{Length: 7 * minute}, open: "09:01-09:20", want: "09:01 09:08",
		},
		{
			name:  "buffers keep clear of meetings, not of the hours' ends",
			rules: availability.Rules{Length: 30 * minute, BufferBefore: 30 * minute, BufferAfter: hour}, open: "09:00-14:00", busy: "11:00-11:30",
			want: "09:00 09:30 12:00 12:30 13:00 13:30",
		},
		{
			name:  "an empty busy time keeps nothing busy, even with buffers",
			rules: availability.Rules{Length: 30 * minute, BufferBefore: 30 * minute}, open: "09:00-10:00", busy: "09:30-09:30", want: "09:00 09:30",
		},
		{
			name:  "a start at now is offered",
			rules: availability.Rules{Length: 30 * minute}, now: 9*hour + 30*minute, open: "09:00-10:30", want: "09:30 10:00",
		},
		{
			name:  "a start a nanosecond ago is not",
			rules: availability.Rules{Length: 30 * minute}, now: 9*hour + 30*minute + 1, open: "09:00-10:30", want: "10:00",
		},
		{
			name:  "the notice is kept",
			rules: availability.Rules{Length: 30 * minute, Notice: 9*hour + 5*minute}, open: "09:00-10:30", want: "09:30 10:00",
		},
		{
			name:  "the offset shifts the first start and each step",
			rules: availability.Rules{Length: 30 * minute, Offset: 10 * minute}, open: "09:00-11:00", want: "09:10 09:50 10:30",
		},
		{
			name:  "the grid lies on the booker's clock",
			rules: availability.Rules{Length: hour}, booker: "Asia/Kolkata", open: "09:00-12:00", want: "09:30 10:30",
		},
		{
			name:  "slots start and end within the range",
			rules: availability.Rules{Length: hour, Step: 30 * minute}, open: "08:00-18:00", within: "10:10-12:20", want: "10:30 11:00",
		},
		{name: "no length, no slots", rules: availability.Rules{Step: hour}, open: "09:00-12:00"},
		{name: "no range, no slots", rules: availability.Rules{Length: hour}, open: "09:00-12:00", within: "10:00-10:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := availability.Query{
				Now:    today.Add(test.now),
				Within: span.Of(today, today.AddDate(0, 0, 1)),
				Booker: location(t, test.booker),
			}
			if test.within != "" {
				q.Within = spans(t, test.within)[0]
			}
			host := availability.Host{Open: spans(t, test.open), Busy: busy(t, test.busy)}
			var finder availability.Finder
			got := finder.Slots(nil, q, test.rules, availability.Team{Hosts: []availability.Host{host}})
			if diff := cmp.Diff(strings.Fields(test.want), clockTimes(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestBuffersOfBothBookingsAddUp(t *testing.T) {
	booked := busy(t, "12:00-13:00")
	booked[0].Before, booked[0].After = 10*60, 20*60
	rules := availability.Rules{Length: 5 * time.Minute, BufferBefore: 30 * time.Minute, BufferAfter: 40 * time.Minute}
	host := availability.Host{Open: spans(t, "11:00-14:00"), Busy: booked}
	q := availability.Query{Now: today, Within: host.Open[0]}
	var finder availability.Finder
	got := clockTimes(finder.Slots(nil, q, rules, availability.Team{Hosts: []availability.Host{host}}))
	want := "11:00 11:05 13:50 13:55" // 12:00 less 10 and 40 minutes; 13:00 and 20 and 30 minutes
	if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRollingDays(t *testing.T) {
	auckland := location(t, "Pacific/Auckland") // 24 November 13:00 there
	open := []span.Span{span.Of(today, today.AddDate(0, 0, 7))}
	rules := availability.Rules{Length: time.Hour, RollingDays: 1}
	q := availability.Query{Now: today, Within: open[0], Booker: auckland}
	var finder availability.Finder
	starts := finder.Slots(nil, q, rules, availability.Team{Hosts: []availability.Host{{Open: open}}})
	last := time.Unix(starts[len(starts)-1], 0).In(auckland).Format(time.DateTime)
	if want := "2026-11-25 23:00:00"; last != want {
		t.Errorf("the last start is %s on the booker's clock, want %s", last, want)
	}
}

func TestFirstStartIsRoundedUp(t *testing.T) {
	for _, test := range []struct{ name, booker, open, want string }{
		{"to the grid", "UTC", "2026-11-24T09:10:00Z", "2026-11-24T10:00:00Z"},
		{"before 1970 too", "UTC", "1969-11-24T09:10:00Z", "1969-11-24T10:00:00Z"},
		// On Lord Howe Island 02:00 became 01:30 at 15:00Z, so 02:00 came at 15:30Z.
		{"over a change of the clock", "Australia/Lord_Howe", "2026-04-04T14:40:00Z", "2026-04-04T15:30:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			start, err := time.Parse(time.RFC3339, test.open)
			if err != nil {
				t.Fatal(err)
			}
			open := []span.Span{span.Of(start, start.Add(2*time.Hour))}
			q := availability.Query{Now: start, Within: open[0], Booker: location(t, test.booker)}
			var finder availability.Finder
			starts := finder.Slots(nil, q, availability.Rules{Length: time.Hour}, availability.Team{Hosts: []availability.Host{{Open: open}}})
			if diff := cmp.Diff([]string{test.want}, texts(times(starts))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A Finder makes no garbage once its buffers have grown.
func TestSlotsDoNotAllocate(t *testing.T) {
	hours, q := officeHours(t), availability.Query{Now: benchStart, Within: benchRange(92)}
	for name, hosts := range map[string]int{"single": 1, "round robin": 20} {
		team := benchTeam(hosts, 184)
		var (
			finder availability.Finder
			starts []int64
			free   int
		)
		allocs := testing.AllocsPerRun(5, func() {
			for i := range team.Hosts {
				team.Hosts[i].Open = hours.Open(team.Hosts[i].Open[:0], q.Within)
			}
			starts = finder.Slots(starts[:0], q, benchRules, team)
			for _, hosts := range finder.SlotsWithHosts(q, benchRules, team) {
				free += len(hosts)
			}
		})
		if allocs != 0 || len(starts) == 0 || free == 0 {
			t.Errorf("%s: %v allocations for %d slots", name, allocs, len(starts))
		}
	}
}

// Buffers that grew with another query must not show in the next.
func TestFinderForgets(t *testing.T) {
	var used availability.Finder
	for seed := range uint64(50) {
		p := randomProblem(seed)
		var fresh availability.Finder
		want, got := fresh.Slots(nil, p.q, p.rules, p.team), used.Slots(nil, p.q, p.rules, p.team)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: (-want +got)\n%s", seed, diff)
		}
	}
}

// clocks reads "09:00-12:00 13:00-17:00".
func clocks(t *testing.T, text string) []availability.Clock {
	t.Helper()
	var cs []availability.Clock
	for field := range strings.FieldsSeq(text) {
		start, end, _ := strings.Cut(field, "-")
		cs = append(cs, availability.Clock{
			Start: parse(t, availability.ParseClock, start),
			End:   parse(t, availability.ParseClock, end),
		})
	}
	return cs
}

// spans returns the spans of today that clocks reads.
func spans(t *testing.T, text string) []span.Span {
	t.Helper()
	var ss []span.Span
	for _, c := range clocks(t, text) {
		ss = append(ss, span.Of(today.Add(time.Duration(c.Start)*time.Minute), today.Add(time.Duration(c.End)*time.Minute)))
	}
	return ss
}

// busy returns the busy times of today that clocks reads.
func busy(t *testing.T, text string) []availability.Busy {
	t.Helper()
	var bs []availability.Busy
	for _, s := range spans(t, text) {
		bs = append(bs, availability.Busy{Span: s})
	}
	return bs
}

// clockTimes returns starts as "15:04" in UTC.
func clockTimes(starts []int64) []string {
	texts := []string{}
	for _, start := range times(starts) {
		texts = append(texts, start.Format("15:04"))
	}
	return texts
}

// parse returns what f reads from text, or fails the test.
func parse[T any](t *testing.T, f func(string) (T, error), text string) T {
	t.Helper()
	v, err := f(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
