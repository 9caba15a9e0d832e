package assets_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clockface/assets"
)

// file is a locale file: a text, or texts by plural form, under each key.
type file map[string]any

func readFile(t *testing.T, path string) file {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

var place = regexp.MustCompile(`\{\{\.[a-z_]+\}\}`)

// places returns the sorted distinct places of a text, over all plural forms.
func places(v any) []string {
	seen := map[string]bool{}
	switch v := v.(type) {
	case string:
		for _, p := range place.FindAllString(v, -1) {
			seen[p] = true
		}
	case map[string]any:
		for _, form := range v {
			for _, p := range places(form) {
				seen[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// programs returns the programs that have texts, by their English files.
func programs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("locales/*.en.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".en.json"))
	}
	return names
}

// TestEveryTextIsInEveryLanguage holds all languages of a program to its English
// keys, with the same places and without an empty text.
func TestEveryTextIsInEveryLanguage(t *testing.T) {
	for _, program := range programs(t) {
		english := readFile(t, "locales/"+program+".en.json")
		for _, lang := range []string{"en", "de", "es"} {
			t.Run(program+"/"+lang, func(t *testing.T) {
				other := readFile(t, "locales/"+program+"."+lang+".json")
				for key, text := range english {
					if got, ok := other[key]; !ok {
						t.Errorf("%s is missing", key)
					} else if !slices.Equal(places(got), places(text)) {
						t.Errorf("%s has the places %v, English has %v", key, places(got), places(text))
					}
				}
				for key, text := range other {
					if _, ok := english[key]; !ok {
						t.Errorf("%s is not in English", key)
					}
					if s, ok := text.(string); ok && strings.TrimSpace(s) == "" {
						t.Errorf("%s is empty", key)
					}
				}
			})
		}
	}
}

// TestEveryTextCanBeSaid asks the catalogue for each key in each language.
func TestEveryTextCanBeSaid(t *testing.T) {
	for _, program := range programs(t) {
		c, err := assets.LoadCatalogue(program)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range c.Languages() {
			texts := c.For(l.Tag)
			for key, v := range readFile(t, "locales/"+program+"."+l.Tag+".json") {
				got := texts.T(key)
				if _, plural := v.(map[string]any); plural {
					got = texts.N(key, 2)
				}
				if got == key || got == "" {
					t.Errorf("%s/%s: %s says %q", program, l.Tag, key, got)
				}
			}
			if l.OwnName == "" || l.OwnName == "language.own_name" {
				t.Errorf("%s/%s does not say its own name", program, l.Tag)
			}
		}
	}
}

func TestLanguageIsTheClosest(t *testing.T) {
	c, err := assets.LoadCatalogue("kiosk")
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]string{
		"de": "de", "de-AT": "de", "de_DE.UTF-8": "de", "es-MX": "es", "en-GB": "en",
		"": "en", "C.UTF-8": "en", "C": "en", "zu": "en", "not a language": "en",
	} {
		if got := c.For(asked).Language(); got != want {
			t.Errorf("For(%q) speaks %s, want %s", asked, got, want)
		}
	}
}

func TestMissingKeyIsShownAsItIs(t *testing.T) {
	c, err := assets.LoadCatalogue("kiosk")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.For("de").T("no.such.key"); got != "no.such.key" {
		t.Errorf("T = %q", got)
	}
	if got := (assets.Texts{}).T("no.catalogue"); got != "no.catalogue" {
		t.Errorf("zero Texts: T = %q", got)
	}
}

func TestUnknownProgramHasNoTexts(t *testing.T) {
	if _, err := assets.LoadCatalogue("toaster"); !errors.Is(err, assets.ErrNoTexts) {
		t.Errorf("err = %v, want ErrNoTexts", err)
	}
}
