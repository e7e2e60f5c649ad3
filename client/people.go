package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/wire"
)

// PeopleFilter chooses people; an empty field chooses any.
type PeopleFilter struct {
	Text  string // in the name, the sign-in name or a title
	Unit  string // code: with a post today there or below
	Role  luoshi.Role
	State string // active, disabled, waiting, never, second, without, idle, anonymous
}

// People are the people within reach, by number.
func (c *Client) People(ctx context.Context, f PeopleFilter) iter.Seq2[wire.PersonLine, error] {
	q := url.Values{}
	set(q, "q", f.Text)
	set(q, "unit", f.Unit)
	set(q, "role", string(f.Role))
	set(q, "state", f.State)
	return pages(ctx, c, "/api/people", q, func(v *wire.PersonList) []wire.PersonLine { return v.Items })
}

func personPath(id int64) string { return "/api/people/" + strconv.FormatInt(id, 10) }

// Person is one account with posts and duties.
func (c *Client) Person(ctx context.Context, id int64) (*wire.PersonCard, error) {
	return read[wire.PersonCard](ctx, c, personPath(id), nil)
}

// AddPerson adds an account; the answer has its first password, told this once.
func (c *Client) AddPerson(ctx context.Context, p wire.NewPerson) (*wire.FirstPassword, error) {
	return send[wire.FirstPassword](ctx, c, "/api/people", nil, p)
}

// PutPerson changes names, or whether somebody may sign in.
func (c *Client) PutPerson(ctx context.Context, id int64, p wire.PersonNames) (*wire.PersonDone, error) {
	return send[wire.PersonDone](ctx, c, personPath(id), nil, p)
}

// GivePost gives a post, or changes its end or title. Where the answer has a first
// password the account began anew.
func (c *Client) GivePost(ctx context.Context, id int64, p wire.Post) (*wire.FirstPassword, error) {
	return send[wire.FirstPassword](ctx, c, personPath(id)+"/posts", nil, p)
}

// ResetPassword gives a new first password, told this once.
func (c *Client) ResetPassword(ctx context.Context, id int64, r wire.PasswordReset) (*wire.FirstPassword, error) {
	return send[wire.FirstPassword](ctx, c, personPath(id)+"/reset", nil, r)
}

// UnlockPerson lets somebody try to sign in again at once.
func (c *Client) UnlockPerson(ctx context.Context, id int64) (*wire.PersonDone, error) {
	return send[wire.PersonDone](ctx, c, personPath(id)+"/unlock", nil, struct{}{})
}

// LinkPerson links an account at a provider; without a subject it ends that.
func (c *Client) LinkPerson(ctx context.Context, id int64, p wire.Provider) (*wire.PersonDone, error) {
	return send[wire.PersonDone](ctx, c, personPath(id)+"/provider", nil, p)
}

// AnonymisePerson takes away for good what tells who somebody is.
func (c *Client) AnonymisePerson(ctx context.Context, id int64, reason string) (*wire.PersonDone, error) {
	return send[wire.PersonDone](ctx, c, personPath(id)+"/anonymise", nil, wire.Reason{Reason: reason})
}

// PutSecondFactor says whose roles must have a second factor.
func (c *Client) PutSecondFactor(ctx context.Context, roles ...luoshi.Role) (*wire.SecondFactor, error) {
	return send[wire.SecondFactor](ctx, c, "/api/people/second-factor", nil, wire.SecondFactor{Roles: append([]luoshi.Role{}, roles...)})
}

// Duties are who answers for a unit, or with an indicator for a target there.
func (c *Client) Duties(ctx context.Context, unit, indicator string) (*wire.Duties, error) {
	q := url.Values{"unit": {unit}}
	set(q, "indicator", indicator)
	return read[wire.Duties](ctx, c, "/api/duties", q)
}

// PutDuty says who answers for a unit, or for a target there.
func (c *Client) PutDuty(ctx context.Context, d wire.NewDuty) (*wire.Duties, error) {
	return send[wire.Duties](ctx, c, "/api/duties", nil, d)
}

// TryHandOver lists what a hand-over would move; nothing is saved.
func (c *Client) TryHandOver(ctx context.Context, h wire.HandOver) (*wire.HandedOver, error) {
	return send[wire.HandedOver](ctx, c, "/api/duties/handover/try", nil, h)
}

// HandOver moves what one person answers for to another.
func (c *Client) HandOver(ctx context.Context, h wire.HandOver) (*wire.HandedOver, error) {
	return send[wire.HandedOver](ctx, c, "/api/duties/handover", nil, h)
}
