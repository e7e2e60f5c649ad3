package account

import (
	"time"

	"luoshi.dev"
)

// CodeAt is the code that an authenticator shows.
func CodeAt(secret string, now time.Time) string {
	code, err := totpCode(secret, now.Unix()/30)
	if err != nil {
		panic(err)
	}
	return code
}

// Whole reports whether an administrator at a unit may change the account of somebody
// with these posts.
func Whole(tree *luoshi.Tree, unit luoshi.UnitID, posts []luoshi.Post) bool {
	at, _ := tree.Find(unit)
	return span{tree: tree, tops: []int{at}}.whole(posts) == nil
}

// Outgrows is outgrows.
func Outgrows(tree *luoshi.Tree, all, held []luoshi.Post, p luoshi.Post) bool {
	return outgrows(tree, all, held, p)
}
