package timeclock

import (
	"testing"
	"time"
)

const minute = Micros(60_000_000)

func ptr[T any](v T) *T { return &v }

func kioskPunch() Punch {
	return Punch{ID: "p", Employee: "ada", Kind: In, At: 480 * minute, Source: FromKiosk, Seq: 1}
}

func edit(id string, seq int64, what EditKind, v EditValues) Edit {
	return Edit{ID: id, Punch: "p", What: what, Values: v, Effective: true, Seq: seq, By: "boss"}
}

func decision(id string, seq int64, v Verdict) Decision {
	return Decision{ID: id, Punch: "p", Verdict: v, Effective: true, Seq: seq, By: "boss"}
}

func TestFoldGivesTheStatusOfAPunch(t *testing.T) {
	web := kioskPunch()
	web.Source = FromWeb
	ineffective := decision("d2", 6, Reject)
	ineffective.Effective = false
	unsent := decision("d2", 0, Withdraw)
	unsent.N = 1

	tests := []struct {
		name      string
		punch     Punch
		edits     []Edit
		decisions []Decision
		want      Status
		newest    string
		counts    bool
	}{
		{"a kiosk punch counts at once", kioskPunch(), nil, nil, Counted, "", true},
		{"a web punch waits", web, nil, nil, Pending, "", false},
		{"an approved web punch counts", web, nil, []Decision{decision("d1", 5, Approve)}, Approved, "d1", true},
		{"a withdrawn approval of a web punch waits again", web, nil,
			[]Decision{decision("d1", 5, Approve), decision("d2", 6, Withdraw)}, Pending, "d2", false},
		{"a rejected punch does not count", kioskPunch(), nil, []Decision{decision("d1", 5, Reject)}, Rejected, "d1", false},
		{"a void stops it", kioskPunch(), []Edit{edit("e1", 5, Void, EditValues{})}, nil, Voided, "e1", false},
		{"a void outlives an approval", kioskPunch(), []Edit{edit("e1", 5, Void, EditValues{})},
			[]Decision{decision("d1", 6, Approve)}, Voided, "d1", false},
		{"a void can be taken back", kioskPunch(),
			[]Edit{edit("e1", 5, Void, EditValues{}), edit("e2", 6, Change, EditValues{Voided: ptr(false)})}, nil, Counted, "e2", true},
		{"an edit after an approval makes it undecided", kioskPunch(),
			[]Edit{edit("e1", 6, Retime, EditValues{At: ptr(500 * minute)})}, []Decision{decision("d1", 5, Approve)}, Counted, "e1", true},
		{"an edit after a rejection leaves it rejected", kioskPunch(),
			[]Edit{edit("e1", 6, Retime, EditValues{At: ptr(500 * minute)})}, []Decision{decision("d1", 5, Reject)}, Rejected, "e1", false},
		{"an ineffective decision says nothing", kioskPunch(), nil,
			[]Decision{decision("d1", 5, Approve), ineffective}, Approved, "d1", true},
		{"an unacknowledged event comes after all acknowledged ones", kioskPunch(), nil,
			[]Decision{unsent, decision("d1", 5, Approve)}, Counted, "d2", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Fold(tt.punch, tt.edits, tt.decisions)
			if got.Status != tt.want || got.Newest != tt.newest || got.Counts() != tt.counts {
				t.Errorf("status %s newest %q counts %v, want %s %q %v", got.Status, got.Newest, got.Counts(), tt.want, tt.newest, tt.counts)
			}
		})
	}
}

func TestFoldKeepsWhatWasRecordedBesideWhatItIsNow(t *testing.T) {
	got := Fold(kioskPunch(), []Edit{edit("e1", 5, Retime, EditValues{At: ptr(500 * minute)})}, nil)
	if got.At != 480*minute || got.Now.At != 500*minute || !got.Edited {
		t.Errorf("recorded %d, now %d, edited %v", got.At, got.Now.At, got.Edited)
	}
}

func TestTimelineShowsAnAddedPunchOnce(t *testing.T) {
	add := Edit{ID: "e9", Punch: "added", What: Add, Effective: true, Seq: 9,
		Values: EditValues{At: ptr(470 * minute), Kind: ptr(In), Employee: ptr(EmployeeID("bo"))}}
	again := add
	again.ID = "e10"
	got := Timeline([]Punch{kioskPunch()}, []Edit{add, again}, nil)
	if len(got) != 2 {
		t.Fatalf("got %d entries, want 2", len(got))
	}
	first := got[0]
	if first.ID != "added" || first.Now.Employee != "bo" || first.Method != ByManual || first.Edited {
		t.Errorf("added entry = %+v", first)
	}
}

func TestNextDecidesDirectionFromTheOpenSession(t *testing.T) {
	at := func(h, m int) Micros { return Micros(h*60+m) * minute }
	entry := func(k PunchKind, when Micros, s Status) Entry {
		return Entry{Punch: Punch{Kind: k, At: when}, Now: Punch{Kind: k, At: when}, Status: s}
	}
	tests := []struct {
		name    string
		before  []Entry
		at      Micros
		want    PunchKind
		missing bool
	}{
		{"the first punch is an in", nil, at(8, 0), In, false},
		{"after an in comes an out", []Entry{entry(In, at(8, 0), Counted)}, at(16, 0), Out, false},
		{"after an out comes an in", []Entry{entry(In, at(8, 0), Counted), entry(Out, at(12, 0), Counted)}, at(13, 0), In, false},
		{"a night shift closes after midnight", []Entry{entry(In, at(22, 0), Counted)}, at(30, 0), Out, false},
		{"a session open for over 16 h stays open and a new one starts", []Entry{entry(In, at(8, 0), Counted)}, at(24+7, 58), In, true},
		{"exactly 16 h still closes", []Entry{entry(In, at(8, 0), Counted)}, at(24, 0), Out, false},
		{"a voided in does not count", []Entry{entry(In, at(8, 0), Voided)}, at(9, 0), In, false},
		{"the length counts from the in, not from the break", []Entry{entry(In, at(8, 0), Counted), entry(BreakStart, at(20, 0), Counted),
			entry(BreakEnd, at(20, 30), Counted)}, at(24+2, 0), In, true},
		{"a project switch changes nothing", []Entry{entry(In, at(8, 0), Counted), entry(Project, at(9, 0), Counted)}, at(10, 0), Out, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, missing := Next(tt.before, tt.at, MaxSession)
			if got != tt.want || missing != tt.missing {
				t.Errorf("got %s, missing out %v; want %s, %v", got, missing, tt.want, tt.missing)
			}
		})
	}
}

func TestDayIsWhereTheSiteIs(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zone data on this machine: %v", err)
	}
	tests := []struct {
		name, at string
		want     Day
		hours    int
	}{
		{"before midnight stays on the day", "2024-03-30T23:59:59+01:00", Day{2024, 3, 30}, 24},
		{"22:30 UTC is already tomorrow in Berlin summer", "2024-06-01T22:30:00Z", Day{2024, 6, 2}, 24},
		{"the day that spring shortens has 23 hours", "2024-03-31T01:30:00Z", Day{2024, 3, 31}, 23},
		{"the day that autumn lengthens has 25 hours", "2024-10-27T10:00:00Z", Day{2024, 10, 27}, 25},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, tt.at)
			if err != nil {
				t.Fatal(err)
			}
			got := DayOf(MicrosOf(at), berlin)
			from, to := got.Bounds(berlin)
			if got != tt.want || int((to-from)/(60*minute)) != tt.hours {
				t.Errorf("got %v with %d h, want %v with %d h", got, (to-from)/(60*minute), tt.want, tt.hours)
			}
		})
	}
}

func TestFlagsAreASortedSet(t *testing.T) {
	f := Flags{TwinOf, PlayedCamera, TwinOf}
	if got := f.String(); got != "played_camera,twin_of" {
		t.Errorf("String() = %q", got)
	}
	if got := ParseFlags("played_camera,twin_of").With(TwinOf); len(got) != 2 || !got.Has(PlayedCamera) {
		t.Errorf("ParseFlags().With() = %v", got)
	}
}

func TestShortNameHidesTheSurname(t *testing.T) {
	for full, want := range map[string]string{
		"Grace Brewster Hopper": "Grace H.", "Prince": "Prince", "": "", " Åsa  Öberg ": "Åsa Ö.",
	} {
		if got := ShortName(full); got != want {
			t.Errorf("ShortName(%q) = %q, want %q", full, got, want)
		}
	}
}
