//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is one process that is measured.
type server struct {
	name, label string
	address     string // host and port
	path        string
	asks        []question
	wrap        func(body string) string // what the server wants around a request; nil for nothing
	member      string                   // of the answer, which says yes
	cmd         *exec.Cmd
	log         string
	ready       time.Duration // from the start of the process to its first answer
}

// post is the request's body as this server wants it.
func (s *server) post(q question) string {
	if s.wrap == nil {
		return q.body
	}
	return s.wrap(q.body)
}

// freeAddress is one that nobody listens on.
func freeAddress() (string, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// start runs the process until it answers a first request.
func (s *server) start(b *bench) error {
	out, err := os.Create(filepath.Join(b.run, s.name+".log"))
	if err != nil {
		return err
	}
	defer out.Close()
	s.log = out.Name()
	s.cmd.Stdout, s.cmd.Stderr = out, out
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", s.name, err)
	}
	client := &http.Client{Timeout: time.Minute}
	for b.ctx.Err() == nil {
		if _, err = s.ask(b.ctx, client, s.asks[0]); err == nil {
			s.ready = time.Since(began)
			return nil
		}
		if s.gone() || time.Since(began) > 5*time.Minute {
			said, _ := os.ReadFile(s.log)
			return fmt.Errorf("%s does not answer: %w\n%s", s.name, err, said[:min(len(said), 4000)])
		}
		time.Sleep(5 * time.Millisecond)
	}
	return b.ctx.Err()
}

// gone says whether the process has ended.
func (s *server) gone() bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	return err != nil || strings.Contains(string(state), ") Z ")
}

// ask returns one decision.
func (s *server) ask(ctx context.Context, client *http.Client, q question) (bool, error) {
	text, err := s.answer(ctx, client, q)
	if err != nil {
		return false, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return false, err
	}
	return string(bytes.TrimSpace(members[s.member])) == "true", nil
}

func (s *server) answer(ctx context.Context, client *http.Client, q question) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+s.path, strings.NewReader(s.post(q)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+gatewayKey)
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, text)
	}
	return text, err
}

// compare asks everything once. Every answer has to be the right one.
func (s *server) compare(ctx context.Context) error {
	client := &http.Client{Timeout: 10 * time.Second}
	for i, q := range s.asks {
		got, err := s.ask(ctx, client, q)
		if err != nil {
			return fmt.Errorf("%s does not answer request %d: %w", s.name, i, err)
		}
		if got != q.allow {
			return fmt.Errorf("%s answers %v to request %d, and %v is right: %s", s.name, got, i, q.allow, q.body)
		}
	}
	return nil
}

// pause freezes the process, so that it takes nothing from the one under load.
func (s *server) pause() error  { return s.cmd.Process.Signal(syscall.SIGSTOP) }
func (s *server) resume() error { return s.cmd.Process.Signal(syscall.SIGCONT) }

func (s *server) stop() {
	if s.cmd == nil || s.cmd.Process == nil || s.cmd.ProcessState != nil {
		return
	}
	_ = s.resume()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(30*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait() // how it ended says nothing here
	late.Stop()
}

// quiet waits until the process has done next to nothing for a while.
func (s *server) quiet(ctx context.Context, while time.Duration) error {
	for range 60 {
		before, err := s.spent()
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(while):
		}
		after, err := s.spent()
		if err != nil {
			return err
		}
		if after-before < while/20 {
			return nil
		}
	}
	return errors.New(s.name + " does not come to rest")
}

// spent is the processor's time of the process so far.
func (s *server) spent() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("cannot read what the process spent")
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, err // in hundredths of a second
}

// memory is a line of the process's status, in MiB: VmHWM is the most that it had
// resident, VmRSS what it has.
func (s *server) memory(line string) (int, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(raw), line+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("cannot read the memory of the process")
	}
	kb, err := strconv.Atoi(fields[0])
	return kb / 1024, err
}
