package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clockface/cmd/internal/station"
	"clockface/face"
	"clockface/face/camera"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

type faceEnrollCommand struct {
	faceModel
	Employee string   `help:"Number or id of the person." required:"" placeholder:"NUMBER|ID"`
	Consent  string   `help:"Also record that the person agreed on that day." placeholder:"YYYY-MM-DD"`
	Files    []string `arg:"" optional:"" help:"Pictures of the person." name:"file"`
	Camera   string   `help:"Take frames from a camera instead: camera:N, file:CLIP or images:DIR." placeholder:"SRC"`
	Frames   int      `help:"How many frames of the camera are kept." default:"5"`
	JSON     bool     `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (faceEnrollCommand) Help() string {
	return `Each picture must show the person alone, from the front, sharp and well lit. A picture that cannot serve is named and left out; the others are enrolled. Pictures are not kept: only vectors are, sealed for the company's kiosks. Refused without a recorded consent (see clockface consent add) or --consent.

Examples:
  clockface face enroll --employee 12 --consent 2026-01-31 grace1.jpg grace2.jpg grace3.jpg
  clockface face enroll --employee 12 --camera camera:0

JSON: {employee, credential, pack, templates, refused}, refused a list of {file, reason}: unreadable, no_face, several_faces, too_small, at_edge, too_dark, too_bright, blurred, other_person.`
}

// enrolledJSON is the answer of face enroll.
type enrolledJSON struct {
	Employee   timeclock.EmployeeID   `json:"employee"`
	Credential timeclock.CredentialID `json:"credential"`
	Pack       string                 `json:"pack"`
	Templates  int                    `json:"templates"`
	Refused    []refusedJSON          `json:"refused"`
}

type refusedJSON struct {
	File   string      `json:"file"`
	Reason face.Reason `json:"reason"`
}

// Run enrols the person in the name of who is signed in.
func (c *faceEnrollCommand) Run(ctx context.Context, env *environment) error {
	if (c.Camera == "") == (len(c.Files) == 0) {
		return usagef("give pictures of the person, or --camera SRC")
	}
	if c.Frames < 1 || c.Frames > 20 {
		return usagef("--frames %d: 1 to 20 frames can be kept", c.Frames)
	}
	if err := c.checkConsentDay(env.now()); err != nil {
		return err
	}
	return env.act(ctx, func(s *station.Station, actor *localdb.Actor) error {
		person, err := employee(ctx, s, c.Employee)
		if err != nil {
			return err
		}
		_, consented, err := s.DB.Consent(ctx, person.ID, timeclock.FaceTemplate)
		if err != nil {
			return err
		}
		if !consented && c.Consent == "" {
			return localdb.ErrNoConsent
		}
		found, err := c.look(ctx)
		if err != nil {
			return err
		}
		for _, r := range found.Refused {
			fmt.Fprintln(env.errs, "Left out: "+r.Error())
		}
		if len(found.Accepted) == 0 {
			return fmt.Errorf("no face of %s could be enrolled: none of the pictures can serve", person.Name)
		}
		id, err := c.keep(ctx, s, actor, person, consented, found)
		if err != nil {
			return err
		}
		return c.print(env, person, id, found)
	})
}

// checkConsentDay finds a --consent that is no day or has not come yet.
func (c *faceEnrollCommand) checkConsentDay(now time.Time) error {
	if c.Consent == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, c.Consent)
	if err != nil {
		return usagef("--consent %q is not a day like 2026-01-31", c.Consent)
	}
	if day.After(now.Add(24 * time.Hour)) {
		return usagef("--consent %s is in the future", c.Consent)
	}
	return nil
}

// keep records the consent, where it is new, and the template.
func (c *faceEnrollCommand) keep(ctx context.Context, s *station.Station, actor *localdb.Actor,
	person timeclock.Employee, consented bool, found face.Enrolment,
) (timeclock.CredentialID, error) {
	if !consented {
		if err := s.DB.Put(ctx, actor, "consent", op.NewID(), map[string]any{
			"employee_id": string(person.ID), "kind": string(timeclock.FaceTemplate), "given_on": c.Consent,
		}, nil); err != nil {
			return "", fmt.Errorf("record the consent of %s: %w", person.Name, err)
		}
	}
	id, err := s.DB.EnrolTemplate(ctx, s.Keys, actor, localdb.NewTemplate{
		Employee: person.ID, Kind: timeclock.FaceTemplate, Pack: found.Pack, Vectors: found.Vectors(),
	})
	if err != nil {
		return "", fmt.Errorf("enrol the face of %s: %w", person.Name, err)
	}
	return id, nil
}

// look makes templates of the pictures or of the camera's frames.
func (c *faceEnrollCommand) look(ctx context.Context) (found face.Enrolment, err error) {
	embedder, pack, err := c.open()
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, embedder.Close()) }()
	enroller := face.NewEnroller(embedder, pack)
	if c.Camera == "" {
		return enroller.Pictures(ctx, c.Files)
	}
	src, err := camera.Open(c.Camera)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	return enroller.Live(ctx, src, c.Frames)
}

// print tells what was enrolled.
func (c *faceEnrollCommand) print(env *environment, person timeclock.Employee, id timeclock.CredentialID, found face.Enrolment) error {
	if !c.JSON {
		_, err := fmt.Fprintf(env.out, "The face of %s (%s) is enrolled from %d of %d pictures.\n",
			person.Name, person.Number, len(found.Accepted), len(found.Accepted)+len(found.Refused))
		return err
	}
	out := enrolledJSON{Employee: person.ID, Credential: id, Pack: found.Pack, Templates: len(found.Accepted), Refused: []refusedJSON{}}
	for _, r := range found.Refused {
		out.Refused = append(out.Refused, refusedJSON{File: r.Name, Reason: r.Reason})
	}
	return env.printJSON(out)
}
