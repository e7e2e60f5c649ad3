// Package workflow decides who may do what. It owns the intents there are, the
// roles that may have them, and over which units a post reaches: [May] is the one
// place that says yes or no, and why. The service asks; nobody else decides.
//
// It is pure: posts, the unit tree and the day come in as values. It saves nothing
// and knows neither sessions nor pages.
package workflow
