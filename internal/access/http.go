package access

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

const cookieName = "kvadrant_session"

type addressKey struct{}

func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// Authenticate says who sends the request: [web.Guard]. A token that does not
// work is refused; a session that does not is nobody, so that the sign-in page
// can still be asked for. The address is the connection's own: a header that
// claims another is not believed.
func (g *Gate) Authenticate(r *http.Request) (context.Context, string, error) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ctx := context.WithValue(r.Context(), addressKey{}, host)
	p := From(ctx)
	if !p.SignedIn() {
		if p, err = g.recognise(r); err != nil {
			return ctx, "", err
		}
	}
	return With(ctx, p), p.subject(), nil
}

func (g *Gate) recognise(r *http.Request) (Principal, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return g.principalOfToken(r.Context(), strings.TrimSpace(token))
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil || cookie.Value == "" {
		return Principal{}, nil //nolint:nilerr // no cookie is nobody
	}
	return g.principalOfSession(r.Context(), cookie.Value)
}

// subject names the principal for its idempotency keys. A token has its own: it
// may be allowed less than its user, and must not be told the user's replies.
func (p Principal) subject() string {
	switch p.Via {
	case ViaSession:
		return "user:" + string(p.UserID)
	case ViaToken:
		return "token:" + string(p.tokenID)
	default:
		return string(p.Via)
	}
}

// Allow decides for the context's principal and puts the reach into the
// context: [web.Guard].
func (g *Gate) Allow(ctx context.Context, action string) (context.Context, error) {
	reach, err := Decide(From(ctx), Action(action))
	return withReach(ctx, reach), err
}

// AsOperator makes every request the operator's. It belongs around the handler
// of the socket file in the data folder, and nowhere else: who may open that
// file may read all data anyway.
func AsOperator(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(With(r.Context(), Operator())))
	})
}

type sessionBody struct {
	User    sessionUser `json:"user"`
	Company Company     `json:"company"`
	Can     []Action    `json:"can" nullable:"false" doc:"The actions this user may do."`
	Demo    bool        `json:"demo" doc:"Whether the demo company is in."`
}

type sessionUser struct {
	ID       id.ID  `json:"id" doc:"Empty for the operator."`
	Email    string `json:"email"`
	Name     string `json:"name"`
	Role     Role   `json:"role" enum:"administrator,director,manager,salesperson"`
	Scope    Scope  `json:"scope" enum:"all,unit,own"`
	PersonID id.ID  `json:"person_id,omitempty"`
	UnitID   id.ID  `json:"unit_id,omitempty"`
}

type sessionOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      sessionBody
}

type cookieOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"1000"`
	}
}

type foundInput struct {
	Body struct {
		Code         string `json:"code" maxLength:"100" doc:"Printed by the server when it started."`
		Email        string `json:"email" maxLength:"254"`
		Name         string `json:"name" maxLength:"200"`
		Password     string `json:"password" maxLength:"1000"`
		Company      string `json:"company" minLength:"1" maxLength:"200"`
		BaseCurrency string `json:"base_currency" minLength:"3" maxLength:"3" doc:"ISO 4217"`
	}
}

type passwordInput struct {
	Body struct {
		Current string `json:"current" maxLength:"1000"`
		New     string `json:"new" maxLength:"1000"`
	}
}

type setupBody struct {
	Needed bool `json:"needed" doc:"Whether the first administrator is still to be set up."`
}

// Routes adds set-up, session, users and tokens to the interface.
func (g *Gate) Routes(api *web.API, settings Settings) {
	g.setupRoutes(api, settings)
	g.sessionRoutes(api, settings)
	g.userRoutes(api)
	g.tokenRoutes(api)
}

func (g *Gate) setupRoutes(api *web.API, settings Settings) {
	web.Handle(api, Public, web.Route{
		Method: http.MethodGet, Path: "/setup", Name: "setup_get", Summary: "Whether the program is still to be set up",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[setupBody], error) {
		needed, err := g.SetupNeeded(ctx)
		return web.Answer(setupBody{Needed: needed}), err
	})
	web.Handle(api, Public, web.Route{
		Method: http.MethodPost, Path: "/setup", Name: "setup", Status: http.StatusCreated,
		Summary: "Set up the first administrator and the company, once, with the code the server printed",
	}, func(ctx context.Context, in *foundInput) (*sessionOutput, error) {
		secret, p, err := g.Found(ctx, Founding{
			Code: in.Body.Code, Email: in.Body.Email, Name: in.Body.Name, Password: in.Body.Password,
			Company: in.Body.Company, BaseCurrency: in.Body.BaseCurrency, Address: addressOf(ctx),
		}, settings)
		if err != nil {
			return nil, err
		}
		return g.sessionAnswer(ctx, settings, p, secret)
	})
}

func (g *Gate) sessionRoutes(api *web.API, settings Settings) {
	web.Handle(api, Public, web.Route{
		Method: http.MethodPost, Path: "/session", Name: "sign_in", Summary: "Sign in with e-mail and password",
	}, func(ctx context.Context, in *signInInput) (*sessionOutput, error) {
		secret, p, err := g.SignIn(ctx, Credentials{Email: in.Body.Email, Password: in.Body.Password, Address: addressOf(ctx)})
		if err != nil {
			return nil, err
		}
		return g.sessionAnswer(ctx, settings, p, secret)
	})
	web.Handle(api, SessionOwn, web.Route{
		Method: http.MethodGet, Path: "/session", Name: "session_get", Summary: "Who is signed in and what they may do",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[sessionBody], error) {
		body, err := describe(ctx, settings, From(ctx))
		return web.Answer(body), err
	})
	web.Handle(api, SessionOwn, web.Route{
		Method: http.MethodDelete, Path: "/session", Name: "sign_out", Status: http.StatusNoContent, Summary: "Sign out",
	}, func(ctx context.Context, _ *struct{}) (*cookieOutput, error) {
		if err := g.SignOut(ctx, From(ctx)); err != nil {
			return nil, err
		}
		gone := g.cookie("")
		gone.MaxAge = -1
		return &cookieOutput{SetCookie: gone}, nil
	})
	web.Handle(api, SessionOwn, web.Route{
		Method: http.MethodPost, Path: "/session/password", Name: "password_change", Status: http.StatusNoContent,
		Summary: "Change one's own password; all other sessions end",
	}, func(ctx context.Context, in *passwordInput) (*cookieOutput, error) {
		secret, err := g.ChangePassword(ctx, From(ctx), in.Body.Current, in.Body.New, addressOf(ctx))
		if err != nil {
			return nil, err
		}
		return &cookieOutput{SetCookie: g.cookie(secret)}, nil
	})
}

func (g *Gate) sessionAnswer(ctx context.Context, settings Settings, p Principal, secret string) (*sessionOutput, error) {
	body, err := describe(ctx, settings, p)
	if err != nil {
		return nil, err
	}
	return &sessionOutput{SetCookie: g.cookie(secret), Body: body}, nil
}

func describe(ctx context.Context, settings Settings, p Principal) (sessionBody, error) {
	company, err := settings.Company(ctx)
	if err != nil {
		return sessionBody{}, err
	}
	return sessionBody{
		User: sessionUser{
			ID: p.UserID, Email: p.Email, Name: p.Name, Role: p.Role, Scope: p.Scope, PersonID: p.PersonID, UnitID: p.UnitID,
		},
		Company: company, Can: Can(p), Demo: company.Demo,
	}, nil
}

// cookie carries the session's secret. Lax and not Strict, so that a link in a
// mail opens the page it names.
func (g *Gate) cookie(secret string) http.Cookie {
	return http.Cookie{
		Name: cookieName, Value: secret, Path: "/", MaxAge: int(sessionLifetime.Seconds()),
		HttpOnly: true, Secure: g.tls, SameSite: http.SameSiteLaxMode,
	}
}

type userPath struct {
	ID id.ID `path:"id" format:"uuid"`
}

type newUserInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Name     string `json:"name" maxLength:"200"`
		Role     Role   `json:"role" enum:"administrator,director,manager,salesperson"`
		Scope    Scope  `json:"scope,omitempty" enum:"all,unit,own" doc:"Left out: the role's usual one."`
		PersonID id.ID  `json:"person_id,omitempty"`
		UnitID   id.ID  `json:"unit_id,omitempty"`
	}
}

type newUserBody struct {
	User
	InitialPassword string `json:"initial_password" doc:"Shown this once. The user changes it after signing in."`
}

type userPatchInput struct {
	ID id.ID `path:"id" format:"uuid"`
	web.IfMatch
	Body struct {
		Email    *string              `json:"email,omitempty" maxLength:"254"`
		Name     *string              `json:"name,omitempty" maxLength:"200"`
		Role     *Role                `json:"role,omitempty" enum:"administrator,director,manager,salesperson"`
		Scope    *Scope               `json:"scope,omitempty" enum:"all,unit,own"`
		PersonID web.Optional[string] `json:"person_id,omitempty" doc:"Null or empty: none"`
		UnitID   web.Optional[string] `json:"unit_id,omitempty" doc:"Null or empty: none"`
		Disabled *bool                `json:"disabled,omitempty"`
	}
}

type initialPasswordBody struct {
	InitialPassword string `json:"initial_password" doc:"Shown this once."`
}

func (g *Gate) userRoutes(api *web.API) {
	web.Handle(api, UserRead, web.Route{
		Method: http.MethodGet, Path: "/users", Name: "user_list", Summary: "Users in the order of their addresses",
	}, g.listUsers)
	web.Handle(api, UserRead, web.Route{
		Method: http.MethodGet, Path: "/users/{id}", Name: "user_get", Summary: "One user",
	}, func(ctx context.Context, in *userPath) (*web.Record[User], error) {
		u, err := g.User(ctx, in.ID)
		return web.Versioned(u, u.Version), err
	})
	web.Handle(api, UserWrite, web.Route{
		Method: http.MethodPost, Path: "/users", Name: "user_create", Status: http.StatusCreated, Secret: true,
		Summary: "Make a user; the answer holds the initial password, once",
	}, g.postUser)
	web.Handle(api, UserWrite, web.Route{
		Method: http.MethodPatch, Path: "/users/{id}", Name: "user_update", Summary: "Change or disable a user",
	}, g.patchUser)
	web.Handle(api, UserWrite, web.Route{
		Method: http.MethodPost, Path: "/users/{id}/password", Name: "user_password_reset", Secret: true,
		Summary: "Give a user a new initial password and end their sessions",
	}, func(ctx context.Context, in *userPath) (*web.Body[initialPasswordBody], error) {
		password, err := g.ResetPassword(ctx, in.ID)
		return web.Answer(initialPasswordBody{InitialPassword: password}), err
	})
}

func (g *Gate) listUsers(ctx context.Context, in *web.PageInput) (*web.Body[web.Page[User]], error) {
	cursor, err := filter.ParseCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	after := ""
	if cursor != nil {
		after, _ = cursor[0].(string)
	}
	users, err := g.Users(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return web.PageOf(users, in.Limit, func(last User) string { return filter.Cursor(last.Email) }), nil
}

func (g *Gate) postUser(ctx context.Context, in *newUserInput) (*web.Record[newUserBody], error) {
	b := in.Body
	u, password, err := g.CreateUser(ctx, NewUser{
		Email: b.Email, Name: b.Name, Role: b.Role, Scope: b.Scope, PersonID: b.PersonID, UnitID: b.UnitID,
	})
	return web.Versioned(newUserBody{User: u, InitialPassword: password}, u.Version), err
}

func (g *Gate) patchUser(ctx context.Context, in *userPatchInput) (*web.Record[User], error) {
	version, err := in.Version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	u, err := g.UpdateUser(ctx, in.ID, version, UserPatch{
		Email: b.Email, Name: b.Name, Role: b.Role, Scope: b.Scope,
		PersonID: (*id.ID)(b.PersonID.Pointer()), UnitID: (*id.ID)(b.UnitID.Pointer()), Disabled: b.Disabled,
	})
	return web.Versioned(u, u.Version), err
}

type newTokenInput struct {
	Body struct {
		Name      string    `json:"name" minLength:"1" maxLength:"100" doc:"What uses it."`
		ReadOnly  bool      `json:"read_only,omitempty"`
		ExpiresOn date.Date `json:"expires_on,omitempty" doc:"The last day it works; left out: in 90 days. At most 366."`
	}
}

type newTokenBody struct {
	Token
	Secret string `json:"secret" doc:"Shown this once. Send it as Authorization: Bearer."`
}

type tokenPath struct {
	ID id.ID `path:"id" format:"uuid"`
}

func (g *Gate) tokenRoutes(api *web.API) {
	web.Handle(api, TokenOwn, web.Route{
		Method: http.MethodGet, Path: "/tokens", Name: "token_list", Summary: "One's own API tokens",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[web.Page[Token]], error) {
		tokens, err := g.Tokens(ctx, ReachOf(ctx))
		return web.PageOf(tokens, len(tokens), nil), err
	})
	web.Handle(api, TokenOwn, web.Route{
		Method: http.MethodPost, Path: "/tokens", Name: "token_create", Status: http.StatusCreated, Secret: true,
		Summary: "Make an API token; the answer holds its secret, once",
	}, func(ctx context.Context, in *newTokenInput) (*web.Body[newTokenBody], error) {
		t, secret, err := g.CreateToken(ctx, NewToken{
			UserID: From(ctx).UserID, Name: in.Body.Name, ReadOnly: in.Body.ReadOnly, ExpiresOn: in.Body.ExpiresOn,
		})
		return web.Answer(newTokenBody{Token: t, Secret: secret}), err
	})
	web.Handle(api, UserWrite, web.Route{
		Method: http.MethodPost, Path: "/users/{id}/tokens", Name: "user_token_create", Status: http.StatusCreated, Secret: true,
		Summary: "Make an API token for a user; the answer holds its secret, once",
	}, func(ctx context.Context, in *struct {
		ID id.ID `path:"id" format:"uuid"`
		newTokenInput
	}) (*web.Body[newTokenBody], error) {
		t, secret, err := g.CreateToken(ctx, NewToken{
			UserID: in.ID, Name: in.Body.Name, ReadOnly: in.Body.ReadOnly, ExpiresOn: in.Body.ExpiresOn,
		})
		return web.Answer(newTokenBody{Token: t, Secret: secret}), err
	})
	web.Handle(api, TokenOwn, web.Route{
		Method: http.MethodDelete, Path: "/tokens/{id}", Name: "token_revoke", Status: http.StatusNoContent,
		Summary: "Revoke an API token at once",
	}, func(ctx context.Context, in *tokenPath) (*struct{}, error) {
		return nil, g.RevokeToken(ctx, ReachOf(ctx), in.ID)
	})
}
