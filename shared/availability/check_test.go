package availability_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

func TestCheck(t *testing.T) {
	const minute = time.Minute
	for _, test := range []struct {
		name   string
		rules  availability.Rules
		now    time.Duration // since midnight
		booker string
		busy   string
		start  time.Duration // since midnight; the hours are 09:00-12:00
		want   availability.Verdict
	}{
		{name: "on the grid, open and free", start: 570 * minute, want: availability.Bookable},
		{name: "the first of the hours", start: 540 * minute, want: availability.Bookable},
		{name: "the last of the hours", start: 690 * minute, want: availability.Bookable},
		{name: "off the grid", start: 575 * minute, want: availability.Outside},
		{name: "half a second off the grid", start: 570*minute + time.Second/2, want: availability.Outside},
		{name: "before the hours", start: 510 * minute, want: availability.Outside},
		{name: "ends after the hours", rules: availability.Rules{Length: 60 * minute, Step: 30 * minute}, start: 690 * minute, want: availability.Outside},
		{name: "on the grid of a booker elsewhere", booker: "Asia/Kathmandu", start: 555 * minute, want: availability.Bookable},
		{name: "off the grid of a booker elsewhere", booker: "Asia/Kathmandu", start: 570 * minute, want: availability.Outside},
		{name: "now", now: 570 * minute, start: 570 * minute, want: availability.Bookable},
		{name: "a nanosecond ago", now: 570*minute + 1, start: 570 * minute, want: availability.TooSoon},
		{name: "within the notice", rules: availability.Rules{Length: 30 * minute, Notice: 60 * minute}, now: 540 * minute, start: 570 * minute, want: availability.TooSoon},
		{name: "past is past, also outside the hours", now: 600 * minute, start: 60 * minute, want: availability.TooSoon},
		{name: "busy then", busy: "09:45-09:50", start: 570 * minute, want: availability.Taken},
		{name: "busy until then", busy: "09:00-09:30", start: 570 * minute, want: availability.Bookable},
		{name: "within the buffer of a busy time", rules: availability.Rules{Length: 30 * minute, BufferBefore: minute}, busy: "09:00-09:30", start: 570 * minute, want: availability.Taken},
		{name: "busy and outside is outside", busy: "08:00-13:00", start: 510 * minute, want: availability.Outside},
		{name: "no length", rules: availability.Rules{Step: 30 * minute}, start: 570 * minute, want: availability.Outside},
		{name: "the last of the rolling days", rules: availability.Rules{Length: 30 * minute, RollingDays: 1}, now: -1 * minute, start: 570 * minute, want: availability.Bookable},
		{name: "after the rolling days", rules: availability.Rules{Length: 30 * minute, RollingDays: 1}, now: -1441 * minute, start: 570 * minute, want: availability.Outside},

		{name: "a start that only another booking would make the list offer", rules: availability.Rules{Length: 45 * minute}, start: 555 * minute, want: availability.Bookable},
		{name: "an offset makes the grid finer", rules: availability.Rules{Length: 30 * minute, Offset: 10 * minute}, start: 620 * minute, want: availability.Bookable},
		{name: "off the finer grid", rules: availability.Rules{Length: 30 * minute, Offset: 10 * minute}, start: 625 * minute, want: availability.Outside},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.rules == (availability.Rules{}) {
				test.rules.Length = 30 * minute
			}
			q := availability.Query{Now: today.Add(test.now), Booker: location(t, test.booker)}
			host := availability.Host{Open: spans(t, "09:00-12:00"), Busy: busy(t, test.busy)}
			if got := availability.Check(q, test.rules, host, today.Add(test.start)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A window that begins before a half-hour change of the booker's clock keeps its grid;
// what is listed after the change is bookable all the same.
func TestCheckKnowsTheClockOfBefore(t *testing.T) {
	lordHowe := location(t, "Australia/Lord_Howe")
	change := time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC) // 02:00 becomes 01:30
	open := []span.Span{span.Of(change.Add(-4*time.Hour), change.Add(4*time.Hour))}
	host := availability.Host{Open: open}
	q := availability.Query{Now: change.AddDate(0, 0, -1), Within: open[0], Booker: lordHowe}
	rules := availability.Rules{Length: time.Hour}

	var (
		finder availability.Finder
		listed []string
	)
	for _, start := range times(finder.Slots(nil, q, rules, availability.Team{Hosts: []availability.Host{host}})) {
		listed = append(listed, start.In(lordHowe).Format("15:04"))
		if v := availability.Check(q, rules, host, start); v != availability.Bookable {
			t.Errorf("the start at %v is listed but %v", start, v)
		}
	}
	want := strings.Fields("22:00 23:00 00:00 01:00 01:30 02:30 03:30 04:30")
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What was offered once is bookable until it is taken or too soon, however the clock
// moves on and whatever else is booked.
func TestOfferedStaysBookable(t *testing.T) {
	for seed := range uint64(problems) {
		p := randomProblem(seed)
		random := rand.New(rand.NewPCG(seed, 1))
		host := p.team.Hosts[0]
		var finder availability.Finder
		offered := finder.Slots(nil, p.q, p.rules, availability.Team{Hosts: []availability.Host{host}})

		later := p.q
		later.Now = later.Now.Add(time.Duration(random.Int64N(int64(12 * time.Hour))))
		for range random.IntN(4) {
			start := p.q.Within.Start + random.Int64N(p.q.Within.End-p.q.Within.Start)
			host.Busy = append(host.Busy, availability.Busy{Span: span.Span{Start: start, End: start + random.Int64N(7200)}})
		}
		before, after := int64(p.rules.BufferBefore/time.Second), int64(p.rules.BufferAfter/time.Second)
		for _, start := range offered {
			at, want := time.Unix(start, 0).UTC(), availability.Bookable
			kept := span.Span{Start: start - before, End: start + int64(p.rules.Length/time.Second) + after}
			for _, b := range host.Busy {
				taken := span.Span{Start: b.Start - b.Before, End: b.End + b.After}
				if !b.Empty() && taken.Overlaps(kept) {
					want = availability.Taken
				}
			}
			if at.Before(later.Now.Add(p.rules.Notice)) {
				want = availability.TooSoon
			}
			if got := availability.Check(later, p.rules, host, at); got != want {
				t.Fatalf("seed %d: the start at %v was offered; now it is %v, want %v\n%v", seed, at, got, want, p)
			}
		}
	}
}
