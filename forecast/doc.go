// Package forecast says where a year will land. Values by period in, the
// distribution of the year's total out ([Of]): what is known is fixed, the rest is
// foreseen by nineteen methods (the exponential smoothing family, Theta, ARIMA,
// regressions of growth, the naive rules), combined and given its spread by
// constants learned over many series. What was done to the series is part of the
// answer. [FitETS] and the other methods also stand alone; [Reconcile] makes the
// forecasts of a tree add up.
//
// The room is pure: no clock, no chance, no file. The same series gives the same
// outlook, and a later figure never changes an earlier one. It knows numbers only;
// what they measure, and what follows, is decided elsewhere.
package forecast
