package luoshi

// Combine is how the lights below a goal make its own.
type Combine string

// The combinations.
const (
	AllOf       Combine = "all_of"       // green only if every part is; red only if every part is red, else yellow
	WeakestLink Combine = "weakest_link" // the worst part
	Weighted    Combine = "weighted"     // by the weighted share of green and yellow parts
)

// Goal is a node of the tree of what is wanted. Its parts are child goals and
// targets; a guard is a target that cannot lift the goal but keeps it from being
// green while the guard is red.
type Goal struct {
	Code       string
	Names      Names
	Parent     string // goal code, "" = a root
	Order      int
	Combine    Combine
	Weight     Quantity // within the parent, for Weighted
	Items      []GoalItem
	Owner      string // unit code that answers
	RecordedAt int64
}

// GoalItem is one target under a goal, by indicator and unit code.
type GoalItem struct {
	Indicator string
	Unit      string // unit code; "" = the unit that is looked at
	Weight    Quantity
	Guard     bool
}
