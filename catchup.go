package luoshi

// Capacity is what a unit has stated that it can bring of an indicator in one period at
// most. Statements are dated and never overwritten: the latest holds.
type Capacity struct {
	Indicator  string
	Unit       UnitID
	Year       int
	Month      int          // that ends the period
	Most       NullQuantity // absent: the statement before is taken back
	Reason     string
	RecordedAt int64 // microseconds
	By         PersonID
}

// CatchUp marks a batch of targets as a plan for the rest of a year that was put in
// force.
type CatchUp struct {
	Batch      int64
	Indicator  string
	Unit       UnitID // whose gap it closes
	Year       int
	Plan       string // JSON of its cells
	RecordedAt int64  // microseconds, that of its targets
}
