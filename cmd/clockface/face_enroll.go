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
	return `Each picture must show the person alone, from the front, sharp and well lit. A picture that cannot serve is named and left out; the others are enrolled. So is one that shows a face which this PC knows as somebody else's, or another face than the person's enrolled one: with one face under two names the kiosk could recognise neither. Pictures are not kept: only vectors are, sealed for the company's kiosks. Refused without a recorded consent (see clockface consent add) or --consent.

Examples:
  clockface face enroll --employee 12 --consent 2026-01-31 grace1.jpg grace2.jpg grace3.jpg
  clockface face enroll --employee 12 --camera camera:0

JSON: {employee, credential, pack, templates, refused, look_alikes}, credential null and the exit code 1 where nothing could be enrolled. refused is a list of {file, reason, other}: reason = unreadable, no_face, several_faces, too_small, at_edge, too_dark, too_bright, blurred, other_person, enrolled_for_other; other = {employee, number, name} of whose face it is with enrolled_for_other, else null. look_alikes is a list of {file, other, distance}: enrolled pictures that come close to somebody else's face.`
}

// enrolledJSON is the answer of face enroll.
type enrolledJSON struct {
	Employee   timeclock.EmployeeID    `json:"employee"`
	Credential *timeclock.CredentialID `json:"credential"`
	Pack       string                  `json:"pack"`
	Templates  int                     `json:"templates"`
	Refused    []refusedJSON           `json:"refused"`
	LookAlikes []lookAlikeJSON         `json:"look_alikes"`
}

type refusedJSON struct {
	File   string      `json:"file"`
	Reason face.Reason `json:"reason"`
	Other  *personJSON `json:"other"`
}

type lookAlikeJSON struct {
	File     string     `json:"file"`
	Other    personJSON `json:"other"`
	Distance float64    `json:"distance"`
}

// personJSON names somebody.
type personJSON struct {
	Employee timeclock.EmployeeID `json:"employee"`
	Number   string               `json:"number"`
	Name     string               `json:"name"`
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
	if err := c.checkCamera(); err != nil {
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
		found, err := c.look(ctx, env, s, person.ID)
		if err != nil {
			return err
		}
		others, err := peopleOf(ctx, s, found)
		if err != nil {
			return err
		}
		remark(env, found, others)
		if len(found.Accepted) == 0 {
			err := fmt.Errorf("no face of %s could be enrolled: none of the pictures can serve", person.Name)
			return errors.Join(c.printJSON(env, person, nil, found, others), err)
		}
		id, err := c.keep(ctx, s, actor, person, consented, found)
		if err != nil {
			return err
		}
		return c.print(env, person, id, found, others)
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

// checkCamera finds a --camera that cannot be meant.
func (c *faceEnrollCommand) checkCamera() error {
	if c.Camera == "" {
		return nil
	}
	if _, err := camera.Parse(c.Camera); err != nil {
		return usagef("%w", err)
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
func (c *faceEnrollCommand) look(ctx context.Context, env *environment, s *station.Station, who timeclock.EmployeeID) (found face.Enrolment, err error) {
	embedder, pack, err := c.open()
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, embedder.Close()) }()
	known, err := enrolledFaces(ctx, env, s, pack)
	if err != nil {
		return found, err
	}
	enroller := face.NewEnroller(embedder, pack, who, known)
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

// enrolledFaces returns the faces of the pack that this device can open, and
// remarks how many it cannot: a desktop holds no key to them.
func enrolledFaces(ctx context.Context, env *environment, s *station.Station, pack face.Pack) (*face.Gallery, error) {
	templates, skipped, err := s.DB.Templates(ctx, s.Keys, timeclock.FaceTemplate)
	if err != nil {
		return nil, fmt.Errorf("open the enrolled faces: %w", err)
	}
	g := face.NewGallery(pack.Name, pack.Dim)
	for _, t := range templates {
		if t.Pack != pack.Name {
			continue // vectors of two packs cannot be compared
		}
		for _, v := range t.Vectors {
			if err := g.Add(t.Employee, v); err != nil {
				skipped = append(skipped, err)
			}
		}
	}
	if len(skipped) > 0 {
		fmt.Fprintf(env.errs, "Not compared with %d of the enrolled faces, which this device cannot open: %v\n", len(skipped), skipped[0])
	}
	return g, nil
}

// peopleOf returns the people whose enrolled faces an enrolment speaks of.
func peopleOf(ctx context.Context, s *station.Station, found face.Enrolment) (map[timeclock.EmployeeID]personJSON, error) {
	people := map[timeclock.EmployeeID]personJSON{}
	for _, r := range found.Refused {
		people[r.Who] = personJSON{}
	}
	for _, l := range found.LookAlikes {
		people[l.Who] = personJSON{}
	}
	delete(people, "") // most refusals are nobody's
	for id := range people {
		p, err := s.DB.EmployeeByID(ctx, id)
		if errors.Is(err, localdb.ErrNotFound) { // the template outlived the person
			p, err = timeclock.Employee{Number: string(id), Name: "deleted"}, nil
		}
		if err != nil {
			return nil, err
		}
		people[id] = personJSON{Employee: id, Number: p.Number, Name: p.Name}
	}
	return people, nil
}

// remark tells which pictures are left out, and which come close to somebody else.
func remark(env *environment, found face.Enrolment, others map[timeclock.EmployeeID]personJSON) {
	for _, r := range found.Refused {
		o := others[r.Who]
		switch {
		case r.Reason == face.EnrolledForOther:
			fmt.Fprintf(env.errs, "Left out: %s: this is the face that is enrolled for %s (%s). If it is not theirs, run: clockface face withdraw --employee %s; else choose another picture\n",
				r.Name, o.Name, o.Number, o.Number)
		case r.Who != "":
			fmt.Fprintf(env.errs, "Left out: %v: clockface face withdraw --employee %s\n", r, o.Number)
		default:
			fmt.Fprintln(env.errs, "Left out: "+r.Error())
		}
	}
	for _, l := range found.LookAlikes {
		o := others[l.Who]
		fmt.Fprintf(env.errs, "Careful: %s comes close to the face of %s (%s): the kiosk may ask both for number and PIN (distance %.2f)\n",
			l.Name, o.Name, o.Number, l.Distance)
	}
}

// print tells what was enrolled.
func (c *faceEnrollCommand) print(env *environment, person timeclock.Employee, id timeclock.CredentialID,
	found face.Enrolment, others map[timeclock.EmployeeID]personJSON,
) error {
	if c.JSON {
		return c.printJSON(env, person, &id, found, others)
	}
	_, err := fmt.Fprintf(env.out, "The face of %s (%s) is enrolled from %d of %d pictures.\n",
		person.Name, person.Number, len(found.Accepted), len(found.Accepted)+len(found.Refused))
	return err
}

// printJSON prints the answer with --json; the credential is nil where nothing
// was enrolled.
func (c *faceEnrollCommand) printJSON(env *environment, person timeclock.Employee, id *timeclock.CredentialID,
	found face.Enrolment, others map[timeclock.EmployeeID]personJSON,
) error {
	if !c.JSON {
		return nil
	}
	out := enrolledJSON{Employee: person.ID, Credential: id, Pack: found.Pack, Templates: len(found.Accepted),
		Refused: []refusedJSON{}, LookAlikes: []lookAlikeJSON{}}
	for _, r := range found.Refused {
		refused := refusedJSON{File: r.Name, Reason: r.Reason}
		if r.Reason == face.EnrolledForOther {
			other := others[r.Who]
			refused.Other = &other
		}
		out.Refused = append(out.Refused, refused)
	}
	for _, l := range found.LookAlikes {
		out.LookAlikes = append(out.LookAlikes, lookAlikeJSON{File: l.Name, Other: others[l.Who], Distance: l.Distance})
	}
	return env.printJSON(out)
}
