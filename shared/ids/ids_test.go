package ids_test

import (
	"slices"
	"testing"
	"time"

	"keyslot/shared/ids"
)

func TestNewSortsByTime(t *testing.T) {
	start := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	var made []string
	for i := range 1000 {
		made = append(made, ids.New(ids.Booking, start.Add(time.Duration(i*i)*time.Hour)))
	}
	if !slices.IsSorted(made) {
		t.Error("ids made later sort before ids made earlier")
	}
	for _, id := range made {
		if !ids.Is(ids.Booking, id) {
			t.Errorf("Is(Booking, %q) = false", id)
		}
	}
}

func TestDerive(t *testing.T) {
	id := ids.Derive(ids.Booking, "org", "key")
	if !ids.Is(ids.Booking, id) {
		t.Errorf("Is(Booking, %q) = false", id)
	}
	if again := ids.Derive(ids.Booking, "org", "key"); again != id {
		t.Errorf("the same parts gave %q and %q", id, again)
	}
	if other := ids.Derive(ids.Booking, "orgk", "ey"); other == id {
		t.Error("parts cut elsewhere gave the same id")
	}
}

func TestIsRefuses(t *testing.T) {
	for name, id := range map[string]string{
		"empty":             "",
		"prefix alone":      "bkg_",
		"another kind":      ids.New(ids.User, time.Now()),
		"too short":         "bkg_0123456789",
		"a key separator":   "bkg_0123456789#123456789",
		"a control letter":  "bkg_0123456789\x00123456789",
		"a letter with dot": "bkg_0123456789é12345678",
	} {
		if ids.Is(ids.Booking, id) {
			t.Errorf("%s: Is(Booking, %q) = true", name, id)
		}
	}
}

func TestRandomIsEven(t *testing.T) {
	const n = 620_000
	count := map[rune]int{}
	for _, r := range ids.Random(n) {
		count[r]++
	}
	for _, r := range ids.Alphabet {
		// Expected 10,000 each with a standard deviation of 99; 6 of those are out of reach of chance.
		if c := count[r]; c < 9400 || c > 10600 {
			t.Errorf("%q came %d times of %d", r, c, n)
		}
	}
}
