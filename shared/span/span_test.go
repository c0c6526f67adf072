package span_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/span"
)

func TestRelations(t *testing.T) {
	for _, test := range []struct {
		name               string
		s, o               span.Span
		overlaps, contains bool
	}{
		{"apart", span.Span{0, 4}, span.Span{6, 8}, false, false},
		{"touching spans do not overlap", span.Span{0, 4}, span.Span{4, 8}, false, false},
		{"one second in common", span.Span{0, 5}, span.Span{4, 8}, true, false},
		{"a span contains itself", span.Span{0, 4}, span.Span{0, 4}, true, true},
		{"inside", span.Span{0, 8}, span.Span{2, 4}, true, true},
		{"around", span.Span{2, 4}, span.Span{0, 8}, true, false},
		{"an empty span overlaps nothing", span.Span{0, 8}, span.Span{4, 4}, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.s.Overlaps(test.o); got != test.overlaps {
				t.Errorf("%v.Overlaps(%v) = %v", test.s, test.o, got)
			}
			if got := test.o.Overlaps(test.s); got != test.overlaps {
				t.Errorf("%v.Overlaps(%v) = %v", test.o, test.s, got)
			}
			if got := test.s.Contains(test.o); got != test.contains {
				t.Errorf("%v.Contains(%v) = %v", test.s, test.o, got)
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	for s, want := range map[span.Span]bool{{}: true, {3, 3}: true, {4, 3}: true, {3, 4}: false} {
		if got := s.Empty(); got != want {
			t.Errorf("%v.Empty() = %v", s, got)
		}
	}
}

func TestOf(t *testing.T) {
	start := time.Date(2026, 11, 24, 10, 0, 0, 999, time.FixedZone("", 3600))
	s := span.Of(start, start.Add(time.Minute))
	if got, want := s.String(), "[2026-11-24T09:00:00Z, 2026-11-24T09:01:00Z)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := s.EndTime().Sub(s.StartTime()); got != time.Minute {
		t.Errorf("length %v", got)
	}
}

func TestMerge(t *testing.T) {
	for _, test := range []struct {
		name        string
		spans, want []span.Span
	}{
		{"nothing", nil, nil},
		{"any order", []span.Span{{6, 8}, {0, 2}}, []span.Span{{0, 2}, {6, 8}}},
		{"overlapping", []span.Span{{0, 4}, {2, 6}}, []span.Span{{0, 6}}},
		{"touching", []span.Span{{0, 4}, {4, 6}}, []span.Span{{0, 6}}},
		{"one within another", []span.Span{{0, 8}, {2, 4}, {8, 9}}, []span.Span{{0, 9}}},
		{"empty spans vanish", []span.Span{{0, 2}, {3, 3}, {5, 4}, {6, 8}}, []span.Span{{0, 2}, {6, 8}}},
		{"an empty span does not hide its follower", []span.Span{{5, 1}, {5, 6}}, []span.Span{{5, 6}}},
	} {
		t.Run(test.name, func(t *testing.T) { equal(t, test.want, span.Merge(test.spans)) })
	}
}

func TestSubtract(t *testing.T) {
	for _, test := range []struct {
		name       string
		a, b, want []span.Span
	}{
		{"nothing taken", []span.Span{{0, 8}}, nil, []span.Span{{0, 8}}},
		{"all taken", []span.Span{{2, 4}, {5, 6}}, []span.Span{{0, 8}}, nil},
		{"exactly taken", []span.Span{{2, 4}}, []span.Span{{2, 4}}, nil},
		{"front and back", []span.Span{{2, 8}}, []span.Span{{0, 3}, {7, 9}}, []span.Span{{3, 7}}},
		{"middle", []span.Span{{0, 8}}, []span.Span{{2, 3}, {5, 6}}, []span.Span{{0, 2}, {3, 5}, {6, 8}}},
		{"over several", []span.Span{{0, 2}, {4, 6}, {8, 10}}, []span.Span{{1, 9}}, []span.Span{{0, 1}, {9, 10}}},
		{"touching takes nothing", []span.Span{{2, 4}}, []span.Span{{0, 2}, {4, 6}}, []span.Span{{2, 4}}},
	} {
		t.Run(test.name, func(t *testing.T) { equal(t, test.want, span.Subtract(nil, test.a, test.b)) })
	}
}

func TestIntersect(t *testing.T) {
	for _, test := range []struct {
		name       string
		a, b, want []span.Span
	}{
		{"nothing", []span.Span{{0, 8}}, nil, nil},
		{"over several", []span.Span{{0, 2}, {4, 6}}, []span.Span{{1, 9}}, []span.Span{{1, 2}, {4, 6}}},
		{"ends together", []span.Span{{0, 4}, {6, 8}}, []span.Span{{2, 4}, {5, 7}}, []span.Span{{2, 4}, {6, 7}}},
		{"touching", []span.Span{{0, 4}}, []span.Span{{4, 8}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			equal(t, test.want, span.Intersect(nil, test.a, test.b))
			equal(t, test.want, span.Intersect(nil, test.b, test.a))
		})
	}
}

// TestSets holds every function against sets of single seconds.
func TestSets(t *testing.T) {
	const end = 40
	random := func(r *rand.Rand) (spans []span.Span, covers [end]bool) {
		for range r.IntN(6) {
			s := span.Span{r.Int64N(end), r.Int64N(end)}
			spans = append(spans, s)
			for i := s.Start; i < s.End; i++ {
				covers[i] = true
			}
		}
		return spans, covers
	}
	set := func(has func(i int) bool) []span.Span {
		var spans []span.Span
		for i := range int64(end) {
			switch n := len(spans); {
			case !has(int(i)):
			case n > 0 && spans[n-1].End == i:
				spans[n-1].End++
			default:
				spans = append(spans, span.Span{i, i + 1})
			}
		}
		return spans
	}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		a, inA := random(r)
		b, inB := random(r)
		for _, test := range []struct {
			name      string
			want, got []span.Span
		}{
			{"Merge", set(func(i int) bool { return inA[i] }), span.Merge(slices.Clone(a))},
			{"Subtract", set(func(i int) bool { return inA[i] && !inB[i] }), span.Subtract(nil, span.Merge(slices.Clone(a)), span.Merge(slices.Clone(b)))},
			{"Intersect", set(func(i int) bool { return inA[i] && inB[i] }), span.Intersect(nil, span.Merge(slices.Clone(a)), span.Merge(slices.Clone(b)))},
		} {
			if diff := cmp.Diff(test.want, test.got, nilIsEmpty); diff != "" {
				t.Fatalf("seed %d: %s of %v and %v (-want +got)\n%s", seed, test.name, a, b, diff)
			}
		}
	}
}

func equal(t *testing.T, want, got []span.Span) {
	t.Helper()
	if diff := cmp.Diff(want, got, nilIsEmpty); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

var nilIsEmpty = cmp.Transformer("nilIsEmpty", func(s []span.Span) string { return fmt.Sprint(s) })

func ExampleSubtract() {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	hours := func(start, end time.Duration) span.Span {
		return span.Of(day.Add(start*time.Hour), day.Add(end*time.Hour))
	}
	open := []span.Span{hours(9, 17)}
	busy := span.Merge([]span.Span{hours(12, 13), hours(10, 11), hours(11, 12)})
	for _, free := range span.Subtract(nil, open, busy) {
		fmt.Println(free.StartTime().Format("15:04"), free.EndTime().Format("15:04"))
	}
	// Output:
	// 09:00 10:00
	// 13:00 17:00
}
