package luoshi

import "time"

// Status tells how settled a published figure is.
type Status string

// The statuses, in the order in which a figure passes through them.
const (
	Flash       Status = "flash"       // 快报
	Preliminary Status = "preliminary" // 初步
	Final       Status = "final"       // 最终
	Revised     Status = "revised"     // 修订
)

// Statuses lists them in order.
var Statuses = []Status{Flash, Preliminary, Final, Revised}

// Scope tells whether a figure covers the unit with all below it, or only what
// the unit itself has beside its children (本级).
type Scope string

// The scopes.
const (
	Whole Scope = "whole"
	Own   Scope = "own"
)

// Figure is one reported value. Growth, if any, is the year-on-year percentage as
// published: it is never replaced by what the levels imply.
type Figure struct {
	Indicator  string
	Unit       UnitID
	Period     Period
	Basis      Basis
	Scope      Scope
	Value      NullQuantity // absent when only growth was published
	Growth     NullQuantity // percent, same period of last year = 0
	Status     Status
	Sample     bool      // generated, not reported or published: said wherever shown
	Source     string    // where it was published
	RecordedAt time.Time // when the system learned it
	By         string    // who entered it
	Batch      int64     // the import it came with, 0 if none
	Seq        int64     // order of recording
	Withdrawn  bool      // this vintage takes earlier ones back (undo)
	Withdraws  int64     // Withdrawn: the Seq that is taken back, 0 = all earlier ones
}

// Presence is the state of a figure that is about its being there, not about how
// good it is.
type Presence string

// The presences.
const (
	Present  Presence = "present"
	NotDue   Presence = "not_due"   // 未到期
	Due      Presence = "due"       // 待报: the period is over, the due date is not
	Late     Presence = "late"      // 迟报: past due, still in the first DueDays after it
	Absent   Presence = "missing"   // 缺
	NotAsked Presence = "not_asked" // — the calendar or the rung has no such figure
)

// PresenceOf tells the state of an expected figure that is not there, as of an
// instant: not due while its period runs, due until `dueDays` after the period's
// last day, late for `lateDays` more, then missing.
func PresenceOf(p Period, dueDays, lateDays int, asOf time.Time) Presence {
	today, last := DateOf(asOf), p.LastDay()
	switch {
	case today <= last:
		return NotDue
	case today <= last.AddDays(dueDays):
		return Due
	case today <= last.AddDays(dueDays+lateDays):
		return Late
	}
	return Absent
}
