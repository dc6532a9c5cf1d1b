package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/demo"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"
	"github.com/kvadrant/kvadrant/know/survey"
)

// The demo company comes in through the ordinary import, under a source of its own by which it is removed again.
const (
	demoSource    = "demo"
	demoLoadJob   = "demo.load"
	demoRemoveJob = "demo.remove"
	beforeDemo    = "before_demo"  // the setting that remembers whose installation it was
	demoAsked     = "demo_surveys" // the setting that remembers its questionnaires
	signInsFile   = "demo-sign-in.json"
)

// DemoWish says which demo company to make, or to remove it.
type DemoWish struct {
	Customers int    `json:"customers"`
	Seed      uint64 `json:"seed"`
	Files     string `json:"-"` // only write the files here
	Remove    bool   `json:"-"`
}

// signIn is a demo user with the random password that was made for them. It is kept beside the data, for the demo alone,
// so that the next start can show it again.
type signIn struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
}

// Demo loads, writes or removes the demo company.
func Demo(ctx context.Context, cfg Config, wish DemoWish) error {
	cfg = cfg.withDefaults()
	if wish.Files != "" {
		files, err := demo.Generate(ctx, demo.Config{Customers: wish.Customers, Seed: wish.Seed, Dir: wish.Files})
		if err != nil {
			return err
		}
		for _, f := range files {
			fmt.Fprintf(cfg.Out, "%s: %d %s\n", f.Path, f.Rows, f.Kind)
		}
		return nil
	}
	return operate(ctx, cfg, func(o *Operator) error {
		method, body := http.MethodPost, any(wish)
		if wish.Remove {
			method, body = http.MethodDelete, nil
		}
		var begun started
		if err := o.Call(ctx, method, "/demo", body, &begun); err != nil {
			return err
		}
		if _, err := o.Await(ctx, begun.Job.ID, cfg.watch()); err != nil {
			return err
		}
		if !wish.Remove {
			return cfg.printSignIns()
		}
		fmt.Fprintln(cfg.Out, "The demo company is gone.")
		return nil
	})
}

func (a *App) demoRoutes() {
	web.Handle(a.api, access.DemoManage, web.Route{Method: http.MethodPost, Path: "/demo", Name: "demo_load", Summary: "Load the demo company", Status: http.StatusAccepted},
		func(ctx context.Context, in *struct {
			Body struct {
				Customers int    `json:"customers,omitempty" minimum:"1" maximum:"9999999" default:"3000"`
				Seed      uint64 `json:"seed,omitempty" default:"1"`
			}
		}) (*web.Body[started], error) {
			j, err := a.loadDemo(ctx, DemoWish{Customers: in.Body.Customers, Seed: in.Body.Seed})
			return web.Answer(started{j}), err
		})
	web.Handle(a.api, access.DemoManage, web.Route{Method: http.MethodDelete, Path: "/demo", Name: "demo_remove", Summary: "Remove the demo company", Status: http.StatusAccepted},
		func(ctx context.Context, _ *struct{}) (*web.Body[started], error) {
			j, err := a.jobs.Submit(ctx, job.Spec{Kind: demoRemoveJob, Title: "Remove the demo company", Unique: true})
			return web.Answer(started{j}), err
		})
}

func (a *App) demoJobs() {
	job.Handle(a.jobs, demoLoadJob, func(ctx context.Context, run *job.Run, wish DemoWish) (any, error) {
		return nil, a.runDemo(ctx, wish, run.Progress)
	})
	job.Handle(a.jobs, demoRemoveJob, func(ctx context.Context, run *job.Run, _ struct{}) (any, error) {
		run.Progress(0, 3, "Waiting until the warehouse can be had")
		return nil, a.withUpkeep(ctx, func(ctx context.Context) error { return a.removeDemo(ctx, run.Progress) })
	}, job.Restartable())
}

// loadDemo starts loading, unless there is data of the company's own: the two would not be told apart on any page.
func (a *App) loadDemo(ctx context.Context, wish DemoWish) (job.Job, error) {
	if used, err := a.intake.Counted(ctx); err != nil {
		return job.Job{}, err
	} else if used {
		return job.Job{}, fault.New(fault.Conflict, "demo.data_present", "There is data already; the demo company can only be loaded into an empty installation.")
	}
	return a.jobs.Submit(ctx, job.Spec{Kind: demoLoadJob, Title: "Load the demo company", Args: wish, Unique: true})
}

func (a *App) runDemo(ctx context.Context, wish DemoWish, progress func(done, total int64, note string)) error {
	dir, err := os.MkdirTemp(a.folder.path, "demo-")
	if err != nil {
		return fmt.Errorf("make the demo company: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := a.nameAsDemo(ctx); err != nil {
		return err
	}
	progress(0, 0, "Inventing the company")
	files, err := demo.Generate(ctx, demo.Config{Customers: wish.Customers, Seed: wish.Seed, Dir: dir})
	if err != nil {
		return err
	}
	if err := a.demoSurveys(ctx); err != nil {
		return err
	}
	for i, f := range files {
		progress(int64(i), int64(len(files)+2), "Importing "+f.Kind)
		if err := a.importDemo(ctx, f); err != nil {
			return fmt.Errorf("import %s: %w", f.Kind, err)
		}
	}
	progress(int64(len(files)), int64(len(files)+2), "Computing where every customer stands")
	last := date.Date(demo.LastDay)
	for _, asOf := range []date.Date{last.AddMonths(-24), last.AddMonths(-12), last.AddMonths(-6), last} {
		if err := a.score(ctx, asOf, func(int64, int64, string) {}); err != nil {
			return err
		}
	}
	return a.demoUsers(ctx)
}

func (a *App) importDemo(ctx context.Context, f demo.File) error {
	src, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer src.Close()
	file, err := a.intake.Upload(ctx, filepath.Base(f.Path), src)
	if err != nil {
		return err
	}
	columns := make(map[string]mapping.Value, len(f.Columns))
	for _, c := range f.Columns {
		columns[c] = mapping.Value{Column: c}
	}
	begun, err := a.intake.Start(ctx, intake.Request{FileIDs: []string{file.ID}, Mapping: &mapping.Mapping{Kind: f.Kind, Source: demoSource, Columns: columns}})
	if err != nil {
		return err
	}
	done, err := a.jobs.Wait(ctx, begun.Job.ID)
	if err == nil && done.State != job.Done {
		err = errors.New(done.Error)
	}
	return err
}

// demoSurveys opens the questionnaires that the demo's answers are to, and remembers them. One that is there already stays
// the company's own.
func (a *App) demoSurveys(ctx context.Context) error {
	var made []id.ID
	version, err := a.settings.Get(ctx, demoAsked, &made)
	if err != nil || version > 0 {
		return err // an earlier attempt has done it
	}
	for _, p := range survey.Presets() {
		q := &survey.Survey{Code: p.Key, Name: strings.ToUpper(p.Key[:1]) + p.Key[1:], Audience: p.Audience, State: survey.Open, Introduction: p.Introduction, Questions: p.Questions}
		if err := a.surveys.Create(ctx, q); fault.Is(err, fault.Conflict) {
			continue
		} else if err != nil {
			return err
		}
		made = append(made, q.ID)
	}
	_, err = a.settings.Put(ctx, demoAsked, version, made)
	return err
}

// forgetDemoSurveys takes the demo's questionnaires away, but for those that were answered about customers who stay.
func (a *App) forgetDemoSurveys(ctx context.Context) error {
	var made []id.ID
	if _, err := a.settings.Get(ctx, demoAsked, &made); err != nil {
		return err
	}
	for _, one := range made {
		q, err := a.surveys.Survey(ctx, one)
		if err == nil {
			err = a.surveys.Delete(ctx, one, q.Version)
		}
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return a.settings.Forget(ctx, demoAsked)
}

// nameAsDemo gives the installation the demo company's name and currency, and remembers what stood there before.
func (a *App) nameAsDemo(ctx context.Context) error {
	c, version, err := a.settings.Current(ctx)
	if err != nil || c.Demo {
		return err // an earlier attempt has done it
	}
	var former setting.General
	formerVersion, err := a.settings.Get(ctx, beforeDemo, &former)
	if err != nil {
		return err
	}
	if _, err := a.settings.Put(ctx, beforeDemo, formerVersion, c); err != nil {
		return err
	}
	_, err = a.settings.PutCompany(ctx, version, setting.General{Name: demo.Company, BaseCurrency: demo.BaseCurrency, Demo: true})
	return err
}

// nameAsBefore takes the demo company's name and currency away again. A name that was given meanwhile stays, and so does
// the currency when amounts of the company's own are counted in it.
func (a *App) nameAsBefore(ctx context.Context) error {
	c, version, err := a.settings.Current(ctx)
	if err != nil || !c.Demo {
		return err
	}
	var former setting.General
	if _, err := a.settings.Get(ctx, beforeDemo, &former); err != nil {
		return err
	}
	counted, err := a.intake.Counted(ctx)
	if err != nil {
		return err
	}
	c.Demo = false
	if c.Name == demo.Company {
		c.Name = former.Name
	}
	if !counted {
		c.BaseCurrency = former.BaseCurrency
	}
	if _, err := a.settings.Restore(ctx, version, c); err != nil {
		return err
	}
	return a.settings.Forget(ctx, beforeDemo)
}

// demoUsers makes the people to try the program as, each with a random password; an administrator among them where there
// is no user yet.
func (a *App) demoUsers(ctx context.Context) error {
	ins, err := readSignIns(a.folder.path)
	if err != nil {
		return err
	}
	ctx = withAllRights(ctx)
	people, units, err := a.codes(ctx)
	if err != nil {
		return err
	}
	users := demo.Users()
	if first, err := a.gate.SetupNeeded(ctx); err != nil {
		return err
	} else if first {
		users = slices.Insert(users, 0, demo.User{Email: "admin@nordhavn.example", Name: "Anna Berg", Role: string(access.Administrator)})
	}
	for _, u := range users {
		_, password, err := a.gate.CreateUser(ctx, access.NewUser{Email: u.Email, Name: u.Name, Role: access.Role(u.Role), PersonID: people[u.PersonCode], UnitID: units[u.UnitCode]})
		if fault.Is(err, fault.Conflict) {
			continue // from an earlier demo
		}
		if err != nil {
			return err
		}
		ins = append(ins, signIn{u.Email, password, u.Role})
	}
	return writeSignIns(a.folder.path, ins)
}

// withAllRights lets an administrator with a narrower view make and disable the demo's users; the audit log still names
// who asked for it.
func withAllRights(ctx context.Context) context.Context {
	return audit.WithActor(access.With(ctx, access.Operator()), audit.ActorOf(ctx))
}

func (a *App) codes(ctx context.Context) (people, units map[string]id.ID, err error) {
	people, units = map[string]id.ID{}, map[string]id.ID{}
	for table, into := range map[string]map[string]id.ID{"person": people, "unit": units} {
		var rows []struct {
			ID   id.ID  `bun:"id"`
			Code string `bun:"code"`
		}
		if err := a.db.Read().NewSelect().Table(table).Column("id", "code").Scan(ctx, &rows); err != nil {
			return nil, nil, fmt.Errorf("read the demo's people and units: %w", err)
		}
		for _, r := range rows {
			into[r.Code] = r.ID
		}
	}
	return people, units, nil
}

// removeDemo takes back all that the demo's imports brought, and its users.
func (a *App) removeDemo(ctx context.Context, progress func(done, total int64, note string)) error {
	if s := a.warehouse.State(); s.Phase != engine.Ready { // to find that out half-way would leave half a company
		return fault.New(fault.Unavailable, "warehouse.broken", "The demo company cannot be removed while the warehouse does not open. Rebuild the warehouse first; nothing was changed.")
	}
	progress(0, 3, "Disabling the demo's users")
	operator := withAllRights(ctx)
	disabled, own, none := true, access.ScopeOwn, id.ID("")
	for _, u := range demo.Users() {
		found, err := a.gate.UserByEmail(operator, u.Email)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		// Their person and unit go with the demo, so they must let go of both.
		patch := access.UserPatch{Disabled: &disabled, Scope: &own, PersonID: &none, UnitID: &none}
		if _, err := a.gate.UpdateUser(operator, found.ID, found.Version, patch); err != nil {
			return err
		}
	}
	progress(1, 3, "Removing its records and facts")
	if err := a.intake.Remove(ctx, demoSource); err != nil {
		return err
	}
	if err := os.Remove(a.folder.file(signInsFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forget the demo's passwords: %w", err)
	}
	if err := a.forgetDemoSurveys(ctx); err != nil {
		return err
	}
	progress(2, 3, "Building the warehouse anew")
	if err := a.settings.Forget(ctx, scoredDates); err != nil {
		return err
	}
	if err := a.nameAsBefore(ctx); err != nil { // first: what stays is counted in the currency from before
		return err
	}
	return a.rebuild(ctx)
}

// offerDemo loads the demo company into a new installation, with an administrator, and waits for it.
func (a *App) offerDemo(ctx context.Context, empty bool) error {
	if !empty {
		return nil
	}
	fmt.Fprintln(a.cfg.Out, "Loading the demo company …")
	j, err := a.loadDemo(ctx, DemoWish{Customers: 3000, Seed: 1})
	if err != nil {
		return err
	}
	if j, err = a.jobs.Wait(ctx, j.ID); err == nil && j.State != job.Done {
		err = errors.New("the demo company could not be loaded: " + j.Error)
	}
	return err
}

func (c Config) printSignIns() error {
	ins, err := readSignIns(c.Data)
	if err != nil || len(ins) == 0 {
		return err
	}
	fmt.Fprintln(c.Out, "Sign in as one of the demo's people:")
	for _, in := range ins {
		fmt.Fprintf(c.Out, "  %-14s %-28s password %s\n", in.Role, in.Email, in.Password)
	}
	return nil
}

func readSignIns(dir string) ([]signIn, error) {
	text, err := os.ReadFile(filepath.Join(dir, signInsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the demo's passwords: %w", err)
	}
	var ins []signIn
	if err := json.Unmarshal(text, &ins); err != nil {
		return nil, fmt.Errorf("read the demo's passwords: %w", err)
	}
	return ins, nil
}

func writeSignIns(dir string, ins []signIn) error {
	text, err := json.MarshalIndent(ins, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, signInsFile), text, 0o600); err != nil {
		return fmt.Errorf("keep the demo's passwords: %w", err)
	}
	return nil
}
