package store

import (
	"testing"
	"time"

	"countersign/apptest"
)

func TestSessions(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		s := open(t, url)
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		k, ctx, later := s.Sessions(), t.Context(), time.Now().Add(time.Hour)
		find := func(token, want string) {
			t.Helper()
			data, found, err := k.FindCtx(ctx, token)
			if err != nil || found != (want != "") || string(data) != want {
				t.Fatalf("found %q, %v, %v; want %q", data, found, err, want)
			}
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		find("a", "")
		must(k.CommitCtx(ctx, "a", []byte("one"), later))
		find("a", "") // only a new session is made
		must(k.CommitCtx(NewSession(ctx), "a", []byte("one\x00\xff"), later))
		find("a", "one\x00\xff")
		must(k.CommitCtx(ctx, "a", []byte("two"), later))
		find("a", "two")
		must(k.DeleteCtx(ctx, "a"))
		must(k.DeleteCtx(ctx, "a"))
		must(k.CommitCtx(ctx, "a", []byte("three"), later))
		find("a", "") // what ended stays ended

		must(k.CommitCtx(NewSession(ctx), "b", []byte("old"), time.Now().Add(-time.Second)))
		find("b", "")
		must(k.CommitCtx(NewSession(ctx), "c", []byte("new"), later))
		must(k.Sweep(ctx))
		find("c", "new")
		var n int64
		must(s.read.Raw("SELECT count(*) FROM sessions").Scan(&n).Error)
		if n != 1 {
			t.Fatalf("%d sessions are left, want 1", n)
		}
	})
}
