package grid

import "sync"

// Memo remembers answers that cannot change, such as figures of a version. It holds so many at most and forgets the oldest.
type Memo[T any] struct {
	most int

	mu    sync.Mutex // guards what follows
	known map[string]T
	order []string
}

// NewMemo returns an empty memo of at most so many answers.
func NewMemo[T any](most int) *Memo[T] { return &Memo[T]{most: most, known: map[string]T{}} }

// Get returns the answer of the key, asking for it the first time. An error is not remembered. Two who ask at once may
// both be sent to ask.
func (m *Memo[T]) Get(key string, ask func() (T, error)) (T, error) {
	m.mu.Lock()
	v, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := ask()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.known[key]; !ok {
		if m.order = append(m.order, key); len(m.order) > m.most {
			delete(m.known, m.order[0])
			m.order = m.order[1:]
		}
	}
	m.known[key] = v
	return v, nil
}
