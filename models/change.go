package models

// Change is what a rule decided: the rows to write, each with the revision it
// was read at, the ledger entry's contents and the notices. Its fields are not
// exported and its zero value is refused by the store, so there is no other way
// to write a governance row, and none to write one without its record.
type Change struct {
	act     string
	subject string
	outcome string
	writes  []Write
	index   map[string]int
	notices []Notice
	details map[string]any
	touches map[Touched]bool
	gen     *ids
	forWhom string // whom the actor stands in for; "" for themselves
}

// Write is one row of a Change. Expect 0 inserts; otherwise the row is replaced
// where its revision is still Expect.
type Write struct {
	Row    Row
	Expect int64
}

// Touched names an agent, capability, version, person … in whose history the act is shown.
type Touched struct {
	Kind string
	ID   string
}

// Kinds of history.
const (
	TouchAgent      = "agent"
	TouchCapability = "capability"
	TouchPerson     = "person"
	TouchSystem     = "system"
	TouchSettings   = "settings"
	TouchFound      = "found"
)

func (e Env) change(act, subject string) *Change {
	c := &Change{act: act, subject: subject, index: map[string]int{}, details: map[string]any{}, touches: map[Touched]bool{},
		gen: &ids{seed: e.Act.ID + "\x00" + e.Act.Person}}
	if e.Act.Via != "" {
		c.note("via", e.Act.Via)
	}
	return c
}

// Act is the ledger action, such as "version.signed_off"; "" for the zero Change.
func (c Change) Act() string { return c.act }

// Subject is the id of what the act was about.
func (c Change) Subject() string { return c.subject }

// Principal is for whom the actor acted, "" for themselves.
func (c Change) Principal() string { return c.forWhom }

// onBehalf says that the actor acts for somebody else, whose history shows it too.
func (c *Change) onBehalf(person string) {
	c.forWhom = person
	c.touch(TouchPerson, person)
	c.note("on_behalf", person)
}

// Outcome is what followed, such as "live".
func (c Change) Outcome() string { return c.outcome }

// Writes are the rows in the order in which they must be written.
func (c Change) Writes() []Write { return c.writes }

// Notices are what the outbox is to send.
func (c Change) Notices() []Notice { return c.notices }

// Details are kept beside the ledger entry, which commits to them with a salt.
func (c Change) Details() map[string]any { return c.details }

// Touches are the things whose histories show the act.
func (c Change) Touches() []Touched {
	out := make([]Touched, 0, len(c.touches))
	for t := range c.touches {
		out = append(out, t)
	}
	return out
}

func (c *Change) id(prefix string) string { return c.gen.next(prefix) }

// bumper is implemented by the pointer to every row through Record.
type bumper interface {
	Row
	bump()
}

// insert adds a new row at revision 1.
func (c *Change) insert(r bumper) {
	r.bump()
	c.put(r, 0)
}

// update moves a row that was read to its next revision. Twice on the same row
// in one Change counts as one write of the last contents.
func (c *Change) update(r bumper) {
	if i, ok := c.index[r.TableName()+"/"+r.Key()]; ok {
		for r.Revision() < c.writes[i].Row.Revision() {
			r.bump()
		}
		c.writes[i].Row = r
		return
	}
	expect := r.Revision()
	r.bump()
	c.put(r, expect)
}

func (c *Change) put(r bumper, expect int64) {
	c.index[r.TableName()+"/"+r.Key()] = len(c.writes)
	c.writes = append(c.writes, Write{Row: r, Expect: expect})
}

func (c *Change) touch(kind, id string) {
	if id != "" {
		c.touches[Touched{kind, id}] = true
	}
}

func (c *Change) note(key string, value any) { c.details[key] = value }

func (c *Change) notify(kind, recipient, subject string) { c.notifyOf(kind, recipient, subject, nil) }

// notifyOf is notify with what else the notice says of the moment; its values are text.
func (c *Change) notifyOf(kind, recipient, subject string, detail map[string]string) {
	n := Notice{Key: c.gen.seed + "/" + kind + "/" + recipient + "/" + subject, Kind: kind, Recipient: recipient, Subject: subject}
	if len(detail) > 0 {
		n.Detail = canonical(detail)
	}
	c.notices = append(c.notices, n)
}
