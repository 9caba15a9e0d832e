package op

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clockface/timeclock"
)

func testOp() Op {
	return Op{N: 42, ID: "0190aaaa-0000-7000-8000-000000000001", Kind: PunchAdd, Body: `{"by":"ada"}`, ASig: []byte{1, 2, 3}}
}

// TestChainHashIsFixed pins the hash of a known op: a change would make every
// device in the field look tampered with. The want value was computed from the
// formula's text with a separate tool.
func TestChainHashIsFixed(t *testing.T) {
	sha := sha256.Sum256([]byte(`{"by":"ada"}`))
	var want bytes.Buffer
	part := func(b []byte) { want.Write([]byte{0, 0, 0, byte(len(b))}); want.Write(b) }
	part([]byte("prev"))
	part([]byte("acme"))
	part([]byte("dev"))
	part([]byte{0, 0, 0, 0, 0, 0, 0, 42})
	part([]byte("0190aaaa-0000-7000-8000-000000000001"))
	part([]byte("punch.add"))
	part(sha[:])
	part([]byte{1, 2, 3})
	sum := sha256.Sum256(want.Bytes())
	if got := ChainHash([]byte("prev"), "acme", "dev", testOp()); !bytes.Equal(got, sum[:]) {
		t.Errorf("ChainHash = %x, want %x", got, sum)
	}
	const golden = "49db65ee95999ed28e845dea2bbbb59912c6431bcb7b39b7d93a6ecdeb992566"
	if got := hex.EncodeToString(ChainHash([]byte("prev"), "acme", "dev", testOp())); got != golden {
		t.Errorf("ChainHash = %s, want %s", got, golden)
	}
	if got := ChainHashErased([]byte("prev"), "acme", "dev", testOp(), sha[:]); !bytes.Equal(got, ChainHash([]byte("prev"), "acme", "dev", testOp())) {
		t.Error("an erased op hashes differently")
	}
}

func TestChainHashDependsOnEveryPart(t *testing.T) {
	base := ChainHash([]byte("prev"), "acme", "dev", testOp())
	change := map[string]func(o *Op){
		"n": func(o *Op) { o.N++ }, "id": func(o *Op) { o.ID += "x" }, "kind": func(o *Op) { o.Kind = "x" },
		"body": func(o *Op) { o.Body += " " }, "asig": func(o *Op) { o.ASig = nil },
	}
	for name, f := range change {
		o := testOp()
		f(&o)
		if bytes.Equal(base, ChainHash([]byte("prev"), "acme", "dev", o)) {
			t.Errorf("changing %s leaves the hash as it was", name)
		}
	}
	for name, got := range map[string][]byte{
		"prev":    ChainHash([]byte("prew"), "acme", "dev", testOp()),
		"company": ChainHash([]byte("prev"), "acm", "dev", testOp()),
		"device":  ChainHash([]byte("prev"), "acme", "edev", testOp()),
	} {
		if bytes.Equal(base, got) {
			t.Errorf("changing %s leaves the hash as it was", name)
		}
	}
}

func TestSignaturesRefuseEveryChange(t *testing.T) {
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	now := Clock{Wall: 5, Mono: 6, Boot: "b"}

	head := SignHead(key, []byte("h"), 7, now)
	if !VerifyHead(pub, head, now) {
		t.Error("a good head is refused")
	}
	if VerifyHead(pub, head, Clock{Wall: 5, Mono: 7, Boot: "b"}) {
		t.Error("a head with another clock is taken")
	}

	o := testOp()
	o.ASig = SignAct(key, "acme", "dev", o.ID, o.Kind, o.Body)
	if !VerifyAct(pub, "acme", "dev", o) {
		t.Error("a good asig is refused")
	}
	if VerifyAct(pub, "acme", "other", o) || VerifyAct(pub, "other", "dev", o) {
		t.Error("an asig of another device or company is taken")
	}
	o.Body += " "
	if VerifyAct(pub, "acme", "dev", o) {
		t.Error("an asig over another body is taken")
	}

	g := Grant{ID: "g", Company: "acme", Membership: "m", Device: "dev", ActorKey: pub, IssuedUS: 1, ExpiresUS: 2}
	g.Signature = ed25519.Sign(key, g.SigningBytes())
	if !g.Verify(pub) {
		t.Error("a good grant is refused")
	}
	g.ExpiresUS++
	if g.Verify(pub) {
		t.Error("a grant with a later end is taken")
	}
	if g.Verify(nil) || VerifyAct(nil, "acme", "dev", o) || VerifyHead(nil, head, now) {
		t.Error("an empty key verifies something")
	}
}

func TestRequestSignatureCoversMethodPathTimeAndBody(t *testing.T) {
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := ParseAuth(SignRequest(key, "acme", "dev", "GET", "/v1/sync/pull?cursor=1.2", 99, nil))
	if err != nil {
		t.Fatal(err)
	}
	if a.Company != "acme" || a.Device != "dev" || a.TS != 99 {
		t.Errorf("parsed %+v", a)
	}
	if !a.VerifyRequest(pub, "GET", "/v1/sync/pull?cursor=1.2", nil) {
		t.Error("a good request is refused")
	}
	later := a
	later.TS++
	if a.VerifyRequest(pub, "POST", "/v1/sync/pull?cursor=1.2", nil) || a.VerifyRequest(pub, "GET", "/v1/sync/pull?cursor=1.3", nil) ||
		a.VerifyRequest(pub, "GET", "/v1/sync/pull?cursor=1.2", []byte("x")) || later.VerifyRequest(pub, "GET", "/v1/sync/pull?cursor=1.2", nil) {
		t.Error("a changed request is taken")
	}
	for _, bad := range []string{"", "Bearer x", "TC1 company=a", "TC1 company=a,device=b,ts=x,sig=AA==", "TC1 company=a,device=b,ts=1,sig=!", "TC1 company=a,device=b,ts=1,sig=AA=="} {
		if _, err := ParseAuth(bad); !errors.Is(err, ErrAuth) {
			t.Errorf("ParseAuth(%q) = %v, want ErrAuth", bad, err)
		}
	}
}

func TestAnchorFindsWhenItHappened(t *testing.T) {
	const s = timeclock.Micros(1_000_000)
	offset := int64(30 * s)
	tests := []struct {
		name    string
		anchor  Anchor
		stamp   Clock
		at      timeclock.Micros
		source  string
		suspect bool
	}{
		{"the same boot counts back on the steady clock", NewAnchor(Clock{1000 * s, int64(500 * s), "b"}, 1030*s, 1030*s, nil),
			Clock{990 * s, int64(490 * s), "b"}, 1020 * s, "mono", false},
		{"a wall clock set back does not matter on the same boot", NewAnchor(Clock{10 * s, int64(500 * s), "b"}, 1030*s, 1030*s, nil),
			Clock{990 * s, int64(490 * s), "b"}, 1020 * s, "mono", false},
		{"a wall clock far off is flagged", NewAnchor(Clock{5000 * s, int64(500 * s), "b"}, 1030*s, 1030*s, nil),
			Clock{4990 * s, int64(490 * s), "b"}, 1020 * s, "mono", true},
		{"another boot uses the last offset", NewAnchor(Clock{1000 * s, int64(5 * s), "c"}, 1030*s, 1030*s, &offset),
			Clock{900 * s, int64(490 * s), "b"}, 930 * s, "offset", false},
		{"never synced, another boot: the wall clock", NewAnchor(Clock{1000 * s, int64(5 * s), "c"}, 1030*s, 1030*s, nil),
			Clock{900 * s, int64(490 * s), "b"}, 900 * s, "wall", false},
		{"a request long on its way trusts the offset more than its arrival", NewAnchor(Clock{1000 * s, int64(500 * s), "b"}, 1090*s, 1030*s, &offset),
			Clock{990 * s, int64(490 * s), "b"}, 1020 * s, "mono", false},
		{"a steady clock ahead of now is not believed", NewAnchor(Clock{1000 * s, int64(500 * s), "b"}, 1030*s, 1030*s, &offset),
			Clock{990 * s, int64(501 * s), "b"}, 1020 * s, "offset", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, source, suspect := tt.anchor.At(tt.stamp)
			if at != tt.at || source != tt.source || suspect != tt.suspect {
				t.Errorf("At = %d s, %s, suspect %v; want %d s, %s, %v", at/s, source, suspect, tt.at/s, tt.source, tt.suspect)
			}
		})
	}
}

func TestBodiesGoThereAndBack(t *testing.T) {
	in := PunchBody{Head: NewHead("ada", ""), ID: "p", Employee: "ada", Kind: timeclock.In, Method: timeclock.ByFace,
		Confidence: 0.93, Clock: Clock{Wall: 1, Mono: 2, Boot: "b"}, Source: timeclock.FromKiosk, Place: "<gate & yard>"}
	body, err := Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(body, `{"by":"ada","salt":"`) || !strings.Contains(body, "<gate & yard>") {
		t.Errorf("body = %s", body)
	}
	var out PunchBody
	if err := Decode(body, &out); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in, out); d != "" {
		t.Error(d)
	}
	if NewHead("ada", "").Salt == in.Salt {
		t.Error("two heads share a salt")
	}
	for _, bad := range []string{``, `[]`, `{"by":"ada"} {}`, `{"unknown":1}`} {
		if err := Decode(bad, &out); !errors.Is(err, ErrBody) {
			t.Errorf("Decode(%s) = %v, want ErrBody", bad, err)
		}
	}
}

func TestFieldsOfAPutAreCheckedAgainstTheTable(t *testing.T) {
	employee, _ := TableByName("employee")
	var b PutBody
	if err := Decode(`{"by":"m","salt":"","id":"e","base_rev":0,"set":{"name":"Bo","active":true,"deleted":false},"wall_us":1,"mono_us":1,"boot":"b"}`, &b); err != nil {
		t.Fatal(err)
	}
	got, err := employee.Fields(b.Set)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]any{"name": "Bo", "active": true, "deleted": false}, got); d != "" {
		t.Error(d)
	}
	credential, _ := TableByName("credential")
	for name, err := range map[string]error{
		"a column of no table":     second(employee.Fields(map[string]any{"salary": 1})),
		"a text that is a number":  second(employee.Fields(map[string]any{"name": 1.0})),
		"the sealed bytes":         second(credential.Fields(map[string]any{"sealed": "AA=="})),
		"the company":              second(employee.Fields(map[string]any{"company_id": "other"})),
		"a whole number with tail": second(siteTable(t).Fields(map[string]any{"repeat_window_us": 1.5})),
	} {
		if !errors.Is(err, ErrBody) {
			t.Errorf("%s: err = %v, want ErrBody", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func siteTable(t *testing.T) Table {
	t.Helper()
	s, ok := TableByName("site")
	if !ok {
		t.Fatal("no table site")
	}
	return s
}

func TestPutKindsNameATableThatCanBePut(t *testing.T) {
	if tab, ok := Put("employee").PutTable(); !ok || tab.Name != "employee" {
		t.Errorf("employee.put = %v, %v", tab.Name, ok)
	}
	for _, k := range []Kind{"punch.put", "nothing.put", PunchAdd, ""} {
		if _, ok := k.PutTable(); ok {
			t.Errorf("%q counts as a put", k)
		}
	}
}

func TestRowsBuiltFromBodiesHaveExactlyTheTablesColumns(t *testing.T) {
	edit, err := EditRow("op", EditBody{}, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	for table, row := range map[string]map[string]any{
		"punch":          PunchRow("op", PunchBody{}, "d", "s", 1, "mono", nil),
		"punch_edit":     edit,
		"punch_decision": DecisionRow("op", DecisionBody{}, 1, true),
		"incident":       IncidentRow("op", IncidentBody{}, "d", 1),
	} {
		tab, ok := TableByName(table)
		if !ok {
			t.Fatalf("no table %s", table)
		}
		if len(row) != len(tab.Columns) {
			t.Errorf("%s: the row has %d columns, the table %d", table, len(row), len(tab.Columns))
		}
		for _, c := range tab.Columns {
			v, ok := row[c.Name]
			if !ok {
				t.Errorf("%s: the row lacks %s", table, c.Name)
				continue
			}
			if got, err := c.Value(v); err != nil || got != v {
				t.Errorf("%s.%s is %T, not the column's type", table, c.Name, v)
			}
		}
	}
}

func TestDeviceSettingNamesItsDevice(t *testing.T) {
	if id, ok := DeviceOfSetting(DeviceSetting("d1")); id != "d1" || !ok {
		t.Errorf("device of the own key = %q, %v", id, ok)
	}
	for _, key := range []string{"", "device.", "devices", "company.name", "my.device.1"} {
		if id, ok := DeviceOfSetting(key); ok {
			t.Errorf("setting %q is of device %q, want of none", key, id)
		}
	}
}
