// Package audit asks of a finished run what its figures cannot show: whether
// anything of the future reached a decision, whether the model read what it was
// shown or remembered the period, and whether it can have known the period at
// all.
//
// [LookAhead] replaces all that a session could not know by rubbish, runs again
// up to it and compares what was shown and decided with the record.
// [Counterfactual] puts recorded questions to the model again with one thing
// about them changed and counts how many decisions stay. [NewTraining] holds the
// end of a model's training against the test window.
//
// An audit reads a run and writes nothing. It can show that a leak is there; that
// none was found proves none only for the sessions that were looked at. It takes
// the dataset's time stamps for true: an item that carries an earlier time than
// that of its publication is no leak to it.
package audit
