package gate

import (
	"context"
	"io"
	"net/http"
	"time"
)

// An upload over a slow line may take longer than any answer: as long as it moves,
// its time is not up, neither that of the connection nor that of the answer.
const (
	resting   = 30 * time.Second // without a byte
	uploading = 15 * time.Minute // altogether
	answering = 2 * time.Minute  // for what is said to it
)

// upload is the body of a request that may carry more than others.
type upload struct {
	io.ReadCloser
	control *http.ResponseController
	rest    time.Duration
	end     time.Time
	answer  *time.Timer // ends the context
	timeout time.Duration
}

// patient lets the body of a request take its time, and its context last until a
// timeout after the last of it came.
func patient(w http.ResponseWriter, r *http.Request, opt Options) (*http.Request, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(r.Context())
	u := &upload{ReadCloser: r.Body, control: http.NewResponseController(w), rest: opt.Rest, end: time.Now().Add(uploading), timeout: opt.Timeout}
	u.answer = time.AfterFunc(opt.Timeout, func() { cancel(context.DeadlineExceeded) })
	r = r.WithContext(ctx)
	r.Body = u
	return r, func() { u.answer.Stop(); cancel(context.Canceled) }
}

func (u *upload) Read(b []byte) (int, error) {
	until := time.Now().Add(u.rest)
	if until.After(u.end) {
		until = u.end
	}
	// What has no connection under it, as in a test, has no deadline either.
	_ = u.control.SetReadDeadline(until)
	_ = u.control.SetWriteDeadline(until.Add(answering))
	n, err := u.ReadCloser.Read(b)
	if n > 0 || err == io.EOF {
		u.answer.Reset(u.timeout)
		_ = u.control.SetReadDeadline(time.Now().Add(answering)) // nothing more is read while it is answered
	}
	return n, err
}
