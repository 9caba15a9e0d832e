package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"

	"clockface/face"
	"clockface/face/evaluate"
)

type faceEvaluateCommand struct {
	faceModel
	Gallery     string   `help:"Folder of the pictures to enrol: DIR/person/*.jpg, .png or .pgm." placeholder:"DIR"`
	Probes      string   `help:"Folder of the pictures to show, likewise." placeholder:"DIR"`
	Flat        bool     `help:"The folders hold NAME[N].jpg instead of a folder for each person."`
	Descriptors string   `help:"File of descriptors instead of pictures." placeholder:"FILE.json"`
	Learn       *float64 `help:"Part of the people, 0 to below 1, that is set aside to calibrate on. Default: 0.5." placeholder:"0.5"`
	Seed        uint64   `help:"Seed of the shuffle that sets people aside." default:"1"`
	FMR         *float64 `help:"False match rate per comparison of two people that the threshold aims at. Default: 1e-4." name:"fmr" placeholder:"1e-4"`
	FPIR        *float64 `help:"Instead: rate at which a stranger is taken for somebody of the whole staff." name:"fpir" placeholder:"1e-3"`
	Frames      int      `help:"How many probes of a person decide together." default:"1"`
	JSON        bool     `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (faceEvaluateCommand) Help() string {
	return `Enrols the gallery and identifies every probe; a probe of a person who is not in the gallery is an impostor. Needs neither a data folder nor consent, and keeps nothing. Progress and refused pictures are told on standard error and do not change the exit code.

With --descriptors a part of the people is set aside (--learn, --seed) and the rest is tried: every fourth person is a stranger; of each other the first half of the samples is enrolled and the rest shown.

Examples:
  clockface face evaluate --gallery staff --probes monday --json
  clockface face evaluate --gallery staff --probes monday --flat --frames 3 --fpir 1e-3
  clockface face evaluate --descriptors idols.json --learn 0.5 --seed 1 --json

JSON, one object: {pack, people, gallery, probes, genuine, impostors, true_accept_rate, wrong_identity_rate, false_accept_rate, released_rate, eer, needs_second, reject_reasons, threshold, margin, fmr_target, fpir_target, face_alone_people, ms_p50, ms_p95}. gallery counts templates, probes decisions. Rates are fractions 0 to 1: true_accept and wrong_identity over genuine, false_accept over impostors, released (accepted as anybody) over probes; null over 0. reject_reasons counts the probes not accepted by reason: unreadable, no_face, too_small, at_edge, too_dark, too_bright, blurred, not_enrolled, ambiguous, nobody_enrolled. The threshold is the model's documented prior at the rate asked for; with --fpir that rate divided by the people enrolled. needs_second and face_alone_people are null: they need a calibrated gallery. ms is the time of finding and describing the faces of a picture, null with --descriptors.`
}

// Run prints the figures.
func (c *faceEvaluateCommand) Run(ctx context.Context, env *environment) error {
	if err := c.check(); err != nil {
		return err
	}
	set, err := c.set(ctx, env.errs)
	if err != nil {
		return err
	}
	fmr, fpir := c.targets()
	rate := 0.0
	if fpir != nil {
		rate = *fpir / float64(max(1, len(set.People)))
	} else {
		rate = *fmr
	}
	result, err := evaluate.Run(set, set.Pack.Prior(rate))
	if err != nil {
		return err
	}
	result.FMRTarget, result.FPIRTarget = fmr, fpir
	if c.JSON {
		return env.printJSON(result)
	}
	return printResult(env.out, result)
}

// check finds flags that do not go together.
func (c *faceEvaluateCommand) check() error {
	if c.FMR != nil && c.FPIR != nil {
		return usagef("--fmr and --fpir are two ways to say the same; give one")
	}
	for flag, rate := range map[string]*float64{"--fmr": c.FMR, "--fpir": c.FPIR} {
		if rate == nil {
			continue
		}
		if err := checkRate(flag, *rate); err != nil {
			return err
		}
	}
	if c.Frames < 1 {
		return usagef("--frames %d: at least one picture decides", c.Frames)
	}
	folders := c.Gallery != "" || c.Probes != "" || c.Flat
	switch {
	case c.Descriptors != "" && folders:
		return usagef("--descriptors goes without --gallery, --probes and --flat")
	case c.Descriptors == "" && (c.Gallery == "" || c.Probes == ""):
		return usagef("give --gallery DIR and --probes DIR, or --descriptors FILE.json")
	case c.Descriptors == "" && c.Learn != nil:
		return usagef("--learn goes with --descriptors only")
	}
	return nil
}

// targets returns the rate aimed at; the other one is nil.
func (c *faceEvaluateCommand) targets() (fmr, fpir *float64) {
	if c.FMR == nil && c.FPIR == nil {
		d := face.DefaultFMR
		return &d, nil
	}
	return c.FMR, c.FPIR
}

// set reads the descriptors, or the pictures through the model.
func (c *faceEvaluateCommand) set(ctx context.Context, progress io.Writer) (set evaluate.Set, err error) {
	if c.Descriptors != "" {
		return c.fromDescriptors()
	}
	gallery, err := evaluate.Folder(c.Gallery, c.Flat)
	if err != nil {
		return set, err
	}
	probes, err := evaluate.Folder(c.Probes, c.Flat)
	if err != nil {
		return set, err
	}
	if slices.Equal(gallery, probes) {
		fmt.Fprintln(progress, "Gallery and probes are the same pictures: the figures will look better than they are.")
	}
	embedder, pack, err := c.open()
	if err != nil {
		return set, err
	}
	defer func() { err = errors.Join(err, embedder.Close()) }()
	return evaluate.Embed(ctx, embedder, pack, gallery, probes, c.Frames, func(done, of int, p evaluate.Picture, e evaluate.Embedding) {
		switch {
		case e.Err != nil:
			fmt.Fprintln(progress, e.Err)
		case e.Reason != "":
			fmt.Fprintf(progress, "%s: %s\n", p.Path, e.Reason.Advice())
		}
		if done%50 == 0 || done == of {
			fmt.Fprintf(progress, "%d of %d pictures\n", done, of)
		}
	})
}

func (c *faceEvaluateCommand) fromDescriptors() (evaluate.Set, error) {
	pack, err := c.pack()
	if err != nil {
		return evaluate.Set{}, err
	}
	f, err := os.Open(c.Descriptors)
	if err != nil {
		return evaluate.Set{}, fmt.Errorf("read descriptors: %w", err)
	}
	defer f.Close()
	descriptors, err := evaluate.ReadDescriptors(f, pack)
	if err != nil {
		return evaluate.Set{}, fmt.Errorf("file %s: %w", c.Descriptors, err)
	}
	learn := 0.5
	if c.Learn != nil {
		learn = *c.Learn
	}
	_, set, err := descriptors.Split(pack, learn, c.Seed, c.Frames)
	if err != nil {
		return set, usagef("%w", err)
	}
	return set, nil
}

// printResult writes the figures for people.
func printResult(out io.Writer, r evaluate.Result) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	percent := func(rate *float64) string {
		if rate == nil {
			return "-"
		}
		return fmt.Sprintf("%.2f %%", 100**rate)
	}
	fmt.Fprintf(w, "model\t%s, threshold %.3f, margin %.3f\n", r.Pack, r.Threshold, r.Margin)
	fmt.Fprintf(w, "enrolled\t%d people, %d templates\n", r.People, r.Gallery)
	fmt.Fprintf(w, "shown\t%d (%d of people enrolled, %d of strangers)\n", r.Probes, r.Genuine, r.Impostors)
	fmt.Fprintf(w, "recognised\t%s\n", percent(r.TrueAccept))
	fmt.Fprintf(w, "taken for another\t%s\n", percent(r.WrongIdentity))
	fmt.Fprintf(w, "strangers accepted\t%s\n", percent(r.FalseAccept))
	fmt.Fprintf(w, "accepted in all\t%s\n", percent(r.Released))
	fmt.Fprintf(w, "equal error rate\t%s\n", percent(r.EER))
	for _, reason := range slices.Sorted(maps.Keys(r.RejectReasons)) {
		fmt.Fprintf(w, "not accepted: %s\t%d\n", reason, r.RejectReasons[reason])
	}
	if r.MsP50 != nil {
		fmt.Fprintf(w, "time a picture\t%.1f ms (half), %.1f ms (95 %%)\n", *r.MsP50, *r.MsP95)
	}
	return w.Flush()
}
