package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/store"
)

// visitor asks as somebody who is signed in: with the cookies of the session.
type visitor struct{ cookies []*http.Cookie }

// RoundTrip sends a request with the cookies.
func (v visitor) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for _, c := range v.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return transport.RoundTrip(r)
}

var transport = &http.Transport{MaxIdleConnsPerHost: clients}

// client asks as the visitor and follows nothing: who is led elsewhere is not in.
func (v visitor) client() *http.Client {
	return &http.Client{Transport: v, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// enrol signs a planner in at a database of our own: they read whatever there is.
func (r *run) enrol(ctx context.Context, dsn string) (v visitor, err error) {
	err = withStore(ctx, dsn, func(st *store.Store) error {
		accounts := account.New(st, time.Now, account.Options{Idle: 24 * time.Hour, Longest: 24 * time.Hour})
		units, err := st.Units(ctx, time.Time{})
		if err != nil {
			return err
		}
		tree, _ := luoshi.NewTree(units, luoshi.DateOf(time.Now()))
		var posts []luoshi.Post
		for _, root := range tree.Children(-1) {
			posts = append(posts, luoshi.Post{Unit: tree.Nodes[root].ID, Role: luoshi.Planner, From: luoshi.DateOf(time.Now())})
		}
		_, word, err := accounts.AddPerson(ctx, account.System, luoshi.Person{Login: "bench", Name: "bench"}, posts...)
		if err != nil {
			return err
		}
		from := account.From{Address: "127.0.0.1", Agent: "bench"}
		signed, err := accounts.SignIn(ctx, "bench", word, from)
		if err == nil {
			signed, err = accounts.ChangePassword(ctx, signed.Secret, word, "one bench, fifty readers", from)
		}
		if err == nil {
			v.cookies = []*http.Cookie{{Name: "luoshi", Value: signed.Secret}}
		}
		return err
	})
	return v, err
}

// signIn signs in at a running server, as a person does.
func signIn(ctx context.Context, base, login, password string) (visitor, error) {
	form := url.Values{"login": {login}, "password": {password}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/signin", strings.NewReader(form.Encode()))
	if err != nil {
		return visitor{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := visitor{}.client().Do(request)
	if err != nil {
		return visitor{}, err
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusSeeOther {
		return visitor{}, errors.Join(err, fmt.Errorf("sign in as %s: status %d", login, response.StatusCode))
	}
	return visitor{response.Cookies()}, nil
}
