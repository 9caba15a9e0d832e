// Package assets holds what the programs show and is not code: their texts in
// every language. It links no toolkit, so that the cloud can use it too; colours,
// sizes and icons of the windows are in assets/look, tones in assets/sound.
//
// Each program has one file per language, locales/<program>.<tag>.json, in the
// format of go-i18n: a key has one text, or one text per plural form. English
// holds every key; [LoadCatalogue] refuses a catalogue without it.
package assets

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var locales embed.FS

// ErrNoTexts means that no texts are embedded for a program.
var ErrNoTexts = errors.New("no texts for this program")

// ownName is the key under which each file carries its language's own name.
const ownName = "language.own_name"

// fallback is the language whose text stands in where another lacks a key.
const fallback = "en"

// A Language is one that a program can speak.
type Language struct {
	Tag     string // BCP 47, e.g. "de"
	OwnName string // as its speakers write it, e.g. "Deutsch"
}

// A Catalogue holds one program's texts in all its languages. It is safe for
// use by several goroutines.
type Catalogue struct {
	bundle    *i18n.Bundle
	languages []Language
	matcher   language.Matcher
}

// LoadCatalogue returns the texts of a program: "kiosk", "desktop" or "cloud".
// It returns ErrNoTexts where there are none, and an error that names the file
// where one cannot be read.
func LoadCatalogue(program string) (*Catalogue, error) {
	files, err := localeFiles(program)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{bundle: i18n.NewBundle(language.English)}
	c.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	var tags []language.Tag
	for _, name := range files {
		file, err := c.bundle.LoadMessageFileFS(locales, path.Join("locales", name))
		if err != nil {
			return nil, fmt.Errorf("read texts %s: %w", name, err)
		}
		tag := file.Tag.String()
		c.languages = append(c.languages, Language{Tag: tag, OwnName: c.texts(tag).T(ownName)})
		tags = append(tags, file.Tag)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// localeFiles returns the file names of a program, English first.
func localeFiles(program string) ([]string, error) {
	entries, err := locales.ReadDir("locales")
	if err != nil {
		return nil, fmt.Errorf("list texts: %w", err)
	}
	var files []string
	english := program + "." + fallback + ".json"
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), program+".") && e.Name() != english {
			files = append(files, e.Name())
		}
	}
	if _, err := locales.Open(path.Join("locales", english)); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrNoTexts, program)
	}
	return slices.Insert(files, 0, english), nil
}

// Languages returns the languages of the catalogue, English first, then by tag.
func (c *Catalogue) Languages() []Language { return slices.Clone(c.languages) }

// For returns the texts in the language that comes closest to lang, a BCP 47
// tag or an environment's form of it ("de", "de-AT", "de_DE.UTF-8"); English
// where none does.
func (c *Catalogue) For(lang string) Texts {
	lang, _, _ = strings.Cut(lang, ".")
	tag, err := language.Parse(strings.ReplaceAll(lang, "_", "-"))
	if err != nil {
		return c.texts(fallback)
	}
	_, i, confidence := c.matcher.Match(tag)
	if confidence == language.No {
		return c.texts(fallback)
	}
	return c.texts(c.languages[i].Tag)
}

func (c *Catalogue) texts(tag string) Texts {
	return Texts{tag: tag, localizer: i18n.NewLocalizer(c.bundle, tag, fallback)}
}

// Texts are a program's texts in one language.
type Texts struct {
	tag       string
	localizer *i18n.Localizer
}

// Language returns the BCP 47 tag of the texts.
func (t Texts) Language() string { return t.tag }

// T returns the text under key. args are names and values in turn for the
// {{.name}} places in it. A key that does not exist is returned as it is, so
// that a screen never goes blank.
func (t Texts) T(key string, args ...any) string {
	return t.localize(key, &i18n.LocalizeConfig{MessageID: key, TemplateData: places(args)})
}

// N returns the text under key in the plural form for n, which stands in {{.n}}.
func (t Texts) N(key string, n int, args ...any) string {
	data := places(args)
	data["n"] = n
	return t.localize(key, &i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: data})
}

func (t Texts) localize(key string, config *i18n.LocalizeConfig) string {
	if t.localizer == nil {
		return key
	}
	text, err := t.localizer.Localize(config)
	if text == "" && err != nil {
		return key
	}
	return text
}

// places turns name, value, name, value into a map; a last name without a value
// gets an empty one.
func places(args []any) map[string]any {
	m := make(map[string]any, len(args)/2+1)
	for i := 0; i < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		m[name] = ""
		if i+1 < len(args) {
			m[name] = args[i+1]
		}
	}
	return m
}
