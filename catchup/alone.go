package catchup

import (
	"luoshi.dev"
	"luoshi.dev/cascade"
)

// AloneSpec asks for one unit's curve to the end of the year.
type AloneSpec struct {
	Year      int
	Calendar  luoshi.Calendar
	Target    int64   // of the year
	Reported  []int64 // 12 single-period values by period end; luoshi.Missing is open
	Direction luoshi.Direction
	Negative  bool
	Keep      bool
	Part      Part // a cell for each open period of the calendar
}

// Curve is one unit's year: what is reported, then the plan.
type Curve struct {
	Plan           Plan
	Single, ToDate []int64 // 12 by period end, luoshi.Missing where none closes
}

// Alone plans the open periods of one unit so that the year meets its target: the
// same plan as [Solve] makes of one part, on the year's axis. Where the target is
// out of reach the curve ends at the best that is attainable.
func Alone(spec AloneSpec) (Curve, []luoshi.Problem) {
	ends := spec.Calendar.Ends()
	if ends == nil {
		return Curve{}, []luoshi.Problem{blocking("catchup.calendar", "text", string(spec.Calendar))}
	}
	if len(spec.Reported) != 12 {
		return Curve{}, []luoshi.Problem{blocking("catchup.length", "unit", spec.Part.Unit, "have", len(spec.Reported), "want", 12)}
	}
	var c checks
	c.size(spec.Target)
	needed := spec.Target
	var open []int
	for _, end := range ends {
		switch v := spec.Reported[end-1]; v {
		case luoshi.Missing:
			open = append(open, end)
		default:
			c.size(v)
			needed -= v
		}
	}
	if spec.Target == luoshi.Missing || c.total >= largest {
		return Curve{}, []luoshi.Problem{blocking("catchup.range")}
	}
	plan, problems := Solve(Spec{Year: spec.Year, Calendar: spec.Calendar, Months: open, Needed: needed,
		Direction: spec.Direction, Negative: spec.Negative, Keep: spec.Keep, Parts: []Part{spec.Part}})
	if luoshi.Blocked(problems) {
		return Curve{}, problems
	}
	single := make([]int64, 12)
	for i := range single {
		single[i] = luoshi.Missing
	}
	for _, end := range ends {
		if single[end-1] = spec.Reported[end-1]; single[end-1] == luoshi.Missing {
			single[end-1] = plan.Grid.Cells[0][end-1]
		}
	}
	return Curve{plan, single, cascade.Accumulate(single)}, problems
}
