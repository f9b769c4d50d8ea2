package store

import (
	"context"
	"log/slog"

	"countersign/policy"
)

// Search says what would be answered with yes if it were asked now (see policy.Search). It
// is no decision: nothing is logged, and no volume is used. What it says is as of the
// state that it reads first, so a stop or a revoked key counts as soon as it is placed.
// keyHash is the gateway's; ErrKey where its key is not open.
func (d *Decisions) Search(ctx context.Context, keyHash string, req policy.Request, from, limit int) (actions []string, next int, err error) {
	snap, err := d.refresh(ctx, d.current.Load())
	if err != nil {
		slog.Error("nothing can be searched while what is in force cannot be read", "error", err)
		return nil, 0, errUndecided
	}
	at := d.store.now()
	gw, open := snap.Gateway(keyHash, at)
	if !open {
		return nil, 0, ErrKey
	}
	actions, next = snap.Search(req, gw, at, d.volumes.used(at), from, limit)
	return actions, next, nil
}
