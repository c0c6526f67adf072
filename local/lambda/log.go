package lambda

import (
	"bytes"
	"io"
	"sync"
)

// A lockedWriter lets several processes write whole lines.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// A prefixWriter puts a prefix before each line.
type prefixWriter struct {
	prefix string
	w      io.Writer
	rest   []byte // the beginning of a line
}

func (p *prefixWriter) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		end := bytes.IndexByte(p.rest, '\n')
		if end < 0 {
			return len(b), nil
		}
		line := append([]byte(p.prefix), p.rest[:end+1]...)
		p.rest = p.rest[end+1:]
		if _, err := p.w.Write(line); err != nil {
			return 0, err
		}
	}
}

// flush writes a last line that did not end. Nothing may be written after it.
func (p *prefixWriter) flush() {
	if len(p.rest) > 0 {
		_, _ = p.Write([]byte("\n"))
	}
}
