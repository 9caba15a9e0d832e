package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"clockface/face"
	"clockface/face/evaluate"
)

type faceVerifyCommand struct {
	faceModel
	Pictures []string `arg:"" optional:"" help:"The two pictures." name:"picture"`
	Pairs    string   `help:"CSV file with the columns file_x and file_y instead of two pictures." placeholder:"FILE.csv"`
	Dir      string   `help:"Folder of the pictures that --pairs names." placeholder:"DIR"`
	FMR      float64  `help:"False match rate per comparison that the threshold aims at." name:"fmr" default:"1e-4"`
	JSON     bool     `help:"Print one JSON object a line." name:"json"`
}

// Help is shown by --help.
func (faceVerifyCommand) Help() string {
	return `The largest face of each picture counts. Without a gallery the threshold is the model's documented prior at the rate asked for. A picture that cannot serve makes its pair "not the same", with a reason, and the others go on.

Examples:
  clockface face verify monday.jpg tuesday.jpg
  clockface face verify --pairs pairs.csv --dir pictures --json

JSON, one object a pair in the order of the file: {file_x, file_y, distance, score, same, reason}. distance is null where a picture has no usable face, and reason then says why: unreadable, no_face, too_small, at_edge, too_dark, too_bright, blurred; else reason is null. score is null: it needs a calibrated gallery.`
}

// Run compares the pairs.
func (c *faceVerifyCommand) Run(ctx context.Context, env *environment) (err error) {
	if err := checkRate("--fmr", c.FMR); err != nil {
		return err
	}
	pairs, err := c.pairs()
	if err != nil {
		return err
	}
	embedder, pack, err := c.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, embedder.Close()) }()
	threshold := pack.Threshold(c.FMR)
	v := evaluate.NewVerifier(embedder, threshold)
	told := map[string]bool{}
	for _, p := range pairs {
		pair, err := v.Compare(ctx, c.Dir, p[0], p[1])
		if err != nil {
			return err
		}
		for _, name := range p {
			if refused := v.Refused(c.Dir, name); refused != nil && !told[name] {
				told[name] = true
				fmt.Fprintln(env.errs, refused)
			}
		}
		if err := c.print(env, pair, threshold); err != nil {
			return err
		}
	}
	return nil
}

// pairs returns the names of the pictures to compare.
func (c *faceVerifyCommand) pairs() ([][2]string, error) {
	switch {
	case c.Pairs == "" && len(c.Pictures) == 2 && c.Dir == "":
		return [][2]string{{c.Pictures[0], c.Pictures[1]}}, nil
	case c.Pairs == "" || len(c.Pictures) > 0:
		return nil, usagef("give two pictures, or --pairs FILE.csv and --dir DIR")
	}
	f, err := os.Open(c.Pairs)
	if err != nil {
		return nil, fmt.Errorf("read pairs: %w", err)
	}
	defer f.Close()
	pairs, err := evaluate.ReadPairs(f)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", c.Pairs, err)
	}
	return pairs, nil
}

// print writes the answer on one pair.
func (c *faceVerifyCommand) print(env *environment, p evaluate.Pair, threshold float64) error {
	if c.JSON {
		enc := json.NewEncoder(env.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(p)
	}
	answer := "not the same person"
	if p.Same {
		answer = "the same person"
	}
	detail := ""
	if p.Distance != nil {
		detail = fmt.Sprintf("distance %.3f, threshold %.3f", *p.Distance, threshold)
	} else {
		detail = face.Reason(*p.Reason).Advice()
	}
	_, err := fmt.Fprintf(env.out, "%s and %s: %s (%s)\n", p.FileX, p.FileY, answer, detail)
	return err
}
