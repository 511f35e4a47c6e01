package data

// WithStep is o with a function that is called after each step of the writing.
func (o WriteOptions) WithStep(step func(done string) error) WriteOptions {
	o.step = step
	return o
}
