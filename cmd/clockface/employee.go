package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"clockface/cmd/internal/station"
	"clockface/localdb"
	"clockface/sync/op"
	"clockface/timeclock"
)

type employeeCommands struct {
	Add  employeeAddCommand  `cmd:"" help:"Add a person who punches."`
	List employeeListCommand `cmd:"" help:"List the people of the company."`
}

// employeeJSON is a person in the JSON of add and list.
type employeeJSON struct {
	ID         timeclock.EmployeeID `json:"id"`
	Number     string               `json:"number"`
	Name       string               `json:"name"`
	Department string               `json:"department"`
	Language   string               `json:"language"`
	Active     bool                 `json:"active"`
}

type employeeAddCommand struct {
	Number     string `help:"Number that is typed before the PIN; unique in the company, digits." required:""`
	Name       string `help:"Full name." required:""`
	Department string `help:"Name of a department that exists."`
	Language   string `help:"Language of the kiosk for this person. Default: the kiosk's." enum:",en,de,es" default:""`
	JSON       bool   `help:"Print JSON instead of the id alone." name:"json"`
}

// Help is shown by --help.
func (employeeAddCommand) Help() string {
	return `Prints the new person's id.

Examples:
  clockface employee add --number 12 --name "Grace Hopper"
  clockface employee add --number 13 --name "Konrad Zuse" --language de --json

JSON: {id, number, name, department, language, active}`
}

// Run adds the person in the name of who is signed in.
func (c *employeeAddCommand) Run(ctx context.Context, env *environment) error {
	number, name := strings.TrimSpace(c.Number), strings.Join(strings.Fields(c.Name), " ")
	if number == "" || strings.Trim(number, "0123456789") != "" || len(number) > 12 {
		return usagef("--number %q: want 1 to 12 digits, as the kiosk's keys have them", c.Number)
	}
	if name == "" {
		return usagef("--name is empty")
	}
	return env.act(ctx, func(s *station.Station, actor *localdb.Actor) error {
		holder, err := s.DB.EmployeeByNumber(ctx, number)
		if err == nil {
			return fmt.Errorf("%w: the number %s belongs to %s; choose another", localdb.ErrInvalid, number, holder.Name)
		}
		if !errors.Is(err, localdb.ErrNotFound) {
			return err
		}
		department, err := departmentNamed(ctx, s, c.Department)
		if err != nil {
			return err
		}
		id := op.NewID()
		if err := s.DB.Put(ctx, actor, "employee", id, map[string]any{
			"number": number, "name": name, "department_id": string(department), "site_id": string(s.Identity.Site),
			"language": c.Language, "active": true,
		}, nil); err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
		if c.JSON {
			return env.printJSON(employeeJSON{ID: timeclock.EmployeeID(id), Number: number, Name: name,
				Department: c.Department, Language: c.Language, Active: true})
		}
		_, err = fmt.Fprintln(env.out, id)
		return err
	})
}

// departmentNamed returns the department's id; no name is no department.
func departmentNamed(ctx context.Context, s *station.Station, name string) (timeclock.DepartmentID, error) {
	if name == "" {
		return "", nil
	}
	departments, err := s.DB.Departments(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for id, n := range departments {
		if strings.EqualFold(n, name) {
			return id, nil
		}
		names = append(names, n)
	}
	slices.Sort(names)
	return "", fmt.Errorf("no department is named %q; there are: %s", name, strings.Join(names, ", "))
}

type employeeListCommand struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// Help is shown by --help.
func (employeeListCommand) Help() string {
	return `Examples:
  clockface employee list
  clockface employee list --json

JSON: a list, by name, of {id, number, name, department, language, active}`
}

// Run lists the people that this replica knows.
func (c *employeeListCommand) Run(ctx context.Context, env *environment) error {
	return env.read(ctx, func(s *station.Station) error {
		people, err := s.DB.Employees(ctx)
		if err != nil {
			return err
		}
		departments, err := s.DB.Departments(ctx)
		if err != nil {
			return err
		}
		list := make([]employeeJSON, 0, len(people))
		for _, p := range people {
			list = append(list, employeeJSON{ID: p.ID, Number: p.Number, Name: p.Name,
				Department: departments[p.Department], Language: p.Language, Active: p.Active})
		}
		if c.JSON {
			return env.printJSON(list)
		}
		w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "NUMBER\tNAME\tDEPARTMENT\tID")
		for _, p := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Number, p.Name, p.Department, p.ID)
		}
		return w.Flush()
	})
}
