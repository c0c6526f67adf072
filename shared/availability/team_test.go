package availability_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

func TestTeam(t *testing.T) {
	host := func(open string) availability.Host { return availability.Host{Open: spans(t, open)} }
	fixed := func(open string) availability.Host { return availability.Host{Open: spans(t, open), Fixed: true} }
	type hosts = []availability.Host

	for _, test := range []struct {
		name  string
		kind  availability.Scheduling
		hosts hosts
		want  string // start=hosts who are free
	}{
		{"collective: all hosts are free", availability.Collective, hosts{host("09:00-11:00"), host("10:00-12:00")}, "10:00=01 10:30=01"},
		{"collective: no hosts, no slots", availability.Collective, nil, ""},
		{"round robin: any host is free", availability.RoundRobin, hosts{host("09:00-10:00"), host("09:30-10:30")}, "09:00=0 09:30=01 10:00=1"},
		{"round robin: each host lays its own slots, and takes the others'", availability.RoundRobin, hosts{host("09:00-10:00"), host("09:15-10:15")}, "09:00=0 09:30=01"},
		{"round robin: free times of two hosts do not join", availability.RoundRobin, hosts{host("09:00-09:15"), host("09:15-09:30")}, ""},
		{"round robin: no hosts, no slots", availability.RoundRobin, nil, ""},
		{"round robin: fixed hosts are free, and one of the others", availability.RoundRobin, hosts{host("09:00-10:00"), fixed("09:30-12:00"), host("09:00-11:00"), fixed("09:00-10:30")}, "09:30=0123 10:00=123"},
		{"round robin: fixed hosts alone are enough if there are no others", availability.RoundRobin, hosts{fixed("09:00-10:00"), fixed("09:30-10:30")}, "09:30=01"},
		{"round robin: fixed hosts alone are not enough if the others are away", availability.RoundRobin, hosts{fixed("09:00-10:00"), host("")}, ""},
		{"round robin: a fixed host who is away blocks everything", availability.RoundRobin, hosts{fixed(""), host("09:00-10:00")}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var (
				finder availability.Finder
				q      = availability.Query{Now: today, Within: span.Of(today, today.AddDate(0, 0, 1))}
				rules  = availability.Rules{Length: 30 * time.Minute}
				team   = availability.Team{Scheduling: test.kind, Hosts: test.hosts}
				got    = []string{}
				starts = []int64{}
			)
			for start, free := range finder.SlotsWithHosts(q, rules, team) {
				var text strings.Builder
				text.WriteString(clockTimes([]int64{start})[0] + "=")
				for _, i := range free {
					fmt.Fprint(&text, i)
				}
				got = append(got, text.String())
				starts = append(starts, start)
			}
			if diff := cmp.Diff(strings.Fields(test.want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(starts, finder.Slots([]int64{}, q, rules, team)); diff != "" {
				t.Errorf("SlotsWithHosts and Slots differ (-with +without)\n%s", diff)
			}
		})
	}
}

func TestSlotsWithHostsStops(t *testing.T) {
	var finder availability.Finder
	host := availability.Host{Open: spans(t, "09:00-17:00")}
	q := availability.Query{Now: today, Within: host.Open[0]}
	n := 0
	for range finder.SlotsWithHosts(q, availability.Rules{Length: time.Hour}, availability.Team{Hosts: []availability.Host{host}}) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("got %d slots, want 3", n)
	}
}
