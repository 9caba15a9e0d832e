package localdb

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"clockface/timeclock"
)

const (
	// The last column is the punch's place on this device's chain, 0 for punches
	// of other devices, which are not looked for there.
	punchColumns = `p.id, p.employee_id, p.device_id, p.site_id, p.kind, p.method, p.confidence, p.at_us, p.wall_us,
		p.time_source, p.flags, p.source, p.place, p.seq, CASE WHEN p.device_id = (SELECT device_id FROM meta)
		THEN coalesce((SELECT o.n FROM op o WHERE o.op_id = p.op_id), 0) ELSE 0 END`
	// Only unacknowledged events are ordered by their place on the chain.
	editColumns = `e.id, e.punch_id, e.seen, e.what, e."values", e.cause, e.reason, e."by", e.at_us, e.effective, e.seq,
		CASE WHEN e.seq = 0 THEN coalesce((SELECT o.n FROM op o WHERE o.op_id = e.op_id), 0) ELSE 0 END`
	decisionColumns = `d.id, d.punch_id, d.seen, d.verdict, d.reason, d."by", d.at_us, d.effective, d.seq,
		CASE WHEN d.seq = 0 THEN coalesce((SELECT o.n FROM op o WHERE o.op_id = d.op_id), 0) ELSE 0 END`
)

// spare is how many punches more than asked for are folded when a limit is
// given: voided and retimed ones change places.
const spare = 64

// Entries returns the punches that the query selects, folded, in working order:
// by effective time, except that punches which this device made and the cloud
// has not acknowledged yet never stand before one that the device made earlier.
// So a clock that was set back between two punches does not turn an "out" into
// an "in". Who asks for a person's last punches to decide the next direction
// gives Employee and Limit, no From: a wrong clock must not hide the newest.
func (db *DB) Entries(ctx context.Context, q Query) ([]timeclock.Entry, error) {
	var out []timeclock.Entry
	err := db.view(ctx, "read punches", func(v querier) error {
		in := func(column string) string { return "" }
		ids, args := q.ids()
		if ids != "" {
			in = func(column string) string { return " AND " + column + " IN (" + ids + ")" }
		}
		punches, place, err := readPunches(v, "WHERE NOT p.deleted"+in("p.id"), args...)
		if err != nil {
			return err
		}
		edits, err := readEdits(v, "WHERE NOT e.deleted"+in("e.punch_id"), args...)
		if err != nil {
			return err
		}
		decisions, err := readDecisions(v, "WHERE NOT d.deleted"+in("d.punch_id"), args...)
		if err != nil {
			return err
		}
		out = workingOrder(timeclock.Timeline(punches, edits, decisions), place)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(e timeclock.Entry) bool { return !q.selects(e) })
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[len(out)-q.Limit:]
	}
	return out, nil
}

// selects applies the query to a folded entry.
func (q Query) selects(e timeclock.Entry) bool {
	return (q.From == 0 || e.Now.At >= q.From) && (q.To == 0 || e.Now.At < q.To) &&
		(q.Employee == "" || e.Now.Employee == q.Employee) && (!q.Undecided || !e.Decided())
}

// ids returns a subquery for the ids of all punches that may belong to the
// answer: by their recorded values, or since an edit gave them others. It is
// empty where every punch may.
func (q Query) ids() (string, []any) {
	if q.From == 0 && q.To == 0 && q.Employee == "" && (q.Limit == 0 || q.Undecided) {
		return "", nil
	}
	var where, edited []string
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if q.Employee != "" {
		a := arg(string(q.Employee))
		where = append(where, "employee_id = "+a)
		edited = append(edited, `instr("values", `+a+`) > 0`)
	}
	own := slices.Clone(where)
	if q.From != 0 {
		where = append(where, "at_us >= "+arg(int64(q.From)))
	}
	if q.To != 0 {
		where = append(where, "at_us < "+arg(int64(q.To)))
	}
	if q.From != 0 || q.To != 0 || q.Limit > 0 {
		edited = append(edited, `instr("values", 'at_us') > 0`)
	}
	recorded := "SELECT id FROM punch WHERE " + strings.Join(append(where, "NOT deleted"), " AND ")
	if q.Limit > 0 && !q.Undecided {
		recorded = "SELECT id FROM (" + recorded + " ORDER BY at_us DESC LIMIT " + arg(q.Limit+spare) + ")"
	}
	text := recorded + ` UNION SELECT punch_id FROM punch_edit WHERE what = 'add'`
	if len(edited) > 0 {
		text += ` OR ` + strings.Join(edited, " OR ")
	}
	if len(own) > 0 { // one person's unacknowledged punches, whatever the clock showed
		text += " UNION SELECT id FROM punch WHERE seq = 0 AND " + strings.Join(own, " AND ")
	}
	return text, args
}

// workingOrder moves this device's unacknowledged punches behind those that it
// made before them. place holds each own punch's number on the chain.
func workingOrder(entries []timeclock.Entry, place map[timeclock.PunchID]int64) []timeclock.Entry {
	var own []int // indexes of own punches that still stand at their recorded time
	open := false
	for i, e := range entries {
		if place[e.ID] > 0 && e.Now.At == e.At {
			own = append(own, i)
			open = open || e.Seq == 0
		}
	}
	if !open {
		return entries
	}
	slices.SortFunc(own, func(a, b int) int { return cmp.Compare(place[entries[a].ID], place[entries[b].ID]) })
	at := make(map[timeclock.PunchID]timeclock.Micros, len(entries))
	for _, e := range entries {
		at[e.ID] = e.Now.At
	}
	var newest timeclock.Micros
	for _, i := range own {
		e := entries[i]
		if e.Seq == 0 {
			at[e.ID] = max(e.Now.At, newest)
		}
		newest = max(newest, at[e.ID])
	}
	slices.SortStableFunc(entries, func(a, b timeclock.Entry) int {
		if c := cmp.Compare(at[a.ID], at[b.ID]); c != 0 {
			return c
		}
		if x, y := place[a.ID], place[b.ID]; x > 0 && y > 0 {
			return cmp.Compare(x, y)
		}
		return 0
	})
	return entries
}

// Entry returns one punch with its whole history, or ErrNotFound.
func (db *DB) Entry(ctx context.Context, id timeclock.PunchID) (timeclock.Entry, error) {
	var out timeclock.Entry
	err := db.view(ctx, "read punch "+string(id), func(q querier) (err error) {
		out, err = loadEntry(q, id)
		return err
	})
	return out, err
}

// loadEntry folds one punch, or returns ErrNotFound.
func loadEntry(q querier, id timeclock.PunchID) (timeclock.Entry, error) {
	punches, _, err := readPunches(q, "WHERE NOT p.deleted AND p.id = $1", string(id))
	if err != nil {
		return timeclock.Entry{}, err
	}
	edits, err := readEdits(q, "WHERE NOT e.deleted AND e.punch_id = $1", string(id))
	if err != nil {
		return timeclock.Entry{}, err
	}
	decisions, err := readDecisions(q, "WHERE NOT d.deleted AND d.punch_id = $1", string(id))
	if err != nil {
		return timeclock.Entry{}, err
	}
	entries := timeclock.Timeline(punches, edits, decisions)
	if len(entries) == 0 {
		return timeclock.Entry{}, ErrNotFound
	}
	return entries[0], nil
}

func readPunches(q querier, where string, args ...any) (out []timeclock.Punch, place map[timeclock.PunchID]int64, err error) {
	place = map[timeclock.PunchID]int64{}
	err = eachRow(q, "SELECT "+punchColumns+" FROM punch p "+where, args, func(scan func(...any) error) error {
		var p timeclock.Punch
		var flags string
		var n int64
		if err := scan(&p.ID, &p.Employee, &p.Device, &p.Site, &p.Kind, &p.Method, &p.Confidence, &p.At, &p.Wall,
			&p.TimeSource, &flags, &p.Source, &p.Place, &p.Seq, &n); err != nil {
			return err
		}
		p.Flags = timeclock.ParseFlags(flags)
		if n > 0 {
			place[p.ID] = n
		}
		out = append(out, p)
		return nil
	})
	return out, place, err
}

func readEdits(q querier, where string, args ...any) (out []timeclock.Edit, err error) {
	err = eachRow(q, "SELECT "+editColumns+" FROM punch_edit e "+where, args, func(scan func(...any) error) error {
		var e timeclock.Edit
		var values string
		if err := scan(&e.ID, &e.Punch, &e.Seen, &e.What, &values, &e.Cause, &e.Reason, &e.By, &e.At, &e.Effective, &e.Seq, &e.N); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(values), &e.Values); err != nil {
			return fmt.Errorf("edit %s: values: %w", e.ID, err)
		}
		out = append(out, e)
		return nil
	})
	return out, err
}

func readDecisions(q querier, where string, args ...any) (out []timeclock.Decision, err error) {
	err = eachRow(q, "SELECT "+decisionColumns+" FROM punch_decision d "+where, args, func(scan func(...any) error) error {
		var d timeclock.Decision
		if err := scan(&d.ID, &d.Punch, &d.Seen, &d.Verdict, &d.Reason, &d.By, &d.At, &d.Effective, &d.Seq, &d.N); err != nil {
			return err
		}
		out = append(out, d)
		return nil
	})
	return out, err
}

// eachRow runs a query and hands each row's Scan to take.
func eachRow(q querier, text string, args []any, take func(scan func(...any) error) error) (err error) {
	rows, err := q.query(text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// oneRow scans a single row and reports whether there was one.
func oneRow(r *sql.Row, targets ...any) (bool, error) {
	err := r.Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
