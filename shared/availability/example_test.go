package availability_test

import (
	"fmt"
	"time"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

func ExampleFinder_Slots() {
	nine, five := 9*60, 17*60
	hours := availability.Hours{Zone: time.FixedZone("CET", 3600)}
	hours.Weekly[time.Tuesday] = []availability.Clock{{Start: nine, End: five}}

	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	q := availability.Query{Now: day, Within: span.Of(day, day.AddDate(0, 0, 1)), Booker: hours.Zone}
	rules := availability.Rules{Length: time.Hour, Step: 30 * time.Minute, BufferBefore: 15 * time.Minute}
	host := availability.Host{
		Open: hours.Open(nil, q.Within),
		Busy: []availability.Busy{{Span: span.Of(day.Add(9*time.Hour), day.Add(14*time.Hour))}}, // 10:00-15:00 CET
	}
	var finder availability.Finder
	for _, start := range finder.Slots(nil, q, rules, availability.Team{Hosts: []availability.Host{host}}) {
		fmt.Println(time.Unix(start, 0).In(hours.Zone).Format("15:04 MST"))
	}
	// Output:
	// 09:00 CET
	// 15:30 CET
	// 16:00 CET
}

func ExampleFinder_SlotsWithHosts() {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	open := func(from, to time.Duration) []span.Span {
		return []span.Span{span.Of(day.Add(from*time.Hour), day.Add(to*time.Hour))}
	}
	team := availability.Team{
		Scheduling: availability.RoundRobin,
		Hosts: []availability.Host{
			{Open: open(9, 11)},
			{Open: open(10, 12), Turn: availability.Turn{Priority: 1}},
		},
	}
	q := availability.Query{Now: day, Within: span.Of(day, day.AddDate(0, 0, 1))}
	rules := availability.Rules{Length: time.Hour}
	var finder availability.Finder
	for start, free := range finder.SlotsWithHosts(q, rules, team) {
		fmt.Println(time.Unix(start, 0).UTC().Format("15:04"), "free:", free, "next:", availability.Next(team.Hosts, free))
	}
	// Output:
	// 09:00 free: [0] next: 0
	// 10:00 free: [0 1] next: 1
	// 11:00 free: [1] next: 1
}

func ExampleCheck() {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	host := availability.Host{
		Open: []span.Span{span.Of(day.Add(9*time.Hour), day.Add(17*time.Hour))},
		Busy: []availability.Busy{{Span: span.Of(day.Add(12*time.Hour), day.Add(13*time.Hour))}},
	}
	q := availability.Query{Now: day.Add(10 * time.Hour)}
	rules := availability.Rules{Length: 30 * time.Minute}
	for _, at := range []string{"09:30", "11:30", "11:45", "12:30", "17:00"} {
		minutes, err := availability.ParseClock(at)
		if err != nil {
			panic(err)
		}
		fmt.Println(at, availability.Check(q, rules, host, day.Add(time.Duration(minutes)*time.Minute)))
	}
	// Output:
	// 09:30 too soon
	// 11:30 bookable
	// 11:45 outside
	// 12:30 taken
	// 17:00 outside
}

func ExampleHours_Open() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	hours := availability.Hours{Zone: berlin}
	hours.Weekly[time.Sunday] = []availability.Clock{{Start: 0, End: 6 * 60}}

	spring := time.Date(2026, 3, 29, 0, 0, 0, 0, berlin)
	for _, open := range hours.Open(nil, span.Of(spring, spring.AddDate(0, 0, 1))) {
		fmt.Println(open.EndTime().Sub(open.StartTime()))
	}
	autumn := time.Date(2026, 10, 25, 0, 0, 0, 0, berlin)
	for _, open := range hours.Open(nil, span.Of(autumn, autumn.AddDate(0, 0, 1))) {
		fmt.Println(open.EndTime().Sub(open.StartTime()))
	}
	// Output:
	// 5h0m0s
	// 7h0m0s
}
