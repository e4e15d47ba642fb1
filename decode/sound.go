package decode

type soundReader struct{}

func (s *soundReader) close() {}
