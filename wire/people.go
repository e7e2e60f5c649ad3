package wire

import (
	"time"

	"luoshi.dev"
)

// PersonList is the people within reach of whoever asks.
type PersonList struct {
	Page
	Items []PersonLine `json:"items" doc:"By number"`
	All   bool         `json:"all" doc:"Whoever asks sees everybody: a post at a root"`
}

// PersonLine is one account as an administrator sees it.
type PersonLine struct {
	Person
	Login         string     `json:"login,omitempty" doc:"Sign-in name"`
	Disabled      bool       `json:"disabled" doc:"May not sign in"`
	Posts         []HeldPost `json:"posts" doc:"Within reach, those that have ended too"`
	Elsewhere     int        `json:"elsewhere" doc:"Posts of today and to come beyond reach"`
	MayChange     bool       `json:"may_change" doc:"All their posts lie within reach: the account may be changed"`
	Password      bool       `json:"password" doc:"There is one"`
	FirstPassword bool       `json:"first_password" doc:"It is still the first one, to be changed"`
	Linked        bool       `json:"linked" doc:"Signs in by an account elsewhere"`
	SecondFactor  bool       `json:"second_factor"`
	SecondAsked   bool       `json:"second_asked" doc:"A post of today asks for a second factor"`
	WaitsUntil    *time.Time `json:"waits_until,omitempty" doc:"Held from trying to sign in until then"`
	SignedInAt    *time.Time `json:"signed_in_at,omitempty" doc:"Last; left out = never"`
}

// HeldPost is a post that somebody holds, held or will hold.
type HeldPost struct {
	Role   luoshi.Role  `json:"role" enum:"administrator,planner,reporter,reviewer,leader,inspector,auditor,viewer"`
	Unit   string       `json:"unit" doc:"Code" example:"340100"`
	Name   luoshi.Names `json:"name" doc:"Of the unit"`
	From   luoshi.Date  `json:"from"`
	Until  luoshi.Date  `json:"until,omitempty" doc:"Its last day; left out = open"`
	Title  string       `json:"title,omitempty"`
	Reason string       `json:"reason,omitempty"`
	Held   bool         `json:"held" doc:"Today"`
}

// PersonCard is one account with what its owner answers for.
type PersonCard struct {
	PersonLine
	Closed           *Sentence  `json:"closed,omitempty" doc:"Why the account may not be changed, and who may"`
	Duties           []HeldDuty `json:"duties" doc:"Within reach, open today or to come"`
	Before           []HeldDuty `json:"before" doc:"Duties that have ended"`
	DutiesElsewhere  int        `json:"duties_elsewhere" doc:"Duties of today and to come beyond reach"`
	SecondFactorFrom []string   `json:"second_factor_roles" doc:"Roles whose holders must have a second factor"`
}

// HeldDuty is something that somebody answers for, or did.
type HeldDuty struct {
	Kind      luoshi.DutyKind `json:"kind" enum:"leader_in_charge,person_in_charge"`
	Unit      string          `json:"unit" doc:"Code"`
	Name      luoshi.Names    `json:"name" doc:"Of the unit"`
	Indicator string          `json:"indicator,omitempty" doc:"Code: it is the target of this indicator at the unit"`
	From      luoshi.Date     `json:"from"`
	Until     luoshi.Date     `json:"until,omitempty" doc:"Its last day; left out = open"`
	Reason    string          `json:"reason,omitempty"`
}

// NewPerson is an account to be added.
type NewPerson struct {
	Name  string `json:"name" maxLength:"64" minLength:"1"`
	Login string `json:"login" doc:"Sign-in name" maxLength:"64" minLength:"1" example:"chengyuan"`
	Post  *Post  `json:"post,omitempty" doc:"The first post; without a post at a root it must be given"`
}

// Post is a role at a unit from a day to a day, to be given or to be changed: who, role,
// unit and first day say which it is.
type Post struct {
	Role   luoshi.Role `json:"role" enum:"administrator,planner,reporter,reviewer,leader,inspector,auditor,viewer"`
	Unit   string      `json:"unit" doc:"Code" maxLength:"64" example:"340100"`
	From   luoshi.Date `json:"from" example:"2020-01-01"`
	Until  luoshi.Date `json:"until,omitempty" doc:"Its last day; left out = open"`
	Title  string      `json:"title,omitempty" maxLength:"64"`
	Reason string      `json:"reason,omitempty" maxLength:"500"`
}

// PersonNames are what an account is called, and whether it may sign in.
type PersonNames struct {
	Name     string `json:"name" maxLength:"64" minLength:"1"`
	Login    string `json:"login" maxLength:"64" minLength:"1"`
	Disabled bool   `json:"disabled,omitempty" doc:"May not sign in; it is signed out"`
}

// FirstPassword is a password that is told this once, to be handed over in person. It is
// changed at the first sign-in.
type FirstPassword struct {
	ID    int64  `json:"id" doc:"Number of the person"`
	Login string `json:"login"`
	First string `json:"first_password,omitempty" doc:"Told this once; left out = the account goes on as it is"`
}

// PersonDone says that an account was changed.
type PersonDone struct {
	ID int64 `json:"id"`
}

// PasswordReset asks for a new first password.
type PasswordReset struct {
	SecondFactor bool `json:"second_factor,omitempty" doc:"End the second factor too"`
}

// Provider is an account at an OpenID Connect provider.
type Provider struct {
	Issuer  string `json:"issuer" maxLength:"500" minLength:"1" example:"https://login.example.gov.cn"`
	Subject string `json:"subject,omitempty" doc:"By which the provider knows the person; left out = take the link away" maxLength:"255"`
}

// SecondFactor lists roles whose holders must have a second factor.
type SecondFactor struct {
	Roles []luoshi.Role `json:"roles" maxItems:"8" doc:"administrator, planner, reporter, reviewer, leader, inspector, auditor, viewer"`
}

// Reason is why something is done.
type Reason struct {
	Reason string `json:"reason" maxLength:"500" minLength:"1"`
}

// Duties are who answers for a unit, or for a target there, and who did.
type Duties struct {
	Unit      UnitRef    `json:"unit"`
	Indicator string     `json:"indicator,omitempty" doc:"Code"`
	Person    *Person    `json:"person,omitempty" doc:"Who answers now; left out = nobody"`
	Facts     []DutyFact `json:"facts" doc:"The newest first"`
}

// DutyFact says who answers from a day on.
type DutyFact struct {
	From       luoshi.Date `json:"from"`
	Until      luoshi.Date `json:"until,omitempty" doc:"Its last day; left out = still"`
	Person     *Person     `json:"person,omitempty" doc:"Left out = nobody"`
	Reason     string      `json:"reason,omitempty"`
	RecordedAt *time.Time  `json:"recorded_at,omitempty"`
	By         Person      `json:"by"`
	Holds      bool        `json:"holds" doc:"Today"`
}

// NewDuty says who is to answer for a unit, or for a target there.
type NewDuty struct {
	Unit      string      `json:"unit" doc:"Code" maxLength:"64" example:"340100"`
	Indicator string      `json:"indicator,omitempty" doc:"Code: for the target of this indicator; left out = for the unit, as the leader in charge" maxLength:"64"`
	Person    int64       `json:"person" doc:"Number; 0 = nobody from that day on" minimum:"0"`
	From      luoshi.Date `json:"from" example:"2020-07-01"`
	Reason    string      `json:"reason,omitempty" maxLength:"500"`
}

// HandOver moves the duties of one person to another.
type HandOver struct {
	From   int64       `json:"from" doc:"Number of the person" minimum:"1"`
	To     int64       `json:"to" doc:"Number of the person" minimum:"1"`
	On     luoshi.Date `json:"on" example:"2020-08-01"`
	Reason string      `json:"reason" maxLength:"500" minLength:"1"`
}

// HandedOver is what a hand-over moves.
type HandedOver struct {
	Moves     []HeldDuty `json:"moves"`
	Elsewhere int        `json:"elsewhere" doc:"Duties that stay, for they lie beyond the posts of whoever asks"`
}
