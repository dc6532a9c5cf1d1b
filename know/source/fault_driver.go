package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/statement"
)

// complaint is a class of what servers complain about, with the codes that each of them has for it.
type complaint struct {
	code, field, cure string
	postgres          []string
	mysql             []uint16
	sqlserver         []int32
}

// The words are the cures; what the server itself said follows where it names a table or a place of the SELECT.
func complaints() []complaint {
	return []complaint{
		{"source.refused", "password", "The server does not let this user in with this password. Check both, and whether the user may come from this machine.",
			[]string{"28P01", "28000"}, []uint16{1045, 1044, 1130, 1698, 1251, 2059}, []int32{18456, 18452}},
		{"source.no_database", "database", "The server has no such database, or the user may not open it. Check its name.",
			[]string{"3D000"}, []uint16{1049}, []int32{4060, 911}},
		{"source.no_table", "statement", "A table of the SELECT is not there, or not under this name. Check it, with the schema before it where one is needed.",
			[]string{"42P01", "3F000"}, []uint16{1146}, []int32{208}},
		{"source.no_column", "statement", "A column or a function of the SELECT is not there. Check its name.",
			[]string{"42703", "42883"}, []uint16{1054, 1305, 1630}, []int32{207, 4121, 195}},
		{"source.permission", "statement", "The user may not read all that the SELECT names. Ask the people of that database to grant SELECT on it.",
			[]string{"42501"}, []uint16{1142, 1143, 1227, 1370, 1356}, []int32{229, 230, 262, 300}},
		{"source.writes", "statement", "The SELECT tries to change something, and only reading is allowed.",
			[]string{"25006"}, []uint16{1792, 1290}, nil},
		{"source.slow", "statement", "The SELECT took longer than it may. Read less at a time with :since, or ask for an index.",
			[]string{"57014"}, []uint16{3024, 1969}, []int32{1222}},
		{"source.value", "watermark", "The SELECT compares or converts values that do not fit each other; perhaps :since is a date where a number is needed, or the other way round.",
			[]string{"22P02", "22007", "22008", "42804", "42846"}, []uint16{1292, 1525, 1367}, []int32{206, 241, 242, 245, 8114}},
		{"source.statement", "statement", "The server does not understand the SELECT.",
			[]string{"42601", "42P18", "42803", "42702"}, []uint16{1064, 1055, 1052}, []int32{102, 156, 170, 8120, 209}},
		{"source.busy", "host", "The server takes no more connections at present, or is starting or stopping.",
			[]string{"53300", "57P01", "57P02", "57P03"}, []uint16{1040, 1203, 1053}, []int32{17809, 6005}},
	}
}

// explain turns what a driver says into words with a cure. Nothing of it holds the password: the drivers are given it
// apart from the texts they quote.
func (s *Source) explain(err error) error {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	var ms mssql.Error
	switch {
	case fault.Of(err) != nil, errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &pg):
		return complain(pg.Message, func(c complaint) bool { return slices.Contains(c.postgres, pg.Code) })
	case errors.As(err, &my):
		return complain(my.Message, func(c complaint) bool { return slices.Contains(c.mysql, my.Number) })
	case errors.As(err, &ms):
		return complain(ms.Message, func(c complaint) bool { return slices.Contains(c.sqlserver, ms.Number) })
	case errors.Is(err, errNoColumns):
		return statement.Bad("The SELECT gives no columns.")
	}
	return s.unreachable(err)
}

func complain(message string, fits func(complaint) bool) error {
	said := strings.TrimSpace(message)
	if len(said) > 300 {
		said = strings.ToValidUTF8(said[:300], "") + "…"
	}
	for _, c := range complaints() {
		if !fits(c) {
			continue
		}
		detail := c.cure
		if c.field == "statement" || c.field == "watermark" {
			detail += " The server said: " + said
		}
		return fault.New(fault.Invalid, c.code, "%s", detail).At(c.field, "%s", detail)
	}
	return fault.New(fault.Invalid, "source.complaint", "The server refused. It said: %s", said)
}

// unreachable explains an error that is not the server's own.
func (s *Source) unreachable(err error) error {
	at, detail := "host", ""
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	text := err.Error()
	switch {
	case errors.As(err, &dns):
		detail = "No server is known by the name " + s.Host + ". Check the name, or give its address."
	case errors.Is(err, syscall.ECONNREFUSED):
		at, detail = "port", "Nothing answers at "+s.Host+" on port "+portText(s.Port)+". Check the port, and whether the server takes connections from other machines."
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		detail = "There is no way to " + s.Host + " from here. Check the address and the network."
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &verify), strings.Contains(text, "x509:"):
		at, detail = "encryption", "The certificate of the server cannot be checked. Have a certificate installed that this machine trusts and that carries the name "+s.Host+", or choose encryption without checking."
	case errors.As(err, &record), errors.Is(err, mysql.ErrNoTLS), strings.Contains(text, "refused TLS"), strings.Contains(text, "tls:"), strings.Contains(text, "TLS Handshake"):
		at, detail = "encryption", "The server does not offer encryption. Have it switched on there, or choose no encryption if the way to it is safe."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		detail = s.Host + " does not answer on port " + portText(s.Port) + ". Check the address, the port, and whether a firewall stands between."
	default:
		detail = "The connection to " + s.Host + " broke off or was not understood. Check that a server of this sort listens on port " + portText(s.Port) + ", and try again."
	}
	return fault.New(fault.Invalid, "source.unreachable", "%s", detail).At(at, "%s", detail).Because(err)
}
