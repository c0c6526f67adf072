package emulator

import (
	"bytes"
	"io"
	"sync"
)

// An output is what an emulator prints before it is ready. It finds the text that says
// so, and has what to put into an error.
type output struct {
	log  io.Writer // gets a copy; may be nil
	want string
	seen chan struct{} // closed when want was printed

	mu   sync.Mutex
	text bytes.Buffer
	done bool // want was printed; nothing more is kept
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.done {
		o.text.Write(p)
		if bytes.Contains(o.text.Bytes(), []byte(o.want)) {
			o.done = true
			close(o.seen)
		}
	}
	if o.log != nil {
		_, _ = o.log.Write(p) // the emulator goes on without its log
	}
	return len(p), nil
}

// String returns what was printed, on one line.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(bytes.Join(bytes.Fields(o.text.Bytes()), []byte(" ")))
}
