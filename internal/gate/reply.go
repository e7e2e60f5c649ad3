package gate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// held is how much of an answer is kept back to give it a hash, a length and a
// compressed form; larger ones are passed on as they come.
const held = 4 << 20

// small answers are not worth compressing.
const small = 1 << 10

// packed gives answers their ETag and answers 304 where the browser has the same,
// compresses text, and says how long an answer may be kept: the handler's word,
// else "ask again" for what succeeded and "do not keep" for what failed.
func packed(h http.Handler) http.Handler {
	press := &press{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &reply{ResponseWriter: w, request: r, press: press}
		h.ServeHTTP(answer, r)
		answer.finish()
	})
}

// reply holds an answer back until it is whole or too large.
type reply struct {
	http.ResponseWriter
	request *http.Request
	press   *press
	status  int
	body    bytes.Buffer
	gone    bool   // passed on as it comes
	whole   []byte // a kept answer, sent as it is: nothing is copied
}

func (w *reply) WriteHeader(status int) {
	switch {
	case status < 200:
		w.ResponseWriter.WriteHeader(status)
	case w.status == 0:
		w.status = status
	}
}

func (w *reply) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if !w.gone && w.body.Len()+len(b) <= held {
		return w.body.Write(b)
	}
	if err := w.pass(); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(b)
}

// Flush passes on what is there; from then on the answer streams.
func (w *reply) Flush() {
	if w.pass() == nil {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (w *reply) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *reply) pass() error {
	if w.gone {
		return nil
	}
	w.gone = true
	w.keep()
	w.ResponseWriter.WriteHeader(max(w.status, http.StatusOK))
	_, err := w.body.WriteTo(w.ResponseWriter)
	return err
}

// reset forgets the answer so far, or reports that it has left.
func (w *reply) reset() bool {
	if w.gone {
		return false
	}
	w.status, w.whole = 0, nil
	w.body.Reset()
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "Cache-Control", "Etag", "Set-Cookie"} {
		w.Header().Del(name)
	}
	return true
}

func (w *reply) keep() {
	if w.Header().Get("Cache-Control") != "" {
		return
	}
	if w.status == http.StatusOK {
		w.Header().Set("Cache-Control", "private, no-cache")
	} else {
		w.Header().Set("Cache-Control", "no-store")
	}
}

func (w *reply) finish() {
	if w.gone {
		return
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	head := w.Header()
	w.keep()
	if w.body.Len() > 0 && head.Get("Content-Type") == "" {
		head.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	read := w.request.Method == http.MethodGet || w.request.Method == http.MethodHead
	if w.status == http.StatusOK && read && head.Get("Etag") == "" && head.Get("Cache-Control") != "no-store" {
		head.Set("Etag", Tag(w.body.Bytes()))
	}
	if tag := head.Get("Etag"); w.status == http.StatusOK && read && tag != "" && known(w.request.Header.Get("If-None-Match"), tag) {
		head.Del("Content-Type")
		w.ResponseWriter.WriteHeader(http.StatusNotModified)
		return
	}
	out := w.body.Bytes()
	if w.whole != nil {
		out = w.whole
	}
	if packs(head.Get("Content-Type")) {
		head.Add("Vary", "Accept-Encoding")
		if len(out) >= small && takesGzip(w.request.Header.Get("Accept-Encoding")) && head.Get("Content-Encoding") == "" {
			head.Set("Content-Encoding", "gzip")
			out = w.press.gzip(head.Get("Etag"), out)
		}
	}
	if bodyAllowed(w.status) {
		head.Set("Content-Length", strconv.Itoa(len(out)))
	}
	w.ResponseWriter.WriteHeader(w.status)
	_, _ = w.ResponseWriter.Write(out) // the client has gone: nothing left to tell it
}

// Tag is the ETag of an answer. A handler that keeps its answers sets the header
// itself and spares the hashing. It is weak: the compressed form has the same.
func Tag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + hex.EncodeToString(sum[:10]) + `"`
}

// press remembers by their hash the answers that it has compressed: files, and
// pages that are written anew and come out the same.
type press struct {
	mu    sync.Mutex
	done  map[string][]byte
	bytes int
}

// pressed bounds the compressed answers held.
const pressed = 4 << 20

func (p *press) gzip(tag string, body []byte) []byte {
	p.mu.Lock()
	ready, ok := p.done[tag]
	p.mu.Unlock()
	if ok {
		return ready
	}
	out := compress(body)
	if tag == "" || len(out) > pressed/8 {
		return out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == nil || p.bytes+len(out) > pressed {
		p.done, p.bytes = map[string][]byte{}, 0
	}
	p.done[tag] = out
	p.bytes += len(out)
	return out
}

// known reports whether an If-None-Match header names the tag, weakly compared
// as RFC 9110 §13.1.2 asks.
func known(header, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

func packs(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	switch kind {
	case "application/json", "application/problem+json", "application/yaml", "application/javascript", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}

func takesGzip(header string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.TrimSpace(name) == "gzip" {
			return !strings.HasPrefix(strings.TrimSpace(q), "q=0") || strings.ContainsAny(q, "123456789")
		}
	}
	return false
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}
