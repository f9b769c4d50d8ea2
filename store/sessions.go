package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Sessions keeps who is signed in where: the hash of the browser's token, so
// that whoever reads the database cannot be anybody, and what web keeps of a
// session. It is no governed table: nothing in it is a fact that a rule reads.
type Sessions struct{ s *Store }

// Sessions is the store that scs asks for.
func (s *Store) Sessions() *Sessions { return &Sessions{s} }

type newSessionKey struct{}

// NewSession marks a context: CommitCtx may make a row with it. Without the mark
// it only changes one that is there, so that a request which began before a
// sign-out cannot bring the session back.
func NewSession(ctx context.Context) context.Context {
	return context.WithValue(ctx, newSessionKey{}, true)
}

// FindCtx is a session's data; not found when it ran out.
func (k *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := k.s.read.WithContext(ctx).Raw("SELECT data FROM sessions WHERE token_hash = ? AND expires_at > ?",
		tokenHash(token), time.Now().UnixMicro()).Row().Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("cannot read the session: %w", err)
	}
	return data, true, nil
}

// CommitCtx keeps a session's data until it expires.
func (k *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	write, hash, until := k.s.write.WithContext(ctx), tokenHash(token), expires.UnixMicro()
	if ctx.Value(newSessionKey{}) == nil {
		write = write.Exec("UPDATE sessions SET data = ?, expires_at = ? WHERE token_hash = ?", data, until, hash)
	} else { // the bytes not first: gorm takes a slice right after a parenthesis for a list
		write = write.Exec("INSERT INTO sessions (token_hash, data, expires_at) VALUES (?, ?, ?)", hash, data, until)
	}
	if err := write.Error; err != nil {
		return fmt.Errorf("cannot keep the session: %w", refusal(err))
	}
	return nil
}

// DeleteCtx ends a session; one that is not there is no error.
func (k *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if err := k.s.write.WithContext(ctx).Exec("DELETE FROM sessions WHERE token_hash = ?", tokenHash(token)).Error; err != nil {
		return fmt.Errorf("cannot end the session: %w", refusal(err))
	}
	return nil
}

// Sweep forgets the sessions that ran out.
func (k *Sessions) Sweep(ctx context.Context) error {
	if err := k.s.write.WithContext(ctx).Exec("DELETE FROM sessions WHERE expires_at <= ?", time.Now().UnixMicro()).Error; err != nil {
		return fmt.Errorf("cannot forget old sessions: %w", refusal(err))
	}
	return nil
}

// Find, Commit and Delete are asked for by scs's interface; it calls the ones above.

func (k *Sessions) Find(token string) ([]byte, bool, error) {
	return k.FindCtx(context.Background(), token)
}

func (k *Sessions) Commit(token string, data []byte, expires time.Time) error {
	return k.CommitCtx(context.Background(), token, data, expires)
}

func (k *Sessions) Delete(token string) error { return k.DeleteCtx(context.Background(), token) }

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
