package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// registry is what people and duties ask of the service. Who somebody is account says.
type registry interface {
	By(ctx context.Context) account.By
	DutyCard(ctx context.Context, look service.Look, unit, indicator string) (*service.DutyCard, error)
}

type peopleIn struct {
	Text  string `query:"q" doc:"In the name, the sign-in name, the number or a title" maxLength:"100"`
	Unit  string `query:"unit" doc:"With a post today at the unit with this code, or below" maxLength:"64" example:"340100"`
	Role  string `query:"role" doc:"With a post of this role today" enum:"administrator,planner,reporter,reviewer,leader,inspector,auditor,viewer"`
	State string `query:"state" doc:"How the account stands" enum:"active,disabled,waiting,never,second,without,idle,anonymous"`
	Paging
	Tongue
}

// OfPerson is an operation on the account of one person.
type OfPerson struct {
	ID int64 `path:"id" doc:"Number of the person" minimum:"1" example:"1"`
	Tongue
}

type personPut[T any] struct {
	OfPerson
	Body T
}

type bodyIn[T any] struct {
	Tongue
	Body T
}

const newClerk = `{"name": "程予安", "login": "chengyuan", "post": {"role": "reporter", "unit": "340100", "from": "2020-01-01", "title": "综合科科长"}}`

var someClerk = []Prelude{{"/api/people", newClerk}}

// clerks are the accounts, the posts, and who answers for what.
func (a *API) clerks() {
	a.readPeople()
	answer(a, operation{
		id: "addPerson", method: http.MethodPost, path: "/api/people", group: "people", needs: admits, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Add an account, with its first post in the same act. The answer holds its first password, told this once: it is kept nowhere, and changed at the first sign-in.",
		try:  "/api/people", body: newClerk,
	}, func(_ *scribe, ctx context.Context, in *bodyIn[wire.NewPerson]) (wire.FirstPassword, error) {
		p := luoshi.Person{Name: strings.TrimSpace(in.Body.Name), Login: luoshi.FoldLogin(in.Body.Login)}
		var posts []luoshi.Post
		accounts, err := a.accounts()
		if err == nil && in.Body.Post != nil {
			var post luoshi.Post
			if post, err = a.postIn(ctx, "body.post.unit", *in.Body.Post); err == nil {
				posts = []luoshi.Post{post}
			}
		}
		if err != nil {
			return wire.FirstPassword{}, err
		}
		id, first, err := accounts.AddPerson(ctx, a.board.By(ctx), p, posts...)
		return wire.FirstPassword{ID: int64(id), Login: p.Login, First: first}, err
	})
	answer(a, operation{
		id: "putPerson", method: http.MethodPost, path: "/api/people/{id}", group: "people", needs: admits, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Change the name and the sign-in name of an account, or whether it may sign in. All its posts of today and to come must lie within reach; else the answer says whose administrators may.",
		try:  "/api/people/1", body: `{"name": "程予安", "login": "chengyuan", "disabled": true}`, before: someClerk,
	}, acting(a, func(ctx context.Context, accounts *account.Accounts, by account.By, id luoshi.PersonID, b wire.PersonNames) (wire.PersonDone, error) {
		return wire.PersonDone{ID: int64(id)}, accounts.ChangePerson(ctx, by, luoshi.Person{ID: id, Name: strings.TrimSpace(b.Name), Login: b.Login, Disabled: b.Disabled})
	}))
	answer(a, operation{
		id: "givePost", method: http.MethodPost, path: "/api/people/{id}/posts", group: "people", needs: posts, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Give a post within reach to one of the people there, or change the end or title of one: with until it ends. A post that takes the account out of the reach of an administrator who may have run it " +
			"so far begins the account anew, and the answer holds its new first password, told this once.",
		try: "/api/people/1/posts", body: `{"role": "reporter", "unit": "340100", "from": "2020-01-01", "until": "2020-12-31", "reason": "Moves to the city's office"}`, before: someClerk,
	}, acting(a, func(ctx context.Context, accounts *account.Accounts, by account.By, id luoshi.PersonID, b wire.Post) (wire.FirstPassword, error) {
		post, err := a.postIn(ctx, "body.unit", b)
		if err != nil {
			return wire.FirstPassword{}, err
		}
		post.Person = id
		first, err := accounts.GivePost(ctx, by, post)
		if err != nil {
			return wire.FirstPassword{}, err
		}
		return a.slip(ctx, accounts, id, first)
	}))
	answer(a, operation{
		id: "resetPassword", method: http.MethodPost, path: "/api/people/{id}/reset", group: "people", needs: admits, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Give an account a new first password, told in the answer this once and kept nowhere. Its sessions end, and its second factor where that is asked.",
		try:  "/api/people/1/reset", body: `{"second_factor": true}`, before: someClerk,
	}, acting(a, func(ctx context.Context, accounts *account.Accounts, by account.By, id luoshi.PersonID, b wire.PasswordReset) (wire.FirstPassword, error) {
		first, err := accounts.Reset(ctx, by, id, b.SecondFactor)
		if err != nil {
			return wire.FirstPassword{}, err
		}
		return a.slip(ctx, accounts, id, first)
	}))
	a.accountDeeds()
	a.duties()
}

// slip is a first password with whose it is.
func (a *API) slip(ctx context.Context, accounts *account.Accounts, id luoshi.PersonID, first string) (wire.FirstPassword, error) {
	login, err := accounts.LoginOf(ctx, id)
	return wire.FirstPassword{ID: int64(id), Login: login, First: first}, err
}

func (a *API) readPeople() {
	answer(a, operation{
		id: "listPeople", method: http.MethodGet, path: "/api/people", group: "people", needs: folk, fails: []luoshi.Code{luoshi.NotFound},
		says: "The people who hold, held or will hold a post within reach of whoever asks, with those posts and how their accounts stand. Of posts elsewhere it says how many there are. No answer about people " +
			"is kept by anybody: it is no-store.",
		try: "/api/people?unit=340100&role=reporter", before: someClerk,
	}, func(_ *scribe, ctx context.Context, in *peopleIn) (wire.PersonList, error) {
		accounts, err := a.accounts()
		if err != nil {
			return wire.PersonList{}, err
		}
		d, err := accounts.Directory(ctx, a.board.By(ctx), account.PeopleQuery{Text: strings.TrimSpace(in.Text), Unit: in.Unit, Role: luoshi.Role(in.Role), State: in.State})
		if err != nil {
			return wire.PersonList{}, err
		}
		items, page := cut(d.People, in.Paging)
		return wire.PersonList{Page: page, Items: each(items, personLine), All: d.All}, nil
	})
	answer(a, operation{
		id: "getPerson", method: http.MethodGet, path: "/api/people/{id}", group: "people", needs: folk, fails: []luoshi.Code{luoshi.NotFound},
		says: "One account with its posts and what its owner answers for or did, within reach, and where it may not be changed why and by whom.",
		try:  "/api/people/1", before: someClerk,
	}, func(s *scribe, ctx context.Context, in *OfPerson) (wire.PersonCard, error) {
		accounts, err := a.accounts()
		if err != nil {
			return wire.PersonCard{}, err
		}
		c, err := accounts.Card(ctx, a.board.By(ctx), luoshi.PersonID(in.ID))
		if err != nil {
			return wire.PersonCard{}, err
		}
		roles, err := accounts.CodeRoles(ctx)
		out := wire.PersonCard{PersonLine: personLine(c.Listed), Duties: each(c.Duties, heldDuty), Before: each(c.Before, heldDuty), DutiesElsewhere: c.Beyond,
			SecondFactorFrom: each(roles, func(r luoshi.Role) string { return string(r) })}
		var closed *luoshi.Error
		if errors.As(c.Closed, &closed) {
			says := s.sentence(closed.Message)
			says.Text = s.words.Error(s.lang, closed) // with whose administrators may
			out.Closed = &says
		}
		return out, err
	})
}

// accountDeeds are the rest of what is done to accounts.
func (a *API) accountDeeds() {
	answer(a, operation{
		id: "unlockPerson", method: http.MethodPost, path: "/api/people/{id}/unlock", group: "people", needs: admits, fails: []luoshi.Code{luoshi.NotFound},
		says: "Let somebody try to sign in again at once, who waits after too many wrong attempts. The password stays as it is.",
		try:  "/api/people/1/unlock", before: someClerk,
	}, func(_ *scribe, ctx context.Context, in *OfPerson) (wire.PersonDone, error) {
		accounts, err := a.accounts()
		if err == nil {
			err = accounts.Unlock(ctx, a.board.By(ctx), luoshi.PersonID(in.ID))
		}
		return wire.PersonDone{ID: in.ID}, err
	})
	answer(a, operation{
		id: "linkPerson", method: http.MethodPost, path: "/api/people/{id}/provider", group: "people", needs: admits, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Enter the subject by which an OpenID Connect provider knows somebody, or take the link away, which ends their sessions. An account there belongs to one person.",
		try:  "/api/people/1/provider", body: `{"issuer": "https://login.example.gov.cn", "subject": "8f2b1c"}`, before: someClerk,
	}, acting(a, func(ctx context.Context, accounts *account.Accounts, by account.By, id luoshi.PersonID, b wire.Provider) (wire.PersonDone, error) {
		if b.Subject == "" {
			return wire.PersonDone{ID: int64(id)}, accounts.UnlinkPerson(ctx, by, id, b.Issuer)
		}
		return wire.PersonDone{ID: int64(id)}, accounts.LinkPerson(ctx, by, id, b.Issuer, b.Subject)
	}))
	answer(a, operation{
		id: "anonymisePerson", method: http.MethodPost, path: "/api/people/{id}/anonymise", group: "people", needs: admits, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Take away for good what tells who somebody is, in every version, with all that they sign in by. What they did stays, by number. It cannot be taken back; a reason is asked for.",
		try:  "/api/people/1/anonymise", body: `{"reason": "Left three years ago"}`, before: someClerk,
	}, acting(a, func(ctx context.Context, accounts *account.Accounts, by account.By, id luoshi.PersonID, b wire.Reason) (wire.PersonDone, error) {
		return wire.PersonDone{ID: int64(id)}, accounts.Anonymise(ctx, by, id, strings.TrimSpace(b.Reason))
	}))
	answer(a, operation{
		id: "putSecondFactor", method: http.MethodPost, path: "/api/people/second-factor", group: "people", needs: admits,
		says: "Say whose roles must have a second factor; whoever lacks it is led to set it up at the next sign-in. It holds for all units alike and takes a post at a root.",
		try:  "/api/people/second-factor", body: `{"roles": ["administrator", "auditor"]}`,
	}, func(_ *scribe, ctx context.Context, in *bodyIn[wire.SecondFactor]) (wire.SecondFactor, error) {
		accounts, err := a.accounts()
		if err == nil {
			err = accounts.AskCode(ctx, a.board.By(ctx), in.Body.Roles)
		}
		if err != nil {
			return wire.SecondFactor{}, err
		}
		roles, err := accounts.CodeRoles(ctx)
		return wire.SecondFactor{Roles: same(roles)}, err
	})
}

type dutiesIn struct {
	Unit      string `query:"unit" doc:"Code of the unit" required:"true" minLength:"1" maxLength:"64" example:"340100"`
	Indicator string `query:"indicator" doc:"Code: who answers for the target of this indicator there; left out = the leader in charge of the unit" maxLength:"64" example:"key_projects"`
	Tongue
}

const namedClerk = `{"unit": "340100", "indicator": "key_projects", "person": 1, "from": "2020-07-01", "reason": "Division of work"}`

var twoClerks = []Prelude{{"/api/people", newClerk}, {"/api/people", `{"name": "许知远", "login": "xuzhiyuan", "post": {"role": "viewer", "unit": "340100", "from": "2020-01-01"}}`}, {"/api/duties", namedClerk}}

const handedOver = `{"from": 1, "to": 2, "on": "2020-08-01", "reason": "Moves to another post"}`

// duties are who answers for what.
func (a *API) duties() {
	answer(a, operation{
		id: "listDuties", method: http.MethodGet, path: "/api/duties", group: "people", needs: names, fails: []luoshi.Code{luoshi.NotFound},
		says: "Who answers for a unit, or for one target there, and who did: every fact with its first and last day, the reason, and who recorded it.",
		try:  "/api/duties?unit=340100&indicator=key_projects", before: twoClerks,
	}, func(_ *scribe, ctx context.Context, in *dutiesIn) (wire.Duties, error) {
		return a.dutyCard(ctx, in.Unit, in.Indicator)
	})
	answer(a, operation{
		id: "putDuty", method: http.MethodPost, path: "/api/duties", group: "people", needs: names, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Say from which day somebody answers for a unit, or for a target there; person 0 leaves it open. Who answered before stays on record. It gives no right: that is what posts are for.",
		try:  "/api/duties", body: namedClerk, before: someClerk,
	}, func(_ *scribe, ctx context.Context, in *bodyIn[wire.NewDuty]) (wire.Duties, error) {
		d := luoshi.Duty{Kind: luoshi.LeaderInCharge, Indicator: in.Body.Indicator, Person: luoshi.PersonID(in.Body.Person), From: in.Body.From, Reason: strings.TrimSpace(in.Body.Reason)}
		if d.Indicator != "" {
			d.Kind = luoshi.PersonInCharge
		}
		accounts, err := a.accounts()
		if err == nil {
			d.Unit, err = a.unitIn(ctx, "body.unit", in.Body.Unit)
		}
		if err == nil {
			_, err = a.board.DutyCard(ctx, service.Look{}, in.Body.Unit, d.Indicator) // is there such a target, and may they?
		}
		if err == nil {
			err = accounts.GiveDuty(ctx, a.board.By(ctx), d)
		}
		if err != nil {
			return wire.Duties{}, err
		}
		return a.dutyCard(ctx, in.Body.Unit, d.Indicator)
	})
	for _, op := range []operation{
		{id: "tryHandOver", path: "/api/duties/handover/try", says: "What a hand-over would move: everything that one person answers for on a day within reach. Nothing is saved; what lies beyond reach is counted and stays."},
		{id: "handOver", path: "/api/duties/handover", says: "Move everything that one person answers for on a day within reach to another, from that day on. Who answered before stays on record; what lies beyond reach stays where it is."},
	} {
		op.method, op.group, op.needs, op.fails, op.try, op.body, op.before = http.MethodPost, "people", names, []luoshi.Code{luoshi.NotFound, luoshi.Conflict}, op.path, handedOver, twoClerks
		does := op.id == "handOver"
		answer(a, op, func(_ *scribe, ctx context.Context, in *bodyIn[wire.HandOver]) (wire.HandedOver, error) {
			accounts, err := a.accounts()
			if err != nil {
				return wire.HandedOver{}, err
			}
			by, from, to := a.board.By(ctx), luoshi.PersonID(in.Body.From), luoshi.PersonID(in.Body.To)
			h, err := accounts.HandOverPlan(ctx, by, from, in.Body.On)
			if err == nil && does {
				_, err = accounts.HandOver(ctx, by, from, to, in.Body.On, strings.TrimSpace(in.Body.Reason))
			}
			return wire.HandedOver{Moves: each(h.Moves, heldDuty), Elsewhere: h.Elsewhere}, err
		})
	}
}

func (a *API) dutyCard(ctx context.Context, unit, indicator string) (wire.Duties, error) {
	v, err := a.board.DutyCard(ctx, service.Look{}, unit, indicator)
	if err != nil {
		return wire.Duties{}, err
	}
	return wire.Duties{Unit: unitRef(v.Here), Indicator: indicator, Person: maybePerson(v.Now), Facts: each(v.Facts, func(f service.DutyFact) wire.DutyFact {
		return wire.DutyFact{From: f.From, Until: f.Until, Person: maybePerson(f.Person), Reason: f.Reason, RecordedAt: recorded(f.RecordedAt), By: person(f.By), Holds: f.Holds}
	})}, nil
}

// acting is an operation on the account of the person in its path.
func acting[B, Out any](a *API, do func(context.Context, *account.Accounts, account.By, luoshi.PersonID, B) (Out, error)) func(*scribe, context.Context, *personPut[B]) (Out, error) {
	return func(_ *scribe, ctx context.Context, in *personPut[B]) (Out, error) {
		accounts, err := a.accounts()
		if err != nil {
			var none Out
			return none, err
		}
		return do(ctx, accounts, a.board.By(ctx), luoshi.PersonID(in.ID), in.Body)
	}
}

func (a *API) accounts() (*account.Accounts, error) {
	if a.opt.Accounts == nil {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("api.no_accounts")}
	}
	return a.opt.Accounts, nil
}

// unitIn is the unit of a code in a body.
func (a *API) unitIn(ctx context.Context, where, code string) (luoshi.UnitID, error) {
	id, err := a.opt.Accounts.UnitAt(ctx, code)
	if err != nil {
		err = &located{where, code, err}
	}
	return id, err
}

func (a *API) postIn(ctx context.Context, where string, p wire.Post) (luoshi.Post, error) {
	unit, err := a.unitIn(ctx, where, p.Unit)
	return luoshi.Post{Unit: unit, Role: p.Role, From: p.From, Until: p.Until, Title: strings.TrimSpace(p.Title), Reason: strings.TrimSpace(p.Reason)}, err
}

func personLine(p account.Listed) wire.PersonLine {
	return wire.PersonLine{
		Person: wire.Person{ID: int64(p.ID), Name: p.Name, Anonymous: p.Anonymous}, Login: p.Login, Disabled: p.Disabled, Posts: each(p.Posts, heldPost), Elsewhere: p.Elsewhere, MayChange: p.Whole,
		Password: p.Password, FirstPassword: p.MustChange, Linked: p.Linked, SecondFactor: p.SecondOn, SecondAsked: p.CodeAsked, WaitsUntil: moment(p.Until), SignedInAt: moment(p.SignedIn),
	}
}

func heldPost(h account.HeldPost) wire.HeldPost {
	return wire.HeldPost{Role: h.Role, Unit: h.At.Code, Name: h.At.Names, From: h.From, Until: h.Until, Title: h.Title, Reason: h.Reason, Held: h.Held}
}

func heldDuty(d account.HeldDuty) wire.HeldDuty {
	return wire.HeldDuty{Kind: d.Kind, Unit: d.At.Code, Name: d.At.Names, Indicator: d.Indicator, From: d.From, Until: d.Until, Reason: d.Reason}
}
