package wire

import "luoshi.dev"

// Found is what a search found, the kind of the best first.
type Found struct {
	Where
	Text   string       `json:"text"`
	Groups []FoundGroup `json:"groups"`
	Total  int          `json:"total"`
	Near   bool         `json:"near" doc:"Nothing fits: these sound or look alike"`
}

// FoundGroup is what was found of one kind.
type FoundGroup struct {
	Kind string `json:"kind" enum:"pair,unit,indicator,goal,set,scheme" doc:"pair: an indicator at a unit, where the text names both"`
	Hits []Hit  `json:"hits"`
}

// Hit is one thing that was found.
type Hit struct {
	Code  string         `json:"code"`
	Name  luoshi.Names   `json:"name"`
	Once  string         `json:"once,omitempty" doc:"What it was called before, where that is what fits"`
	Unit  *UnitRef       `json:"unit,omitempty" doc:"Itself, or that of a pair"`
	Path  []luoshi.Names `json:"path" doc:"Of a unit, from the top; of an indicator its group"`
	Light *luoshi.Light  `json:"light,omitempty"`
}
