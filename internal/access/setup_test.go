package access_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

func founding(code, email string) object {
	return object{
		"code": code, "email": email, "name": "Anna", "password": goodPassword, "company": "Havnens Skibshandel", "base_currency": "DKK",
	}
}

func TestA22SetUpOnceWithTheCode(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		b := &browser{h: h}
		// Before a code was printed nothing opens the door, least of all an empty one.
		b.want(http.StatusUnprocessableEntity, "POST", "/setup", founding("", "anna@example.com"))
		b.want(http.StatusUnauthorized, "POST", "/session", object{"email": "admin", "password": "admin"})

		old, err := h.gate.SetupCode(t.Context())
		if err != nil || len(old) != 23 {
			t.Fatalf("code %q, %v", old, err)
		}
		code, err := h.gate.SetupCode(t.Context())
		if err != nil || code == old {
			t.Fatalf("code %q after %q, %v", code, old, err)
		}
		if a := b.want(http.StatusOK, "GET", "/setup", nil); !strings.Contains(string(a.body), "true") {
			t.Errorf("%s", a.body)
		}
		if a := b.want(http.StatusUnprocessableEntity, "POST", "/setup", founding(old, "anna@example.com")); a.code() != "access.wrong_code" {
			t.Errorf("%s", a.body)
		}
		weak := founding(code, "anna@example.com")
		weak["password"] = "short"
		b.want(http.StatusUnprocessableEntity, "POST", "/setup", weak)
		unknown := founding(code, "anna@example.com")
		unknown["base_currency"] = "XXX"
		b.want(http.StatusUnprocessableEntity, "POST", "/setup", unknown)

		var session struct {
			User    access.User
			Company access.Company
		}
		b.want(http.StatusCreated, "POST", "/setup", founding(" "+strings.ToUpper(code)+" ", "anna@example.com")).into(t, &session)
		if session.User.Role != "administrator" || session.User.Scope != "all" ||
			session.Company.Name != "Havnens Skibshandel" || session.Company.BaseCurrency != "DKK" {
			t.Errorf("session %+v", session)
		}
		if !b.alive() {
			t.Error("the founder is not signed in")
		}

		stranger := &browser{h: h}
		stranger.want(http.StatusNotFound, "POST", "/setup", founding(code, "eve@example.com"))
		stranger.want(http.StatusNotFound, "POST", "/setup", founding("", "eve@example.com"))
		if a := stranger.want(http.StatusOK, "GET", "/setup", nil); !strings.Contains(string(a.body), "false") {
			t.Errorf("%s", a.body)
		}
		if code, err := h.gate.SetupCode(t.Context()); err != nil || code != "" {
			t.Errorf("a code %q, %v after the set-up", code, err)
		}
		if strings.Contains(h.stored(), code) {
			t.Error("the set-up code is stored")
		}
	})
}

func TestSetUpRaceHasOneWinner(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		code, err := h.gate.SetupCode(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		status := make([]int, 6)
		for i := range status {
			wg.Go(func() {
				b := &browser{h: h}
				status[i] = b.send("POST", "/setup", founding(code, "user"+string(rune('a'+i))+"@example.com")).StatusCode
			})
		}
		wg.Wait()
		won := 0
		for _, s := range status {
			if s == http.StatusCreated {
				won++
			} else if s != http.StatusNotFound && s != http.StatusUnprocessableEntity {
				t.Errorf("a loser got %d", s)
			}
		}
		users, err := h.gate.Users(t.Context(), "", 10)
		if won != 1 || err != nil || len(users) != 1 {
			t.Errorf("%d won, %d users, %v", won, len(users), err)
		}
	})
}

func TestFirstUserByTheOperatorEndsTheSetUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	code, err := h.gate.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.user("root@example.com", access.Administrator)
	(&browser{h: h}).want(http.StatusNotFound, "POST", "/setup", founding(code, "eve@example.com"))
}

func TestSetUpCodeCannotBeGuessed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, testkit.DB(t))
	code, err := h.gate.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{h: h}
	for range 60 {
		b.want(http.StatusUnprocessableEntity, "POST", "/setup", founding("abcde-abcde-abcde-abcde", "eve@example.com"))
	}
	b.want(http.StatusTooManyRequests, "POST", "/setup", founding(code, "eve@example.com"))
}
