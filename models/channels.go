package models

import "time"

// What people choose of how they are told: mail, a daily digest, hooks of their own,
// a calendar. And the organisation's hooks, which administrators keep.

// MostEndpoints is how many hooks one person, or the organisation, may have at once.
const MostEndpoints = 10

// ChannelFacts are the facts for an act on somebody's channels.
type ChannelFacts struct {
	Env
	Endpoints []Endpoint // on: the actor's and the organisation's
	Calendar  *Calendar  // the actor's, open
	Asked     *Endpoint  // by id, for the clock; or where the delivery goes
	Delivery  *Delivery  // to be tried again
}

// SetChannels chooses whether what is not urgent comes by mail, and whether it comes
// once a day: people do for themselves.
func (f ChannelFacts) SetChannels(mail, digest bool) (Change, error) {
	x := f.By.Person
	off, daily := bit(!mail), bit(digest)
	if x.MailOff == off && x.Digest == daily {
		return Change{}, conflict("channels.same", "It is chosen so already. Nothing was changed.")
	}
	c := f.change("channels.chosen", x.ID)
	c.touch(TouchPerson, x.ID)
	c.note("mail", mail)
	c.note("digest", digest)
	x.MailOff, x.Digest = off, daily
	c.update(&x)
	return *c, nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// EndpointForm is a hook as it was typed; Secret is the routing key where the style
// has one, or a fresh secret to sign with.
type EndpointForm struct {
	Name, Style, URL, Secret string
	Urgent                   bool
	Organisation             bool
}

// CheckEndpoint says what is wrong with a hook, beside which field; package notify
// knows. The host is that of the URL.
type CheckEndpoint func(style, url, secret string) (host string, wrong []FieldError)

// AddEndpoint takes a hook into use: people their own, administrators the
// organisation's. The other administrators are told of the latter.
func (f ChannelFacts) AddEndpoint(form EndpointForm, check CheckEndpoint) (Change, error) {
	me, act := &f.By.Person.ID, "channel.added"
	if form.Organisation {
		if err := f.must(Administrator); err != nil {
			return Change{}, err
		}
		me, act = nil, "channel.organisation_added"
	}
	if len(f.own(me)) >= MostEndpoints {
		return Change{}, conflict("channel.many", "There are %d hooks, and no more can be added. Remove one that is no longer used.", MostEndpoints)
	}
	name := oneLine(form.Name)
	var p problems
	p.needText("name", name, 100, "a name by which you know the hook again")
	for _, e := range f.own(me) {
		if e.Name == name {
			p.add("name", "There is already a hook of this name. Choose another one.")
		}
	}
	host, wrong := check(form.Style, form.URL, form.Secret)
	p = append(p, wrong...)
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.change(act, "")
	e := &Endpoint{ID: c.id("hok"), PersonID: me, Name: name, Style: form.Style, URL: form.URL, Secret: form.Secret, Host: host,
		Urgent: bit(form.Urgent), State: EndpointOn, CreatedBy: f.By.Person.ID, CreatedAt: f.Now}
	c.subject = e.ID
	f.noteEndpoint(c, *e)
	c.insert(e)
	return *c, nil
}

// own are the hooks of a person; of nil the organisation's.
func (f ChannelFacts) own(person *string) []Endpoint {
	var out []Endpoint
	for _, e := range f.Endpoints {
		if e.PersonID == nil && person == nil || e.PersonID != nil && person != nil && *e.PersonID == *person {
			out = append(out, e)
		}
	}
	return out
}

func (f ChannelFacts) noteEndpoint(c *Change, e Endpoint) {
	c.note("channel", e.Name)
	c.note("style", e.Style)
	c.note("host", e.Host)
	if e.PersonID != nil {
		c.touch(TouchPerson, *e.PersonID)
		return
	}
	c.touch(TouchSettings, "installation")
	if !f.bySystem() {
		c.notifyOf(NoticeHookChanged, "pool:"+PoolAdministrator, e.ID, map[string]string{"name": e.Name, "host": e.Host})
	}
}

// endpoint is a hook of the actor's, or of the organisation for an administrator.
func (f ChannelFacts) endpoint(id string) (Endpoint, error) {
	for _, e := range f.Endpoints {
		if e.ID == id && (e.PersonID == nil && f.By.Has(Administrator) || e.PersonID != nil && *e.PersonID == f.By.Person.ID) {
			return e, nil
		}
	}
	return Endpoint{}, notFound("hook")
}

// RemoveEndpoint takes a hook out of use for good; its address and secret are forgotten.
func (f ChannelFacts) RemoveEndpoint(id string) (Change, error) {
	e, err := f.endpoint(id)
	if err != nil {
		return Change{}, err
	}
	act := "channel.removed"
	if e.PersonID == nil {
		act = "channel.organisation_removed"
	}
	c := f.change(act, e.ID)
	f.noteEndpoint(c, e)
	e.end(EndpointOff, f.Now)
	c.update(&e)
	return *c, nil
}

func (e *Endpoint) end(state string, now Instant) {
	e.State, e.URL, e.Secret, e.EndedAt = state, "", "", now.Ref()
}

// EndpointGone ends a hook that answered that it is not there any more (HTTP 410);
// whoever has it is told by what else they have. The clock does.
func (f ChannelFacts) EndpointGone() (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("channel.clock", "Only a hook's own answer ends it this way.")
	}
	if f.Asked == nil || f.Asked.State != EndpointOn {
		return Change{}, conflict("channel.over", "The hook has ended already.")
	}
	e := *f.Asked
	c := f.change("channel.gone", e.ID)
	f.noteEndpoint(c, e)
	e.end(EndpointGone, f.Now)
	c.update(&e)
	to := "pool:" + PoolAdministrator
	if e.PersonID != nil {
		to = *e.PersonID
	}
	c.notifyOf(NoticeHookGone, to, e.ID, map[string]string{"name": e.Name, "host": e.Host})
	return *c, nil
}

// TestEndpoint has a message sent to a hook of the actor's, or of the organisation
// for an administrator.
func (f ChannelFacts) TestEndpoint(id string) (Change, error) {
	e, err := f.endpoint(id)
	if err != nil {
		return Change{}, err
	}
	c := f.change("channel.tested", e.ID)
	c.note("channel", e.Name)
	if e.PersonID != nil {
		c.touch(TouchPerson, *e.PersonID)
	} else {
		c.touch(TouchSettings, "installation")
	}
	c.notifyOf(NoticeTest, ToEndpoint+e.ID, e.ID, map[string]string{"name": e.Name})
	return *c, nil
}

// TestMail has a message sent to the actor's own address.
func (f ChannelFacts) TestMail() (Change, error) {
	me := f.By.Person
	if me.Email == "" {
		return Change{}, conflict("channel.no_address", "You have no e-mail address here. An administrator can add it.")
	}
	c := f.change("channel.tested", me.ID)
	c.note("channel", "mail")
	c.touch(TouchPerson, me.ID)
	c.notify(NoticeTest, ToMailbox+me.ID, me.ID)
	return *c, nil
}

// Recipients of a test: one hook, one mailbox.
const (
	ToEndpoint = "endpoint:"
	ToMailbox  = "mail:"
)

// MakeCalendar gives the actor's calendar an address, of which only the hash is
// kept; the one before stops to work.
func (f ChannelFacts) MakeCalendar(hash string) (Change, error) {
	me := f.By.Person.ID
	c := f.change("calendar.made", me)
	c.touch(TouchPerson, me)
	if old := f.Calendar; old != nil {
		was := *old
		was.EndedAt = f.Now.Ref()
		c.note("replaced", true)
		c.update(&was)
	}
	c.insert(&Calendar{ID: c.id("cal"), PersonID: me, Hash: hash, CreatedAt: f.Now})
	return *c, nil
}

// RevokeCalendar ends the address of the actor's calendar at once.
func (f ChannelFacts) RevokeCalendar() (Change, error) {
	if f.Calendar == nil {
		return Change{}, conflict("calendar.none", "Your calendar has no address. Nothing was changed.")
	}
	me, was := f.By.Person.ID, *f.Calendar
	c := f.change("calendar.revoked", me)
	c.touch(TouchPerson, me)
	was.EndedAt = f.Now.Ref()
	c.update(&was)
	return *c, nil
}

// RetryDelivery has what was given up tried again: an administrator does.
func (f ChannelFacts) RetryDelivery() (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	d := f.Delivery
	if d == nil {
		return Change{}, notFound("notice")
	}
	if d.State != DeliveryGivenUp {
		return Change{}, conflict("notice.state", "Only what was given up can be sent again by hand. Nothing was changed.")
	}
	if d.EndpointID != nil && (f.Asked == nil || f.Asked.ID != *d.EndpointID || f.Asked.State != EndpointOn) {
		return Change{}, conflict("notice.hook", "The hook was taken away, or said that it is gone. Nothing can be sent there any more.")
	}
	c := f.change("notice.retried", d.ID)
	c.touch(TouchSettings, "installation")
	if d.PersonID != nil {
		c.touch(TouchPerson, *d.PersonID)
	}
	c.note("kind", d.Kind)
	c.note("channel", d.Channel)
	return *c, nil
}

// Morning is the first beginning of a working day that is later than the moment: when
// the day's message comes.
func (h Hours) Morning(after Instant) Instant {
	at := h.Next(after)
	if at > after {
		return at
	}
	y, m, d := after.Time().In(h.Location()).Date()
	midnight := At(time.Date(y, m, d+1, 0, 0, 0, 0, h.Location()))
	return h.Next(max(midnight, after+1))
}
