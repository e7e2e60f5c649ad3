// Package account owns who somebody is: people and their posts, how they prove who
// they are, their sessions and tokens. It composes the store and workflow as the
// service does for the plan and the figures; pages and API ask it who stands behind
// a request, and nothing else decides that.
//
// Secrets never leave it but once, to their owner, and are kept as hashes. Whether
// an account exists is told to nobody who is not signed in.
package account
