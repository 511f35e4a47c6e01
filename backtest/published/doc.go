// Package published holds stated figures against the decisions, prices or equity
// curves they were computed from, and says where they hold: on which window
// ([Search]), and under which reading of each figure ([CheckCurve]).
//
// Tables often hold on another window than the one their text names, or by a
// convention they do not name. Finding which makes them comparable; it does not
// make them right.
package published
