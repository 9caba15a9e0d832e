package desktop

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"clockface/timeclock"
)

// words puts values into one language.
type words struct {
	t       Texts
	hours12 bool
}

// clock returns a time of day: 07:58 or 7:58 am.
func (w words) clock(at timeclock.Micros, zone *time.Location) string {
	t := at.Time().In(zone)
	if !w.hours12 {
		return t.Format("15:04")
	}
	return t.Format("3:04 pm")
}

// day returns a date with its weekday: Tue 17 Nov.
func (w words) day(d timeclock.Day) string {
	t := time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
	return w.t.T("date.day",
		"weekday", w.t.T("weekday."+strconv.Itoa(int(t.Weekday()))),
		"day", d.Day,
		"month", w.t.T("month."+strconv.Itoa(int(d.Month))))
}

// dayNamed is day, with a word for today and yesterday.
func (w words) dayNamed(d, today timeclock.Day) string {
	switch d {
	case today:
		return w.t.T("date.today")
	case today.AddDays(-1):
		return w.t.T("date.yesterday")
	}
	return w.day(d)
}

// dayAndTime returns day and time of day, by the calendar where the site is.
func (w words) dayAndTime(at timeclock.Micros, zone *time.Location, now timeclock.Micros) string {
	return w.t.T("date.day_and_time",
		"day", w.dayNamed(timeclock.DayOf(at, zone), timeclock.DayOf(now, zone)),
		"time", w.clock(at, zone))
}

// hours returns a duration as 7:45 h, minutes rounded down.
func (w words) hours(d timeclock.Micros) string {
	const minute = timeclock.Micros(time.Minute / time.Microsecond)
	m := d / minute
	return w.t.T("duration.hours", "hours", fmt.Sprintf("%d:%02d", m/60, m%60))
}

func (w words) kind(k timeclock.PunchKind) string { return w.t.T("kind." + string(k)) }

// kindAt returns kind and time of a punch: "In 07:58".
func (w words) kindAt(p timeclock.Punch, zone *time.Location) string {
	return w.t.T("punch.kind_at", "kind", w.kind(p.Kind), "time", w.clock(p.At, zone))
}

func (w words) method(m timeclock.Method) string { return w.t.T("method." + string(m)) }

// confidence returns how sure a biometric match was, in a word and percent;
// empty for other methods, where the question has no meaning.
func (w words) confidence(p timeclock.Punch) string {
	if !biometric(p.Method) {
		return ""
	}
	key := "confidence.unsure"
	switch {
	case p.Confidence >= verySureFrom:
		key = "confidence.very_sure"
	case p.Confidence >= unsureBelow:
		key = "confidence.sure"
	}
	return w.t.T(key, "percent", int(p.Confidence*100+0.5))
}

// how returns the method and, where it has one, the confidence.
func (w words) how(p timeclock.Punch) string {
	if c := w.confidence(p); c != "" {
		return w.t.T("punch.method_and_confidence", "method", w.method(p.Method), "confidence", c)
	}
	return w.method(p.Method)
}

// editStep fills a history line from an edit and moves now on by its values.
func (w words) editStep(s *snapshot, st *Step, ed timeclock.Edit, now *timeclock.Punch, zone *time.Location) {
	voided := ed.What == timeclock.Void || ed.Values.Voided != nil && *ed.Values.Voided
	switch {
	case ed.What == timeclock.Add:
		st.What = w.t.T("history.added")
		st.After = w.kindAt(timeclock.AddedPunch(ed), zone)
		return
	case voided:
		st.What = w.t.T("history.withdrawn")
		st.Before = w.kindAt(*now, zone)
		return
	case ed.Values.Voided != nil:
		st.What = w.t.T("history.restored")
		st.After = w.kindAt(*now, zone)
		return
	}
	before, after := []string{}, []string{}
	next := *now
	if v := ed.Values.Kind; v != nil {
		next.Kind = *v
	}
	if v := ed.Values.At; v != nil {
		next.At = *v
	}
	if v := ed.Values.Employee; v != nil {
		next.Employee = *v
		before, after = append(before, s.person(now.Employee).Name), append(after, s.person(*v).Name)
	}
	if next.Kind != now.Kind || next.At != now.At {
		before, after = append(before, w.momentOf(*now, next, zone)), append(after, w.momentOf(next, *now, zone))
	}
	st.What = w.t.T("history.changed")
	st.Before, st.After = strings.Join(before, ", "), strings.Join(after, ", ")
	if ed.Effective {
		*now = next
	}
}

// momentOf returns kind and time, with the day where the other is on another one.
func (w words) momentOf(p, other timeclock.Punch, zone *time.Location) string {
	d := timeclock.DayOf(p.At, zone)
	if d == timeclock.DayOf(other.At, zone) {
		return w.kindAt(p, zone)
	}
	return w.t.T("punch.kind_at_day", "kind", w.kind(p.Kind), "day", w.day(d), "time", w.clock(p.At, zone))
}

// ParseClock reads a time of day as people type it: 07:58, 7.58, 758, 0758, 8,
// 7:58 pm. It returns ErrBadTime for anything else.
func ParseClock(text string) (hour, minute int, err error) {
	s := strings.ToLower(strings.Join(strings.Fields(text), ""))
	half := ""
	for _, suffix := range []string{"am", "pm"} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, half = rest, suffix
		}
	}
	h, m, parted := strings.Cut(strings.NewReplacer(".", ":", "h", ":").Replace(s), ":")
	if !parted && len(h) > 2 {
		h, m = h[:len(h)-2], h[len(h)-2:]
	}
	if m == "" {
		m = "0"
	}
	hour, errHour := digits(h)
	minute, errMinute := digits(m)
	switch {
	case errHour != nil, errMinute != nil, hour > 23, minute > 59, half != "" && (hour < 1 || hour > 12):
		return 0, 0, fmt.Errorf("%w: %q", ErrBadTime, text)
	case half == "pm" && hour < 12:
		hour += 12
	case half == "am" && hour == 12:
		hour = 0
	}
	return hour, minute, nil
}

// digits reads one or two digits and nothing else, no sign either.
func digits(s string) (int, error) {
	if len(s) < 1 || len(s) > 2 || strings.Trim(s, "0123456789") != "" {
		return 0, ErrBadTime
	}
	return strconv.Atoi(s)
}
