package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
)

// notice tells once, on the next page, what was done and how to take it back.
type notice struct {
	Text string            `json:"t"`
	Undo string            `json:"u,omitempty"` // address that takes it back by POST, "" = none
	With map[string]string `json:"w,omitempty"` // what is posted there
	Word string            `json:"b,omitempty"` // on the button
}

const noticeCookie = "notice"

// done leads on after something was saved: to the address, as of now, where what
// was done is told once. undo may be nil.
func (s *Site) done(w http.ResponseWriter, r *http.Request, p *page, to string, m luoshi.Message, undo *notice) error {
	n := notice{Text: p.Say(m)}
	if undo != nil {
		n.Undo, n.With, n.Word = undo.Undo, undo.With, undo.Word
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	gate.SetCookie(w, r, http.Cookie{Name: noticeCookie, Value: base64.RawURLEncoding.EncodeToString(text), MaxAge: 60, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// takeNotice reads the notice that the page before left, and takes it away.
func takeNotice(w http.ResponseWriter, r *http.Request) *notice {
	kept := gate.Cookie(r, noticeCookie)
	if kept == "" {
		return nil
	}
	gate.SetCookie(w, r, http.Cookie{Name: noticeCookie, MaxAge: -1, SameSite: http.SameSiteStrictMode})
	text, err := base64.RawURLEncoding.DecodeString(kept)
	n := &notice{}
	if err != nil || json.Unmarshal(text, n) != nil || n.Text == "" {
		return nil
	}
	if !strings.HasPrefix(n.Undo, "/") || strings.HasPrefix(n.Undo, "//") {
		n.Undo = ""
	}
	return n
}
