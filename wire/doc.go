// Package wire holds the documents of the REST API: what the server writes, the
// client reads, and the OpenAPI description is made from. It says how things are
// named and shaped on their way; it computes nothing and knows neither HTTP nor
// the service.
//
// Three rules hold for all of them:
//
//   - An exact number is a JSON string ("206.11"): it keeps the decimals with which
//     it was published, and no parser on the way makes a float of it. Counts, years
//     and revisions are JSON numbers.
//   - A number that is missing is null, never 0. An object that does not apply is
//     left out. A list is never null.
//   - A sentence comes in the language asked for, with the key and the arguments it
//     was made from; a name comes in all its languages.
package wire
