package desktop_test

import (
	"errors"
	"testing"

	"clockface/desktop"
)

func TestTimesOfDayAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string][2]int{
		"07:58": {7, 58}, "7.58": {7, 58}, "758": {7, 58}, "0758": {7, 58}, "8": {8, 0}, "16h30": {16, 30},
		" 7:58 pm": {19, 58}, "12:05 AM": {0, 5}, "12pm": {12, 0}, "23:59": {23, 59},
	} {
		h, m, err := desktop.ParseClock(text)
		if err != nil || h != want[0] || m != want[1] {
			t.Errorf("%q = %d:%d, %v; want %d:%d", text, h, m, err, want[0], want[1])
		}
	}
	for _, text := range []string{"", "24:00", "7:60", "seven", "-1", "+7", "13 pm", "0am", "123456", "7:5x", ":"} {
		if _, _, err := desktop.ParseClock(text); !errors.Is(err, desktop.ErrBadTime) {
			t.Errorf("%q: %v, want ErrBadTime", text, err)
		}
	}
}
