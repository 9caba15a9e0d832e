package look_test

import (
	"bytes"
	"image/color"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"clockface/assets/look"
)

var modes = map[string]look.Mode{"light": look.Light, "dark": look.Dark, "contrast": look.Contrast}

// TestTextCanBeRead holds the contrast that the house rules ask for.
func TestTextCanBeRead(t *testing.T) {
	pairs := []struct {
		text, ground fyne.ThemeColorName
		least        float64
	}{
		{theme.ColorNameForeground, theme.ColorNameBackground, 7},
		{theme.ColorNameForeground, look.ColorSurface, 7},
		{theme.ColorNameForeground, theme.ColorNameButton, 7},
		{look.ColorQuiet, theme.ColorNameBackground, 4.5},
		{look.ColorQuiet, look.ColorSurface, 4.5},
		{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground, 4.5},
		{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary, 4.5},
		{theme.ColorNamePrimary, theme.ColorNameBackground, 4.5},
		{look.ColorOnAnswer, theme.ColorNameSuccess, 5},
		{look.ColorOnAnswer, theme.ColorNameError, 5},
		{look.ColorSuccessText, theme.ColorNameBackground, 4.5},
		{look.ColorProblemText, theme.ColorNameBackground, 4.5},
		{look.ColorSuccessText, look.ColorSurface, 4.5},
		{look.ColorProblemText, look.ColorSurface, 4.5},
		{look.ColorOnNight, look.ColorNight, 7},
	}
	for name, mode := range modes {
		th := look.Wall(mode)
		for _, p := range pairs {
			got := contrast(th.Color(p.text, theme.VariantLight), th.Color(p.ground, theme.VariantLight))
			if got < p.least {
				t.Errorf("%s: %s on %s is %.2f:1, want at least %.1f:1", name, p.text, p.ground, got, p.least)
			}
		}
	}
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// luminance is the relative luminance of WCAG 2.
func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestAutoFollowsTheSystem(t *testing.T) {
	auto, dark, light := look.Desk(look.Auto), look.Desk(look.Dark), look.Desk(look.Light)
	n := theme.ColorNameBackground
	if auto.Color(n, theme.VariantDark) != dark.Color(n, theme.VariantLight) {
		t.Error("auto does not go dark with the system")
	}
	if auto.Color(n, theme.VariantLight) != light.Color(n, theme.VariantDark) {
		t.Error("auto does not go light with the system")
	}
}

func TestWallTextIsNeverSmall(t *testing.T) {
	th := look.Wall(look.Light)
	for _, n := range []fyne.ThemeSizeName{theme.SizeNameText, theme.SizeNameCaptionText, look.SizeNote, look.SizeInstruction} {
		if got := th.Size(n); got < 24 {
			t.Errorf("%s is %v dp, want at least 24", n, got)
		}
	}
	if got := th.Size(look.SizeClock); got < 104 {
		t.Errorf("the clock is %v dp, want at least 104", got)
	}
}

func TestEveryIconDraws(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.Desk(look.Light))
	files, err := fs.Glob(os.DirFS("icons"), "*.svg")
	if err != nil || len(files) == 0 {
		t.Fatalf("no icons: %v", err)
	}
	for _, f := range files {
		res := look.Icon(look.IconName(strings.TrimSuffix(f, ".svg")), theme.ColorNameForeground)
		if bytes.Contains(res.Content(), []byte("currentColor")) {
			t.Errorf("%s keeps its placeholder colour", f)
		}
		if !drawsSomething(res) {
			t.Errorf("%s draws nothing", f)
		}
	}
}

func drawsSomething(res fyne.Resource) bool {
	img := canvas.NewImageFromResource(res)
	img.SetMinSize(fyne.NewSize(48, 48))
	shot := software.Render(img, look.Desk(look.Light))
	b := shot.Bounds()
	first := shot.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if shot.At(x, y) != first {
				return true
			}
		}
	}
	return false
}

func TestEveryNamedIconHasAFile(t *testing.T) {
	test.NewTempApp(t)
	for _, n := range []look.IconName{look.Tick, look.Cross, look.Triangle, look.Camera, look.CameraOff, look.Film,
		look.Disk, look.DiskOff, look.Cloud, look.CloudWait, look.CloudOff, look.Keypad, look.Globe, look.Backspace,
		look.Back, look.Person, look.People, look.ClockFace, look.Inbox, look.Undo, look.Pencil, look.Wait, look.NoFace} {
		if len(look.Icon(n, theme.ColorNameForeground).Content()) == 0 {
			t.Errorf("icon %s has no file", n)
		}
	}
}
