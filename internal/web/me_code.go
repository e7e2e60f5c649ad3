package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"rsc.io/qr"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
)

// second is the page of the second factor: turned on in two strokes, looked after,
// turned off.
type second struct {
	Head, Lead string
	Base       string // of its addresses
	To         string // where one wanted to go
	Leave      bool   // a step of signing in
	Asked      bool   // a post asks for it
	Says       *says

	On    bool
	Left  string
	User  string
	Again *entry // the password that is asked for once more, for new recovery codes
	Stop  *entry // and for turning it off

	Code   *qrCode // drawn, waiting for its first code
	Secret string
	Open   template.URL // for an authenticator on this phone
	First  *entry

	Begin *entry // the password that is asked for before one is drawn, nil in a step of signing in
}

// qrCode is a QR code as one path of an SVG.
type qrCode struct {
	Side int
	Path string
}

// quiet is the white rim that a scanner needs, in modules (ISO/IEC 18004 §6.3.8).
const quiet = 4

func drawQR(text string) (*qrCode, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("qr code: %w", err)
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := x - from; n > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, n, n)
			}
		}
	}
	return &qrCode{Side: code.Size + 2*quiet, Path: b.String()}, nil
}

// secondHere is the page of the second factor: of the own account or, where a post
// asks for one, a step of signing in. p is nil where it leads elsewhere.
func (s *Site) secondHere(w http.ResponseWriter, r *http.Request) (p *page, b *second, h *account.Here, err error) {
	if _, err := s.accounts(); err != nil {
		return nil, nil, nil, err
	}
	if strings.HasPrefix(r.URL.Path, "/signin/") {
		var to string
		if p, to, err = s.stepPage(w, r, account.EnrolCode); p == nil {
			return nil, nil, nil, err
		}
		p.view = "second"
		b = &second{Base: "/signin/enrol", To: to, Leave: true, Asked: true}
		h = gate.Here(r.Context())
	} else {
		if h, err = here(r); err != nil {
			return nil, nil, nil, err
		}
		p, b = s.mePage(r, "second", "me.code"), &second{Base: "/me/code"}
	}
	b.Head, b.Lead, b.User = p.W("me.code.set"), p.W("me.code.why"), h.Person.Login
	if b.Asked {
		b.Says = &says{Class: "y", Text: luoshi.Say("me.code.asked")}
	}
	p.Body, p.Title, p.path = b, b.Head, b.Base // also where a form was sent elsewhere
	return p, b, h, nil
}

// code is the page of the second factor, as it stands.
func (s *Site) code(w http.ResponseWriter, r *http.Request) error {
	p, b, h, err := s.secondHere(w, r)
	if p == nil {
		return err
	}
	own, err := s.opt.Accounts.Own(r.Context(), h)
	if err != nil {
		return err
	}
	if own.SecondOn {
		p.secondOn(b, own)
		return s.private(w, r, http.StatusOK, p)
	}
	p.secondOff(b, own)
	if r.URL.Query().Get("set") != "" {
		if err := s.drawn(r, p, b, h); err != nil && messageOf(err).Key != "totp.not_begun" {
			return err
		}
	}
	return s.private(w, r, http.StatusOK, p)
}

// onceMore asks for the own password once more: a session left open is not enough for
// what opens another way in.
func (p *page) onceMore() *entry {
	return &entry{Name: "password", Label: p.W("me.code.password"), Type: "password", Complete: "current-password"}
}

// secondOff fills the page of a second factor that is not on. Whoever comes by a step
// of signing in has just given a password, and some have none.
func (p *page) secondOff(b *second, own *account.Own) {
	if !b.Leave && own.Password {
		b.Begin = p.onceMore()
		b.Begin.Focus = true
	}
}

// secondOn fills the page of a second factor that is on.
func (p *page) secondOn(b *second, own *account.Own) {
	b.On, b.Asked, b.Left = true, own.SecondFor, p.W("me.code.left", "left", own.Left)
	b.Head, b.Lead = p.W("me.code.state"), ""
	p.Title = b.Head
	b.Again, b.Stop = p.onceMore(), p.onceMore()
}

// drawn puts the second factor that waits for its first code on the page.
func (s *Site) drawn(r *http.Request, p *page, b *second, h *account.Here) error {
	e, err := s.opt.Accounts.Pending(r.Context(), h)
	if err != nil {
		return err
	}
	if b.Code, err = drawQR(e.Address); err != nil {
		return err
	}
	for i, c := range e.Secret {
		if i > 0 && i%4 == 0 {
			b.Secret += " "
		}
		b.Secret += string(c)
	}
	b.Open = template.URL(e.Address) //nolint:gosec // written by the account room
	b.First = &entry{Name: "code", Label: p.W("signinpage.code"), Complete: "one-time-code", Mode: "numeric", Most: 12, Focus: true}
	p.own = url.Values{"set": {"1"}}
	if b.To != "" {
		p.own.Set("to", b.To)
	}
	return nil
}

// codeBegin draws a second factor, always a new one.
func (s *Site) codeBegin(w http.ResponseWriter, r *http.Request) error {
	p, b, h, err := s.secondHere(w, r)
	if p == nil {
		return err
	}
	own, err := s.opt.Accounts.Own(r.Context(), h)
	if err != nil {
		return err
	}
	if p.secondOff(b, own); b.Begin != nil {
		values, err := posted(r)
		if err != nil {
			return err
		}
		if v, status, err := s.proved(r, p, h, b.Begin, values); status != 0 || err != nil {
			if err != nil {
				return err
			}
			b.Says = v
			return s.private(w, r, status, p)
		}
	}
	if _, err := s.opt.Accounts.Enrol(r.Context(), h); err != nil {
		return err
	}
	address := b.Base + "?set=1"
	if b.To != "" {
		address += "&" + query("to", b.To)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// codeConfirm turns the second factor on by its first code, and shows the recovery
// codes this once.
func (s *Site) codeConfirm(w http.ResponseWriter, r *http.Request) error {
	p, b, h, err := s.secondHere(w, r)
	if p == nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	codes, err := s.opt.Accounts.Confirm(r.Context(), h, gate.SessionSecret(r), luoshi.Fold(values.Get("code")))
	switch messageOf(err).Key {
	case "totp.wrong":
		if err := s.drawn(r, p, b, h); err != nil {
			return err
		}
		b.First.Errs = []string{p.W("me.code.wrong") + p.Between() + p.W("me.code.wrong.say")}
		return s.private(w, r, http.StatusUnprocessableEntity, p)
	case "totp.not_begun": // the form was sent twice, or from a page left open
		http.Redirect(w, r, b.Base, http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	next := b.To
	if next == "" && b.Leave {
		next = s.landing(h.Posts)
	}
	return s.recovery(w, r, p, h, "me.recovery.on", codes, next)
}

// recoveryBody shows the recovery codes, this once.
type recoveryBody struct {
	Says, Of string
	Codes    []string
	Next     string
}

func (s *Site) recovery(w http.ResponseWriter, r *http.Request, p *page, h *account.Here, says string, codes []string, next string) error {
	if next == "" {
		next = "/me"
	}
	p.view, p.Title, p.own, p.bare = "recovery", p.W("me.recovery.title"), nil, true
	p.Body = &recoveryBody{Says: p.W(says), Of: p.W("me.recovery.of", "login", h.Person.Login, "on", luoshi.DateOf(s.opt.Now())), Codes: codes, Next: next}
	return s.private(w, r, http.StatusOK, p)
}

// codeNew draws new recovery codes.
func (s *Site) codeNew(w http.ResponseWriter, r *http.Request) error {
	return s.codeAsked(w, r, func(p *page, b *second) *entry { return b.Again }, func(p *page, h *account.Here, password string) error {
		codes, err := s.opt.Accounts.NewRecovery(r.Context(), h, password, gate.From(r))
		if err != nil {
			return err
		}
		return s.recovery(w, r, p, h, "me.recovery.new", codes, "/me/code")
	})
}

// codeOff turns the second factor off.
func (s *Site) codeOff(w http.ResponseWriter, r *http.Request) error {
	return s.codeAsked(w, r, func(p *page, b *second) *entry { return b.Stop }, func(p *page, h *account.Here, password string) error {
		if err := s.opt.Accounts.TurnOff(r.Context(), h, password, gate.From(r)); err != nil {
			return err
		}
		return s.done(w, r, p, "/me", luoshi.Say("me.code.stopped"), nil)
	})
}

// proved asks for the own password once more, as it was entered in a field. Where it
// is not right, that is said at the field, with the status of the answer; a wait is
// told for the page as a whole.
func (s *Site) proved(r *http.Request, p *page, h *account.Here, f *entry, values url.Values) (*says, int, error) {
	var err error = &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("signin.wrong")}
	if password := values.Get("password"); password != "" && len(password) <= passwordBytes {
		err = s.opt.Accounts.Prove(r.Context(), h, password, gate.From(r))
	}
	if err == nil {
		return nil, 0, nil
	}
	v, status, ok := s.refused(err, "signinpage.old.wrong")
	if !ok {
		return nil, 0, err
	}
	f.Focus = true
	if v.Seconds > 0 {
		return v, status, nil
	}
	f.Errs = []string{p.W("signinpage.old.wrong")}
	return nil, status, nil
}

// codeAsked does what asks for the password once more; where it is wrong the page is
// shown again with that said at its field.
func (s *Site) codeAsked(w http.ResponseWriter, r *http.Request, field func(*page, *second) *entry, do func(*page, *account.Here, string) error) error {
	p, b, h, err := s.secondHere(w, r)
	if p == nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	password := values.Get("password")
	if password != "" && len(password) <= passwordBytes {
		if err = do(p, h, password); err == nil {
			return nil
		}
	} else {
		err = &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("signin.wrong")}
	}
	v, status, ok := s.refused(err, "signinpage.old.wrong")
	if !ok {
		return err
	}
	own, err := s.opt.Accounts.Own(r.Context(), h)
	if err != nil {
		return err
	}
	p.secondOn(b, own)
	f := field(p, b)
	f.Focus = true
	if v.Seconds > 0 {
		b.Says = v
	} else {
		f.Errs = []string{p.W("signinpage.old.wrong")}
	}
	return s.private(w, r, status, p)
}
