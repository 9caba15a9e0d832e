package localdb_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

// modelCloud is the least of a cloud that answers a replica: puts on employees
// merge by field, punches are appended, and both get the next sequence.
type modelCloud struct {
	t    *testing.T
	seq  int64
	rows map[string]op.Row // by table/id
	docs map[string]map[string]any
	done map[string]op.Result // by op id
}

func (c *modelCloud) write(table, id string, doc map[string]any) op.Row {
	c.seq++
	key := table + "/" + id
	text, err := json.Marshal(doc)
	if err != nil {
		c.t.Fatal(err)
	}
	c.docs[key] = doc
	c.rows[key] = op.Row{Table: table, ID: id, Rev: c.rows[key].Rev + 1, Seq: c.seq, Doc: text}
	return c.rows[key]
}

func (c *modelCloud) push(ops []op.Op) op.PushAnswer {
	var a op.PushAnswer
	for _, o := range ops {
		if _, ok := c.done[o.ID]; !ok {
			c.done[o.ID] = c.apply(o)
		}
		a.Results = append(a.Results, c.done[o.ID])
	}
	return a
}

func (c *modelCloud) apply(o op.Op) op.Result {
	if o.Kind == op.PunchAdd {
		var b op.PunchBody
		if err := op.Decode(o.Body, &b); err != nil {
			c.t.Fatal(err)
		}
		c.write("punch", string(b.ID), op.PunchRow(o.ID, b, deviceA, siteA, b.Wall+1, "mono", nil))
		return op.Result{ID: o.ID, Status: op.Accepted}
	}
	var b op.PutBody
	if err := op.Decode(o.Body, &b); err != nil {
		c.t.Fatal(err)
	}
	key := "employee/" + b.ID
	row, there := c.rows[key]
	doc := maps.Clone(c.docs[key])
	if !there {
		doc = map[string]any{"number": "", "name": "", "short_name": "", "department_id": "", "site_id": "", "language": "", "active": false}
	}
	for name, was := range b.Was {
		if row.Rev != b.BaseRev && doc[name] != was {
			return op.Result{ID: o.ID, Status: op.Conflict, Reason: op.ReasonStaleBaseRev, Row: &row}
		}
	}
	maps.Copy(doc, b.Set)
	row = c.write("employee", b.ID, doc)
	return op.Result{ID: o.ID, Status: op.Accepted, Row: &row}
}

// since returns the rows after a sequence, oldest first, at most limit.
func (c *modelCloud) since(seq int64, limit int) []op.Row {
	var rows []op.Row
	for _, r := range c.rows {
		if r.Seq > seq {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b op.Row) int { return int(a.Seq - b.Seq) })
	return rows[:min(limit, len(rows))]
}

// Whatever is lost on the way and in whatever order pushes and pulls come: once
// all is drained, the replica equals the cloud and no punch is missing.
func TestADrainedReplicaEqualsTheCloud(t *testing.T) {
	people := []string{string(anna), string(bert)}
	base := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		d := newDeviceIn(t, must(os.MkdirTemp(base, "case"))(t))
		defer d.Close()
		hr := d.actor(timeclock.HR)
		c := &modelCloud{t: t, rows: map[string]op.Row{}, docs: map[string]map[string]any{}, done: map[string]op.Result{}}
		punches := 0
		seq := int64(0)
		pull := func(limit int) int {
			rows := c.since(seq, limit)
			if len(rows) > 0 {
				seq = rows[len(rows)-1].Seq
				d.pull(fmt.Sprintf("1.%d", seq), rows...)
			}
			return len(rows)
		}
		push := func(limit int, lost bool) int {
			ops, _, _, err := d.Outbox(t.Context(), limit, op.MaxSent)
			if err != nil {
				t.Fatal(err)
			}
			a := c.push(ops)
			if !lost {
				d.answer(a.Results...)
			}
			return len(ops)
		}
		r.Repeat(map[string]func(*rapid.T){
			"punch": func(*rapid.T) { d.punch(anna, timeclock.In); punches++ },
			"put here": func(r *rapid.T) {
				field := rapid.SampledFrom([]string{"name", "number"}).Draw(r, "field")
				d.put(hr, "employee", rapid.SampledFrom(people).Draw(r, "who"), map[string]any{field: rapid.StringMatching("[a-c]").Draw(r, "value")})
			},
			"put elsewhere": func(r *rapid.T) {
				id := rapid.SampledFrom(people).Draw(r, "who")
				doc := maps.Clone(c.docs["employee/"+id])
				if doc == nil {
					return
				}
				doc[rapid.SampledFrom([]string{"name", "language"}).Draw(r, "field")] = rapid.StringMatching("[x-z]").Draw(r, "value")
				c.write("employee", id, doc)
			},
			"push": func(r *rapid.T) { push(rapid.IntRange(1, 4).Draw(r, "ops"), rapid.Bool().Draw(r, "lost")) },
			"pull": func(r *rapid.T) { pull(rapid.IntRange(1, 3).Draw(r, "rows")) },
			"restart": func(*rapid.T) {
				d.Close()
				d.open()
				if err := d.RequeueSent(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
		})
		for push(3, false) > 0 {
		}
		for pull(5) > 0 {
		}
		for key, row := range c.rows {
			table, id, _ := strings.Cut(key, "/")
			got := rawRow(t, d, table, id)
			want := map[string]any{"seq": row.Seq, "rev": row.Rev}
			maps.Copy(want, c.docs[key])
			delete(want, "active") // never set here; SQLite tells it as 0
			for name, v := range want {
				if fmt.Sprint(got[name]) != fmt.Sprint(v) {
					r.Fatalf("%s: %s = %v, want %v", key, name, got[name], v)
				}
			}
		}
		if entries := must(d.Entries(t.Context(), localdb.Query{}))(t); len(entries) != punches {
			r.Fatalf("%d punches, want %d", len(entries), punches)
		}
	})
}
