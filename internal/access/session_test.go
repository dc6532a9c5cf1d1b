package access_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

func TestSessionTellsWhoAndWhat(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user("Anna@Example.com", access.Manager, func(n *access.NewUser) { n.PersonID = anna })
		b := h.signIn("anna@EXAMPLE.com", goodPassword)
		if c := b.cookie; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure || c.Domain != "" || len(c.Value) < 43 {
			t.Errorf("cookie %+v", c)
		}
		var session struct {
			User    access.User
			Company access.Company
			Can     []string
		}
		b.want(http.StatusOK, "GET", "/session", nil).into(t, &session)
		if session.User.Email != "Anna@Example.com" || session.User.Role != "manager" || session.User.Scope != "unit" ||
			session.User.PersonID != anna || session.User.UnitID != denmark {
			t.Errorf("user %+v", session.User)
		}
		if session.Company.Name != "Nordlys" || session.Company.BaseCurrency != "DKK" {
			t.Errorf("company %+v", session.Company)
		}
		if can := strings.Join(session.Can, " "); !strings.Contains(can, "customer.write") || strings.Contains(can, "import.run") || strings.Contains(can, "public") {
			t.Errorf("can %s", can)
		}
		if stored := h.stored(); strings.Contains(stored, b.cookie.Value) || strings.Contains(stored, goodPassword) {
			t.Error("a secret is stored")
		}
	})
}

func TestWrongPasswordAndUnknownUserLookAlike(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	h.user("anna@example.com", access.Director)
	gone := h.user("gone@example.com", access.Director)
	yes := true
	if _, err := h.gate.UpdateUser(h.operator(), gone.ID, 1, access.UserPatch{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	b := &browser{h: h}
	first := b.want(http.StatusUnauthorized, "POST", "/session", object{"email": "anna@example.com", "password": "wrong and long"})
	for _, c := range []object{
		{"email": "nobody@example.com", "password": goodPassword},
		{"email": "gone@example.com", "password": goodPassword},
		{"email": "' OR 1=1 --", "password": goodPassword},
		{"email": "", "password": ""},
	} {
		a := b.want(http.StatusUnauthorized, "POST", "/session", c)
		if string(a.body) != string(first.body) || len(a.Cookies()) != 0 {
			t.Errorf("%v: %s, want %s", c, a.body, first.body)
		}
	}
}

func TestA17SessionsDie(t *testing.T) {
	t.Parallel()
	yes := true
	director, manager := access.Director, access.Manager
	for _, c := range []struct {
		name string
		do   func(h *house, u access.User, mine *browser)
		// which of the user's own session, their other session and their token live on
		mine, other, token bool
	}{
		{"sign-out", func(_ *house, _ access.User, mine *browser) {
			mine.want(http.StatusNoContent, "DELETE", "/session", nil)
		}, false, true, true},
		{"password change", func(_ *house, _ access.User, mine *browser) {
			before := mine.cookie.Value
			mine.want(http.StatusNoContent, "POST", "/session/password", object{"current": goodPassword, "new": "four masts and a bell"})
			if mine.cookie.Value == before {
				mine.h.t.Error("the session was not renewed by the password change")
			}
		}, true, false, true},
		{"password reset", func(h *house, u access.User, _ *browser) {
			if _, err := h.gate.ResetPassword(h.operator(), u.ID); err != nil {
				h.t.Fatal(err)
			}
		}, false, false, true},
		{"disabled", change(access.UserPatch{Disabled: &yes}), false, false, false},
		{"role change", change(access.UserPatch{Role: &manager}), false, false, true},
		{"no change of rights", change(access.UserPatch{Role: &director}), true, true, true},
		{"idle", func(h *house, _ access.User, _ *browser) { h.clock.pass(12 * time.Hour) }, false, false, true},
		{"not idle for quite so long", func(h *house, _ access.User, _ *browser) { h.clock.pass(12*time.Hour - time.Second) }, true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, testkit.DB(t))
			h.user("root@example.com", access.Administrator)
			u := h.user("anna@example.com", access.Director)
			mine, other := h.signIn(u.Email, goodPassword), h.signIn(u.Email, goodPassword)
			old := &browser{h: h, cookie: mine.cookie}
			_, secret, err := h.gate.CreateToken(h.operator(), access.NewToken{UserID: u.ID, Name: "script"})
			if err != nil {
				t.Fatal(err)
			}
			token := &browser{h: h, token: secret}
			for _, b := range []*browser{mine, other, token} {
				if !b.alive() {
					t.Fatal("dead before anything was done")
				}
			}
			h.gate.Wait()
			c.do(h, u, mine)
			if got := mine.alive(); got != c.mine {
				t.Errorf("own session lives: %v, want %v", got, c.mine)
			}
			if got := other.alive(); got != c.other {
				t.Errorf("other session lives: %v, want %v", got, c.other)
			}
			if got := token.alive(); got != c.token {
				t.Errorf("token lives: %v, want %v", got, c.token)
			}
			if c.name == "password change" && old.alive() {
				t.Error("the cookie from before the password change still works")
			}
		})
	}
}

func change(patch access.UserPatch) func(*house, access.User, *browser) {
	return func(h *house, u access.User, _ *browser) {
		if patch.Role != nil && *patch.Role == access.Manager {
			scope := access.ScopeOwn
			patch.Scope = &scope
		}
		if _, err := h.gate.UpdateUser(h.operator(), u.ID, u.Version, patch); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestSignInRenewsTheSessionAndIgnoresAPlantedOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	h.user("anna@example.com", access.Director)
	planted := &http.Cookie{Name: "kvadrant_session", Value: "planted"}
	b := &browser{h: h, cookie: planted}
	b.want(http.StatusOK, "POST", "/session", object{"email": "anna@example.com", "password": goodPassword})
	if b.cookie.Value == "planted" {
		t.Fatal("the planted session was taken over")
	}
	first := &browser{h: h, cookie: b.cookie}
	b.want(http.StatusOK, "POST", "/session", object{"email": "anna@example.com", "password": goodPassword})
	if first.alive() || !b.alive() {
		t.Error("signing in again did not replace the session")
	}
}

func TestSessionEndsAfterThirtyDaysHoweverBusy(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	h.user("anna@example.com", access.Director)
	b := h.signIn("anna@example.com", goodPassword)
	for range 71 {
		h.clock.pass(10 * time.Hour)
		if !b.alive() {
			t.Fatal("a session in use ended before its time")
		}
		h.gate.Wait()
	}
	h.clock.pass(10 * time.Hour)
	if b.alive() {
		t.Error("the session is older than thirty days and lives")
	}
}

func TestRateLimitPerAccountSurvivesRestart(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.user("anna@example.com", access.Director)
		h.user("bo@example.com", access.Director)
		b := &browser{h: h}
		for range 10 {
			b.want(http.StatusUnauthorized, "POST", "/session", object{"email": "anna@example.com", "password": "wrong and long"})
		}
		a := b.want(http.StatusTooManyRequests, "POST", "/session", object{"email": "Anna@example.com", "password": goodPassword})
		if a.code() != "access.too_many_attempts" || !strings.Contains(string(a.body), "15 minutes") {
			t.Errorf("refused with %s", a.body)
		}
		h.signIn("bo@example.com", goodPassword)

		again := newHouse(t, d) // the same store, another process
		again.clock.pass(14 * time.Minute)
		(&browser{h: again}).want(http.StatusTooManyRequests, "POST", "/session", object{"email": "anna@example.com", "password": goodPassword})
		again.clock.pass(time.Minute)
		again.signIn("anna@example.com", goodPassword)
	})
}

func TestRateLimitPerAddressStopsSpraying(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	h.user("anna@example.com", access.Director)
	for i := range 60 {
		_, _, err := h.gate.SignIn(t.Context(), access.Credentials{
			Email: fmt.Sprintf("user%d@example.com", i/9), Password: goodPassword, Address: "192.0.2.7"})
		if err == nil || strings.Contains(err.Error(), "Too many") {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	sign := func(address string) error {
		_, _, err := h.gate.SignIn(t.Context(), access.Credentials{Email: "anna@example.com", Password: goodPassword, Address: address})
		return err
	}
	if err := sign("192.0.2.7"); err == nil || !strings.Contains(err.Error(), "Too many") {
		t.Errorf("the sixty-first attempt: %v", err)
	}
	if err := sign("192.0.2.8"); err != nil {
		t.Errorf("another address: %v", err)
	}
}

func TestSuccessGivesTheAttemptBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	h.user("anna@example.com", access.Director)
	for range 25 {
		h.signIn("anna@example.com", goodPassword)
	}
}

func TestPasswordChangeAsksForThePresentOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	u := h.user("anna@example.com", access.Director)
	b := h.signIn(u.Email, goodPassword)
	if a := b.want(http.StatusUnprocessableEntity, "POST", "/session/password", object{"current": "not this one", "new": "four masts and a bell"}); a.code() != "access.wrong_current_password" {
		t.Errorf("%s", a.body)
	}
	if a := b.want(http.StatusUnprocessableEntity, "POST", "/session/password", object{"current": goodPassword, "new": "short"}); a.code() != "access.weak_password" {
		t.Errorf("%s", a.body)
	}
	_, secret, err := h.gate.CreateToken(h.operator(), access.NewToken{UserID: u.ID, Name: "script"})
	if err != nil {
		t.Fatal(err)
	}
	token := &browser{h: h, token: secret}
	token.want(http.StatusForbidden, "POST", "/session/password", object{"current": goodPassword, "new": "four masts and a bell"})
	b.want(http.StatusNoContent, "POST", "/session/password", object{"current": goodPassword, "new": "four masts and a bell"})
	h.signIn(u.Email, "four masts and a bell")
	(&browser{h: h}).want(http.StatusUnauthorized, "POST", "/session", object{"email": u.Email, "password": goodPassword})
	if stored := h.stored(); !strings.Contains(stored, `changed`) || strings.Contains(stored, "four masts") {
		t.Error("the audit log should say that the password was changed, and not to what")
	}
}

func TestA23OtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	h.user("anna@example.com", access.Director)
	b := h.signIn("anna@example.com", goodPassword)
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
	} {
		b.want(http.StatusForbidden, "DELETE", "/session", nil, headers...)
		b.want(http.StatusForbidden, "POST", "/tokens", object{"name": "evil"}, headers...)
	}
	if !b.alive() {
		t.Error("a cross-site request signed the user out")
	}
}
