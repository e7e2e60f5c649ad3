package wire

import (
	"time"

	"luoshi.dev"
)

// Person is somebody by number; the name is joined when it is read, and gone where
// it was taken away.
type Person struct {
	ID        int64  `json:"id" doc:"0 is the program itself or the command line"`
	Name      string `json:"name,omitempty"`
	Anonymous bool   `json:"anonymous,omitempty" doc:"The name was taken away for good"`
}

// Event is one line of the history.
type Event struct {
	Seq     int64         `json:"seq" doc:"From 1, without gaps"`
	At      time.Time     `json:"at"`
	Actor   Person        `json:"actor"`
	Behalf  *Person       `json:"behalf,omitempty" doc:"For whom, where not for themselves"`
	Says    Sentence      `json:"says" doc:"Who did what to which"`
	Intent  string        `json:"intent"`
	Object  string        `json:"object" doc:"What was acted on: target key_projects 340100 2020"`
	Unit    string        `json:"unit,omitempty" doc:"Code of the unit whose it is"`
	Before  string        `json:"before,omitempty" doc:"What differed, as JSON; nothing was there where it is missing"`
	After   string        `json:"after,omitempty" doc:"What it became, as JSON"`
	Reason  string        `json:"reason,omitempty"`
	Request string        `json:"request,omitempty" doc:"Number of the request"`
	Prev    luoshi.Digest `json:"prev" doc:"Hash of the event before"`
	Hash    luoshi.Digest `json:"hash" doc:"SHA-256 over all of it and prev"`
}

// EventList is a page of the history, the newest first.
type EventList struct {
	Total  int64         `json:"total" doc:"How many there are in all"`
	Items  []Event       `json:"items"`
	Older  int64         `json:"older,omitempty" doc:"Ask for events before this number to go on"`
	Newer  int64         `json:"newer,omitempty" doc:"Ask for events after this number to go back"`
	EndSeq int64         `json:"end_seq" doc:"Number of the newest event of the whole history"`
	End    luoshi.Digest `json:"end" doc:"Its hash: what an auditor keeps elsewhere"`
}

// EventCard is one event held against its neighbours.
type EventCard struct {
	Event
	Sealed   bool         `json:"sealed" doc:"What it says is what its hash was made of"`
	Follows  bool         `json:"follows" doc:"It holds the hash of the one before"`
	Followed bool         `json:"followed" doc:"The one after, or the end of the chain, holds its hash"`
	Wrote    []EventWrote `json:"wrote" doc:"The rows that it answers for, by table"`
}

// EventWrote is how many rows of a table an event answers for.
type EventWrote struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Came tells how something came to be.
type Came struct {
	Object string  `json:"object"`
	Items  []Event `json:"items" doc:"The newest first"`
	More   bool    `json:"more" doc:"Older ones are not listed"`
	Summed bool    `json:"summed" doc:"It is a sum: these are the events of what it rests on"`
	Wide   bool    `json:"wide" doc:"Part of it came with an import of earlier history, which does not name it by itself: all imports of such things are listed"`
}
