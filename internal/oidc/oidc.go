// Package oidc proves, through an OpenID Connect provider, which account somebody
// has there: the authorization code flow with PKCE, state and nonce. It knows no
// person, no session and no page; whom an account belongs to here is for others to
// say. Nothing but the subject is read from what the provider tells: no e-mail, no
// name.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"luoshi.dev"
)

// Options say which provider, and who we are to it.
type Options struct {
	Issuer string // its address, as its tokens name it
	Client string // our number there
	Secret string
	Name   string // what people call it; "" = the issuer's host
	Back   string // where it sends people back to: registered there
}

// Provider is one OpenID Connect provider. It is safe for concurrent use.
type Provider struct {
	opt  Options
	http *http.Client

	mu    sync.Mutex
	found *oidc.Provider // nil until it has answered once: it may be down when we start
}

// answerWithin bounds what we wait for, answerMost what we read of an answer.
const (
	answerWithin = 10 * time.Second
	answerMost   = 1 << 20
)

// New checks the settings. It does not ask the provider yet.
func New(opt Options) (*Provider, error) {
	opt.Issuer = strings.TrimSpace(opt.Issuer)
	issuer, err := url.Parse(opt.Issuer)
	if err != nil || issuer.Host == "" || !private(issuer) {
		return nil, setting("issuer " + opt.Issuer)
	}
	if back, err := url.Parse(opt.Back); err != nil || back.Host == "" || !private(back) {
		return nil, setting("url " + opt.Back)
	}
	if opt.Client == "" {
		return nil, setting("client")
	}
	if opt.Name == "" {
		opt.Name = issuer.Hostname()
	}
	return &Provider{opt: opt, http: &http.Client{Timeout: answerWithin, Transport: bounded{http.DefaultTransport}, CheckRedirect: stay}}, nil
}

func setting(what string) error {
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("oidc.setting", "what", what)}
}

// private reports whether what goes to the address can be read by nobody else: it
// is encrypted, or stays on this machine.
func private(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// stay follows no redirect: codes and secrets go to the addresses that the provider
// names, and to no other.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// bounded reads no answer without end.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, answerMost), answer.Body}
	}
	return answer, err
}

// Name is what people call the provider.
func (p *Provider) Name() string { return p.opt.Name }

// Issuer is what accounts there are known by, together with their subject.
func (p *Provider) Issuer() string { return p.opt.Issuer }

// discover asks the provider where its addresses are, once.
func (p *Provider) discover() (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := oidc.NewProvider(p.context(context.Background()), p.opt.Issuer) // its keys are read later, by the same context
	if err != nil {
		return nil, down(err)
	}
	for _, address := range []string{found.Endpoint().AuthURL, found.Endpoint().TokenURL} {
		if u, err := url.Parse(address); err != nil || !private(u) {
			return nil, setting("issuer " + address)
		}
	}
	p.found = found
	return found, nil
}

func (p *Provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.http)
}

func down(err error) error {
	return &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("oidc.down"), Err: err}
}

func (p *Provider) config(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.opt.Client, ClientSecret: p.opt.Secret, Endpoint: found.Endpoint(), RedirectURL: p.opt.Back, Scopes: []string{oidc.ScopeOpenID}}
}

// Pending is a sign-in on its way. It belongs to one browser, which must not read
// it: whoever has it can finish what was begun.
type Pending struct{ State, Nonce, Verifier string }

// Begin returns the address at the provider to go to, and what to keep until the
// way back. again asks the provider to make sure who it is, even if it knows.
func (p *Provider) Begin(again bool) (string, Pending, error) {
	found, err := p.discover()
	if err != nil {
		return "", Pending{}, err
	}
	pending := Pending{State: chance(), Nonce: chance(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(pending.Nonce), oauth2.S256ChallengeOption(pending.Verifier)}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return p.config(found).AuthCodeURL(pending.State, options...), pending, nil
}

// chance is 256 bits of it.
func chance() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// End takes what the provider sent along on the way back, and returns the subject:
// the number of the account there.
func (p *Provider) End(ctx context.Context, pending Pending, answer url.Values) (string, error) {
	if pending.State == "" || subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(pending.State)) != 1 {
		return "", &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("signin.stale")}
	}
	if iss := answer.Get("iss"); iss != "" && iss != p.opt.Issuer { // RFC 9207: an answer of another provider
		return "", unproved(errors.New("another issuer answered"))
	}
	if word := answer.Get("error"); word != "" {
		return "", refused(word)
	}
	found, err := p.discover()
	if err != nil {
		return "", err
	}
	token, err := p.config(found).Exchange(p.context(ctx), answer.Get("code"), oauth2.VerifierOption(pending.Verifier))
	if err != nil {
		var said *oauth2.RetrieveError
		if errors.As(err, &said) && said.ErrorCode != "" { // without its body, which may hold secrets
			return "", refused(said.ErrorCode)
		}
		return "", down(fmt.Errorf("exchange of a code: %w", withoutBody(err)))
	}
	return p.subject(ctx, found, token, pending)
}

// withoutBody keeps of an error what may be logged.
func withoutBody(err error) error {
	var said *oauth2.RetrieveError
	if errors.As(err, &said) && said.Response != nil {
		return errors.New(said.Response.Status)
	}
	return err
}

// subject verifies the identity token: signature, issuer, audience, time, nonce.
func (p *Provider) subject(ctx context.Context, found *oidc.Provider, token *oauth2.Token, pending Pending) (string, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", unproved(errors.New("no identity token"))
	}
	id, err := found.Verifier(&oidc.Config{ClientID: p.opt.Client}).Verify(p.context(ctx), raw)
	if err != nil {
		return "", unproved(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(pending.Nonce)) != 1 {
		return "", unproved(errors.New("another nonce"))
	}
	var claims struct {
		Party string `json:"azp"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", unproved(err)
	}
	if others := len(id.Audience) > 1 || !slices.Contains(id.Audience, p.opt.Client); (others || claims.Party != "") && claims.Party != p.opt.Client {
		return "", unproved(errors.New("made for another party"))
	}
	if id.Subject == "" {
		return "", unproved(errors.New("no subject"))
	}
	return id.Subject, nil
}

func unproved(err error) error {
	return &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("oidc.unproved"), Err: err}
}

// refused says what the provider said, as far as it is one of its words.
func refused(word string) error {
	if len(word) > 40 || strings.ContainsFunc(word, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		word = "error"
	}
	return &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("oidc.refused", "reason", word)}
}
