package availability_test

import (
	"testing"

	"keyslot/shared/availability"
)

func TestNext(t *testing.T) {
	type turn = availability.Turn
	for _, test := range []struct {
		name  string
		turns []turn
		free  []int
		want  int
	}{
		{"the highest priority goes first, however much it has", []turn{{}, {Priority: 2, Booked: 9}, {Priority: 1}}, []int{0, 1, 2}, 1},
		{"only who is free", []turn{{}, {Priority: 2}, {Priority: 1}}, []int{0, 2}, 2},
		{"then the fewest bookings", []turn{{Booked: 2}, {Booked: 1}}, []int{0, 1}, 1},
		{"fewest for the weight", []turn{{Booked: 3, Weight: 200}, {Booked: 2}}, []int{0, 1}, 0},
		{"then who waited longest", []turn{{LastBooked: 5}, {LastBooked: 3}, {LastBooked: 4}}, []int{0, 1, 2}, 1},
		{"then the first", []turn{{}, {}}, []int{0, 1}, 0},
		{"nobody", []turn{{}}, nil, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			hosts := []availability.Host{}
			for _, turn := range test.turns {
				hosts = append(hosts, availability.Host{Turn: turn})
			}
			if got := availability.Next(hosts, test.free); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	if got := availability.Next([]availability.Host{{Fixed: true}}, []int{0}); got != -1 {
		t.Errorf("a fixed host got a turn: %d", got)
	}
}
