package access_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

func TestUsersByTheInterface(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user("root@example.com", access.Administrator)
		b := h.signIn("root@example.com", goodPassword)

		var made struct {
			access.User
			InitialPassword string `json:"initial_password"`
		}
		a := b.want(http.StatusCreated, "POST", "/users", object{"email": "Bo@Example.com", "name": "Bo", "role": "salesperson", "person_id": anna})
		a.into(t, &made)
		if made.Scope != "own" || len(made.InitialPassword) < 20 || a.Header.Get("ETag") != `"1"` {
			t.Fatalf("made %s", a.body)
		}
		h.signIn("bo@example.com", made.InitialPassword)

		for _, c := range []struct {
			body object
			code string
			at   string
		}{
			{object{"email": "bo@EXAMPLE.com", "name": "Bo", "role": "manager", "unit_id": denmark}, "access.email_taken", "email"},
			{object{"email": "not an address", "name": "Bo", "role": "salesperson"}, "access.invalid_user", "email"},
			{object{"email": "c@example.com", "name": "", "role": "salesperson"}, "access.invalid_user", "name"},
			{object{"email": "c@example.com", "name": "C", "role": "manager"}, "access.invalid_user", "unit_id"},
			{object{"email": "c@example.com", "name": "C", "role": "manager", "unit_id": anna}, "access.invalid_user", "unit_id"},
			{object{"email": "c@example.com", "name": "C", "role": "salesperson", "person_id": denmark}, "access.invalid_user", "person_id"},
			{object{"email": "c@example.com", "name": "C", "role": "administrator", "scope": "own"}, "access.invalid_user", "scope"},
			{object{"email": "c@example.com", "name": "C", "role": "owner"}, "request.invalid", "role"},
			{object{"email": "c@example.com", "name": "C", "role": "salesperson", "id": anna}, "request.invalid", "id"}, // A04
			{object{"email": "c@example.com", "name": "C", "role": "salesperson", "password_hash": "x"}, "request.invalid", "password_hash"},
		} {
			a := b.send("POST", "/users", c.body)
			if a.StatusCode < 400 || a.StatusCode >= 500 || !strings.Contains(string(a.body), `"location":"`+c.at) ||
				c.code != "request.invalid" && a.code() != c.code {
				t.Errorf("%v: %d %s, want %s at %s", c.body, a.StatusCode, a.body, c.code, c.at)
			}
		}

		path := "/users/" + string(made.ID)
		b.want(http.StatusPreconditionRequired, "PATCH", path, object{"name": "Bo Berg"})
		b.want(http.StatusPreconditionFailed, "PATCH", path, object{"name": "Bo Berg"}, "If-Match", `"7"`)
		a = b.want(http.StatusOK, "PATCH", path, object{"name": "Bo Berg", "person_id": nil}, "If-Match", `"1"`)
		if a.Header.Get("ETag") != `"2"` || strings.Contains(string(a.body), "person_id") || !strings.Contains(string(a.body), "Bo Berg") {
			t.Errorf("changed to %s", a.body)
		}
		b.want(http.StatusNotFound, "GET", "/users/"+string(denmark), nil)
		b.want(http.StatusUnprocessableEntity, "GET", "/users/rubbish", nil)
		b.want(http.StatusUnprocessableEntity, "DELETE", "/tokens/rubbish", nil)
		b.want(http.StatusUnprocessableEntity, "PATCH", path, object{"unit_id": "rubbish"}, "If-Match", `"1"`)
		b.want(http.StatusConflict, "PATCH", path, object{"email": "ROOT@example.com"}, "If-Match", `"2"`)

		var list struct {
			Items []struct{ Email string }
			Next  string
		}
		b.want(http.StatusOK, "GET", "/users?limit=1", nil).into(t, &list)
		if len(list.Items) != 1 || list.Items[0].Email != "Bo@Example.com" || list.Next == "" {
			t.Fatalf("first page %+v", list)
		}
		next := list.Next
		list.Next = ""
		b.want(http.StatusOK, "GET", "/users?limit=1&cursor="+next, nil).into(t, &list)
		if len(list.Items) != 1 || list.Items[0].Email != "root@example.com" || list.Next != "" {
			t.Fatalf("second page %+v", list)
		}
		if stored := h.stored(); strings.Contains(stored, made.InitialPassword) {
			t.Error("the initial password is stored")
		}
	})
}

func TestOnlyAdministratorsManageUsers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	root := h.user("root@example.com", access.Administrator)
	for _, role := range []access.Role{access.Director, access.Manager, access.Salesperson} {
		u := h.user(string(role)+"@example.com", role)
		b := h.signIn(u.Email, goodPassword)
		b.want(http.StatusForbidden, "GET", "/users", nil)
		b.want(http.StatusForbidden, "POST", "/users", object{"email": "x@example.com", "name": "X", "role": "administrator"})
		b.want(http.StatusForbidden, "PATCH", "/users/"+string(u.ID), object{"role": "administrator"}, "If-Match", `"1"`) // A05
		b.want(http.StatusForbidden, "POST", "/users/"+string(root.ID)+"/password", nil)
		ctx := access.With(t.Context(), access.Principal{UserID: u.ID, Role: u.Role, Scope: u.Scope, Via: access.ViaSession})
		admin := access.Administrator
		all := access.ScopeAll
		for name, err := range map[string]error{
			"promotes itself":        second(h.gate.UpdateUser(ctx, u.ID, 1, access.UserPatch{Role: &admin, Scope: &all})),
			"demotes the one above":  second(h.gate.UpdateUser(ctx, root.ID, 1, access.UserPatch{Name: &u.Name})),
			"takes over by password": second(h.gate.ResetPassword(ctx, root.ID)),
			"takes over by a token":  third(h.gate.CreateToken(ctx, access.NewToken{UserID: root.ID, Name: "x"})),
			"invites an equal above": third(h.gate.CreateUser(ctx, access.NewUser{Email: "x@example.com", Name: "X", Role: admin})),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s %s: %v", role, name, err)
			}
		}
	}
	now, err := h.gate.User(t.Context(), root.ID)
	if err != nil || now != root {
		t.Errorf("the administrator is %+v, %v; was %+v", now, err, root)
	}
}

func second[T any](_ T, err error) error      { return err }
func third[T, U any](_ T, _ U, e error) error { return e }

func TestLastAdministratorStays(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		one, two := h.user("one@example.com", access.Administrator), h.user("two@example.com", access.Administrator)
		yes, director := true, access.Director

		// Both are taken away at the same moment: exactly one may go.
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, change := range []func() error{
			func() error {
				return second(h.gate.UpdateUser(h.operator(), one.ID, 1, access.UserPatch{Disabled: &yes}))
			},
			func() error {
				return second(h.gate.UpdateUser(h.operator(), two.ID, 1, access.UserPatch{Role: &director}))
			},
		} {
			wg.Go(func() { errs[i] = change() })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("want exactly one to succeed: %v", errs)
		}
		if f := fault.Of(errors.Join(errs...)); f == nil || f.Code != "access.last_administrator" {
			t.Fatalf("refused with %v", errs)
		}
	})
}

func TestEveryUserAndTokenChangeIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	root := h.user("root@example.com", access.Administrator)
	b := h.signIn("root@example.com", goodPassword)
	var made struct{ ID string }
	b.want(http.StatusCreated, "POST", "/users", object{"email": "bo@example.com", "name": "Bo", "role": "director"}).into(t, &made)
	b.want(http.StatusOK, "PATCH", "/users/"+made.ID, object{"name": "Bo Berg"}, "If-Match", `"1"`)
	b.want(http.StatusOK, "POST", "/users/"+made.ID+"/password", nil)
	var token struct{ ID, Secret string }
	b.want(http.StatusCreated, "POST", "/tokens", object{"name": "script"}).into(t, &token)
	b.want(http.StatusNoContent, "DELETE", "/tokens/"+token.ID, nil)

	entries, err := audit.List(t.Context(), h.db.Read(), audit.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{ // newest first
		"root@example.com delete api_token before",
		"root@example.com create api_token after",
		"root@example.com update user after",
		"root@example.com update user before after",
		"root@example.com create user after",
		"Command line create user after",
	}
	if len(entries) != len(want) {
		t.Fatalf("%d entries, want %d", len(entries), len(want))
	}
	for i, e := range entries {
		got := fmt.Sprintf("%s %s %s", e.ActorName, e.Action, e.Kind)
		if len(e.Before) > 0 {
			got += " before"
		}
		if len(e.After) > 0 {
			got += " after"
		}
		if got != want[i] {
			t.Errorf("entry %d: %s, want %s", i, got, want[i])
		}
	}
	if entries[1].ActorID != root.ID {
		t.Errorf("the actor is %s, want %s", entries[1].ActorID, root.ID)
	}
	if stored := h.stored(); strings.Contains(stored, token.Secret) || strings.Count(stored, "argon2id") != 2 {
		t.Error("a secret stands in the log, or a hash where none belongs") // one hash per user
	}
}

func TestRepeatedCreateMakesOneAndKeepsNoSecret(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user("root@example.com", access.Administrator)
		b := h.signIn("root@example.com", goodPassword)
		for path, body := range map[string]object{
			"/tokens": {"name": "script"},
			"/users":  {"email": "bo@example.com", "name": "Bo", "role": "director"},
		} {
			var made struct {
				Secret          string `json:"secret"`
				InitialPassword string `json:"initial_password"`
			}
			b.want(http.StatusCreated, "POST", path, body, "Idempotency-Key", path).into(t, &made)
			if a := b.want(http.StatusConflict, "POST", path, body, "Idempotency-Key", path); a.code() != "request.reply_lost" {
				t.Errorf("the repeat of %s: %s", path, a.body)
			}
			if stored := h.stored(); strings.Contains(stored, made.Secret+made.InitialPassword) {
				t.Errorf("the secret of %s is stored", path)
			}
			// A refusal changed nothing, so it may be corrected and sent again.
			b.want(http.StatusUnprocessableEntity, "POST", path, object{"name": ""}, "Idempotency-Key", "again"+path)
			b.want(http.StatusUnprocessableEntity, "POST", path, object{"name": ""}, "Idempotency-Key", "again"+path)
		}
	})
}

func TestAdministratorMakesATokenOfAnotherUser(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user("root@example.com", access.Administrator)
		bo := h.user("bo@example.com", access.Director)
		root := h.signIn("root@example.com", goodPassword)
		var made struct{ Secret string }
		root.want(http.StatusCreated, "POST", "/users/"+string(bo.ID)+"/tokens", object{"name": "script"}).into(t, &made)
		var session struct{ User struct{ Email string } }
		(&browser{h: h, token: made.Secret}).want(http.StatusOK, "GET", "/session", nil).into(t, &session)
		if session.User.Email != "bo@example.com" {
			t.Errorf("the token is of %q, want bo@example.com", session.User.Email)
		}
		root.want(http.StatusNotFound, "POST", "/users/00000000-0000-7000-8000-0000000000ff/tokens", object{"name": "script"})
	})
}

func TestTokens(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user("root@example.com", access.Administrator)
		h.user("bo@example.com", access.Director)
		b, other := h.signIn("root@example.com", goodPassword), h.signIn("bo@example.com", goodPassword)
		make := func(body object) (id, secret string) {
			var made struct{ ID, Secret string }
			b.want(http.StatusCreated, "POST", "/tokens", body).into(t, &made)
			if !strings.HasPrefix(made.Secret, "kv_") || len(made.Secret) < 40 {
				t.Fatalf("secret %q", made.Secret)
			}
			return made.ID, made.Secret
		}
		readID, readSecret := make(object{"name": "reader", "read_only": true, "expires_on": "2026-11-23"})
		_, fullSecret := make(object{"name": "script"})
		read, full := &browser{h: h, token: readSecret}, &browser{h: h, token: fullSecret}

		read.want(http.StatusOK, "GET", "/users", nil)
		read.want(http.StatusForbidden, "POST", "/users", object{"email": "x@example.com", "name": "X", "role": "director"})
		full.want(http.StatusCreated, "POST", "/users", object{"email": "x@example.com", "name": "X", "role": "director"})
		full.want(http.StatusForbidden, "POST", "/tokens", object{"name": "sister"})
		for _, bad := range []string{"kv_unknown", "nonsense"} {
			(&browser{h: h, token: bad, cookie: b.cookie}).want(http.StatusUnauthorized, "GET", "/session", nil)
		}
		for _, body := range []object{
			{"name": "x", "expires_on": "2026-11-21"}, {"name": "x", "expires_on": "2028-01-01"}, {"name": " "}, {"name": "x", "expires_on": "soon"},
		} {
			b.want(http.StatusUnprocessableEntity, "POST", "/tokens", body)
		}

		h.gate.Wait()
		var list struct {
			Items []access.Token
		}
		a := b.want(http.StatusOK, "GET", "/tokens", nil)
		a.into(t, &list)
		if len(list.Items) != 2 || list.Items[0].Name != "reader" || list.Items[0].ExpiresOn != "2026-11-23" ||
			list.Items[1].ExpiresOn != date.Date("2026-11-22").AddDays(90) || list.Items[0].LastUsedAt == nil || !list.Items[0].LastUsedAt.Equal(h.clock.read()) {
			t.Errorf("tokens %s", a.body)
		}
		if strings.Contains(string(a.body), readSecret) || strings.Contains(h.stored(), readSecret) {
			t.Error("a token's secret can be read back")
		}

		other.want(http.StatusOK, "GET", "/tokens", nil).into(t, &list)
		if len(list.Items) != 0 {
			t.Errorf("another user sees %+v", list.Items)
		}
		other.want(http.StatusNotFound, "DELETE", "/tokens/"+readID, nil)

		h.clock.pass(48 * time.Hour)
		read.want(http.StatusUnauthorized, "GET", "/users", nil) // its last day was yesterday
		full.want(http.StatusOK, "GET", "/users", nil)
		h.gate.Wait()
	})
}
