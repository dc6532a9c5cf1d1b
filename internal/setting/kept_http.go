package setting

import (
	"context"
	"net/http"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Routes adds the two routes of a definition: get for who may read it, put for who may change it. Their methods are set.
func (k *Kept[T]) Routes(api *web.API, read access.Action, get web.Route, define access.Action, put web.Route) {
	get.Method, put.Method = http.MethodGet, http.MethodPut
	web.Handle(api, read, get, func(ctx context.Context, _ *struct{}) (*web.Record[T], error) {
		v, version, err := k.Get(ctx)
		if err != nil {
			return nil, err
		}
		return web.Versioned(v, version), nil
	})
	web.Handle(api, define, put, func(ctx context.Context, in *struct {
		web.IfMatch
		Body T
	}) (*web.Record[T], error) {
		version, err := in.Version()
		if err != nil {
			return nil, err
		}
		if version, err = k.Put(ctx, version, in.Body); err != nil {
			return nil, err
		}
		return web.Versioned(in.Body, version), nil
	})
}
