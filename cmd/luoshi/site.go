package main

import (
	"net/http"

	"luoshi.dev/internal/api"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
)

// site is the pages with the API beside them.
type site struct {
	pages *web.Site
	api   *api.API
}

func (a *app) site(svc *service.Guarded, opt web.Options) (*site, error) {
	opt.API = true
	pages, err := web.New(svc, a.words, opt)
	if err != nil {
		return nil, err
	}
	data, err := api.New(svc, a.words, api.Options{Version: opt.Version, AsOf: opt.AsOf, Now: opt.Now, Shell: pages.Guest, Accounts: opt.Accounts})
	if err != nil {
		return nil, err
	}
	return &site{pages, data}, nil
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if api.Ours(r) {
		s.api.ServeHTTP(w, r)
		return
	}
	s.pages.ServeHTTP(w, r)
}

// Fail answers an error in the form of the room that was asked.
func (s *site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if api.Ours(r) {
		s.api.Fail(w, r, err)
		return
	}
	s.pages.Fail(w, r, err)
}

// Bodies bounds what a request may carry.
func (s *site) Bodies(r *http.Request) int64 { return max(s.pages.Bodies(r), s.api.Bodies(r)) }
