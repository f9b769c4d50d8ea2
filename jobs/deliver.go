package jobs

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"countersign/models"
	"countersign/notify"
	"countersign/store"
)

// Sender brings deliveries to where they go. The store's row is the truth: what is to be
// sent, under which key, how often it was tried and when it is tried again; a job that
// comes twice, early or after a crash does no harm.
type Sender struct {
	Store     *store.Store
	Mail      *notify.Mail // nil: no mail server is set up
	Hooks     notify.Webhooks
	PublicURL string                // scheme and host, for links
	Now       func() models.Instant // the store's clock; nil for the machine's
}

// Relay is Work.Relay.
func (s *Sender) Relay(ctx context.Context) ([]string, error) {
	return s.Store.Relay(ctx, s.Mail != nil)
}

// recordWithin is how long the register may take to keep what came of a try, also after
// the job was told to stop: what was sent and not recorded is sent again.
const recordWithin = 5 * time.Second

// Deliver is Work.Deliver: one try. When it comes to nothing, when the next one comes is
// kept in the row and the queue is told to wait as long, so that the row counts the
// tries and not the queue.
func (s *Sender) Deliver(ctx context.Context, id string, _ int) error {
	x, err := s.Store.Sending(ctx, id)
	if err != nil || x == nil {
		return err
	}
	if early := *x.NextAt - s.now(); early > models.Second {
		return Later(span(early))
	}
	if x.Channel == models.ByMail && s.Mail == nil {
		return s.Store.NotSent(ctx, id, models.NotNoMailServer)
	}
	said, err := s.send(ctx, x)
	if stopped(ctx) && err != nil {
		return err // nobody has refused anything
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	return s.record(ctx, x, said, err)
}

func (s *Sender) record(ctx context.Context, x *store.Sending, said string, failed error) error {
	if failed == nil {
		return s.Store.Tried(ctx, x.ID, store.TryDelivered, said, nil)
	}
	said = failed.Error()
	switch {
	case notify.Gone(failed):
		return giveUp(failed, s.Store.Tried(ctx, x.ID, store.TryRefused, said, nil), s.Store.EndpointGone(ctx, *x.EndpointID))
	case notify.Permanent(failed):
		return giveUp(failed, s.Store.Tried(ctx, x.ID, store.TryRefused, said, nil))
	}
	wait, more := NextTry(x.Tries + 1)
	if !more {
		return giveUp(failed, s.Store.Tried(ctx, x.ID, store.TryLater, said, nil))
	}
	if asked, ok := notify.After(failed); ok {
		wait = max(wait, asked)
	}
	at := s.now() + models.Instant(wait.Microseconds())
	if err := s.Store.Tried(ctx, x.ID, store.TryLater, said, &at); err != nil {
		return err
	}
	return Later(wait)
}

// giveUp ends the job, unless what came of it could not be recorded.
func giveUp(why error, recorded ...error) error {
	if err := errors.Join(recorded...); err != nil {
		return err
	}
	return GiveUp(why)
}

// send sends once; said is what the other side answered.
func (s *Sender) send(ctx context.Context, x *store.Sending) (said string, err error) {
	m := s.message(x)
	if x.Channel == models.ByMail {
		if err := s.Mail.Send(ctx, m); err != nil {
			return "", err
		}
		return s.Mail.Host + " took it over", nil
	}
	answer, err := s.Hooks.Post(ctx, notify.Endpoint{URL: x.Endpoint.URL, Secret: x.Endpoint.Secret, Style: x.Endpoint.Style}, m)
	if err != nil {
		return "", err
	}
	said = "answered " + strconv.Itoa(answer.Status)
	if answer.Excerpt != "" {
		said += ": " + answer.Excerpt
	}
	return said, nil
}

func (s *Sender) now() models.Instant {
	if s.Now == nil {
		return models.At(time.Now())
	}
	return s.Now()
}

func span(i models.Instant) time.Duration { return time.Duration(i) * time.Microsecond }

// message is the delivery in words. A hook of the organisation is told what happened and
// to what; what somebody wrote about it, and why just they are told, is for people.
func (s *Sender) message(x *store.Sending) notify.Message {
	to, zone := notify.Recipient{}, time.UTC
	if x.Person != nil {
		to, zone = notify.Recipient{Name: x.Person.Name, Email: x.Person.Email}, x.Person.Hours().Location()
	}
	n := s.notice(x.Told, zone)
	n.Key, n.To = x.ID, to
	if x.Told.Notice.Kind == models.NoticeDigest {
		items := make([]notify.Notice, len(x.Items))
		for i, t := range x.Items {
			items[i] = s.notice(t, zone)
		}
		return notify.Digest(n, items)
	}
	if x.Person != nil {
		return notify.Compose(n)
	}
	n.Detail = ""
	m := notify.Compose(n)
	m.Lines = nil
	if n.Duty != "" {
		m.Lead = "" // it speaks to whoever owes it; the title says what it is
	}
	return m
}

// notice is what is told, with the names as they are now.
func (s *Sender) notice(t store.Told, zone *time.Location) notify.Notice {
	n := notify.Notice{Kind: t.Notice.Kind, At: t.Notice.CreatedAt, Urgent: t.Notice.Urgent(), Actor: t.Actor, Person: t.Person, For: t.For, Task: t.Task, Detail: t.Said,
		Details: t.Notice.Details(), From: t.From, Until: t.Until, Link: s.PublicURL + page(t), Zone: zone}
	if t.Agent != nil {
		n.Agent = t.Agent.Name
	}
	if t.Name != "" {
		n.Details["name"] = cmp.Or(n.Details["name"], t.Name)
	}
	if v := t.Version; v != nil {
		n.VersionNo, n.Tier = v.No, v.Tier
	}
	if d := t.Duty; d != nil {
		n.Duty, n.Asks, n.Due, n.ThenWhat = d.Kind, d.Detail, d.DueAt, d.Consequence(t.Stakes, s.now(), zone)
		if t.Stakes.Restart {
			n.Asks = "restart"
		}
	}
	if t.Drill != nil && t.Drill.DueAt != nil {
		n.Due = *t.Drill.DueAt
	}
	return n
}

// page is the path of the page that a notice leads to.
func page(t store.Told) string {
	switch {
	case t.Duty != nil && t.Notice.Kind != models.StepEscalation:
		return t.Duty.Page()
	case t.Endpoint != nil && t.Endpoint.PersonID == nil:
		return "/admin/channels"
	case t.Endpoint != nil || t.Notice.Kind == models.NoticeTest:
		return "/me/channels"
	case t.Stop != nil:
		return "/stops/" + t.Stop.ID
	case t.Drill != nil:
		return "/drills/" + t.Drill.ID
	case t.Review != nil:
		return "/reviews/" + t.Review.ID
	case t.Emergency != nil:
		return "/emergencies/" + t.Emergency.ID
	case t.Version != nil:
		return "/versions/" + t.Version.ID
	case t.Capability != "":
		return "/capabilities/" + t.Capability
	case t.Agent != nil && strings.HasPrefix(t.Notice.Kind, "alert."):
		return "/agents/" + t.Agent.ID + "/decisions"
	case t.Agent != nil:
		return "/agents/" + t.Agent.ID
	case t.From != 0:
		return "/me/absence"
	}
	return "/"
}
