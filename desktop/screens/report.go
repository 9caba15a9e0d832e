package screens

import (
	"encoding/json"
	"io"
	"maps"
	"time"

	"fyne.io/fyne/v2"

	"clockface/desktop"
)

// The report is one JSON object a line, for tests that click and for support:
//
//	{"event":"screen","name":"inbox"}
//	    what is in front: starting, sign_in, inbox, board, people, devices, sheet_reject,
//	    sheet_correct, sheet_void
//	{"event":"layout","items":{"approve":[x,y,w,h],"row:<punch>":[…],"mark:<punch>":[…]}}
//	    where the named parts are, in pixels of the window; written once they have
//	    come to rest, and only parts that can be seen
//	{"event":"decided","punch":"…","verdict":"approve"}
//	{"event":"edited","punch":"…"}
//	    one line a punch, after it is on disk
//	{"event":"failed","error":"…"}
//
// Names of parts: nav_inbox, nav_board, nav_people, nav_devices (strip_… in a
// narrow window), approve_all, search, show, approve, reject, correct, void,
// restore, keep_withdrawn, repair, take_note, undo, foot_close, back, sheet_confirm,
// sheet_cancel, sheet_reason, sheet_time, sheet_day, sheet_cause, sign_in_login,
// sign_in_password, sign_in_enter. Fields and names are added, never renamed.
type reporter struct {
	w      *Window
	out    *json.Encoder // nil: nothing is reported
	last   map[string][4]int
	told   map[string][4]int
	cancel func()
}

// settleTime is how long the parts must have stood still before they are told.
const settleTime = 120 * time.Millisecond

func newReporter(w *Window, out io.Writer) *reporter {
	r := &reporter{w: w, cancel: func() {}}
	if out != nil {
		r.out = json.NewEncoder(out)
	}
	return r
}

type reportLine struct {
	Event   string            `json:"event"`
	Name    string            `json:"name,omitempty"`
	Items   map[string][4]int `json:"items,omitempty"`
	Punch   string            `json:"punch,omitempty"`
	Verdict string            `json:"verdict,omitempty"`
	Error   string            `json:"error,omitempty"`
}

// write gives up reporting for good when nobody reads any more.
func (r *reporter) write(l reportLine) {
	if r.out != nil && r.out.Encode(l) != nil {
		r.out = nil
	}
}

func (r *reporter) screen(name string) {
	r.write(reportLine{Event: "screen", Name: name})
	r.told = nil
	r.settle()
}

func (r *reporter) decided(d desktop.Done) {
	for _, id := range d.Punches {
		l := reportLine{Event: "edited", Punch: string(id)}
		if d.Verdict != "" {
			l.Event, l.Verdict = "decided", string(d.Verdict)
		}
		r.write(l)
	}
}

func (r *reporter) failed(err error) { r.write(reportLine{Event: "failed", Error: err.Error()}) }

// settle looks at the parts until they stand still and then tells where they are.
func (r *reporter) settle() {
	if r.out == nil {
		return
	}
	r.cancel()
	r.cancel = r.w.config.After(settleTime, r.look)
}

// look goes on for a while after the last change: a window that somebody resizes
// or scrolls tells nobody.
func (r *reporter) look() {
	const quick, slow = settleTime, 500 * time.Millisecond
	now := r.positions()
	still := maps.Equal(now, r.last)
	r.last = now
	if still && !maps.Equal(now, r.told) {
		r.told = now
		r.write(reportLine{Event: "layout", Items: now})
	}
	next := quick
	if still {
		next = slow
	}
	if r.out != nil && r.w.ctx.Err() == nil {
		r.cancel = r.w.config.After(next, r.look)
	}
}

// positions returns where every named part is that can be seen.
func (r *reporter) positions() map[string][4]int {
	driver := r.w.app.Driver()
	scale := r.w.win.Canvas().Scale()
	size := r.w.win.Canvas().Size()
	out := map[string][4]int{}
	add := func(name string, o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		p, s := driver.AbsolutePositionForObject(o), o.Size()
		centre := p.Add(fyne.NewPos(s.Width/2, s.Height/2))
		if p.IsZero() || s.Width < 1 || s.Height < 1 || centre.X > size.Width || centre.Y > size.Height {
			return
		}
		out[name] = [4]int{int(p.X * scale), int(p.Y * scale), int(s.Width * scale), int(s.Height * scale)}
	}
	for name, o := range r.w.names {
		add(name, o)
	}
	if v, ok := r.w.views[r.w.at].(*inboxView); ok && r.w.signIn == nil && r.w.sheet == nil {
		top := driver.AbsolutePositionForObject(v.table.list)
		bottom := top.Y + v.table.list.Size().Height
		for _, row := range v.table.rows {
			p := driver.AbsolutePositionForObject(row)
			if row.id == "" || p.Y+row.Size().Height/2 < top.Y || p.Y+row.Size().Height > bottom+2 {
				continue
			}
			add("row:"+row.id, row)
			if row.mark != nil {
				add("mark:"+row.id, row.mark)
			}
		}
	}
	return out
}
