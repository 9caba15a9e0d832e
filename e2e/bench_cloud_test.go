//go:build e2e && cgo && !nocamera

package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// measureCloud measures the size of the cloud's program, the memory it takes ten
// seconds after its first answer, and how soon it answers after a restart.
func measureCloud(t *testing.T, p place) []figure {
	info, err := os.Stat(p.program(t, "clockface-cloud"))
	if err != nil {
		t.Fatalf("size of the cloud's program: %v", err)
	}
	c := p.newCompany(t)
	c.cloud.stop(t)

	const restarts = 9
	var starts []float64
	var idle float64
	for i := range restarts {
		starts = append(starts, milliseconds(c.restart(t)))
		if i == restarts-1 {
			time.Sleep(10 * time.Second) // the figure is defined as the memory after this time
			idle = float64(residentBytes(t, c.cloud))
		}
		c.cloud.stop(t)
	}
	return []figure{
		reported("cloud.binary", float64(info.Size()), "bytes").atMost(62_000_000),
		reported("cloud.idle", idle, "bytes").atMost(60_000_000),
		reported("cloud.restart", median(starts), "ms").atMost(100),
	}
}

// restart starts the cloud on its database and returns the time from the start
// of the process to its first answer.
func (c *company) restart(t testing.TB) time.Duration {
	t.Helper()
	c.address = freeAddress(t)
	client := http.Client{Timeout: time.Second}
	began := time.Now()
	c.cloud = c.start(t, "cloud", "clockface-cloud", nil, "serve", "--addr", c.address, "--db", c.db())
	for {
		answer, err := client.Get(c.url() + "/healthz")
		took := time.Since(began)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("GET /healthz: %s", answer.Status)
			}
			return took
		}
		if took > 10*time.Second {
			t.Fatalf("no answer from the cloud within 10 s: %v\n%s", err, fileTail(c.cloud.logs, 5))
		}
		time.Sleep(time.Millisecond)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// residentBytes returns the memory that a process has in RAM.
func residentBytes(t testing.TB, r *program) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		t.Fatalf("memory of %s: %v", r.name, err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatalf("memory of %s: %v", r.name, err)
			}
			return kib << 10
		}
	}
	t.Fatalf("memory of %s: no VmRSS", r.name)
	return 0
}

// clockTick is the unit of the times in /proc/PID/stat; Linux has had 100 a
// second on every architecture that Go runs on.
const clockTick = 10 * time.Millisecond

// cpuTime returns the processor time that a process has used so far, all its
// threads together.
func cpuTime(t testing.TB, r *program) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid))
	if err != nil {
		t.Fatalf("processor time of %s: %v", r.name, err)
	}
	// The second field is the name in parentheses and may hold spaces.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var ticks int64
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			t.Fatalf("processor time of %s: %v", r.name, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick
}
