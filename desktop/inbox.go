package desktop

import (
	"cmp"
	"slices"
	"strings"

	"clockface/timeclock"
)

// Column is a column of the inbox by which it can be sorted.
type Column string

// The columns. ByProblem, worst first, is the default.
const (
	ByProblem Column = ""
	ByPerson  Column = "person"
	ByTime    Column = "time"
	ByKind    Column = "kind"
	ByMethod  Column = "method"
	BySync    Column = "sync"
)

// Show selects what the inbox holds: one of the constants, or the name of an
// [Exception].
type Show string

// The selections that are not an exception's name.
const (
	ShowOpen     Show = ""         // everything undecided: exceptions, then the clean ones
	ShowProblems Show = "problems" // exceptions only
	ShowClean    Show = "clean"    // undecided ones without exceptions
	ShowDecided  Show = "decided"  // what somebody has decided, to look it up or take it back
)

// Severity is how a row is marked besides its words.
type Severity int

// The severities, each with a shape and a colour of its own on the screen.
const (
	Clean   Severity = iota // nothing speaks against it
	Notice                  // worth a glance
	Problem                 // must be put right
	Settled                 // decided
)

// item is one row before it is put in words.
type item struct {
	id         string // of the punch or incident
	punch      timeclock.PunchID
	incident   int // index into the snapshot's incidents, -1 for a punch
	exceptions []Exception
	clean      bool
	decided    bool
	waits      bool
	at         timeclock.Micros
	person     string
	place      int // of the person among the names
	kind       timeclock.PunchKind
	method     timeclock.Method
	search     string // lower case
}

// inbox is the state of the list. The items are made with each snapshot; shown
// are those that filter and selection leave, in order.
type inbox struct {
	items  []item
	shown  []int // into items
	total  int   // items that the selection alone leaves
	clean  int
	open   int // items with an exception
	filter string
	marked map[string]bool // ids of rows
}

// Inbox is the list as it stands: a copy that does not change.
type Inbox struct {
	Headline   string // "12 need a decision"
	Summary    string // "12 of 340, filter: late"
	ApproveAll string // words of the button; empty when nothing is clean
	Empty      string // stands in place of the list; empty when there are rows
	Problems   int
	Clean      int
	Marked     int
	Sort       Column
	Descending bool
	Show       Show
	Filter     string

	items []item
	shown []int
	marks map[string]bool
	snap  *snapshot
	words words
}

// Row is one row in words.
type Row struct {
	ID       string // of the punch or incident
	Punch    timeclock.PunchID
	Severity Severity
	Problem  string // what is the matter; for a clean row that it is clean
	Person   string
	When     string // day and time where it happened
	Kind     string
	How      string // method and confidence
	Sync     string
	Waiting  bool // has not reached the cloud
	Marked   bool
}

// rebuild makes items and list from the snapshot. The caller holds d.mu.
func (d *Desk) rebuild() {
	s, b := d.snap, &d.inbox
	b.items = b.items[:0:0]
	b.clean, b.open = 0, 0
	for i := range s.incidents {
		if it, ok := d.incidentItem(i); ok {
			b.items = append(b.items, it)
			b.open++
		}
	}
	b.items = slices.Grow(b.items, len(s.entries))
	for i := range s.entries {
		it := d.punchItem(s.entries[i])
		b.items = append(b.items, it)
		switch {
		case len(it.exceptions) > 0:
			b.open++
		case it.clean:
			b.clean++
		}
	}
	still := make(map[string]bool, len(b.marked))
	for _, it := range b.items {
		if b.marked[it.id] {
			still[it.id] = true
		}
	}
	b.marked = still
	d.arrange()
}

func (d *Desk) punchItem(e timeclock.Entry) item {
	ex := d.snap.problems[e.ID]
	p := d.snap.person(e.Now.Employee)
	return item{
		id: string(e.ID), punch: e.ID, incident: -1, exceptions: ex,
		clean: len(ex) == 0 && !e.Decided(), decided: len(ex) == 0 && e.Decided(), waits: waits(e),
		at: e.Now.At, person: p.Name, place: d.snap.place(e.Now.Employee), kind: e.Now.Kind, method: e.Method,
		search: strings.ToLower(p.Name + " " + p.Number + " " + d.words.kind(e.Now.Kind) + " " +
			d.words.method(e.Method) + " " + d.words.problems(ex)),
	}
}

// incidentItem returns the row of an incident, or false for one that asks for
// nothing, that is settled, or that somebody here has taken note of.
func (d *Desk) incidentItem(i int) (item, bool) {
	in := d.snap.incidents[i]
	ex, ok := incidents[in.Kind]
	if !ok || slices.Contains(d.remembered.SeenIncidents, in.ID) {
		return item{}, false
	}
	if in.Kind == timeclock.PINClosed && in.Employee != "" && !d.snap.closedPIN(in) {
		return item{}, false
	}
	person := ""
	if in.Employee != "" {
		person = d.snap.person(in.Employee).Name
	}
	return item{
		id: in.ID, incident: i, exceptions: []Exception{ex}, waits: in.Seq == 0, at: in.At, person: person,
		place:  d.snap.place(in.Employee),
		search: strings.ToLower(person + " " + d.words.problems([]Exception{ex})),
	}, true
}

// problems names exceptions for the filter.
func (w words) problems(ex []Exception) string {
	names := make([]string, len(ex))
	for i, x := range ex {
		names[i] = w.t.T("exception." + string(x))
	}
	return strings.Join(names, " ")
}

// arrange filters and sorts. The caller holds d.mu.
func (d *Desk) arrange() {
	b := &d.inbox
	b.shown = b.shown[:0:0]
	b.total = 0
	words := strings.Fields(strings.ToLower(b.filter))
	for i, it := range b.items {
		if !it.in(d.remembered.Show) {
			continue
		}
		b.total++
		if containsAll(it.search, words) {
			b.shown = append(b.shown, i)
		}
	}
	order := b.less(d.remembered.Sort)
	slices.SortStableFunc(b.shown, func(i, j int) int {
		c := order(&b.items[i], &b.items[j])
		if d.remembered.Descending {
			c = -c
		}
		if c == 0 { // newest first
			c = cmp.Or(cmp.Compare(b.items[j].at, b.items[i].at), strings.Compare(b.items[j].id, b.items[i].id))
		}
		return c
	})
}

func containsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// in reports whether the selection holds the row.
func (it item) in(s Show) bool {
	switch s {
	case ShowOpen:
		return len(it.exceptions) > 0 || it.clean
	case ShowProblems:
		return len(it.exceptions) > 0
	case ShowClean:
		return it.clean
	case ShowDecided:
		return it.decided
	}
	return slices.Contains(it.exceptions, Exception(s))
}

// less returns the order of a column, without the last resort by time.
func (b *inbox) less(c Column) func(x, y *item) int {
	switch c {
	case ByPerson:
		return func(x, y *item) int { return cmp.Compare(x.place, y.place) }
	case ByTime:
		return func(x, y *item) int { return cmp.Compare(x.at, y.at) }
	case ByKind:
		return func(x, y *item) int { return strings.Compare(string(x.kind), string(y.kind)) }
	case ByMethod:
		return func(x, y *item) int { return strings.Compare(string(x.method), string(y.method)) }
	case BySync:
		return func(x, y *item) int { return cmp.Compare(waitingLast(x), waitingLast(y)) }
	}
	return func(x, y *item) int { return cmp.Compare(rank(x.exceptions), rank(y.exceptions)) }
}

func waitingLast(it *item) int {
	if it.waits {
		return 1
	}
	return 0
}

// Filter keeps the rows that hold every word of text: name, number, problem,
// kind or method.
func (d *Desk) Filter(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inbox.filter = strings.TrimSpace(text)
	d.arrange()
}

// Show changes the selection of rows and remembers it.
func (d *Desk) Show(s Show) {
	d.remember(func(r *Remembered) { r.Show = s })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.arrange()
}

// SortBy sorts by the column, the other way round when it already is the one,
// and remembers it.
func (d *Desk) SortBy(c Column) {
	d.remember(func(r *Remembered) {
		r.Descending = r.Sort == c && !r.Descending
		r.Sort = c
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.arrange()
}

// Mark marks the row, or takes its mark away.
func (d *Desk) Mark(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inbox.marked[id] {
		delete(d.inbox.marked, id)
		return
	}
	d.inbox.marked[id] = true
}

// MarkShown marks every row that is shown, or takes all marks away when every
// one has its mark already.
func (d *Desk) MarkShown() {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := true
	for _, i := range d.inbox.shown {
		all = all && d.inbox.marked[d.inbox.items[i].id]
	}
	d.inbox.marked = map[string]bool{}
	if all {
		return
	}
	for _, i := range d.inbox.shown {
		d.inbox.marked[d.inbox.items[i].id] = true
	}
}

// Chosen returns the marked rows' punches, or the given row's where none is
// marked. Only rows that are shown count: nobody changes what they do not see.
func (d *Desk) Chosen(selected string) []timeclock.PunchID {
	d.mu.Lock()
	defer d.mu.Unlock()
	var marked, one []timeclock.PunchID
	for _, i := range d.inbox.shown {
		it := d.inbox.items[i]
		if it.punch == "" {
			continue
		}
		if d.inbox.marked[it.id] {
			marked = append(marked, it.punch)
		}
		if it.id == selected {
			one = []timeclock.PunchID{it.punch}
		}
	}
	if len(marked) > 0 {
		return marked
	}
	return one
}

// TakeNote removes an incident from this PC's inbox.
func (d *Desk) TakeNote(id string) {
	const most = 500 // older ones have left the inbox by their age
	d.remember(func(r *Remembered) {
		seen := append(slices.Clone(r.SeenIncidents), id)
		r.SeenIncidents = seen[max(0, len(seen)-most):]
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rebuild()
}

// Inbox returns the list as it stands.
func (d *Desk) Inbox() Inbox {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, t := &d.inbox, d.words.t
	v := Inbox{
		Problems: b.open, Clean: b.clean, Sort: d.remembered.Sort, Descending: d.remembered.Descending,
		Show: d.remembered.Show, Filter: b.filter, items: b.items, shown: b.shown, snap: d.snap, words: d.words,
		marks: make(map[string]bool, len(b.marked)), Summary: d.summary(),
	}
	for _, i := range b.shown {
		if id := b.items[i].id; b.marked[id] {
			v.marks[id] = true
		}
	}
	v.Marked = len(v.marks)
	switch {
	case b.open > 0:
		v.Headline = t.N("inbox.to_decide", b.open)
	case b.clean > 0:
		v.Headline = t.N("inbox.nothing_but_clean", b.clean)
	default:
		v.Headline = t.T("inbox.nothing")
	}
	if b.clean > 0 {
		v.ApproveAll = t.N("inbox.approve_all", b.clean)
	}
	switch {
	case len(b.shown) > 0:
	case b.filter != "" || v.Show != ShowOpen:
		v.Empty = t.T("inbox.no_match")
	default:
		v.Empty = t.T("inbox.all_decided")
	}
	return v
}

// summary tells how many rows are shown, of how many, and why.
func (d *Desk) summary() string {
	b, t := &d.inbox, d.words.t
	sort := t.T("sort.by", "column", t.T("column."+columnKey(d.remembered.Sort)))
	args := []any{"shown", len(b.shown), "total", b.total, "sort", sort, "filter", b.filter}
	if b.filter != "" {
		return t.T("inbox.summary_filter", args...)
	}
	return t.N("inbox.summary", b.total, args...)
}

func columnKey(c Column) string {
	if c == ByProblem {
		return "problem"
	}
	return string(c)
}

// Len returns the number of rows.
func (v Inbox) Len() int { return len(v.shown) }

// ID returns the id of row i without putting the row in words.
func (v Inbox) ID(i int) string { return v.items[v.shown[i]].id }

// Find returns the place of the row with that id, or -1.
func (v Inbox) Find(id string) int {
	return slices.IndexFunc(v.shown, func(i int) bool { return v.items[i].id == id })
}

// Row puts row i in words.
func (v Inbox) Row(i int) Row {
	it := v.items[v.shown[i]]
	r := Row{ID: it.id, Punch: it.punch, Person: it.person, Marked: v.marks[it.id], Waiting: it.waits,
		Severity: severityOf(it), Sync: v.words.sync(it.waits)}
	if it.incident >= 0 {
		in := v.snap.incidents[it.incident]
		r.Problem = v.words.t.T("exception." + string(it.exceptions[0]))
		r.When = v.words.dayAndTime(in.At, v.snap.home, v.snap.now)
		r.How = v.snap.deviceName(v.words, in.Device)
		return r
	}
	e, _ := v.snap.entry(it.punch)
	r.Problem = v.words.problem(e, it.exceptions)
	r.When = v.words.dayAndTime(e.Now.At, v.snap.zone(e.Now.Site), v.snap.now)
	r.Kind = v.words.kind(e.Now.Kind)
	r.How = v.words.how(e.Now)
	return r
}

// problem names the worst exception, or the state where there is none.
func (w words) problem(e timeclock.Entry, ex []Exception) string {
	switch {
	case len(ex) > 1:
		return w.t.N("exception.and_more", len(ex)-1, "first", w.t.T("exception."+string(ex[0])))
	case len(ex) == 1:
		return w.t.T("exception." + string(ex[0]))
	case e.Decided():
		return w.t.T("status." + string(e.Status))
	}
	return w.t.T("exception.none")
}

func (w words) sync(waits bool) string {
	if waits {
		return w.t.T("sync.waiting")
	}
	return w.t.T("sync.sent")
}

func severityOf(it item) Severity {
	switch {
	case it.decided:
		return Settled
	case len(it.exceptions) == 0:
		return Clean
	case rank(it.exceptions) <= slices.Index(severity, CameraLost):
		return Problem
	}
	return Notice
}
