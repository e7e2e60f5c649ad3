package wire

import (
	"time"

	"luoshi.dev"
)

// Health says that a server is there, and which one.
type Health struct {
	Status  string     `json:"status" enum:"ok"`
	Version string     `json:"version"`
	Go      string     `json:"go" doc:"Version of Go it was built with"`
	AsOf    *time.Time `json:"asof,omitempty" doc:"What answers show that name no instant; left out = now"`
}

// Instants are the days on which something changed.
type Instants struct {
	Where
	Days    []luoshi.Date `json:"days" doc:"Days of the plan year on which something was recorded"`
	Redrawn []luoshi.Date `json:"boundary_days" doc:"Days on which the unit tree changed, newest first"`
}
