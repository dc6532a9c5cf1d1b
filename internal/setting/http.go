package setting

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/web"
)

// form is what people fill in; a field that is left out stays as it is.
type form struct {
	Name         *string `json:"company,omitempty" maxLength:"200"`
	BaseCurrency *string `json:"base_currency,omitempty" minLength:"3" maxLength:"3"`
}

// Routes adds the settings' routes. counted tells whether amounts were counted in the base currency already, after which
// it can no longer be changed.
func (s *Store) Routes(api *web.API, counted func(ctx context.Context) (bool, error)) {
	web.Handle(api, access.SettingsRead, web.Route{Method: http.MethodGet, Path: "/settings", Name: "setting_get", Summary: "The company's settings"},
		func(ctx context.Context, _ *struct{}) (*web.Record[General], error) {
			c, version, err := s.Current(ctx)
			if err != nil {
				return nil, err
			}
			return web.Versioned(c, version), nil
		})
	web.Handle(api, access.SettingsWrite, web.Route{Method: http.MethodPatch, Path: "/settings", Name: "setting_update", Summary: "Change the company's settings"},
		func(ctx context.Context, in *struct {
			web.IfMatch
			Body form
		}) (*web.Record[General], error) {
			version, err := in.Version()
			if err != nil {
				return nil, err
			}
			c, _, err := s.Current(ctx)
			if err != nil {
				return nil, err
			}
			if in.Body.Name != nil {
				c.Name = *in.Body.Name
			}
			if in.Body.BaseCurrency != nil && *in.Body.BaseCurrency != c.BaseCurrency {
				if fixed, err := counted(ctx); err != nil {
					return nil, err
				} else if fixed {
					return nil, fault.Check("setting.currency_fixed").That(false, "base_currency",
						"Amounts have been imported in %s already; the base currency can only be changed before the first import.", c.BaseCurrency).Err()
				}
				c.BaseCurrency = *in.Body.BaseCurrency
			}
			if version, err = s.PutCompany(ctx, version, c); err != nil {
				return nil, err
			}
			return web.Versioned(c, version), nil
		})
}
