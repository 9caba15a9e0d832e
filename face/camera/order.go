package camera

import (
	"image/color"
	"slices"
	"strings"
)

// sortNaturally sorts names so that numbers in them count as numbers.
func sortNaturally(names []string) { slices.SortFunc(names, compareNaturally) }

// compareNaturally compares letter by letter, but runs of digits by their
// value; names equal in that (01, 1) are told apart by their spelling.
func compareNaturally(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		nx, ny := digits(x), digits(y)
		if nx == 0 || ny == 0 {
			if x[0] != y[0] {
				return strings.Compare(x[:1], y[:1])
			}
			x, y = x[1:], y[1:]
			continue
		}
		vx, vy := strings.TrimLeft(x[:nx], "0"), strings.TrimLeft(y[:ny], "0")
		if len(vx) != len(vy) {
			return len(vx) - len(vy)
		}
		if c := strings.Compare(vx, vy); c != 0 {
			return c
		}
		x, y = x[nx:], y[ny:]
	}
	if c := len(x) - len(y); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// digits returns how many digits s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func grey(level uint8) color.RGBA { return color.RGBA{level, level, level, 255} }
