package availability_test

import (
	"testing"
	"time"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

// The benchmarks go the whole way from hours and busy times to starts: 30-minute
// slots in the office hours of Berlin, around busy times of an hour.

var benchRules = availability.Rules{
	Length:       30 * time.Minute,
	Notice:       2 * time.Hour,
	BufferBefore: 5 * time.Minute,
	BufferAfter:  10 * time.Minute,
}

func BenchmarkOpen365Days(b *testing.B) {
	hours, within := officeHours(b), benchRange(365)
	var open []span.Span
	b.ReportAllocs()
	for b.Loop() {
		open = hours.Open(open[:0], within)
	}
}

func BenchmarkSlots(b *testing.B) {
	for _, bench := range []struct {
		name              string
		hosts, days, busy int
	}{
		{"1host/30days/60busy", 1, 30, 60},
		{"1host/365days/730busy", 1, 365, 730},
		{"100hosts/30days/60busy", 100, 30, 60},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var (
				hours  = officeHours(b)
				q      = availability.Query{Now: benchStart, Within: benchRange(bench.days), Booker: hours.Zone}
				team   = benchTeam(bench.hosts, bench.busy)
				finder availability.Finder
				starts []int64
			)
			b.ReportAllocs()
			for b.Loop() {
				for i := range team.Hosts {
					h := &team.Hosts[i]
					h.Open = hours.Open(h.Open[:0], q.Within)
				}
				starts = finder.Slots(starts[:0], q, benchRules, team)
			}
			b.ReportMetric(float64(len(starts)), "slots")
		})
	}
}

func BenchmarkSlotsWithHosts(b *testing.B) {
	hours := officeHours(b)
	q := availability.Query{Now: benchStart, Within: benchRange(30), Booker: hours.Zone}
	team := benchTeam(100, 60)
	for i := range team.Hosts {
		team.Hosts[i].Open = hours.Open(nil, q.Within)
	}
	var finder availability.Finder
	b.ReportAllocs()
	for b.Loop() {
		for range finder.SlotsWithHosts(q, benchRules, team) {
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	hours := officeHours(b)
	host := benchTeam(1, 2).Hosts[0]
	host.Open = hours.Open(nil, benchRange(2))
	q := availability.Query{Now: benchStart, Booker: hours.Zone}
	start := benchStart.AddDate(0, 0, 1).Add(12 * time.Hour)
	if v := availability.Check(q, benchRules, host, start); v != availability.Bookable {
		b.Fatalf("the start is %v", v)
	}
	b.ReportAllocs()
	for b.Loop() {
		availability.Check(q, benchRules, host, start)
	}
}

// benchStart is a Sunday, three weeks before the clocks change.
var benchStart = time.Date(2026, 10, 4, 0, 0, 0, 0, time.UTC)

func benchRange(days int) span.Span { return span.Of(benchStart, benchStart.AddDate(0, 0, days)) }

func officeHours(tb testing.TB) availability.Hours {
	h := availability.Hours{Zone: location(tb, "Europe/Berlin")}
	for day := time.Monday; day <= time.Friday; day++ {
		h.Weekly[day] = []availability.Clock{{Start: 9 * 60, End: 17 * 60}}
	}
	return h
}

// benchTeam returns a round-robin team whose hosts are busy twice a day, at other
// times each.
func benchTeam(hosts, busy int) availability.Team {
	team := availability.Team{Scheduling: availability.RoundRobin, Hosts: make([]availability.Host, hosts)}
	if hosts == 1 {
		team.Scheduling = availability.Single
	}
	for i := range team.Hosts {
		for j := range busy {
			start := benchStart.AddDate(0, 0, j/2).Add(8*time.Hour + time.Duration(j%2)*4*time.Hour + time.Duration(i%8)*15*time.Minute)
			team.Hosts[i].Busy = append(team.Hosts[i].Busy, availability.Busy{Span: span.Of(start, start.Add(time.Hour)), Before: 300, After: 300})
		}
	}
	return team
}
