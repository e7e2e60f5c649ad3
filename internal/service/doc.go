// Package service has one method for each thing a person can want: it loads,
// calls the verbs, saves in one transaction. It composes; it holds no arithmetic,
// no SQL and no HTTP. Every view is a pure function of the database and a [Look].
package service
