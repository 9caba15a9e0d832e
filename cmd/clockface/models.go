package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"clockface/face"
	"clockface/face/models"
)

type modelsCommands struct {
	Fetch modelsFetchCommand `cmd:"" help:"Bring the files of a face model to this PC."`
	List  modelsListCommand  `cmd:"" help:"List the face models and the state of their files."`
}

// modelsFolder is the flag of every command that needs models.
type modelsFolder struct {
	Models string `help:"Folder of the face models. Default: $$CLOCKFACE_MODELS, or the folder for programs' data of this user." type:"path" placeholder:"DIR"`
}

// dir returns the folder of the models.
func (f modelsFolder) dir() (string, error) {
	if f.Models != "" {
		return f.Models, nil
	}
	return models.DefaultDir()
}

type modelsFetchCommand struct {
	modelsFolder
	Pack string `arg:"" optional:"" default:"dlib" help:"Name of the pack, see: clockface models list. Default: dlib."`
}

// Help is shown by --help.
func (modelsFetchCommand) Help() string {
	return `Fetches the publisher's package with pip, checks its SHA-256 and keeps the files that are needed (32 of 100 MB for dlib). What is there and good is kept; run it again after an interruption.

Examples:
  clockface models fetch
  clockface models fetch dlib --models /srv/clockface/models`
}

// Run fetches the pack; what happens is told on standard error.
func (c *modelsFetchCommand) Run(ctx context.Context, env *environment) error {
	pack, err := models.ByName(c.Pack)
	if err != nil {
		return usagef("%w", err)
	}
	dir, err := c.dir()
	if err != nil {
		return err
	}
	return models.Fetch(ctx, pack, dir, models.Pip, env.errs)
}

type modelsListCommand struct {
	modelsFolder
	JSON bool `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (modelsListCommand) Help() string {
	return `Ends with exit code 1 when a file of the default pack, dlib, is missing or damaged.

Examples:
  clockface models list
  clockface models list --json

JSON: a list of {pack, about, licence, home, folder, complete, files}, files a list of {name, size, sha256, state}; state = good, missing, empty, damaged.`
}

type modelJSON struct {
	Pack     string          `json:"pack"`
	About    string          `json:"about"`
	Licence  string          `json:"licence"`
	Home     string          `json:"home"`
	Folder   string          `json:"folder"`
	Complete bool            `json:"complete"`
	Files    []modelFileJSON `json:"files"`
}

type modelFileJSON struct {
	Name   string       `json:"name"`
	Size   int64        `json:"size"`
	SHA256 string       `json:"sha256"`
	State  models.State `json:"state"`
}

// Run lists every pack with the state in which its files are found.
func (c *modelsListCommand) Run(env *environment) error {
	dir, err := c.dir()
	if err != nil {
		return err
	}
	list := []modelJSON{}
	for _, p := range models.Packs() {
		m := modelJSON{Pack: p.Name, About: p.About, Licence: p.Licence, Home: p.Home, Folder: dir, Complete: true}
		for _, f := range p.Files {
			state := models.StateOf(dir, f)
			m.Complete = m.Complete && state == models.Good
			m.Files = append(m.Files, modelFileJSON{Name: f.Name, Size: f.Size, SHA256: f.SHA256, State: state})
		}
		list = append(list, m)
	}
	return errors.Join(c.print(env, dir, list), checkDefault(dir))
}

// checkDefault returns an error that says what to do unless the files of the
// default pack are good.
func checkDefault(dir string) error {
	pack, err := models.ByName(face.Dlib)
	if err != nil {
		return err
	}
	return models.Check(dir, pack)
}

// print writes the list as asked for.
func (c *modelsListCommand) print(env *environment, dir string, list []modelJSON) error {
	if c.JSON {
		return env.printJSON(list)
	}
	w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "PACK\tFILE\tBYTES\tSTATE")
	for _, m := range list {
		for _, f := range m.Files {
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", m.Pack, f.Name, f.Size, f.State)
		}
	}
	fmt.Fprintf(w, "in %s\n", dir)
	return w.Flush()
}
