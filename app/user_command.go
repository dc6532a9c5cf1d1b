package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/id"
)

// NewUser is a user to be added; person and unit by their codes.
type NewUser struct {
	Email, Name, Role, Scope, Person, Unit string
}

// AddUser adds a user and prints the password, once.
func AddUser(ctx context.Context, cfg Config, n NewUser) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		request := map[string]any{"email": n.Email, "name": n.Name, "role": n.Role}
		if n.Scope != "" {
			request["scope"] = n.Scope
		}
		for field, ref := range map[string]struct{ path, code string }{"person_id": {"/people", n.Person}, "unit_id": {"/units", n.Unit}} {
			if ref.code == "" {
				continue
			}
			recordID, err := o.byCode(ctx, ref.path, ref.code)
			if err != nil {
				return err
			}
			request[field] = recordID
		}
		var made struct {
			InitialPassword string `json:"initial_password"`
		}
		if err := o.Call(ctx, http.MethodPost, "/users", request, &made); err != nil {
			return err
		}
		fmt.Fprintf(cfg.Out, "%s may sign in with the password %s\n", n.Email, made.InitialPassword)
		return nil
	})
}

// byCode finds the id of a unit or person.
func (o *Operator) byCode(ctx context.Context, path, code string) (id.ID, error) {
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				ID   id.ID
				Code string
			}
			Next string
		}
		if err := o.Call(ctx, http.MethodGet, path+"?limit=500&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
			return "", err
		}
		for _, item := range page.Items {
			if item.Code == code {
				return item.ID, nil
			}
		}
		if cursor = page.Next; cursor == "" {
			return "", fmt.Errorf("there is nothing with the code %q among %s", code, strings.TrimPrefix(path, "/"))
		}
	}
}

// Users prints the users.
func Users(ctx context.Context, cfg Config) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		return o.eachUser(ctx, func(u access.User) bool {
			state := ""
			if u.Disabled {
				state = "  (disabled)"
			}
			fmt.Fprintf(cfg.Out, "%s  %s  %s, %s%s\n", u.Email, u.Name, u.Role, u.Scope, state)
			return true
		})
	})
}

// ResetPassword gives a user a new password and prints it, once.
func ResetPassword(ctx context.Context, cfg Config, email string) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		u, err := o.userByEmail(ctx, email)
		if err != nil {
			return err
		}
		var made struct {
			InitialPassword string `json:"initial_password"`
		}
		if err := o.Call(ctx, http.MethodPost, "/users/"+string(u.ID)+"/password", nil, &made); err != nil {
			return err
		}
		fmt.Fprintf(cfg.Out, "%s may sign in with the password %s\n", email, made.InitialPassword)
		return nil
	})
}

// AddToken makes an API token of a user and prints it, once.
func AddToken(ctx context.Context, cfg Config, email, name string, readOnly bool) error {
	cfg = cfg.withDefaults()
	return operate(ctx, cfg, func(o *Operator) error {
		u, err := o.userByEmail(ctx, email)
		if err != nil {
			return err
		}
		var made struct{ Secret string }
		if err := o.Call(ctx, http.MethodPost, "/users/"+string(u.ID)+"/tokens", map[string]any{"name": name, "read_only": readOnly}, &made); err != nil {
			return err
		}
		fmt.Fprintln(cfg.Out, made.Secret)
		return nil
	})
}

func (o *Operator) userByEmail(ctx context.Context, email string) (found access.User, err error) {
	err = o.eachUser(ctx, func(u access.User) bool {
		if strings.EqualFold(u.Email, email) {
			found = u
		}
		return found.ID == ""
	})
	if err == nil && found.ID == "" {
		err = fmt.Errorf("there is no user with the address %s", email)
	}
	return found, err
}

func (o *Operator) eachUser(ctx context.Context, see func(access.User) bool) error {
	for cursor := ""; ; {
		var page struct {
			Items []access.User
			Next  string
		}
		if err := o.Call(ctx, http.MethodGet, "/users?limit=500&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
			return err
		}
		for _, u := range page.Items {
			if !see(u) {
				return nil
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}
