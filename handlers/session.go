package handlers

import (
	"context"
	"time"

	"countersign/models"
	"countersign/store"
)

// What a session holds: which account, when it signed in at the provider, when
// the session began and was last used, and the flash. Nothing secret, and no
// roles: the person is read fresh for every request.
const (
	accountKey = "account"
	authKey    = "auth_at"
	beganKey   = "began"
	seenKey    = "seen"
	flashKey   = "flash"
)

// seenEvery is how often a session in use is written: not for every request.
const seenEvery = time.Minute

// ErrAccessEnded is what Recognise returns when the account is no longer linked to
// an active person. The session is gone by then.
var ErrAccessEnded = models.Refusal(models.Forbidden, "access.ended",
	"Your access to Countersign has ended. If you think that this is a mistake, ask an administrator.")

// Recognise fills in who is asking, from the session and fresh from the
// database. Nobody is no error. A session that was idle for too long, or is too
// old, ends here.
func (r *Request) Recognise() error {
	ctx, s := r.Ctx(), r.App.Sessions
	account := s.GetString(ctx, accountKey)
	if account == "" {
		return nil
	}
	now := models.At(r.App.Now())
	began, seen := models.Instant(s.GetInt64(ctx, beganKey)), models.Instant(s.GetInt64(ctx, seenKey))
	if now-began > span(r.App.FullTimeout) || now-seen > span(r.App.IdleTimeout) {
		return s.Destroy(ctx)
	}
	viewer, err := r.App.Store.SignedIn(ctx, account)
	if models.CodeOf(err) == models.NotFound {
		if err := s.Destroy(ctx); err != nil {
			return err
		}
		return ErrAccessEnded
	}
	if err != nil {
		return err
	}
	if now-seen >= span(seenEvery) && !r.byItself() {
		s.Put(ctx, seenKey, int64(now))
	}
	r.Viewer, r.AccountID, r.AuthAt = viewer, account, models.Instant(s.GetInt64(ctx, authKey))
	return nil
}

// byItself says that a page asks whether it is still right and nobody does: a
// session that is left alone ends all the same.
func (r *Request) byItself() bool { return r.IsHTMX() && r.Query("had") != "" }

// beginSession makes a new session for the account, under a new id whatever the
// browser sent, and writes it: this is the only place where one is made.
func (r *Request) beginSession(account string, authAt models.Instant) error {
	ctx, s, now := r.Ctx(), r.App.Sessions, int64(models.At(r.App.Now()))
	if err := s.Clear(ctx); err != nil {
		return err
	}
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, accountKey, account)
	s.Put(ctx, authKey, int64(authAt))
	s.Put(ctx, beganKey, now)
	s.Put(ctx, seenKey, now)
	_, _, err := s.Commit(store.NewSession(ctx))
	return err
}

// endSession forgets the session here and in the browser.
func (r *Request) endSession() error { return r.App.Sessions.Destroy(context.WithoutCancel(r.Ctx())) }

func span(d time.Duration) models.Instant { return models.Instant(d.Microseconds()) }
