package availability_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

// problems is how many random problems a test tries; the seeds are 0, 1, 2 and so on.
const problems = 200

// A problem is a question for the slot engine. The reference of reference_test.go
// answers it minute by minute.
type problem struct {
	q     availability.Query
	rules availability.Rules
	hours []availability.Hours // of the hosts
	team  availability.Team
}

func (p problem) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "now %v, within %v, booker in %v\nrules %+v\nscheduling %v\n",
		p.q.Now, p.q.Within, p.q.Booker, p.rules, p.team.Scheduling)
	for i, h := range p.team.Hosts {
		fmt.Fprintf(&text, "host %d in %v, fixed %v\n\tweekly %v\n\toverrides %v\n\tbusy %v\n\topen %v\n",
			i, p.hours[i].Zone, h.Fixed, p.hours[i].Weekly, p.hours[i].Overrides, h.Busy, h.Open)
	}
	return text.String()
}

// changes are moments at which clocks were changed, each with the zone: by an hour, by
// half an hour, at midnight, across midnight, by a day, by a quarter; or not at all, in
// zones of half and quarter hours.
var changes = []struct{ zone, at string }{
	{"America/New_York", "2026-03-08T07:00:00Z"},
	{"America/New_York", "2026-11-01T06:00:00Z"},
	{"Europe/Berlin", "2026-03-29T01:00:00Z"},
	{"Europe/Berlin", "2026-10-25T01:00:00Z"},
	{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
	{"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
	{"Pacific/Chatham", "2026-04-04T14:00:00Z"},
	{"Pacific/Chatham", "2026-09-26T14:00:00Z"},
	{"Asia/Beirut", "2026-03-28T22:00:00Z"},
	{"Asia/Beirut", "2026-10-24T21:00:00Z"},
	{"America/St_Johns", "2009-11-01T02:31:00Z"},
	{"America/Havana", "2026-11-01T05:00:00Z"},
	{"Pacific/Apia", "2011-12-30T10:00:00Z"},
	{"Asia/Pyongyang", "2018-05-04T15:00:00Z"},
	{"Asia/Kathmandu", "1985-12-31T18:30:00Z"},
	{"Asia/Kathmandu", "2026-06-01T00:00:00Z"},
	{"Asia/Kolkata", "2026-06-01T00:00:00Z"},
	{"UTC", "2026-06-01T00:00:00Z"},
}

func randomProblem(seed uint64) problem {
	random := rand.New(rand.NewPCG(seed, 0))
	one := func(of ...int) int { return of[random.IntN(len(of))] }
	minutes := func(of ...int) time.Duration { return time.Duration(one(of...)) * time.Minute }
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		return loc
	}

	change := changes[random.IntN(len(changes))]
	at, err := time.Parse(time.RFC3339, change.at)
	if err != nil {
		panic(err)
	}
	anyZone := func() *time.Location {
		if random.IntN(2) == 0 {
			return zone(change.zone)
		}
		return zone(changes[random.IntN(len(changes))].zone)
	}
	from := at.Add(-time.Duration(random.IntN(2*24*60)) * time.Minute)
	to := from.Add(time.Duration(1+random.IntN(4*24*60)) * time.Minute)

	p := problem{
		q: availability.Query{
			Now:    from.Add(time.Duration(random.Int64N(int64(48*time.Hour))) - 40*time.Hour),
			Within: span.Of(from, to),
			Booker: anyZone(),
		},
		rules: availability.Rules{
			Length:       minutes(5, 15, 20, 30, 45, 60, 90, 1+random.IntN(200)),
			Step:         minutes(0, 5, 10, 15, 20, 30, 45, 60, 120, 1+random.IntN(100)),
			Offset:       minutes(0, 0, 0, 5, 10, 15, random.IntN(40)),
			Notice:       minutes(0, 0, 30, 120, random.IntN(2000)),
			BufferBefore: minutes(0, 0, 15, random.IntN(60)),
			BufferAfter:  minutes(0, 0, 30, random.IntN(60)),
			RollingDays:  one(0, 0, 0, 1, 2),
		},
		team: availability.Team{Scheduling: availability.Scheduling(random.IntN(3))},
	}

	clocks := func() []availability.Clock {
		var cs []availability.Clock
		for range one(0, 1, 1, 2, 2, 3) {
			start, length := random.IntN(24*60), one(0, 30, 240, 480, 1440)
			if random.IntN(2) == 0 {
				start -= start % 30
			}
			cs = append(cs, availability.Clock{Start: start, End: min(start+length, 24*60)})
		}
		if random.IntN(4) == 0 {
			cs = []availability.Clock{{Start: 0, End: 24 * 60}}
		}
		return cs
	}
	hosts := 1
	if p.team.Scheduling != availability.Single {
		hosts += random.IntN(4)
	}
	for range hosts {
		h := availability.Hours{Zone: anyZone(), Overrides: map[availability.Date][]availability.Clock{}}
		for day := range h.Weekly {
			h.Weekly[day] = clocks()
		}
		for range random.IntN(4) {
			year, month, day := at.AddDate(0, 0, random.IntN(7)-3).Date()
			h.Overrides[availability.Date{Year: year, Month: month, Day: day}] = clocks()
		}
		host := availability.Host{Open: h.Open(nil, p.q.Within), Fixed: random.IntN(4) == 0}
		for range random.IntN(8) {
			start := from.Unix() + random.Int64N(to.Unix()-from.Unix()+7200) - 3600
			host.Busy = append(host.Busy, availability.Busy{
				Span:   span.Span{Start: start, End: start + int64(one(-60, 0, 1, 900, 3600, random.IntN(20000)))},
				Before: int64(one(0, 0, 900, random.IntN(3600))),
				After:  int64(one(0, 0, 600, random.IntN(3600))),
			})
		}
		p.hours = append(p.hours, h)
		p.team.Hosts = append(p.team.Hosts, host)
	}
	return p
}

func TestOpenAgainstReference(t *testing.T) {
	for seed := range uint64(problems) {
		p := randomProblem(seed)
		for i, h := range p.hours {
			want := spansOf(p.q.Within, openMinutes(h, p.q.Within))
			if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(p.team.Hosts[i].Open)); diff != "" {
				t.Fatalf("seed %d, host %d (-want +got)\n%s\n%v", seed, i, diff, p)
			}
		}
	}
}

func TestSlotsAgainstReference(t *testing.T) {
	slots := 0
	for seed := range uint64(problems) {
		p := randomProblem(seed)
		ref := newReference(p)
		want := ref.slots()
		slots += len(want)
		var finder availability.Finder
		if diff := cmp.Diff(texts(times(want)), texts(times(finder.Slots(nil, p.q, p.rules, p.team)))); diff != "" {
			t.Fatalf("seed %d: (-want +got)\n%s\n%v", seed, diff, p)
		}
		for start, free := range finder.SlotsWithHosts(p.q, p.rules, p.team) {
			if diff := cmp.Diff(ref.freeHosts(start), free); diff != "" {
				t.Fatalf("seed %d: hosts who are free at %v (-want +got)\n%s\n%v", seed, time.Unix(start, 0).UTC(), diff, p)
			}
			for _, i := range free {
				if v := availability.Check(p.q, p.rules, p.team.Hosts[i], time.Unix(start, 0)); v != availability.Bookable {
					t.Fatalf("seed %d: a slot at %v, but host %d is %v\n%v", seed, time.Unix(start, 0).UTC(), i, v, p)
				}
			}
		}
	}
	if slots < problems {
		t.Errorf("%d problems have only %d slots; they prove little", problems, slots)
	}
}

func TestCheckAgainstReference(t *testing.T) {
	var seen [availability.Bookable + 1]int
	for seed := range uint64(problems) {
		p := randomProblem(seed)
		ref := newReference(p)
		for m := range ref.minutes() {
			start := p.q.Within.Start + int64(m)*60
			want := ref.verdict(start)
			got := availability.Check(p.q, p.rules, p.team.Hosts[0], time.Unix(start, 0))
			if got != want {
				t.Fatalf("seed %d: %v is %v, want %v\n%v", seed, time.Unix(start, 0).UTC(), got, want, p)
			}
			seen[got]++
		}
	}
	for v, n := range seen {
		if n == 0 {
			t.Errorf("no start was %v; the problems prove little", availability.Verdict(v))
		}
	}
}
