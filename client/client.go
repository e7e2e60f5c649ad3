// Package client speaks to a luoshi server over its REST API. The documents it
// hands out are those of package wire; numbers in them are exact.
//
//	c, err := client.New("http://127.0.0.1:8080")
//	o, err := c.Overview(ctx, client.At{AsOf: "2020-06-30"})
//
// Lists are iterators that fetch page after page as they are read. An error that
// the server told is an [*Error] with its code. Reads are repeated where the server
// says "try again later"; changes never are.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"luoshi.dev"
)

// Client asks one server. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	http    *http.Client
	lang    string
	token   string
	retries int
	wait    time.Duration
	cache   *cache
}

// Option changes how a client asks.
type Option func(*Client)

// HTTP sets the client of net/http that is used, for timeouts and proxies.
func HTTP(h *http.Client) Option { return func(c *Client) { c.http = h } }

// Token sets the token with which the client asks: made on the page of one's own
// account, it acts for its person within its scope.
func Token(token string) Option { return func(c *Client) { c.token = token } }

// Lang sets the language of sentences: zh-Hans, zh-Hant or en.
func Lang(lang string) Option { return func(c *Client) { c.lang = lang } }

// Retries sets how often a read is repeated that the server cannot answer just now,
// and how long to wait before the first repetition, twice as long before each
// further one. The default is 3 and 200 ms; 0 repeats nothing.
func Retries(n int, wait time.Duration) Option {
	return func(c *Client) { c.retries, c.wait = n, wait }
}

// Cache keeps up to n answers and asks the server only whether they still hold.
func Cache(n int) Option { return func(c *Client) { c.cache = &cache{most: n} } }

// New returns a client of the server at an address, "http://127.0.0.1:8080".
func New(base string, options ...Option) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the address %q is none of a server: it begins with http:// or https://", base)
	}
	u.Path, u.RawQuery, u.Fragment = strings.TrimSuffix(u.Path, "/"), "", ""
	c := &Client{base: u, http: http.DefaultClient, retries: 3, wait: 200 * time.Millisecond}
	for _, o := range options {
		o(c)
	}
	return c, nil
}

// request is one question.
type request struct {
	method, path string
	query        url.Values
	body         []byte
	kind         string // media type of the body
}

// ask sends a question, again where that is safe and the server asks for it, and
// reads the answer.
func (c *Client) ask(ctx context.Context, r request, into any) error {
	wait := c.wait
	for try := 0; ; try++ {
		body, err := c.once(ctx, r)
		var told *Error
		if err != nil && r.method == http.MethodGet && try < c.retries && errors.As(err, &told) && told.Code == luoshi.Unavailable {
			if err := sleep(ctx, max(wait, told.After)); err != nil {
				return err
			}
			wait *= 2
			continue
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, into); err != nil {
			return fmt.Errorf("%s %s: read the answer: %w", r.method, r.path, err)
		}
		return nil
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// once sends a question once.
func (c *Client) once(ctx context.Context, r request) ([]byte, error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	key := resp.Request.URL.String()
	if resp.StatusCode == http.StatusNotModified {
		if kept, ok := c.cache.get(key); ok {
			return kept.body, nil
		}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errorOf(r, resp, body)
	}
	if r.method == http.MethodGet {
		c.cache.put(key, answer{resp.Header.Get("Etag"), body})
	}
	return body, nil
}

func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	u := *c.base
	u.Path += r.path // may hold escaped parts: see segment
	if strings.Contains(r.path, "%") {
		u.RawPath = u.Path
		u.Path, _ = url.PathUnescape(u.RawPath)
	}
	u.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	req.Header.Set("Accept", "application/json, application/problem+json")
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.lang != "" {
		req.Header.Set("Accept-Language", c.lang)
	}
	if kept, ok := c.cache.get(u.String()); ok && r.method == http.MethodGet {
		req.Header.Set("If-None-Match", kept.tag)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	return resp, nil
}

// segment is a code as part of a path.
func segment(code string) string { return url.PathEscape(code) }

// answer is one that is kept.
type answer struct {
	tag  string
	body []byte
}

// cache keeps answers by their address. A nil cache keeps nothing.
type cache struct {
	most  int
	mu    sync.Mutex
	kept  map[string]answer
	order []string
}

func (c *cache) get(key string) (answer, bool) {
	if c == nil {
		return answer{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.kept[key]
	return a, ok
}

func (c *cache) put(key string, a answer) {
	if c == nil || c.most < 1 || a.tag == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.kept[key]; !known {
		if len(c.order) >= c.most {
			delete(c.kept, c.order[0])
			c.order = c.order[1:]
		}
		c.order = append(c.order, key)
	}
	if c.kept == nil {
		c.kept = map[string]answer{}
	}
	c.kept[key] = a
}

// At says where an answer stands. What is empty is left to the server: as of what
// it opens at, at the highest unit that has targets, for the year of the instant,
// by the boundaries of its first day.
type At struct {
	AsOf       string // a day, a month, a day with a time, RFC 3339, or "now"
	Unit       string // code
	Year       int
	Boundaries string // a day, or "now"
}

func (at At) values() url.Values {
	q := url.Values{}
	set(q, "asof", at.AsOf)
	set(q, "unit", at.Unit)
	set(q, "boundaries", at.Boundaries)
	if at.Year != 0 {
		q.Set("year", strconv.Itoa(at.Year))
	}
	return q
}

// set puts a parameter in place that is not empty.
func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}
