package access

import (
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/fault"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		password string
		ok       bool
	}{
		{"a short one", false},
		{"twelve chars", true},
		{"żółwie łódź", false}, // eleven characters, more bytes
		{"żółwie łódź!", true},
		{strings.Repeat("long enough ", 20), false},
		{"anna@example.com", false},
		{"ANNA@example.com", false},
		{"annaannaanna2026!", false},
		{"correct horse battery staple", false},
		{"Password1234", false},
		{"aaaaaaaaaaaaaaa", false},
		{"abababababab", false},
		{"three masts and a lantern", true},
	} {
		err := checkPassword("password", c.password, "anna@example.com")
		if (err == nil) != c.ok {
			t.Errorf("%q: %v, want ok=%v", c.password, err, c.ok)
		}
		if err != nil && strings.Contains(err.Error(), c.password) {
			t.Errorf("the fault repeats the password: %v", err)
		}
		if f := fault.Of(err); err != nil && (f.Kind != fault.Invalid || f.Fields[0].Path != "password") {
			t.Errorf("%q: %+v, want an Invalid fault at password", c.password, f)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	t.Parallel()
	h, ctx := newHasher(), t.Context()
	one, err := h.hash(ctx, "café au lait, please")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.hash(ctx, "café au lait, please")
	if err != nil || one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hashes %q and %q, %v", one, two, err)
	}
	if cost := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(h.decoy, cost) || len(h.decoy) != len(one) {
		t.Errorf("the decoy %q does not cost what a hash costs: an unknown user would be told by the time", h.decoy)
	}
	for password, want := range map[string]bool{
		"café au lait, please":       true,
		"cafe\u0301 au lait, please": true, // composed otherwise by another keyboard
		"cafe au lait, please":       false,
		"":                           false,
	} {
		if got, err := h.verify(ctx, one, password); err != nil || got != want {
			t.Errorf("verify %q: %v, %v; want %v", password, got, err, want)
		}
		if got, err := h.verify(ctx, h.decoy, password); err != nil || got {
			t.Errorf("the decoy opens for %q: %v, %v", password, got, err)
		}
	}
	for _, damaged := range []string{"", "plain", "$argon2id$v=19$m=x$a$b", "$argon2id$v=19$m=19456,t=2,p=1$!$!"} {
		if ok, err := h.verify(ctx, damaged, "café au lait, please"); err == nil || ok {
			t.Errorf("a damaged hash %q verifies: %v, %v", damaged, ok, err)
		}
	}
}

func TestAddressesShareABucketByNetwork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b string }{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9"},
		{"fe80::1%eth0", "fe80::2"},
	} {
		if addressBucket(c.a) != addressBucket(c.b) {
			t.Errorf("%s and %s are counted apart", c.a, c.b)
		}
	}
	if addressBucket("192.0.2.1") == addressBucket("192.0.2.2") || addressBucket("2001:db8:1:2::1") == addressBucket("2001:db8:1:3::1") {
		t.Error("two networks are counted as one")
	}
	if b := accountBucket(" Anna@Example.com"); b != accountBucket("anna@example.com") || strings.Contains(b.key, "anna") {
		t.Errorf("account bucket %q", b.key)
	}
}
