package access

import (
	"math"
	"net/netip"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// How many failed attempts a window takes before the door stays shut until its
// end. An account's number bounds guessing one password; an address's bounds
// trying one password on many accounts, and leaves room for an office behind
// one address. An attacker can so shut out an account for a quarter of an hour;
// sessions that exist go on.
const (
	attemptWindow   = 15 * time.Minute
	accountAttempts = 10
	addressAttempts = 60
	// secretUses is how often one link may be answered in a window.
	secretUses = 30
)

// bucket counts the failed attempts of one account or address.
type bucket struct {
	key   string
	limit int
}

// accountBucket keeps a fingerprint and not what was typed: people type
// passwords into the wrong field.
func accountBucket(email string) bucket {
	return bucket{key: "account:" + fingerprint(emailKey(email)), limit: accountAttempts}
}

// linkBucket counts the wrong links of an address apart from its sign-ins: neither shuts the other out.
func linkBucket(address string) bucket {
	b := addressBucket(address)
	b.key = "link:" + b.key
	return b
}

// addressBucket counts an IPv6 network of /64 as one: each home has one.
func addressBucket(address string) bucket {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() && !ip.Is4In6() {
		if net, err := ip.WithZone("").Prefix(64); err == nil {
			address = net.String()
		}
	}
	return bucket{key: "address:" + address, limit: addressAttempts}
}

func tooMany(wait time.Duration) error {
	minutes := max(1, int(math.Ceil(wait.Minutes())))
	return fault.New(fault.TooMany, "access.too_many_attempts",
		"Too many failed attempts. Try again in %d minutes.", minutes)
}
